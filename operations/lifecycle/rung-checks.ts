/** Checks of the decisions at the rungs of a sweep, from the scores and curves of its trials. */
import type { Queryable } from '../../db/client.ts';
import { MOST_FAULTS, type StoredFault } from '../../db/queries/lifecycle/stored-faults.ts';
import { findRungFaults, listPlaces, mayHaveLateTrials } from '../../db/queries/lifecycle/stored-rungs.ts';
import type { SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { listRungCurves, listRungScores } from '../../db/queries/trials/trials.ts';
import { mostEpochs, pointOfTrial, trialId } from '../../search/space.ts';
import { type RuleSpec, ruleOf, rungEnds, stoppingOf } from '../../search/stopping/table.ts';
import { type CheckedRung, checkReached, checkTogether } from '../../search/stopping/verification.ts';

type CheckedSweep = Pick<SweepRow, 'id' | 'spec'>;

/** Decisions at rungs, and how far they are verified. */
export interface RungReport {
  readonly rule: RuleSpec['kind'];
  /**
   * `recomputed`: from the scores or curves at each rung; `possible`: it is not recorded which
   * scores each decision saw, and none is one that no order of trials can give.
   */
  readonly check: 'recomputed' | 'possible';
  /** Trials that were promoted or pruned, counted at each rung. */
  readonly decisions: number;
  /**
   * Trials about which the scores of now decide otherwise, at rungs that other trials may have
   * reached later, as retried ones do.
   */
  readonly unverified: number;
}

/**
 * Checks what has been decided at the rungs of a sweep, which may be running, on a snapshot.
 * Returns a null report where no trial is stopped early.
 */
export async function checkRungs(
  sql: Queryable,
  sweep: CheckedSweep,
): Promise<{ readonly report: RungReport | null; readonly faults: readonly StoredFault[] }> {
  const { id, spec } = sweep;
  const stopping = stoppingOf(spec);
  if (stopping === null) return { report: null, faults: [] };
  const ends = rungEnds(spec, mostEpochs(spec));
  const faults = await findRungFaults(sql, id, ends);
  const hasLate = await mayHaveLateTrials(sql, id);
  let [decisions, unverified] = [0, 0];
  for (const [rung, end] of ends.slice(0, -1).entries()) {
    const checked = await checkRung(sql, sweep, stopping, { rung, end });
    const certain = checked.faults.filter(({ dependsOnArrivals }) => !(hasLate && dependsOnArrivals));
    decisions += checked.decisions;
    unverified += checked.faults.length - certain.length;
    faults.push(...certain.map(({ index, problem }) => ({ trialId: trialId(id, index), problem })));
  }
  const check = spec.halving?.asynchronous ? 'possible' : 'recomputed';
  return { report: { rule: stopping.kind, check, decisions, unverified }, faults: faults.slice(0, MOST_FAULTS) };
}

/** Checks the decisions at a rung, which is not the last, and ends with an epoch. */
async function checkRung(
  sql: Queryable,
  { id, spec }: CheckedSweep,
  stopping: RuleSpec,
  { rung, end }: { readonly rung: number; readonly end: number },
): Promise<CheckedRung> {
  const rule = ruleOf(stopping);
  const context = { rung, epochs: mostEpochs(spec), pointOf: pointOfTrial(spec) };
  if (rule.reads === 'curves')
    return checkTogether(await listRungCurves(sql, id, rung, end), rung, (curves) => rule.decide(stopping, curves, context));
  const scores = await listRungScores(sql, id, rung);
  if (!spec.halving?.asynchronous) return checkTogether(scores, rung, (trials) => rule.decide(stopping, trials, context));
  const places = new Map((await listPlaces(sql, id, rung)).map(({ index, place }) => [index, place]));
  const reached = scores.map((score) => ({ ...score, place: places.get(score.index) ?? null }));
  return checkReached(spec.halving, reached, context);
}
