/** Numbers, durations and versions as text, for a terminal and a page alike. */

const two = (value: number): string => String(value).padStart(2, '0');

/** '1 trial', '3 trials'. */
export const countOf = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** Formats seconds: 4.2 -> '4.2 s', 75 -> '1 min 15 s', 7260 -> '2 h 01 min'. */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
}

/** Formats for how long a sweep has run: '4.2 s', or '4.2 s, idle for 2 h 00 min'. */
export function formatElapsed({
  secondsElapsed,
  secondsIdle,
}: {
  readonly secondsElapsed: number;
  readonly secondsIdle: number;
}) {
  const active = formatDuration(Math.max(0, secondsElapsed - secondsIdle));
  return secondsIdle < 1 ? active : `${active}, idle for ${formatDuration(secondsIdle)}`;
}

/** Formats whole seconds exactly: 5400 -> '1 h 30 min', units of zero left out. */
export function formatInterval(seconds: number): string {
  const units = [
    ['d', Math.floor(seconds / 86_400)],
    ['h', Math.floor(seconds / 3600) % 24],
    ['min', Math.floor(seconds / 60) % 60],
    ['s', seconds % 60],
  ] as const;
  return units.flatMap(([unit, count]) => (count > 0 ? [`${count} ${unit}`] : [])).join(' ');
}

/** Formats a number of bytes: 2048 -> '2.0 KiB'. */
export function formatBytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let at = 0;
  let left = value;
  while (left >= 1023.95 && at < units.length - 1) {
    left /= 1024;
    at++;
  }
  return `${at === 0 ? left : left.toFixed(1)} ${units[at]}`;
}

/** Returns the first twelve digits of a version, which commands accept. */
export const shortVersion = (version: string): string => version.slice(0, 12);

/** 'water@0123456789ab'. */
export const formatVersion = (name: string, version: string): string => `${name}@${shortVersion(version)}`;
