/** The features of this machine's processor, as Linux names them. */

import { readFileSync } from 'node:fs';

/** Returns the features in the text of /proc/cpuinfo: those of its first processor. */
export function featuresOf(cpuinfo: string): ReadonlySet<string> {
  const [, flags = ''] = /^flags\s*:(.*)$/m.exec(cpuinfo) ?? [];
  return new Set(flags.split(' ').filter((flag) => flag !== ''));
}

/** Whether the processor has all of these; none where the system does not tell. */
export function hasFeatures(needed: readonly string[]): boolean {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  try {
    const features = featuresOf(readFileSync('/proc/cpuinfo', 'utf8'));
    return needed.every((feature) => features.has(feature));
  } catch {
    return false;
  }
}
