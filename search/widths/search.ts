/**
 * The search for the smallest width of a method that suffices. It assumes that wider networks cover
 * no less, since they can compute whatever narrower ones do: coverage that falls is noise.
 */

/** A width that was trained. */
export interface TriedWidth {
  readonly k: number;
  /** Mean validation score of its best configuration; null: no trial completed. */
  readonly coveredVariance: number | null;
}

/** Least covered variance of a width that suffices, and the widest that may be tried. */
export interface WidthGoal {
  readonly least: number;
  readonly max: number;
}

/**
 * Returns the smallest of the widths that cover at least so much, or null. Wider ones that fall
 * short do not count against it.
 */
export function smallestSufficient(tried: readonly TriedWidth[], least: number): TriedWidth | null {
  const sufficient = tried.filter(({ coveredVariance }) => coveredVariance !== null && coveredVariance >= least);
  return sufficient.length === 0 ? null : sufficient.reduce((a, b) => (b.k < a.k ? b : a));
}

/** Returns the ends of the widths that may still be tried, both exclusive. */
function boundsOf(tried: readonly TriedWidth[], { least, max }: WidthGoal): readonly [number, number] {
  const end = smallestSufficient(tried, least)?.k ?? max + 1;
  return [Math.max(0, ...tried.map(({ k }) => k).filter((k) => k < end)), end];
}

/** Whether a width may still be tried: between those that fall short and those that suffice. */
export function mayBeTried(k: number, tried: readonly TriedWidth[], goal: WidthGoal): boolean {
  const [below, end] = boundsOf(tried, goal);
  return k > below && k < end;
}

/**
 * Returns the width to try next: 1, 2, 4, ... up to the widest until one suffices, then the middle
 * between it and the widest one below it that falls short. Null: the search has ended.
 */
export function nextWidth(tried: readonly TriedWidth[], goal: WidthGoal): number | null {
  const [below, end] = boundsOf(tried, goal);
  if (end - below <= 1) return null;
  return end > goal.max ? Math.min(Math.max(1, 2 * below), goal.max) : Math.floor((below + end) / 2);
}
