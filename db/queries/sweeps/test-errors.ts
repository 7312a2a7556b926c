/** Errors of single test rows, read for the trials and baselines that a comparison is made of. */

import { NarrowsError } from '../../../errors.ts';
import type { CellEffort, ComparedTrial } from '../../../models/evaluation/comparison.ts';
import {
  readTestErrors,
  type StoredErrors,
  type StoredTestRows,
  type TestErrors,
} from '../../../models/evaluation/test-errors.ts';
import { sha256Of } from '../../../platform.ts';
import type { Queryable } from '../../client.ts';
import { listBaselineScores, listComparisonTrials, listEfforts, type SeededBaseline } from './comparison.ts';

/** Scores and searches that methods are compared by. */
export interface ComparisonScores {
  readonly trials: readonly ComparedTrial[];
  readonly baselines: readonly SeededBaseline[];
  readonly efforts: readonly CellEffort[];
}

/** A trial's scores at a width or rank. */
export type ScoredTrial = Pick<ComparedTrial, 'trialId' | 'sweepId' | 'partition' | 'k' | 'test' | 'structureTest'>;

interface WithRows {
  readonly rows?: TestErrors;
}

/** Test rows by partitionKey. */
export type TestRowsOfSweeps = ReadonlyMap<string, StoredTestRows>;

/** Returns the scores that a comparison reads, with errors of test rows where there are any. */
export async function loadComparisonScores(sql: Queryable, sweepIds: readonly string[]): Promise<ComparisonScores> {
  const [rows, trials, baselines, efforts] = await Promise.all([
    loadTestRows(sql, sweepIds),
    listComparisonTrials(sql, sweepIds),
    listBaselineScores(sql, sweepIds),
    listEfforts(sql, sweepIds),
  ]);
  const [trialsWithRows, baselinesWithRows] = await Promise.all([
    attachTestErrors(sql, rows, trials),
    attachBaselineErrors(sql, rows, baselines),
  ]);
  return { trials: trialsWithRows, baselines: baselinesWithRows, efforts };
}

/** Adds errors of test rows to trials at a width or rank, where they are stored. */
export async function attachTestErrors<Scored extends ScoredTrial>(
  sql: Queryable,
  rows: TestRowsOfSweeps,
  trials: readonly Scored[],
): Promise<(Scored & WithRows)[]> {
  const [errors, latents] = await Promise.all([loadErrors(sql, trials), loadTestLatents(sql, trials)]);
  return trials.map((trial) => {
    const { trialId, k, test, structureTest } = trial;
    const found = latents.get(trialId) ?? null;
    const packed = errors.get(`${trialId} ${k}`) ?? { errors: null, structureErrors: null };
    return withRows(rows, trial, { test, structureTest, ...packed, latents: found && { k, ...found } });
  });
}

/** Adds errors of test rows to baselines, where they are stored. */
export async function attachBaselineErrors(
  sql: Queryable,
  rows: TestRowsOfSweeps,
  baselines: readonly SeededBaseline[],
): Promise<SeededBaseline[]> {
  const errors = await loadBaselineErrors(sql, baselines);
  return baselines.map((baseline, i) =>
    withRows(rows, baseline, { ...NO_STRUCTURES, test: baseline.test, errors: errors[i] ?? null }),
  );
}

/** Baselines have no expansion. */
const NO_STRUCTURES = { structureTest: null, structureErrors: null, latents: null };

function withRows<Scored extends PartitionKey>(rows: TestRowsOfSweeps, scored: Scored, stored: StoredErrors): Scored & WithRows {
  const own = rows.get(partitionKey(scored));
  const read = own && readTestErrors(own, stored);
  return read ? { ...scored, rows: read } : scored;
}

interface PartitionKey {
  readonly sweepId: string;
  readonly partition?: number;
}

const partitionKey = ({ sweepId, partition = 0 }: PartitionKey): string => `${sweepId} ${partition}`;

/** Stores the test rows of a partition, unless they are stored already. */
export async function saveTestRows(sql: Queryable, sweepId: string, partition: number, rows: StoredTestRows): Promise<void> {
  await sql`
    insert into test_rows (sweep_id, partition, spreads, structure_spreads, structure_squares, units, strata)
    values (${sweepId}, ${partition}, ${bytesOf(rows.spreads)}, ${bytesOf(rows.structureSpreads)}, ${bytesOf(rows.structureSquares)},
            ${bytesOf(rows.units)}, ${rows.strata && bytesOf(rows.strata)})
    on conflict do nothing`;
}

/**
 * Returns the test rows of each partition; sweeps of equal test rows share the arrays. Throws
 * NarrowsError `test-rows-corrupt` where the lengths of the arrays contradict each other.
 */
export async function loadTestRows(sql: Queryable, sweepIds: readonly string[]): Promise<TestRowsOfSweeps> {
  const stored = await sql<
    (Required<PartitionKey> & { strata: Uint8Array | null } & Record<Exclude<keyof StoredTestRows, 'strata'>, Uint8Array>)[]
  >`
    select sweep_id as "sweepId", partition, spreads, structure_spreads as "structureSpreads",
           structure_squares as "structureSquares", units, strata
    from test_rows where sweep_id = any(${[...sweepIds]}::text[])`;
  const known = new Map<string, StoredTestRows>();
  return new Map(
    stored.map(({ sweepId, partition, spreads, structureSpreads, structureSquares, units, strata }) => {
      const n = units.length / Int32Array.BYTES_PER_ELEMENT;
      const isSound =
        [spreads, structureSpreads, structureSquares].every(({ length }) => length === n * Float64Array.BYTES_PER_ELEMENT) &&
        (strata === null || strata.length === units.length);
      if (!isSound) throw testRowsCorruptError(sweepId, partition);
      const content = sha256Of(Buffer.concat([spreads, structureSpreads, structureSquares, units, strata ?? Buffer.alloc(0)]));
      const rows = known.get(content) ?? {
        spreads: new Float64Array(aligned(spreads)),
        structureSpreads: new Float64Array(aligned(structureSpreads)),
        structureSquares: new Float64Array(aligned(structureSquares)),
        units: new Int32Array(aligned(units)),
        strata: strata && new Int32Array(aligned(strata)),
      };
      known.set(content, rows);
      return [partitionKey({ sweepId, partition }), rows];
    }),
  );
}

const testRowsCorruptError = (sweepId: string, partition: number): NarrowsError =>
  new NarrowsError(
    'test-rows-corrupt',
    `the stored test rows of partition ${partition} of sweep ${sweepId} are corrupt: their arrays have several lengths`,
    { path: 'sweep', fix: 'see "narrows verify", which names all that is damaged', kind: 'failure' },
  );

type PackedErrors = Pick<StoredErrors, 'errors' | 'structureErrors'>;

/** Returns packed errors by trial id and k. */
async function loadErrors(sql: Queryable, trials: readonly ScoredTrial[]): Promise<Map<string, PackedErrors>> {
  const found = await sql<({ trialId: string; k: number } & PackedErrors)[]>`
    select trial_id as "trialId", k, errors, structure_errors as "structureErrors"
    from unnest(${trials.map(({ trialId }) => trialId)}::text[], ${trials.map(({ k }) => k)}::int[]) as chosen (trial_id, k)
    join test_errors using (trial_id, k)`;
  return new Map(found.map(({ trialId, k, ...packed }) => [`${trialId} ${k}`, packed]));
}

/**
 * Returns the latents of the test rows, by id, of trials with an expansion. Damaged ones count as
 * not stored: a comparison can do without.
 */
export async function loadTestLatents(
  sql: Queryable,
  trials: readonly Pick<ScoredTrial, 'trialId' | 'structureTest'>[],
): Promise<Map<string, { readonly width: number; readonly data: Float32Array }>> {
  const ids = [...new Set(trials.filter(({ structureTest }) => structureTest !== null).map(({ trialId }) => trialId))];
  const found = await sql<{ trialId: string; width: number; sha256: string; bytes: Uint8Array }[]>`
    select trial_id as "trialId", k as width, sha256, bytes from latents where trial_id = any(${ids}::text[]) and split = 'test'
    order by trial_id, block`;
  const blocks = Map.groupBy(found, ({ trialId }) => trialId);
  return new Map(
    [...blocks].flatMap(([trialId, own]) => {
      if (own.some(({ sha256, bytes }) => sha256Of(bytes) !== sha256)) return [];
      const data = new Float32Array(aligned(Buffer.concat(own.map(({ bytes }) => bytes))));
      return [[trialId, { width: own[0]?.width ?? 0, data }] as const];
    }),
  );
}

/** Returns packed errors in the order of the baselines; undefined where none are stored. */
async function loadBaselineErrors(sql: Queryable, baselines: readonly SeededBaseline[]): Promise<(Uint8Array | undefined)[]> {
  const keys = baselines.map(({ sweepId, name, k, seed, configurationHash, partition }, place) => ({
    ...{ place, partition, name, k: k ?? 0, seed: seed ?? 0 },
    ...{ sweep_id: sweepId, configuration_hash: configurationHash ?? '' },
  }));
  const found = await sql<{ place: number; errors: Uint8Array }[]>`
    select place, errors
    from jsonb_to_recordset(${sql.json(keys)}) as chosen (place int, partition int, sweep_id text, name text, k int, seed bigint, configuration_hash text)
    join baseline_errors using (sweep_id, name, k, seed, configuration_hash, partition)`;
  const byPlace = new Map(found.map(({ place, errors }) => [place, errors]));
  return baselines.map((_, place) => byPlace.get(place));
}

/** Copies bytes, as those of the driver may start at any offset. */
const aligned = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** Views the same memory as the type that the driver needs. */
const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array | Int32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
