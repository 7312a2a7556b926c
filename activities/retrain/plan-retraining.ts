/** The sweeps of a run: their ids follow from the run's, so that the step can be repeated. */
import { listCurrentChampions } from '../../db/queries/retraining/champions.ts';
import { findRetrainingOfRun, findRun, updateRun } from '../../db/queries/retraining/retrainings.ts';
import { createSweep, findSweep, type SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { checkSpec } from '../../operations/sweeps/check.ts';
import { planRoutes } from '../../operations/sweeps/pack-windows.ts';
import { priorityOf, sweepIdFrom } from '../../operations/sweeps/start.ts';
import { retrainingSpecs } from '../../search/neighbourhood.ts';
import { packSizes } from '../../search/packing.ts';
import { trialCount } from '../../search/space.ts';
import type { RetrainPorts, RetrainRun } from './ports.ts';

/** Input of the workflow `sweep`. */
export interface PlannedSweep extends Pick<SweepRow, 'planned' | 'packSizes'>, Awaited<ReturnType<typeof planRoutes>> {
  readonly sweepId: string;
  /** Identity in the name of its workflow; absent in histories from before there were any. */
  readonly identity?: string | null;
  /** As operations/sweeps/start.ts has it; absent in histories from before there was any. */
  readonly priority?: ReturnType<typeof priorityOf>;
}

export async function planRetraining(
  { db, blobs, codeVersion }: RetrainPorts,
  { runId, name }: RetrainRun,
): Promise<PlannedSweep[]> {
  const { sql } = db;
  const [{ dataset, spec, options }, run, champions] = await Promise.all([
    findRetrainingOfRun(sql, name),
    findRun(sql, runId),
    listCurrentChampions(sql, name),
  ]);
  const version = run.toVersion as string;
  const on = `${dataset}@${version}`;
  const called = `${name}-retrain-${version.slice(0, 8)}`;
  const near = retrainingSpecs(spec, champions, on, called);
  const whole = champions.length === 0 || options.scope === 'sweep' ? [{ ...spec, dataset: on, name: `${called}-whole` }] : [];
  const planned: PlannedSweep[] = [];
  for (const [i, one] of [...near, ...whole].entries()) {
    const checked = await checkSpec({ db, blobs }, one, 1);
    const sweepId = sweepIdFrom(`${runId} ${i}`);
    const { name, target } = one;
    const size = { planned: trialCount(one), packSizes: packSizes(one, checked.size) };
    await createSweep(sql, { id: sweepId, name, spec: one, dataset, datasetVersion: version, target, codeVersion, ...size });
    // An earlier attempt may have written the row, with older code or from other champions.
    const { identity, spec: own, planned: trials, packSizes: sizes } = await findSweep(sql, sweepId);
    const routes = await planRoutes(sql, own);
    planned.push({ sweepId, identity, planned: trials, packSizes: sizes, ...routes, priority: priorityOf(sweepId, own) });
  }
  await updateRun(sql, runId, { sweepIds: planned.map(({ sweepId }) => sweepId) });
  return planned;
}
