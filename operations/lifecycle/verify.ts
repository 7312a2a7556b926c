/** Verification of what is stored: arrays by their hashes, results by the plan and each other. */
import { arraysOf, joinLineage } from '../../datasets/description.ts';
import type { BlobStore } from '../../db/blobs.ts';
import { type Database, isDamagedCode, type Queryable } from '../../db/client.ts';
import { findDatasetVersion, listDatasetVersions } from '../../db/queries/datasets/datasets.ts';
import {
  checkCheckpoints,
  checkNumber,
  listArrays,
  listSweepIds,
  MOST_FAULTS,
  type StoredFault,
  SWEEP_CHECKS,
  streamScoredRows,
} from '../../db/queries/lifecycle/stored-faults.ts';
import { findSweep, type SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { attachTestErrors, loadTestRows } from '../../db/queries/sweeps/test-errors.ts';
import { withSnapshot } from '../../db/queries/trials/export.ts';
import { NarrowsError } from '../../errors.ts';
import { countLeftOut } from '../../search/limits/limits.ts';
import { isAdaptiveSweep } from '../../search/proposals.ts';
import type { Storage } from '../servers.ts';
import { checkPlan, checkProposals } from './plan-checks.ts';
import { checkRungs } from './rung-checks.ts';

export interface DamageFinding {
  /** Dataset, sweep or trial: 'water@0123456789ab', 'demo (s0123456789)', 's0123456789-17'. */
  readonly subject: string;
  readonly problem: string;
  readonly fix: string;
  /** `warning`: narrows mends it by itself. */
  readonly result: 'warning' | 'failed';
}

export interface StorageReport {
  /** Numbers of what was read. */
  readonly arrays: number;
  readonly sweeps: number;
  readonly trials: number;
  readonly findings: readonly DamageFinding[];
}

export interface VerifyOptions {
  readonly signal: AbortSignal;
  /** Called before each sweep, and once before the arrays. */
  readonly onProgress?: (what: string) => void;
}

/**
 * Reads all that is stored of the named sweeps and the arrays of their datasets, or everything.
 * Reads only. Throws NarrowsError `sweep-unknown`.
 */
export async function verifyStorage(
  { db, blobs }: Storage,
  idsOrNames: readonly string[],
  { signal, onProgress = () => {} }: VerifyOptions,
): Promise<StorageReport> {
  const { sql } = db;
  const isWhole = idsOrNames.length === 0;
  const sweeps: SweepRow[] = [];
  for (const one of isWhole ? (await listSweepIds(sql)).map(({ id }) => id) : new Set(idsOrNames))
    sweeps.push(await findSweep(sql, one));
  const findings: DamageFinding[] = [];
  onProgress('arrays');
  const references = isWhole
    ? (await listDatasetVersions(sql)).map(({ name, version }) => `${name}@${version}`)
    : sweeps.map(({ dataset, datasetVersion }) => `${dataset}@${datasetVersion}`);
  const arrays = new Set(isWhole ? (await listArrays(sql)).map(({ sha256 }) => sha256) : []);
  for (const reference of new Set(references)) {
    for (const sha256 of arraysOf(joinLineage(await findDatasetVersion(sql, reference)))) arrays.add(sha256);
  }
  for (const sha256 of arrays) {
    signal.throwIfAborted();
    findings.push(...(await verifyArray(blobs.uncached, sha256)));
  }
  let trials = 0;
  for (const sweep of sweeps) {
    onProgress(`${sweep.name} (${sweep.id})`);
    findings.push(
      ...(await verifySweep(db, sweep, signal, () => {
        trials += 1;
      })),
    );
  }
  return { arrays: arrays.size, sweeps: sweeps.length, trials, findings };
}

async function verifyArray(blobs: BlobStore, sha256: string): Promise<DamageFinding[]> {
  try {
    for await (const _ of blobs.pieces(sha256));
    return [];
  } catch (error) {
    if (!(error instanceof NarrowsError && (error.code === 'dataset-corrupt' || error.code === 'dataset-missing'))) throw error;
    return [{ subject: `array ${sha256.slice(0, 12)}`, problem: error.message, fix: error.fix ?? UNUSED_FIX, result: 'failed' }];
  }
}

const UNUSED_FIX = 'no dataset has it: "narrows prune --yes" deletes it';
const RESTORE_FIX = 'do not rely on it: restore the sweep from an archive or a backup';
const RESULT_FIX = `${RESTORE_FIX}, or start its spec again under another name, which ends with the same bits`;
const MISSING_FIX = '"narrows sweep retry" trains those that are missing';
const CHECKPOINT_FIX = 'nothing to do: the trial begins again, and ends with the same bits';
const DISK_FIX = 'check the disk, and restore the database from a backup';

async function verifySweep(
  { sql }: Database,
  sweep: SweepRow,
  signal: AbortSignal,
  onTrial: () => void,
): Promise<DamageFinding[]> {
  const findings: DamageFinding[] = [];
  const checked = { ...sweep, expected: sweep.planned - countLeftOut(sweep.spec, sweep.limits) };
  const describe = ({ trialId: trial, problem }: StoredFault, fix: string, result: DamageFinding['result']) => ({
    subject: trial ?? `${sweep.name} (${sweep.id})`,
    problem,
    fix,
    result,
  });
  const run = async (
    what: string,
    check: () => Promise<readonly StoredFault[]>,
    // Another run of an adaptive sampler proposes other points, and one of rungs that overlap
    // promotes other trials.
    fix = isAdaptiveSweep(sweep.spec) || sweep.spec.halving?.asynchronous ? RESTORE_FIX : RESULT_FIX,
    result: DamageFinding['result'] = 'failed',
  ) => {
    signal.throwIfAborted();
    try {
      findings.push(...(await check()).map((fault) => describe(fault, fix, result)));
    } catch (error) {
      const { code = '', message } = error as { code?: string; message: string };
      // Test rows have a check of their own.
      if (code === 'test-rows-corrupt') return;
      if (!isDamagedCode(code)) throw error;
      const problem = `Postgres cannot read its ${what}: ${message}`;
      findings.push(describe({ trialId: null, problem }, DISK_FIX, 'failed'));
    }
  };
  /** Each check has a snapshot of its own: files that Postgres cannot read end the snapshot. */
  const runInSnapshot = (
    what: string,
    check: (snapshot: Queryable) => Promise<readonly StoredFault[]>,
    fix?: string,
    result?: DamageFinding['result'],
  ) => run(what, () => withSnapshot(sql, check), fix, result);
  await runInSnapshot('trials', (snapshot) => checkPlan(snapshot, sweep, onTrial));
  await runInSnapshot('trials', (snapshot) => checkNumber(snapshot, checked), MISSING_FIX);
  await run('proposals', () => findProposalFaults(sql, sweep, signal));
  await runInSnapshot('rungs', async (snapshot) => (await checkRungs(snapshot, sweep)).faults);
  for (const [what, check] of Object.entries(SWEEP_CHECKS)) await runInSnapshot(what, (snapshot) => check(snapshot, checked));
  await runInSnapshot('test errors', (snapshot) => checkErrors(snapshot, sweep.id));
  await runInSnapshot('checkpoints', (snapshot) => checkCheckpoints(snapshot, checked), CHECKPOINT_FIX, 'warning');
  return findings;
}

async function findProposalFaults(sql: Queryable, sweep: SweepRow, signal: AbortSignal): Promise<StoredFault[]> {
  const faults: StoredFault[] = [];
  for await (const { cell, point, problem } of checkProposals(sql, sweep, { signal }))
    if (faults.length < MOST_FAULTS) faults.push({ trialId: null, problem: `point ${point} of ${cell}: ${problem}` });
  return faults;
}

/** Checks that test scores follow from the errors of test rows. */
async function checkErrors(sql: Queryable, sweepId: string): Promise<StoredFault[]> {
  const rows = await loadTestRows(sql, [sweepId]);
  const faults: StoredFault[] = [];
  for await (const scored of streamScoredRows(sql, sweepId)) {
    for (const { trialId: trial, k, rows: read } of await attachTestErrors(sql, rows, scored)) {
      if (read === undefined && faults.length < MOST_FAULTS)
        faults.push({ trialId: trial, problem: `its test score at k = ${k} does not follow from its errors of test rows` });
    }
  }
  return faults;
}
