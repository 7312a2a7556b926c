/** Configurations of a sweep by their validation scores. */
import type { SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import type { Candidate, ObjectiveName } from '../../../models/evaluation/objectives.ts';
import { assembleFront, type FrontRow } from '../../../operations/sweeps/configurations.ts';
import { describeHistory } from '../../../operations/sweeps/history.ts';
import { describeSlices } from '../../../operations/sweeps/slices.ts';
import type { ParameterName } from '../../../search/parameters.ts';
import { thin } from '../../../search/proposers/thin.ts';
import type { OptimisationHistory, ParetoFront, SlicePlot } from '../../contract/sweeps.ts';
import type { QueryContext } from '../query-context.ts';

/** Configurations behind every front that a response has: enough for a picture. */
const MAX_BEHIND = 500;

/** Computes the Pareto front of one partition. Throws NarrowsError `partition-unknown`. */
export async function computeParetoFront(
  query: QueryContext,
  row: SweepRow,
  { objectives, partition }: { readonly objectives: readonly ObjectiveName[]; readonly partition: number },
): Promise<ParetoFront> {
  const configurations = await query.configurations(row, partition);
  // Without what a thread has no need of.
  const candidates = configurations.compared.map(
    ({ method, k, coveredVariance, structureCoveredVariance, parameters, seconds }): Candidate => {
      return { method, k, coveredVariance, structureCoveredVariance, parameters, seconds };
    },
  );
  const { rows, ...front } = assembleFront(row, configurations, await query.compute('front', candidates, objectives));
  return { ...front, revision: row.revision, rows: thinBehind(rows) };
}

/** Scores of a method and width that a history or a slice has, apart from improvements. */
const MAX_SCORES = 300;

/** Computes the optimisation history of one partition. Throws NarrowsError `partition-unknown`. */
export async function computeHistory(query: QueryContext, row: SweepRow, partition: number): Promise<OptimisationHistory> {
  const { compared } = await query.configurations(row, partition);
  const { sampler } = row.spec;
  const cells = describeHistory(row, compared).map((cell) => ({ ...cell, scores: thin(cell.scores, MAX_SCORES) }));
  const startup = 'startup' in sampler ? sampler.startup : null;
  return { sweepId: row.id, name: row.name, revision: row.revision, partition, startup, cells };
}

/**
 * Computes the scores of one partition against a parameter. Throws NarrowsError
 * `partition-unknown`.
 */
export async function computeSlices(
  query: QueryContext,
  row: SweepRow,
  { parameter, partition }: { readonly parameter: ParameterName; readonly partition: number },
): Promise<SlicePlot> {
  const { compared } = await query.configurations(row, partition);
  const { cells, ...about } = describeSlices(row, compared, parameter);
  const shown = cells.map((cell) => ({ ...cell, points: thin(cell.points, MAX_SCORES) }));
  return { sweepId: row.id, name: row.name, revision: row.revision, partition, parameter, ...about, cells: shown };
}

const isBehind = ({ rank, rankInMethod }: FrontRow): boolean => rank > 1 && rankInMethod > 1;

/** Keeps every row of a front, and an even choice of the others. */
function thinBehind(rows: readonly FrontRow[]): FrontRow[] {
  const kept = new Set(thin(rows.filter(isBehind), MAX_BEHIND));
  return rows.filter((row) => !isBehind(row) || kept.has(row));
}
