/** Writes the scores, curves, latents, weights and checkpoints of reports. */
import { expansionErrors, packErrors } from '../../../models/evaluation/test-errors.ts';
import type { LatentBlock, TrialReport } from '../../../models/training/report.ts';
import { sha256Of } from '../../../platform.ts';
import type { Trial } from '../../../search/space.ts';
import type { LatentPolicy } from '../../../search/spec.ts';
import { isFinished } from '../../../search/states.ts';
import type { Queryable } from '../../client.ts';
import { recordset } from '../../recordset.ts';
import { type CellKey, KEPT_MODELS, selectBestOfCells } from './models.ts';

/** A report and the trial that it belongs to. */
export interface TrialEntry {
  readonly trial: Trial;
  readonly trialId: string;
  /** The rung that the trial reached, or ended in. */
  readonly rung: number;
  readonly report: TrialReport;
}

type Ended<Outcome extends TrialReport['outcome']> = Omit<TrialEntry, 'report'> & {
  readonly report: Extract<TrialReport, { readonly outcome: Outcome }>;
};

/** Rows of a latent block: few rows in the table, each small enough to read alone. */
const BLOCK_ROWS = 4096;
/** Maximum number of rows in a block's sample, which plots show. */
const SAMPLE_ROWS = 128;
/** Blocks per statement: limits the memory of its text and the number of its parameters. */
const BLOCKS_AT_ONCE = 64;

/** Neither JSON nor a stored score has NaN or infinities: null means not computed. */
export const finiteOrNull = (value: number | null): number | null => (Number.isFinite(value) ? value : null);

/** Writes details of new or replaced trials, in the transaction that wrote their rows. */
export async function writeDetails(
  sql: Queryable,
  sweepId: string,
  policy: LatentPolicy,
  entries: readonly TrialEntry[],
): Promise<void> {
  const completed = entries.filter((entry): entry is Ended<'completed'> => entry.report.outcome === 'completed');
  const atRung = entries.filter((entry): entry is Ended<'rung'> => entry.report.outcome === 'rung');
  await writeCurves(sql, entries);
  if (atRung.length > 0) {
    await writeRungScores(sql, atRung);
    await writeCheckpoints(sql, sweepId, atRung);
  }
  if (completed.length > 0) {
    await writeScores(sql, sweepId, completed);
    const kept = await writeBestModels(sql, sweepId, completed);
    await writeTestErrors(sql, completed, policy === 'all' ? new Map() : await loadStructureSquares(sql, sweepId));
    await writeEmulators(sql, sweepId, completed);
    if (policy !== 'none') {
      await writeLatents(sql, policy === 'all' ? completed : completed.filter(({ trialId }) => kept.has(trialId)));
    }
    await writeComponents(sql, completed);
  }
  // A retry of a failed trial goes on from its checkpoint.
  const ended = entries.filter(({ report }) => isFinished(report.outcome) && report.outcome !== 'failed');
  const ids = ended.map(({ trialId }) => trialId);
  if (ids.length > 0) await sql`delete from checkpoints where trial_id = any(${ids}::text[])`;
}

async function writeScores(sql: Queryable, sweepId: string, completed: readonly Ended<'completed'>[]): Promise<void> {
  const scores = completed.flatMap(({ trial, trialId, report }) =>
    report.scores.map(({ split, k, coveredVariance, structureCoveredVariance }) => ({
      trial_id: trialId,
      split,
      k,
      covered_variance: finiteOrNull(coveredVariance),
      structure_covered_variance: finiteOrNull(structureCoveredVariance),
      sweep_id: sweepId,
      method: trial.configuration.method,
      partition: trial.partition,
    })),
  );
  await sql`insert into covered_variances select * from ${recordset(sql, 'covered_variances', scores)}`;
}

async function writeCurves(sql: Queryable, entries: readonly TrialEntry[]): Promise<void> {
  const curves = entries.flatMap(({ trialId, report }) => {
    if (!('curve' in report)) return [];
    const { train, validation, best } = report.curve;
    return [{ trial_id: trialId, train: train.map(real), validation: validation.map(real), best }];
  });
  if (curves.length === 0) return;
  await sql`
    insert into learning_curves select * from ${recordset(sql, 'learning_curves', curves)}
    on conflict (trial_id) do update set train = excluded.train, validation = excluded.validation, best = excluded.best`;
}

/** Postgres rejects reals beyond 3.4e38: they become infinities, as text. */
function real(value: number): number | string {
  const rounded = Math.fround(value);
  return Number.isFinite(rounded) ? rounded : String(rounded);
}

async function writeComponents(sql: Queryable, completed: readonly Ended<'completed'>[]): Promise<void> {
  const rows = completed.flatMap(({ trial, trialId, report: { components } }) => {
    if (components === null) return [];
    const { k } = trial.configuration;
    const D = components.length / k;
    return Array.from({ length: k }, (_, j) => ({
      trial_id: trialId,
      component: j + 1,
      coefficients: [...components.subarray(j * D, (j + 1) * D)],
    }));
  });
  if (rows.length === 0) return;
  await sql`insert into components select * from ${recordset(sql, 'components', rows)}`;
}

/** Writes the full emulators of ECA trials as baselines: upper references of their scores. */
async function writeEmulators(sql: Queryable, sweepId: string, completed: readonly Ended<'completed'>[]): Promise<void> {
  const rows = completed.flatMap(({ trial, report }) =>
    report.emulator.map(({ split, coveredVariance, errors }) => ({
      name: 'emulator',
      k: null,
      seed: trial.seed,
      configurationHash: trial.configurationHash,
      split,
      partition: trial.partition,
      coveredVariance,
      errors,
    })),
  );
  await insertBaselines(sql, sweepId, rows);
}

/** A reference that a sweep's trials are compared with, on one split. */
export interface BaselineRow {
  readonly name: string;
  /** Number of components; null where the baseline has none. */
  readonly k: number | null;
  /** Null where nothing is random. */
  readonly seed: number | null;
  /** Configuration of the ECA trial that an emulator belongs to; null for other baselines. */
  readonly configurationHash: string | null;
  readonly split: string;
  readonly partition: number;
  readonly coveredVariance: number;
  /** Squared errors of the rows of the test split; null elsewhere. */
  readonly errors: Float64Array | null;
}

/** Inserts baselines that do not exist yet. Returns how many were inserted. */
export async function insertBaselines(sql: Queryable, sweepId: string, rows: readonly BaselineRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const stored = rows.map(({ name, k, seed, configurationHash, split, partition, coveredVariance }) => ({
    sweep_id: sweepId,
    name,
    k: k ?? 0,
    seed: seed ?? 0,
    configuration_hash: configurationHash ?? '',
    split,
    covered_variance: finiteOrNull(coveredVariance),
    partition,
  }));
  const { count } = await sql`
    insert into baselines select * from ${recordset(sql, 'baselines', stored)} on conflict do nothing`;
  const errors = rows.flatMap(({ errors }, i) => {
    const packed = errors && packErrors(errors);
    if (packed === null) return [];
    const { split: _, covered_variance: __, ...key } = stored[i] as (typeof stored)[number];
    return [{ ...key, errors: asBuffer(packed) }];
  });
  for (const some of chunks(errors)) {
    await sql`insert into baseline_errors ${sql(some)} on conflict do nothing`;
  }
  return count;
}

/**
 * Writes the errors of test rows; those that are not finite have no score either. Those of expanded
 * structures follow from latents: `squares` of the partitions' structures are given where latents
 * may not be kept.
 */
async function writeTestErrors(
  sql: Queryable,
  completed: readonly Ended<'completed'>[],
  squares: ReadonlyMap<number, Float64Array>,
): Promise<void> {
  const rows = completed.flatMap(({ trial, trialId, report }) => {
    const own = squares.get(trial.partition);
    const latents = report.latents.find(({ split }) => split === 'test');
    return report.scores.flatMap(({ k, errors, structureCoveredVariance }) => {
      const packed = errors && packErrors(errors);
      if (packed === null) return [];
      const expanded =
        own && latents && structureCoveredVariance !== null
          ? packErrors(expansionErrors(own, { k, width: latents.k, data: latents.data }))
          : null;
      return [{ trial_id: trialId, k, errors: asBuffer(packed), structure_errors: expanded && asBuffer(expanded) }];
    });
  });
  for (const some of chunks(rows)) await sql`insert into test_errors ${sql(some)}`;
}

/** Returns the squared length of each structure of the test rows, by partition. */
export async function loadStructureSquares(sql: Queryable, sweepId: string): Promise<ReadonlyMap<number, Float64Array>> {
  const stored = await sql<{ partition: number; squares: Uint8Array }[]>`
    select partition, structure_squares as squares from test_rows where sweep_id = ${sweepId}`;
  // Copied, because the driver's bytes may not be aligned.
  return new Map(stored.map(({ partition, squares }) => [partition, new Float64Array(new Uint8Array(squares).buffer)]));
}

/** A score that is not a finite number ranks last. */
async function writeRungScores(sql: Queryable, atRung: readonly Ended<'rung'>[]): Promise<void> {
  const scores = atRung.map(({ trialId, rung, report }) => ({
    trial_id: trialId,
    rung,
    validation: finiteOrNull(report.validation) ?? '-Infinity',
  }));
  await sql`
    insert into rung_scores select * from ${recordset(sql, 'rung_scores', scores)}
    on conflict (trial_id, rung) do update set validation = excluded.validation`;
}

async function writeCheckpoints(sql: Queryable, sweepId: string, atRung: readonly Ended<'rung'>[]): Promise<void> {
  const rows = atRung.map(({ trialId, report: { epochs, checkpoint } }) => ({
    trial_id: trialId,
    sweep_id: sweepId,
    epoch: epochs,
    sha256: sha256Of(checkpoint),
    bytes: asBuffer(checkpoint),
  }));
  for (const some of chunks(rows)) {
    await sql`
      insert into checkpoints ${sql(some)}
      on conflict (trial_id) do update
        set epoch = excluded.epoch, sha256 = excluded.sha256, bytes = excluded.bytes, saved_at = now()`;
  }
}

async function writeLatents(sql: Queryable, completed: readonly Ended<'completed'>[]): Promise<void> {
  const blocks = completed.flatMap(({ trialId, report }) => report.latents.flatMap((latent) => latentBlocks(trialId, latent)));
  for (const some of chunks(blocks)) await sql`insert into latents ${sql(some)}`;
}

function latentBlocks(trialId: string, { split, k, rows, data }: LatentBlock) {
  return Array.from({ length: Math.ceil(rows / BLOCK_ROWS) }, (_, block) => {
    const firstRow = block * BLOCK_ROWS;
    const count = Math.min(BLOCK_ROWS, rows - firstRow);
    const values = data.subarray(firstRow * k, (firstRow + count) * k);
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    const step = Math.max(1, Math.ceil(count / SAMPLE_ROWS));
    return {
      trial_id: trialId,
      split,
      block,
      first_row: firstRow,
      rows: count,
      k,
      dtype: 'float32le',
      sha256: sha256Of(bytes),
      bytes,
      sample_step: step,
      sample: Array.from(values.filter((_value, i) => Math.floor(i / k) % step === 0)),
    };
  });
}

/**
 * Writes models among the best so far; no other can be among the best at the end. Models of other
 * partitions than the first are left out: their scores are of other rows. Returns the ids of trials
 * among the best.
 */
async function writeBestModels(
  sql: Queryable,
  sweepId: string,
  completed: readonly Ended<'completed'>[],
): Promise<ReadonlySet<string>> {
  const cells = new Map<string, CellKey>();
  const first = completed.filter(({ trial }) => trial.partition === 0);
  if (first.length === 0) return new Set();
  for (const { trial, report } of first) {
    const { method } = trial.configuration;
    for (const { k } of report.scores) cells.set(`${method}/${k}`, { method, k });
  }
  const best = await sql<
    { trialId: string }[]
  >`select "trialId" from ${selectBestOfCells(sql, sweepId, [...cells.values()], KEPT_MODELS)}`;
  const kept = new Set(best.map(({ trialId }) => trialId));
  const rows = first
    .filter(({ trialId }) => kept.has(trialId))
    .map(({ trialId, report: { model } }) => ({
      trial_id: trialId,
      sweep_id: sweepId,
      sha256: sha256Of(model),
      bytes: asBuffer(model),
    }));
  for (const some of chunks(rows)) await sql`insert into models ${sql(some)}`;
  return kept;
}

/** Views the same memory as the type that the driver needs. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function chunks<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / BLOCKS_AT_ONCE) }, (_, i) =>
    items.slice(i * BLOCKS_AT_ONCE, (i + 1) * BLOCKS_AT_ONCE),
  );
}
