/** The features of this machine's processor, as Linux names them. */

import { readFileSync } from 'node:fs';

/** Returns the features in the text of /proc/cpuinfo: those of its first processor. */
export function featuresOf(cpuinfo: string): ReadonlySet<string> {
  const [, flags = ''] = /^flags\s*:(.*)$/m.exec(cpuinfo) ?? [];
  return new Set(flags.split(' ').filter((flag) => flag !== ''));
}

export interface Processor {
  /** As in `process.arch`. */
  readonly architecture: string;
  readonly features: readonly string[];
}

/** Whether this machine runs Linux on such a processor; not where its features cannot be read. */
export function isProcessor({ architecture, features }: Processor): boolean {
  if (process.platform !== 'linux' || process.arch !== architecture) return false;
  if (features.length === 0) return true;
  try {
    const found = featuresOf(readFileSync('/proc/cpuinfo', 'utf8'));
    return features.every((feature) => found.has(feature));
  } catch {
    return false;
  }
}
