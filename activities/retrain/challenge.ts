/** Compares challengers with champions on rows that neither was trained on. */
import { listCurrentChampions } from '../../db/queries/retraining/champions.ts';
import { findRetrainingOfRun, findRun, updateRun } from '../../db/queries/retraining/retrainings.ts';
import { loadModelBytes } from '../../db/queries/trials/models.ts';
import { FEWEST_HOLD_OUT_GROUPS, FEWEST_HOLD_OUT_ROWS } from '../../search/retraining.ts';
import { compute } from '../compute.ts';
import { bestOfRun, cellKey } from './best-trials.ts';
import { knownRows } from './known-rows.ts';
import type { RetrainPorts, RetrainRun } from './ports.ts';

export async function challenge({ db, data }: RetrainPorts, { runId, name }: RetrainRun, signal?: AbortSignal): Promise<void> {
  const { sql } = db;
  const [retraining, run, champions] = await Promise.all([
    findRetrainingOfRun(sql, name),
    findRun(sql, runId),
    listCurrentChampions(sql, name),
  ]);
  if (run.challenges) return;
  const { dataset, target, spec, options } = retraining;
  const version = run.toVersion as string;
  const best = await bestOfRun(sql, run.sweepIds ?? [], champions);
  const [grown, { descriptors: _, ...rows }] = await Promise.all([
    data.at(dataset, version),
    data.rows(dataset, version, target, spec.split),
  ]);
  const pairings = await Promise.all(
    champions.map(async ({ id, method, k, trialId, datasetVersion }) => {
      const challenger = best.get(cellKey({ method, k }));
      return {
        method,
        k,
        championId: id,
        championTrial: trialId,
        champion: await loadModelBytes(sql, trialId),
        known: knownRows(grown, datasetVersion, dataset),
        challenger: challenger ? { trial: challenger.trialId, model: await loadModelBytes(sql, challenger.trialId) } : null,
      };
    }),
  );
  const { margin } = options;
  const challenges = await compute(
    'challenge',
    { rows, pairings, margin, fewest: FEWEST_HOLD_OUT_ROWS, fewestGroups: FEWEST_HOLD_OUT_GROUPS },
    signal,
  );
  await updateRun(sql, runId, { challenges });
}
