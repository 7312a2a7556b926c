/** Durations as people write them. */

const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads '90', '30s', '15m', '1h', '7d' as seconds; null where the text is none of these. */
export function readDuration(text: string): number | null {
  const [, count, unit = ''] = /^(\d+)([smhd]?)$/.exec(text) ?? [];
  return count === undefined ? null : Number(count) * (SECONDS_PER_UNIT[unit] ?? 1);
}
