/** What a report brings besides the trial's own row: figures, curves, latents, weights, checkpoints. */

import type { Method } from '../../../models/methods/catalogue.ts';
import type { LatentBlock, TrialReport } from '../../../models/training/report.ts';
import { sha256Of } from '../../../platform.ts';
import type { Trial } from '../../../search/space.ts';
import { isFinished } from '../../../search/states.ts';
import type { Queryable } from '../../client.ts';
import { KEPT_MODELS, selectBestOfCells } from './best-trials.ts';

/** A report with what it is about. */
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

/** Rows of a latent block: large enough to be cheap, small enough to be read alone. */
const BLOCK_ROWS = 4096;
/** Rows of a block's sample, at most: what a plot shows. */
const SAMPLE_ROWS = 128;
/** Blocks per statement: bounds the memory of one statement's text, and its number of parameters. */
const BLOCKS_AT_ONCE = 64;

/** JSON and figures have no NaN and no infinities: what could not be computed is null. */
export const finiteOrNull = (value: number | null): number | null => (Number.isFinite(value) ? value : null);

/** Writes the details of trials whose rows are new or replaced, in the transaction that wrote those. */
export async function writeDetails(sql: Queryable, sweepId: string, entries: readonly TrialEntry[]): Promise<void> {
  const completed = entries.filter((entry): entry is Ended<'completed'> => entry.report.outcome === 'completed');
  const atRung = entries.filter((entry): entry is Ended<'rung'> => entry.report.outcome === 'rung');
  await writeCurves(sql, entries);
  if (atRung.length > 0) {
    await writeRungScores(sql, atRung);
    await writeCheckpoints(sql, sweepId, atRung);
  }
  if (completed.length > 0) {
    await writeFigures(sql, sweepId, completed);
    await writeEmulators(sql, sweepId, completed);
    await writeLatents(sql, completed);
    await writeComponents(sql, completed);
    await writeBestModels(sql, sweepId, completed);
  }
  const ended = entries.filter(({ report }) => isFinished(report.outcome)).map(({ trialId }) => trialId);
  if (ended.length > 0) await sql`delete from checkpoints where trial_id = any(${ended}::text[])`;
}

async function writeFigures(sql: Queryable, sweepId: string, completed: readonly Ended<'completed'>[]): Promise<void> {
  const figures = completed.flatMap(({ trial, trialId, report }) =>
    report.figures.map(({ split, k, coveredVariance, structureCoveredVariance }) => ({
      trial_id: trialId,
      split,
      k,
      covered_variance: finiteOrNull(coveredVariance),
      structure_covered_variance: finiteOrNull(structureCoveredVariance),
      method: trial.configuration.method,
    })),
  );
  await sql`
    insert into covered_variances (trial_id, split, k, covered_variance, structure_covered_variance, method, sweep_id)
    select row.*, ${sweepId} from jsonb_to_recordset(${sql.json(figures)}) as row (
      trial_id text, split text, k int, covered_variance float8, structure_covered_variance float8, method text)`;
}

async function writeCurves(sql: Queryable, entries: readonly TrialEntry[]): Promise<void> {
  const curves = entries.flatMap(({ trialId, report }) => {
    if (!('curve' in report)) return [];
    const { train, validation, best } = report.curve;
    return [{ trial_id: trialId, train: train.map(real), validation: validation.map(real), best }];
  });
  if (curves.length === 0) return;
  await sql`
    insert into learning_curves (trial_id, train, validation, best)
    select * from jsonb_to_recordset(${sql.json(curves)}) as row (trial_id text, train real[], validation real[], best int)
    on conflict (trial_id) do update set train = excluded.train, validation = excluded.validation, best = excluded.best`;
}

/** Single precision holds no more than 3.4e38, and Postgres refuses what does not fit. */
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
  await sql`
    insert into components (trial_id, component, coefficients)
    select * from jsonb_to_recordset(${sql.json(rows)}) as row (trial_id text, component int, coefficients real[])`;
}

/** The full emulator that an ECA trial looks through: the upper reference of its figures. */
async function writeEmulators(sql: Queryable, sweepId: string, completed: readonly Ended<'completed'>[]): Promise<void> {
  const rows = completed.flatMap(({ trial, report }) =>
    report.emulator.map(({ split, coveredVariance }) => ({
      name: 'emulator',
      k: null,
      seed: trial.seed,
      configurationHash: trial.configurationHash,
      split,
      coveredVariance,
    })),
  );
  await insertBaselines(sql, sweepId, rows);
}

/** A reference that a sweep's trials are held against, on one split. */
export interface BaselineRow {
  readonly name: string;
  /** Number of components; null = it has none. */
  readonly k: number | null;
  /** Null where nothing is drawn. */
  readonly seed: number | null;
  /** Of the ECA trial that brought an emulator; null for the others. */
  readonly configurationHash: string | null;
  readonly split: string;
  readonly coveredVariance: number;
}

/** What is there already stays. Returns how many are new. */
export async function insertBaselines(sql: Queryable, sweepId: string, rows: readonly BaselineRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const plain = rows.map(({ name, k, seed, configurationHash, split, coveredVariance }) => ({
    name,
    k: k ?? 0,
    seed: seed ?? 0,
    configuration_hash: configurationHash ?? '',
    split,
    covered_variance: finiteOrNull(coveredVariance),
  }));
  const { count } = await sql`
    insert into baselines (name, k, seed, configuration_hash, split, covered_variance, sweep_id)
    select row.*, ${sweepId} from jsonb_to_recordset(${sql.json(plain)}) as row (
      name text, k int, seed bigint, configuration_hash text, split text, covered_variance float8)
    on conflict do nothing`;
  return count;
}

/** A score that is no number ranks last. */
async function writeRungScores(sql: Queryable, atRung: readonly Ended<'rung'>[]): Promise<void> {
  const scores = atRung.map(({ trialId, rung, report }) => ({
    trial_id: trialId,
    rung,
    validation: finiteOrNull(report.validation) ?? '-Infinity',
  }));
  await sql`
    insert into rung_scores (trial_id, rung, validation)
    select * from jsonb_to_recordset(${sql.json(scores)}) as row (trial_id text, rung int, validation float8)
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
  for (const some of chunks(rows, BLOCKS_AT_ONCE)) {
    await sql`
      insert into checkpoints ${sql(some)}
      on conflict (trial_id) do update
        set epoch = excluded.epoch, sha256 = excluded.sha256, bytes = excluded.bytes, saved_at = now()`;
  }
}

async function writeLatents(sql: Queryable, completed: readonly Ended<'completed'>[]): Promise<void> {
  const blocks = completed.flatMap(({ trialId, report }) => report.latents.flatMap((latent) => latentBlocks(trialId, latent)));
  for (const some of chunks(blocks, BLOCKS_AT_ONCE)) await sql`insert into latents ${sql(some)}`;
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

/** Weights of those that are among the best of the sweep so far; no other can be among the best at its end. */
async function writeBestModels(sql: Queryable, sweepId: string, completed: readonly Ended<'completed'>[]): Promise<void> {
  const cells = new Map<string, { readonly method: Method; readonly k: number }>();
  for (const { trial, report } of completed) {
    const { method } = trial.configuration;
    for (const { k } of report.figures) cells.set(`${method}/${k}`, { method, k });
  }
  const best = await sql<
    { trialId: string }[]
  >`select "trialId" from ${selectBestOfCells(sql, sweepId, [...cells.values()], KEPT_MODELS)}`;
  const kept = new Set(best.map(({ trialId }) => trialId));
  const rows = completed
    .filter(({ trialId }) => kept.has(trialId))
    .map(({ trialId, report: { model } }) => ({
      trial_id: trialId,
      sweep_id: sweepId,
      sha256: sha256Of(model),
      bytes: asBuffer(model),
    }));
  for (const some of chunks(rows, BLOCKS_AT_ONCE)) await sql`insert into models ${sql(some)}`;
}

/** The same memory, as the driver wants it. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
