/** Points that an adaptive sampler proposed, stored with what each follows from. */
import {
  listSources,
  observedTrials,
  observePoints,
  type PointKey,
  type Proposal,
  type ProposalHistory,
  type ProposedPoint,
} from '../../../search/proposals.ts';
import type { SweepSpec } from '../../../search/spec.ts';
import type { Queryable, Sql } from '../../client.ts';
import { recordset } from '../../recordset.ts';
import { reviseSweep } from '../sweeps/revision.ts';
import { lockSweep, type SweepRow } from '../sweeps/sweeps.ts';
import { finiteOrNull } from './report-details.ts';

/** Proposes some of the points that are open, at least one, from the history of their cells. */
export type Propose = (history: ProposalHistory, open: readonly PointKey[]) => Promise<readonly Proposal[]>;

const proposalColumns = (sql: Queryable) => sql`
  cell, point, value, sampler, position, observations, revision::float8 as revision, observed, score`;

/** Lists the proposals of a sweep as they were made; of some cells, or of all. */
export const listProposals = (sql: Queryable, sweepId: string, cells?: readonly string[]) =>
  sql<Proposal[]>`
    select ${proposalColumns(sql)} from proposals
    where sweep_id = ${sweepId} ${cells === undefined ? sql`` : sql`and cell = any(${[...cells]}::text[])`} order by position`;

/** Lists the points that were proposed after the first so many. */
export const listPoints = (sql: Queryable, sweepId: string, after: number) =>
  sql<ProposedPoint[]>`
    select cell, point, value from proposals where sweep_id = ${sweepId} and position >= ${after} order by position`;

/** Returns those of these points that have been proposed, in any order. */
export const findPoints = (sql: Queryable, sweepId: string, points: readonly PointKey[]) =>
  sql<ProposedPoint[]>`
    select p.cell, p.point, p.value from proposals p
    join unnest(${points.map(({ cell }) => cell)}::text[], ${points.map(({ point }) => point)}::int[]) as w (cell, point)
      on p.cell = w.cell and p.point = w.point
    where p.sweep_id = ${sweepId}`;

/**
 * Observes the points whose trials have ended, of the cells that the wanted points follow from, and
 * proposes those of `wanted` that have no proposal, in one transaction; another one of the sweep
 * waits for it. Returns those of `wanted` that have a proposal now. Throws NarrowsError
 * `sweep-unknown`.
 */
export async function extendProposals(
  sql: Sql,
  { id, spec }: { readonly id: string; readonly spec: SweepSpec },
  wanted: readonly PointKey[],
  propose: Propose,
): Promise<readonly ProposedPoint[]> {
  const cells = listSources(
    spec,
    wanted.map(({ cell }) => cell),
  );
  let found: readonly ProposedPoint[] = [];
  await reviseSweep(sql, id, async (transaction) => {
    await takeTurn(transaction, id);
    found = await findPoints(transaction, id, wanted);
    const open = wanted.filter(({ cell, point }) => !found.some((one) => one.cell === cell && one.point === point));
    // Another one has proposed them meanwhile.
    if (open.length === 0) return 'nothing';
    const history = await observe(transaction, id, spec, cells);
    const proposals = await propose(history, open);
    await insertProposals(transaction, id, proposals);
    found = [...found, ...proposals];
    return 'other';
  });
  return found;
}

/**
 * Gives points to cells of a sweep, in one transaction; trainers propose the others around them.
 * `place` gets the row of the sweep, which neither ends nor changes its limits before the points
 * are there. Returns their proposals. Throws NarrowsError `sweep-unknown` and those of `place`.
 */
export async function enqueueProposals(
  sql: Sql,
  { id, spec }: { readonly id: string; readonly spec: SweepSpec },
  cells: readonly string[],
  place: (history: ProposalHistory, sweep: SweepRow) => readonly Proposal[],
): Promise<readonly ProposedPoint[]> {
  let placed: readonly Proposal[] = [];
  await reviseSweep(sql, id, async (transaction) => {
    await takeTurn(transaction, id);
    const history = await observe(transaction, id, spec, cells);
    // Last, as other writers lock it.
    placed = place(history, await lockSweep(transaction, id));
    await insertProposals(transaction, id, placed);
    return 'other';
  });
  return placed;
}

/** Proposals of a sweep follow one another: each knows which others are pending. */
const takeTurn = (sql: Queryable, id: string) =>
  sql`select pg_advisory_xact_lock(hashtextextended(${`narrows proposals ${id}`}, 0))`;

async function insertProposals(sql: Queryable, id: string, proposals: readonly Proposal[]): Promise<void> {
  const rows = proposals.map((proposal) => ({ sweep_id: id, ...proposal }));
  await sql`insert into proposals select * from ${recordset(sql, 'proposals', rows)}`;
}

/** Observes pending points of some cells whose trials have ended; returns their history. */
async function observe(sql: Queryable, sweepId: string, spec: SweepSpec, cells: readonly string[]): Promise<ProposalHistory> {
  const [counts] = await sql<[Pick<ProposalHistory, 'position' | 'observations' | 'revision'>]>`
    select s.revision::float8 as revision, (select count(*)::int from proposals where sweep_id = s.id) as position,
           (select count(observed)::int from proposals where sweep_id = s.id) as observations
    from sweeps s where s.id = ${sweepId}`;
  const known = await listProposals(sql, sweepId, cells);
  const pending = known.filter(({ observed }) => observed === null);
  const scores = await listFirstScores(sql, sweepId, pending.flatMap(observedTrials(spec)), counts.revision);
  const observed = observePoints(spec, pending, new Map(scores.map(({ index, score }) => [index, score])), counts.observations);
  const rows = observed.map(({ cell, point, observed, score }) => ({ cell, point, observed, score }));
  await sql`
    update proposals p set observed = o.observed, score = o.score from ${recordset(sql, 'proposals', rows)} o
    where p.sweep_id = ${sweepId} and p.cell = o.cell and p.point = o.point`;
  const byPosition = new Map([...known, ...observed].map((proposal) => [proposal.position, proposal]));
  return { ...counts, observations: counts.observations + observed.length, known: [...byPosition.values()] };
}

/** A trial that has ended, or its first rung. */
export interface FirstScore {
  readonly index: number;
  /** Validation score at the end of the first rung: the only rung without early stopping. */
  readonly score: number | null;
}

/** Lists first scores of those of these trials whose rows were written up to a revision. */
export async function listFirstScores(
  sql: Queryable,
  sweepId: string,
  indices: readonly number[],
  until: number,
): Promise<FirstScore[]> {
  if (indices.length === 0) return [];
  const rows = await sql<FirstScore[]>`
    select t.index, case when r.trial_id is null then t.validation else r.validation end as score
    from trials t join writes w on w.sweep_id = t.sweep_id and w.write_id = t.write_id
    left join rung_scores r on r.trial_id = t.id and r.rung = 0
    where t.sweep_id = ${sweepId} and t.index = any(${[...indices]}::int[]) and w.revision <= ${until}`;
  return rows.map(({ index, score }) => ({ index, score: finiteOrNull(score) }));
}
