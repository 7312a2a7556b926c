/** Comparisons of one sweep, or of several that were scored on the same rows. */
import type { Queryable } from '../db/client.ts';
import { findSweep, findSweepsById, type SweepRow } from '../db/queries/sweeps/sweeps.ts';
import { loadComparisonScores } from '../db/queries/sweeps/test-errors.ts';
import { haveCommonTrials } from '../db/queries/trials/adoption.ts';
import { NarrowsError } from '../errors.ts';
import { type Comparison, compareMethods } from '../models/evaluation/comparison.ts';
import { testToTraining } from '../search/spec.ts';
import { isFinished } from '../search/states.ts';
import { missingTrialsError } from './sweeps/status.ts';

/**
 * Compares the methods. Throws NarrowsError `sweep-unknown`, `nothing-to-compare`,
 * `test-rows-corrupt`, and those of requirePoolable.
 */
export async function compareSweeps(db: { readonly sql: Queryable }, idsOrNames: readonly string[]): Promise<Comparison> {
  const sweeps = await Promise.all(idsOrNames.map((id) => findSweep(db.sql, id)));
  await requirePoolable(db.sql, sweeps);
  const [first] = sweeps as [SweepRow, ...SweepRow[]];
  const ids = [...new Set(sweeps.map(({ id }) => id))];
  const { trials, baselines, efforts } = await loadComparisonScores(db.sql, ids);
  if (trials.length === 0) {
    const unfinished = sweeps.find(({ state }) => !isFinished(state));
    throw missingTrialsError('nothing-to-compare', unfinished ?? first, 'completed trial');
  }
  const dataset = `${first.dataset}@${first.datasetVersion.slice(0, 12)}`;
  const about = { sweeps: ids, dataset, target: first.target, testToTraining: testToTraining(first.spec) };
  return compareMethods(about, trials, baselines, efforts);
}

/**
 * Throws NarrowsError `sweeps-differ` where rows or scaling of the sweeps differ, `sweeps-overlap`
 * where they have trials in common.
 */
export async function requirePoolable(sql: Queryable, sweeps: readonly SweepRow[]): Promise<void> {
  requireSameRows(sweeps);
  const owners = new Map<string, SweepRow>();
  for (const sweep of new Map(sweeps.map((row) => [row.id, row])).values()) {
    for await (const id of lineageOf(sql, sweep)) {
      const other = owners.get(id);
      if (other !== undefined) throw overlapError(sweep, other);
      owners.set(id, sweep);
    }
  }
  // Those between two extensions may have been removed.
  for (const one of sweeps.filter(({ spec }) => spec.extends !== undefined)) {
    for (const other of sweeps)
      if (other.id !== one.id && (await haveCommonTrials(sql, one.id, other.id))) throw overlapError(one, other);
  }
}

/** Yields the ids of a sweep and of those that it extends, up to one that was removed. */
async function* lineageOf(sql: Queryable, { id, spec }: SweepRow): AsyncGenerator<string> {
  yield id;
  for (let parent = spec.extends; parent !== undefined; ) {
    yield parent;
    const [row]: readonly SweepRow[] = await findSweepsById(sql, [parent]);
    parent = row?.spec.extends;
  }
}

const overlapError = (one: SweepRow, other: SweepRow): NarrowsError =>
  new NarrowsError(
    'sweeps-overlap',
    `${one.name} (${one.id}) and ${other.name} (${other.id}) have trials in common, which would count twice`,
    {
      path: 'sweeps',
      fix: 'compare an extension alone: it has the trials of the sweep that it extends',
    },
  );

function requireSameRows(sweeps: readonly SweepRow[]): void {
  const [first] = sweeps as [SweepRow, ...SweepRow[]];
  const other = sweeps.find(
    (sweep) =>
      sweep.datasetVersion !== first.datasetVersion ||
      sweep.target !== first.target ||
      JSON.stringify([sweep.spec.split, sweep.spec.scale]) !== JSON.stringify([first.spec.split, first.spec.scale]),
  );
  if (other) {
    throw new NarrowsError(
      'sweeps-differ',
      `${first.name} and ${other.name} differ in dataset version, target, split or scaling`,
      {
        fix: 'compare sweeps that were scored on the same rows',
      },
    );
  }
}
