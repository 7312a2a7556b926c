/** Intervals as text: what they cover, and how much is due to which part. */
import type { Interval } from '../models/axes.ts';
import type { IntervalParts, ResampledUnits } from '../models/evaluation/estimates.ts';

/** An estimate with the parts of its interval, which older stored comparisons lack. */
export interface DescribedInterval extends Interval {
  readonly parts?: IntervalParts | undefined;
  readonly units?: ResampledUnits | null | undefined;
}

/** 'over 7 seeds and 1,200 test rows'; null where nothing was repeated. */
export function describeCoverage({ parts, units }: DescribedInterval, seeds: number): string | null {
  const over = [
    ...(units?.kind === 'partitions' ? [`${units.count} partitions of the rows`] : []),
    ...(units?.kind !== 'partitions' && (parts?.seeds ?? null) !== null ? [`${seeds} seeds`] : []),
    ...(units?.kind === 'rows' ? [`${grouped(units.count)} test rows`] : []),
    ...(units?.kind === 'groups' ? [`${grouped(units.count)} groups of test rows`] : []),
  ];
  return over.length === 0 ? null : `over ${over.join(' and ')}`;
}

/** '±0.018: rows 0.017, seeds 0.002'; null without an interval. */
export function describeParts({ low, high, parts, units }: DescribedInterval): string | null {
  if (!parts || high === low) return null;
  const named = [
    [units?.kind === 'groups' ? 'groups' : 'rows', parts.rows],
    ['seeds', parts.seeds],
    ['partitions', parts.partitions],
  ] as const;
  const shares = named.flatMap(([name, half]) => (half === null ? [] : [`${name} ${digits(half)}`]));
  return `±${digits((high - low) / 2)}: ${shares.join(', ')}`;
}

const digits = (value: number): string => String(Number(value.toPrecision(2)));
const grouped = (count: number): string => count.toLocaleString('en-GB');
