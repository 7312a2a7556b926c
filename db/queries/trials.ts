/** Trials while a sweep runs: what has ended, who goes on, what is written. */
import { createHash } from 'node:crypto';
import type { LatentBlock, TrialReport } from '../../models/engine.ts';
import type { RungScore } from '../../search/halving.ts';
import type { Trial } from '../../search/space.ts';
import type { Sql } from '../client.ts';

/** Rows of a latent block: large enough to be cheap, small enough to be read alone. */
const BLOCK_ROWS = 4096;
/** Rows of a block's sample, at most: what a plot shows. */
const SAMPLE_ROWS = 128;

/** Where and by what results were made. */
export interface Provenance {
  readonly datasetVersion: string;
  readonly engine: string;
  readonly engineBuild: string;
  readonly codeVersion: string;
  readonly host: string;
}

export interface TrialEntry {
  readonly trial: Trial;
  readonly trialId: string;
  readonly rung: number;
  readonly report: TrialReport;
}

export interface TrialStateRow {
  readonly index: number;
  readonly outcome: TrialReport['outcome'] | 'pruned';
  readonly rung: number;
}

/** The rows that exist of these trials, in any order. */
export async function trialStates(sql: Sql, sweepId: string, indices: readonly number[]): Promise<TrialStateRow[]> {
  if (indices.length === 0) return [];
  return sql<TrialStateRow[]>`
    select index, outcome, rung from trials where sweep_id = ${sweepId} and index = any(${sql.array([...indices], 1007)}::int[])`;
}

/** Numbers of the trials that were promoted into this rung, rising. */
export async function survivors(sql: Sql, sweepId: string, rung: number, offset: number, limit: number): Promise<number[]> {
  const rows = await sql<{ index: number }[]>`
    select index from trials where sweep_id = ${sweepId} and promoted_into >= ${rung} order by index offset ${offset} limit ${limit}`;
  return rows.map(({ index }) => index);
}

export async function survivorCount(sql: Sql, sweepId: string, rung: number): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from trials where sweep_id = ${sweepId} and promoted_into >= ${rung}`;
  return row?.count ?? 0;
}

/** Every trial that reached the rung alive. */
export async function scoresAtRung(sql: Sql, sweepId: string, rung: number): Promise<RungScore[]> {
  return sql<RungScore[]>`
    select t.index, t.cell, t.configuration_hash as "configurationHash", s.validation,
           case when t.promoted_into > ${rung} then 'promoted' when t.outcome = 'pruned' then 'pruned' end as decided
    from rung_scores s join trials t on t.id = s.trial_id
    where t.sweep_id = ${sweepId} and s.rung = ${rung} order by t.index`;
}

/** One transaction. */
export async function decideRung(
  sql: Sql,
  sweepId: string,
  rung: number,
  { promoted, pruned }: { readonly promoted: readonly number[]; readonly pruned: readonly number[] },
): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`
      update trials set promoted_into = greatest(promoted_into, ${rung + 1})
      where sweep_id = ${sweepId} and index = any(${sql.array([...promoted], 1007)}::int[])`;
    const gone = await transaction<{ id: string }[]>`
      update trials set outcome = 'pruned'
      where sweep_id = ${sweepId} and outcome = 'rung' and index = any(${sql.array([...pruned], 1007)}::int[]) returning id`;
    await transaction`delete from checkpoints where trial_id = any(${gone.map(({ id }) => id)}::text[])`;
  });
}

/**
 * Writes reports in one transaction. A report replaces a row that failed or waits at an earlier rung, and no other: a second delivery of
 * the same report changes nothing. Listeners on `narrows_sweep` hear the sweep's id.
 */
export async function recordReports(
  sql: Sql,
  sweepId: string,
  provenance: Provenance,
  entries: readonly TrialEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await sql.begin(async (transaction) => {
    const written = await transaction<{ id: string }[]>`
      insert into trials (id, sweep_id, index, configuration_hash, seed, dataset_version, engine, configuration, method, k, cell, outcome, rung,
                          validation, epochs, seconds, failure_code, message, engine_build, code_version, host)
      select * from jsonb_to_recordset(${sql.json(entries.map((entry) => trialRow(sweepId, provenance, entry)) as never)}) as row(
        id text, sweep_id text, index int, configuration_hash text, seed bigint, dataset_version text, engine text, configuration jsonb,
        method text, k int, cell text, outcome text, rung int, validation float8, epochs int, seconds float8, failure_code text, message text,
        engine_build text, code_version text, host text)
      order by 1
      on conflict (id) do update set
        outcome = excluded.outcome, rung = excluded.rung, validation = excluded.validation, epochs = excluded.epochs,
        seconds = trials.seconds + excluded.seconds, failure_code = excluded.failure_code, message = excluded.message, engine = excluded.engine,
        engine_build = excluded.engine_build, code_version = excluded.code_version, host = excluded.host, recorded_at = now()
      where trials.outcome = 'failed' or (trials.outcome = 'rung' and trials.rung < excluded.rung)
      returning id`;
    const fresh = new Set(written.map(({ id }) => id));
    const kept = entries.filter(({ trialId }) => fresh.has(trialId));
    if (kept.length === 0) return;
    await writeDetails(transaction as unknown as Sql, sweepId, kept);
    await transaction`select pg_notify('narrows_sweep', ${sweepId})`;
  });
}

async function writeDetails(sql: Sql, sweepId: string, entries: readonly TrialEntry[]): Promise<void> {
  const completed = entries.flatMap(({ trial, trialId, report }) =>
    report.outcome === 'completed' ? [{ trial, trialId, report }] : [],
  );
  const atRung = entries.flatMap(({ trialId, rung, report }) => (report.outcome === 'rung' ? [{ trialId, rung, report }] : []));
  const ended = entries.filter(({ report }) => report.outcome !== 'rung').map(({ trialId }) => trialId);

  const figures = completed.flatMap(({ trialId, report }) =>
    report.figures.map((figure) => ({
      trial_id: trialId,
      split: figure.split,
      k: figure.k,
      covered_variance: number(figure.coveredVariance),
      structure_covered_variance: figure.structureCoveredVariance === null ? null : number(figure.structureCoveredVariance),
    })),
  );
  await sql`
    insert into covered_variances
    select * from jsonb_to_recordset(${sql.json(figures as never)}) as row(
      trial_id text, split text, k int, covered_variance float8, structure_covered_variance float8)`;

  const curves = entries.flatMap(({ trialId, report }) =>
    'curve' in report
      ? [
          {
            trial_id: trialId,
            train: report.curve.train.map(number),
            validation: report.curve.validation.map(number),
            best: report.curve.best,
          },
        ]
      : [],
  );
  await sql`
    insert into learning_curves
    select * from jsonb_to_recordset(${sql.json(curves as never)}) as row(trial_id text, train float8[], validation float8[], best int)
    on conflict (trial_id) do update set train = excluded.train, validation = excluded.validation, best = excluded.best`;

  const emulators = completed.flatMap(({ trial, report }) =>
    report.emulator.map(({ split, coveredVariance }) => ({
      sweep_id: sweepId,
      name: 'emulator',
      k: 0,
      seed: trial.seed,
      configuration_hash: trial.configurationHash,
      split,
      covered_variance: number(coveredVariance),
    })),
  );
  await insertBaselines(sql, emulators);

  const scores = atRung.map(({ trialId, rung, report }) => ({ trial_id: trialId, rung, validation: number(report.validation) }));
  await sql`
    insert into rung_scores select * from jsonb_to_recordset(${sql.json(scores as never)}) as row(trial_id text, rung int, validation float8)
    on conflict do nothing`;

  const blocks = completed.flatMap(({ trialId, report }) => report.latents.flatMap((latent) => latentRows(trialId, latent)));
  for (let from = 0; from < blocks.length; from += 500) await sql`insert into latents ${sql(blocks.slice(from, from + 500))}`;

  const models = completed.map(({ trialId, report }) => ({
    trial_id: trialId,
    sha256: createHash('sha256').update(report.model).digest('hex'),
    bytes: Buffer.from(report.model),
  }));
  if (models.length > 0) {
    await sql`insert into models ${sql(models)} on conflict (trial_id) do update set sha256 = excluded.sha256, bytes = excluded.bytes`;
  }

  for (const { trialId, report } of atRung) await saveCheckpoint(sql, sweepId, trialId, report.epochs, report.checkpoint);
  await sql`delete from checkpoints where trial_id = any(${ended}::text[])`;
}

export interface BaselineRow {
  readonly sweep_id: string;
  readonly name: string;
  readonly k: number;
  readonly seed: number;
  readonly configuration_hash: string;
  readonly split: string;
  readonly covered_variance: number | string;
}

/** Figures of baselines; what is there already stays. */
export async function insertBaselines(sql: Sql, rows: readonly BaselineRow[]): Promise<void> {
  await sql`
    insert into baselines
    select * from jsonb_to_recordset(${sql.json(rows as never)}) as row(
      sweep_id text, name text, k int, seed bigint, configuration_hash text, split text, covered_variance float8)
    on conflict do nothing`;
}

/** The latest checkpoint of a trial replaces the one before, never a later one. */
export async function saveCheckpoint(
  sql: Sql,
  sweepId: string,
  trialId: string,
  epoch: number,
  bytes: Uint8Array,
): Promise<void> {
  await sql`
    insert into checkpoints (trial_id, sweep_id, epoch, bytes) values (${trialId}, ${sweepId}, ${epoch}, ${Buffer.from(bytes)})
    on conflict (trial_id) do update set epoch = excluded.epoch, bytes = excluded.bytes, saved_at = now()
    where checkpoints.epoch <= excluded.epoch`;
}

export async function loadCheckpoints(sql: Sql, trialIds: readonly string[]): Promise<Map<string, Uint8Array>> {
  const rows = await sql<{ trial_id: string; bytes: Buffer }[]>`
    select trial_id, bytes from checkpoints where trial_id = any(${[...trialIds]}::text[])`;
  return new Map(rows.map((row) => [row.trial_id, new Uint8Array(row.bytes)]));
}

function trialRow(
  sweepId: string,
  provenance: Provenance,
  { trial, trialId, rung, report }: TrialEntry,
): Record<string, unknown> {
  const { configuration } = trial;
  const validation = report.outcome === 'rung' ? report.validation : 'curve' in report ? bestOf(report.curve.validation) : null;
  return {
    id: trialId,
    sweep_id: sweepId,
    index: trial.index,
    configuration_hash: trial.configurationHash,
    seed: trial.seed,
    dataset_version: provenance.datasetVersion,
    engine: provenance.engine,
    configuration,
    method: configuration.method,
    k: configuration.k,
    cell: trial.cell,
    outcome: report.outcome,
    rung,
    validation: validation === null ? null : number(validation),
    epochs: report.epochs,
    seconds: report.seconds,
    failure_code: report.outcome === 'failed' ? report.code : null,
    message: 'message' in report ? report.message : null,
    engine_build: provenance.engineBuild,
    code_version: provenance.codeVersion,
    host: provenance.host,
  };
}

const bestOf = (scores: readonly number[]) => (scores.length > 0 ? scores.reduce((best, score) => Math.max(best, score)) : null);

/** JSON has no NaN and no infinities; Postgres reads them from text. */
function number(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function latentRows(
  trialId: string,
  { split, k, rows, data }: LatentBlock,
): Record<string, string | number | Buffer | number[]>[] {
  return Array.from({ length: Math.ceil(rows / BLOCK_ROWS) }, (_, block) => {
    const firstRow = block * BLOCK_ROWS;
    const count = Math.min(BLOCK_ROWS, rows - firstRow);
    const values = data.subarray(firstRow * k, (firstRow + count) * k);
    const bytes = Buffer.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    const step = Math.max(1, Math.ceil(count / SAMPLE_ROWS));
    const sample: number[] = [];
    for (let row = 0; row < count; row += step) sample.push(...values.subarray(row * k, (row + 1) * k));
    return {
      trial_id: trialId,
      split,
      block,
      first_row: firstRow,
      rows: count,
      k,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes,
      sample_step: step,
      sample,
    };
  });
}
