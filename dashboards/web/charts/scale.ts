/** Numbers on axes and in colours: domains, and shares of a range. Pure. */

export type Domain = readonly [number, number];

/** The range of the finite values, with a margin on either side; `otherwise` where there are none. */
export function domainOf(values: Iterable<number | null>, margin = 0.04, otherwise: Domain = [0, 1]): Domain {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return otherwise;
  const pad = (high - low || Math.abs(high) || 1) * margin;
  return [low - pad, high + pad];
}

/** 0 at the low end, 1 at the high one, held between. */
export function shareOf([low, high]: Domain, value: number): number {
  return high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
}

/** Of sorted values, between neighbours. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return below + (at - Math.floor(at)) * (above - below);
}

/** Colours of the one scale that stands for rising values: --rising-0 (low) to --rising-4 (high) of style/tokens.css. */
const STOPS = 5;

/** A CSS colour between the stops, which follows light and dark by itself. */
export function rising(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (STOPS - 1);
  const below = Math.min(STOPS - 2, Math.floor(at));
  const percent = Math.round((at - below) * 1000) / 10;
  return `color-mix(in oklab, var(--rising-${below + 1}) ${percent}%, var(--rising-${below}))`;
}

const MINUS = '−';

/** Digits that an eye compares, with a real minus: 0.01234, −3.1, 1.2e-7. */
export function short(value: number, digits = 3): string {
  return String(Number(value.toPrecision(digits))).replace(/^-/, MINUS);
}

/** A name with its unit, as it stands on an axis. */
export const withUnit = (name: string, unit: string | null): string =>
  unit === null || unit === '' || unit === '1' ? name : `${name} / ${unit.startsWith('1/') ? `(${unit})` : unit}`;

/** A number with its unit behind it. */
export const measured = (value: number, unit: string | null, digits = 4): string => {
  const text = short(value, digits);
  if (unit === null || unit === '' || unit === '1') return text;
  if (unit === 'degree' || unit === 'degrees') return `${text}°`;
  if (unit.startsWith('1/')) return `${text} per ${unit.slice(2)}`;
  // '1e-3 a0^2 / eV' is a power of ten first.
  return /^\d/.test(unit) ? `${text} × ${unit}` : `${text} ${unit}`;
};
