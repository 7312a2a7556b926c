/** Stored rows of a sweep that contradict themselves, or each other. */
import type { Queryable } from '../../client.ts';
import type { TrialRow } from '../../schema.ts';

/** A fault, and the trial that has it; null where it is the sweep's. */
export interface StoredFault {
  readonly trialId: string | null;
  readonly problem: string;
}

/** Most faults of one kind: more have one cause, which the first ones show. */
export const MOST_FAULTS = 100;

export interface CheckedSweepRow {
  readonly id: string;
  readonly state: string;
  /** Trials that it trains: those of its plan that are not left out. */
  readonly expected: number;
}

type Check = (sql: Queryable, sweep: CheckedSweepRow) => Promise<StoredFault[]>;

/** Checks of rows that belong to trials, by table: `d` is the row, `t` its trial. */
const ofTrials =
  (table: string, problem: string, condition: string): Check =>
  (sql, { id }) =>
    sql.unsafe<StoredFault[]>(
      `select t.id as "trialId", ${problem} as problem from ${table} d join trials t on t.id = d.trial_id
       where t.sweep_id = $1 and (${condition}) order by t.index limit ${MOST_FAULTS}`,
      [id],
    );

const HASH_DIFFERS = `encode(sha256(d.bytes), 'hex') <> d.sha256`;

/** Bytes of packed errors, for rows of 4 bytes each: models/evaluation/test-errors.ts. */
const packedBytes = (units: string) => `8 + 2 * octet_length(${units}) / 4`;

/** Checks that a finished sweep has a result of every trial. */
export const checkNumber: Check = async (sql, { id, state, expected }) => {
  const [{ ended, waiting }] = await sql<[{ ended: number; waiting: number }]>`
    select count(*) filter (where outcome <> 'rung')::int as ended, count(*) filter (where outcome = 'rung')::int as waiting
    from trials where sweep_id = ${id}`;
  const isFinal = state === 'completed' || state === 'partial';
  if (isFinal ? ended === expected && waiting === 0 : ended + waiting <= expected) return [];
  return [{ trialId: null, problem: `${ended} of its ${expected} trials have a result, and ${waiting} wait at a rung` }];
};

/** Checks of one statement each, by what they read. An unfinished sweep lacks whole trials only. */
export const SWEEP_CHECKS: Readonly<Record<string, Check>> = {
  scores: (sql, { id }) => sql<StoredFault[]>`
    select t.id as "trialId", 'its scores are not complete, or not those of its row' as problem
    from trials t
    left join (
      select v.trial_id, count(distinct v.split) as splits, count(*) as scores, count(distinct v.k) as ranks,
             bool_and(v.sweep_id = o.sweep_id and v.method = o.method and v.partition = o.partition) as agrees,
             bool_or(v.split = 'validation' and v.k = o.k and (v.covered_variance is null or v.covered_variance = o.validation)) as own
      from covered_variances v join trials o on o.id = v.trial_id where o.sweep_id = ${id} group by v.trial_id
    ) s on s.trial_id = t.id
    where t.sweep_id = ${id} and case when t.outcome = 'completed'
      then not coalesce(s.splits = 3 and s.scores = 3 * s.ranks and s.agrees and s.own, false) else s.trial_id is not null end
    order by t.index limit ${MOST_FAULTS}`,
  'learning curves': (sql, { id }) => sql<StoredFault[]>`
    select t.id as "trialId", 'its learning curve is missing or incomplete' as problem
    from trials t left join learning_curves d on d.trial_id = t.id
    where t.sweep_id = ${id} and t.outcome in ('completed', 'pruned')
      and not coalesce(cardinality(d.train) = cardinality(d.validation) and d.best >= 0
                       and d.best < greatest(1, cardinality(d.train)), false)
    order by t.index limit ${MOST_FAULTS}`,
  'test rows': (sql, { id }) => sql<StoredFault[]>`
    select null as "trialId", 'the test rows of partition ' || partition || ' have arrays of several lengths' as problem from test_rows
    where sweep_id = ${id} and not (
      octet_length(spreads) = 2 * octet_length(units) and octet_length(structure_spreads) = 2 * octet_length(units)
      and octet_length(structure_squares) = 2 * octet_length(units) and coalesce(octet_length(strata), octet_length(units)) = octet_length(units)
      and octet_length(units) > 0)`,
  'test errors': (sql, { id }) =>
    sql.unsafe<StoredFault[]>(
      `select t.id as "trialId", 'its errors of test rows at k = ' || v.k || ' are missing or have another length' as problem
     from covered_variances v join trials t on t.id = v.trial_id
     join test_rows r on r.sweep_id = t.sweep_id and r.partition = t.partition
     left join test_errors d on d.trial_id = v.trial_id and d.k = v.k
     where t.sweep_id = $1 and v.split = 'test' and v.covered_variance is not null
       and (coalesce(octet_length(d.errors), 0) <> ${packedBytes('r.units')}
            or octet_length(d.structure_errors) <> ${packedBytes('r.units')})
     order by t.index, v.k limit ${MOST_FAULTS}`,
      [id],
    ),
  'baseline errors': (sql, { id }) =>
    sql.unsafe<StoredFault[]>(
      `select null as "trialId", 'the errors of test rows of the baseline ' || d.name || ' at k = ' || d.k || ' have another length' as problem
     from baseline_errors d join test_rows r on r.sweep_id = d.sweep_id and r.partition = d.partition
     where d.sweep_id = $1 and octet_length(d.errors) <> ${packedBytes('r.units')} order by d.name, d.k limit ${MOST_FAULTS}`,
      [id],
    ),
  latents: ofTrials('latents', `'its latents of ' || d.split || ' do not match their hash'`, HASH_DIFFERS),
  'latent blocks': (sql, { id }) => sql<StoredFault[]>`
    select t.id as "trialId", 'its latents of ' || l.split || ' lack rows' as problem
    from (
      select trial_id, split, sum(rows) as rows, max(first_row + rows) as ends, count(*) as blocks, max(block) + 1 as numbered
      from latents where trial_id in (select id from trials where sweep_id = ${id}) group by trial_id, split
    ) l join trials t on t.id = l.trial_id
    left join test_rows r on r.sweep_id = t.sweep_id and r.partition = t.partition and l.split = 'test'
    where l.rows <> l.ends or l.blocks <> l.numbered or l.rows <> octet_length(r.units) / 4
    order by t.index limit ${MOST_FAULTS}`,
  'latent splits': (sql, { id }) => sql<StoredFault[]>`
    select l.trial_id as "trialId", 'it has latents of some splits only' as problem from latents l join trials t on t.id = l.trial_id
    where t.sweep_id = ${id} group by l.trial_id having count(distinct l.split) <> 3 order by min(t.index) limit ${MOST_FAULTS}`,
  components: (sql, { id }) => sql<StoredFault[]>`
    select t.id as "trialId", 'its components are incomplete, or no directions of unit length' as problem
    from (
      select c.trial_id, count(*) as components, max(c.component) as numbered, count(distinct cardinality(c.coefficients)) as lengths,
             max(abs((select sum(x::float8 * x) from unnest(c.coefficients) as x) - 1)) as off
      from components c where c.trial_id in (select id from trials where sweep_id = ${id}) group by c.trial_id
    ) c join trials t on t.id = c.trial_id
    where c.components <> t.k or c.numbered <> t.k or c.lengths <> 1 or c.off > 1e-3
    order by t.index limit ${MOST_FAULTS}`,
  weights: ofTrials('models', `'its weights do not match their hash'`, HASH_DIFFERS),
  fields: (sql, { id }) => sql<StoredFault[]>`
    select null as "trialId", 'the field "' || name || '" of its interpretation does not match its hash' as problem from fields d
    where sweep_id = ${id} and encode(sha256(bytes), 'hex') <> sha256 order by name`,
};

/** Checks of what the end of a sweep makes superfluous. */
export const checkCheckpoints: Check = (sql, { id }) => sql<StoredFault[]>`
  select trial_id as "trialId", 'its checkpoint of epoch ' || epoch || ' does not match its hash' as problem from checkpoints d
  where sweep_id = ${id} and encode(sha256(bytes), 'hex') <> sha256 order by trial_id limit ${MOST_FAULTS}`;

/** The part of a trial's row that follows from the plan of its sweep. */
export type PlannedTrialRow = Pick<
  TrialRow,
  'id' | 'index' | 'configuration' | 'configurationHash' | 'seed' | 'partition' | 'cell' | 'method' | 'k'
>;

/** Streams the rows of trials in blocks, by rising number. */
export const streamPlannedTrials = (sql: Queryable, sweepId: string): AsyncIterable<PlannedTrialRow[]> =>
  sql<PlannedTrialRow[]>`
    select id, index, configuration, configuration_hash as "configurationHash", seed::float8 as seed, partition, cell, method, k
    from trials where sweep_id = ${sweepId} order by index`.cursor(1000);

/** A test score for which errors of test rows are stored. */
export interface ScoredRow {
  readonly trialId: string;
  readonly sweepId: string;
  readonly partition: number;
  readonly k: number;
  readonly test: number;
  readonly structureTest: number | null;
}

/** Scores of a block. */
const BLOCK_SCORES = 200;

/**
 * Yields test scores with errors of test rows in blocks. Not from a cursor, which would keep the
 * connection from the statements between two blocks.
 */
export async function* streamScoredRows(sql: Queryable, sweepId: string): AsyncGenerator<ScoredRow[]> {
  let last = { index: -1, k: 0 };
  for (;;) {
    const rows: (ScoredRow & { index: number })[] = await sql`
      select t.id as "trialId", t.sweep_id as "sweepId", t.index, t.partition, v.k, v.covered_variance as test,
             v.structure_covered_variance as "structureTest"
      from test_errors d join trials t on t.id = d.trial_id
      join covered_variances v on v.trial_id = d.trial_id and v.k = d.k and v.split = 'test'
      where t.sweep_id = ${sweepId} and v.covered_variance is not null
        and t.index >= ${last.index} and (t.index, v.k) > (${last.index}, ${last.k})
      order by t.index, v.k limit ${BLOCK_SCORES}`;
    if (rows.length > 0) yield rows;
    const end = rows.at(-1);
    if (end === undefined || rows.length < BLOCK_SCORES) return;
    last = end;
  }
}

/** Lists the sweeps that exist, oldest first. */
export const listSweepIds = (sql: Queryable) =>
  sql<{ id: string }[]>`select id from sweeps where removed_at is null order by started_at, id`;

/** Lists the hashes of all stored arrays. */
export const listArrays = (sql: Queryable) => sql<{ sha256: string }[]>`select sha256 from blobs order by sha256`;
