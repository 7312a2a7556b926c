/**
 * The numbers that a comparison reports of each method and width. Tables of figures, of the command
 * line and of exports follow from this list.
 */
import type { ComparisonRow, Estimate } from './comparison.ts';

export interface ComparisonMetric {
  /** Column of exported tables. */
  readonly name: string;
  /** Head of tables that people read; null for exports only. */
  readonly label: string | null;
  /** Null where the cell has none. */
  readonly read: (row: ComparisonRow) => number | null;
}

type Source = (row: ComparisonRow) => Estimate | null;
const covered: Source = ({ coveredVariance }) => coveredVariance;
const structure: Source = ({ structureCoveredVariance }) => structureCoveredVariance;

const metric = (name: string, label: string | null, read: ComparisonMetric['read']): ComparisonMetric => ({ name, label, read });

const part = (source: Source, name: 'mean' | 'low' | 'high' | 'best', label: string | null): ComparisonMetric =>
  metric(`${source === covered ? '' : 'structure_'}covered_variance_${name}`, label, (row) => source(row)?.[name] ?? null);

const half = (name: 'seeds' | 'rows' | 'partitions', label: string): ComparisonMetric =>
  metric(`half_width_${name}`, label, ({ coveredVariance }) => coveredVariance.parts?.[name] ?? null);

export const COMPARISON_METRICS: readonly ComparisonMetric[] = [
  part(covered, 'mean', 'mean'),
  part(covered, 'low', 'low'),
  part(covered, 'high', 'high'),
  part(covered, 'best', null),
  part(structure, 'mean', 'structure side'),
  part(structure, 'low', null),
  part(structure, 'high', null),
  part(structure, 'best', null),
  metric('covered_variance_median', 'median', ({ coveredVariance }) => coveredVariance.median ?? null),
  half('seeds', '± seeds'),
  half('rows', '± rows'),
  half('partitions', '± partitions'),
  metric('units', 'units', ({ coveredVariance }) => coveredVariance.units?.count ?? null),
  metric('configurations_tried', null, ({ effort }) => effort?.configurations ?? null),
  metric('trials_tried', null, ({ effort }) => effort?.trials ?? null),
  metric('epochs_tried', null, ({ effort }) => effort?.epochs ?? null),
  metric('core_seconds_tried', null, ({ effort }) => effort?.coreSeconds ?? null),
  metric('other_optimum', 'in another optimum', ({ otherOptimum }) => otherOptimum?.length ?? null),
];

/** Returns the metrics with a label that at least one of the rows has. */
export const shownMetrics = (rows: readonly ComparisonRow[]): (ComparisonMetric & { readonly label: string })[] =>
  COMPARISON_METRICS.flatMap(({ label, ...own }) =>
    label !== null && rows.some((row) => own.read(row) !== null) ? [{ ...own, label }] : [],
  );
