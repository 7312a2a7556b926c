/** Drift detection, with the champion that has the highest validation score. */
import { type ChampionRow, listCurrentChampions } from '../../db/queries/retraining/champions.ts';
import { findRetrainingOfRun, findRun, updateRun } from '../../db/queries/retraining/retrainings.ts';
import { loadModelBytes } from '../../db/queries/trials/models.ts';
import type { DriftVerdict } from '../../models/drift/drift.ts';
import type { DriftRecord } from '../../models/drift/record.ts';
import { FEWEST_HOLD_OUT_GROUPS, FEWEST_HOLD_OUT_ROWS } from '../../search/retraining.ts';
import { compute } from '../compute.ts';
import { knownRows } from './known-rows.ts';
import type { RetrainPorts, RetrainRun } from './ports.ts';

/** Decision for the workflow; the numbers are in the run's row. */
export interface DriftDecision {
  readonly verdict: DriftVerdict;
  /** False: the retraining requires drift, and there is none. */
  readonly train: boolean;
}

/** Without a verdict no drift is found: the rows count again together with the next ones. */
const isDrift = (verdict: DriftVerdict): boolean => verdict === 'inputs' || verdict === 'performance';

export async function detectDrift(
  { db, data }: RetrainPorts,
  { runId, name }: RetrainRun,
  signal?: AbortSignal,
): Promise<DriftDecision> {
  const { sql } = db;
  const [{ dataset, target, spec, options }, run] = await Promise.all([findRetrainingOfRun(sql, name), findRun(sql, runId)]);
  const found = (verdict: DriftVerdict) => ({ verdict, train: isDrift(verdict) || !options.onlyOnDrift });
  if (run.drift) return found(run.drift.verdict);
  const version = run.toVersion as string;
  const champion = (await listCurrentChampions(sql, name)).reduce((best, one) =>
    one.validation > best.validation ? one : best,
  ) as ChampionRow;
  const { method, k, trialId } = champion;
  const [grown, rows, bytes] = await Promise.all([
    data.at(dataset, version),
    data.rows(dataset, version, target, spec.split),
    loadModelBytes(sql, trialId),
  ]);
  const { descriptors, ...matrices } = rows;
  const question = {
    rows: matrices,
    champion: bytes,
    k,
    known: knownRows(grown, champion.datasetVersion, dataset),
    alpha: options.alpha,
    fewest: FEWEST_HOLD_OUT_ROWS,
    fewestGroups: FEWEST_HOLD_OUT_GROUPS,
    seed: spec.split.seed,
  };
  const examined = await compute('drift', question, signal);
  if (examined === null) return found('none');
  const { drift, referenceRows, freshRows } = examined;
  const named = drift.descriptors.map((one) => ({ ...one, name: descriptors[one.column] as string }));
  const record: DriftRecord = { ...drift, descriptors: named, method, k, trialId, referenceRows, freshRows };
  await updateRun(sql, runId, { drift: record });
  return found(drift.verdict);
}
