/** Checks of a sweep's trials against its plan, and of proposed points against their causes. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database, Queryable } from '../../db/client.ts';
import {
  MOST_FAULTS,
  type PlannedTrialRow,
  type StoredFault,
  streamPlannedTrials,
} from '../../db/queries/lifecycle/stored-faults.ts';
import { findSweep, type SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { withSnapshot } from '../../db/queries/trials/export.ts';
import { listFirstScores, listPoints, listProposals } from '../../db/queries/trials/proposals.ts';
import { canonicalJson } from '../../models/canonical-json.ts';
import { leftOutTrials } from '../../search/limits/limits.ts';
import type { Point } from '../../search/parameters.ts';
import {
  type AdaptiveSweep,
  findGap,
  isAdaptiveSweep,
  meanScore,
  observedTrials,
  type PointKey,
  type Proposal,
  ProposedPoints,
  pointSource,
  pointsOfTrials,
  recordOf,
  replayProposals,
} from '../../search/proposals.ts';
import type { SamplerName } from '../../search/samplers/table.ts';
import { configurationHash, type Trial, trialId, trialsAt } from '../../search/space.ts';
import { checkRungs, type RungReport } from './rung-checks.ts';

/** Compares rows of trials with the plan: the spec, and the points that were proposed. */
export async function checkPlan(
  sql: Queryable,
  { id, spec, planned, limits }: Pick<SweepRow, 'id' | 'spec' | 'planned' | 'limits'>,
  onTrial: () => void = () => {},
): Promise<StoredFault[]> {
  const faults: StoredFault[] = [];
  const isProposed = isAdaptiveSweep(spec);
  const points = new ProposedPoints(spec, isProposed ? await listPoints(sql, id, 0) : []);
  const hasPoint = (index: number) => !isProposed || pointsOfTrials(spec, [index]).every((key) => points.has(key));
  const isLeftOut = leftOutTrials(spec, limits);
  const isKnown = (index: number) => index >= 0 && index < planned && !isLeftOut(index) && hasPoint(index);
  for await (const rows of streamPlannedTrials(sql, id)) {
    const known = rows.filter(({ index }) => isKnown(index));
    const numbers = known.map(({ index }) => index);
    const plan = new Map(trialsAt(spec, numbers, pointSource(spec, points)).map((trial) => [trial.index, trial]));
    for (const row of rows) {
      onTrial();
      if (faults.length < MOST_FAULTS && !isPlanned(id, plan.get(row.index), row))
        faults.push({ trialId: row.id, problem: 'its row is not that of the plan of its sweep' });
    }
  }
  return faults;
}

const isPlanned = (sweepId: string, trial: Trial | undefined, row: PlannedTrialRow): boolean =>
  trial !== undefined &&
  row.id === trialId(sweepId, row.index) &&
  row.configurationHash === trial.configurationHash &&
  configurationHash(row.configuration) === row.configurationHash &&
  row.seed === trial.seed &&
  row.partition === trial.partition &&
  row.cell === trial.cell &&
  row.method === trial.configuration.method &&
  row.k === trial.configuration.k;

/** A proposal that does not follow from what it names as its cause. */
export interface ProposalFault extends PointKey {
  readonly problem: string;
}

interface CheckOptions {
  readonly signal: AbortSignal;
  /** Called after each proposal that was recomputed. */
  readonly onProposal?: () => void;
}

/** Proposals between two looks at the signal. */
const PROPOSALS_AT_ONCE = 50;

/**
 * Yields the proposals of a sweep that differ from those that the same scores give, in the order in
 * which they were made, after those whose scores are not the ones of their trials. It needs no
 * snapshot, which would be held for as long as proposals are recomputed: they are read by one
 * statement, and scores as of the revisions that they name.
 */
export async function* checkProposals(
  sql: Queryable,
  { id, spec }: Pick<SweepRow, 'id' | 'spec'>,
  { signal, onProposal = () => {} }: CheckOptions,
): AsyncGenerator<ProposalFault> {
  if (!isAdaptiveSweep(spec)) return;
  const proposals = await listProposals(sql, id);
  const gap = findGap(proposals);
  if (gap !== null) yield { ...pointOf(gap.proposal), problem: gap.problem };
  yield* checkScores(sql, id, spec, proposals);
  let done = 0;
  for (const { proposal, propose } of replayProposals(spec, proposals)) {
    const [sampler, own] = [proposal.sampler, recordOf(spec, proposal)].map(canonicalJson);
    const problem =
      sampler === own
        ? findDifference(proposal.value, propose)
        : `it was proposed by ${sampler}, and this is ${own}: it cannot be recomputed`;
    if (problem !== null) yield { ...pointOf(proposal), problem };
    onProposal();
    done += 1;
    if (done % PROPOSALS_AT_ONCE !== 0) continue;
    await nextTurn();
    signal.throwIfAborted();
  }
}

/** Returns why a stored point is not the one that is proposed again; null where it is. */
function findDifference(value: Point, propose: () => Point): string | null {
  const stored = canonicalJson(value);
  try {
    const again = canonicalJson(propose());
    return stored === again ? null : `${stored} is stored, and the scores that it was proposed from give ${again}`;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `it cannot be recomputed from the points before it: ${error.message}`;
  }
}

const pointOf = ({ cell, point }: PointKey): PointKey => ({ cell, point });

/**
 * Yields the points whose scores are not the means of their trials. A trial that was written again
 * since, as a retry of a failed one is, had another score, which is known no more.
 */
async function* checkScores(
  sql: Queryable,
  sweepId: string,
  spec: AdaptiveSweep,
  proposals: readonly Proposal[],
): AsyncGenerator<ProposalFault> {
  const trialsOf = observedTrials(spec);
  const observed = proposals.filter((one) => one.observed !== null).sort((a, b) => Number(a.observed) - Number(b.observed));
  let checked = 0;
  for (const { observations, revision } of proposals) {
    // What it was the first to see was read up to its revision.
    const seen = observed.slice(checked, observations);
    if (seen.length === 0) continue;
    checked = observations;
    const scores = await listFirstScores(sql, sweepId, seen.flatMap(trialsOf), revision);
    const known = new Map(scores.map(({ index, score }) => [index, score]));
    for (const proposal of seen) {
      const own = trialsOf(proposal).map((index) => known.get(index));
      if (own.includes(undefined)) continue;
      const mean = meanScore(own as (number | null)[]);
      if (mean !== proposal.score)
        yield { ...pointOf(proposal), problem: `the score ${proposal.score} is stored, and its trials have ${mean}` };
    }
  }
}

/** Whether trials, proposals and decisions at rungs follow from the spec and scores of a sweep. */
export interface PlanReport {
  readonly sweepId: string;
  readonly name: string;
  readonly sampler: SamplerName;
  /** Trials whose row was compared with the plan. */
  readonly trials: number;
  /** Proposals that were recomputed; 0 where all points follow from the spec. */
  readonly proposals: number;
  /** Decisions at rungs that were checked; null where all trials are trained to the end. */
  readonly rungs: RungReport | null;
  readonly identical: boolean;
  /** The first that differs, a proposal before a trial before a decision; null: none does. */
  readonly first: { readonly subject: string; readonly problem: string } | null;
}

/** Verifies the plan of a sweep, which may be running. Throws NarrowsError `sweep-unknown`. */
export async function verifyPlan({ sql }: Database, idOrName: string, signal: AbortSignal): Promise<PlanReport> {
  const sweep = await findSweep(sql, idOrName);
  let [trials, proposals] = [0, 0];
  const differing: { subject: string; problem: string }[] = [];
  const onProposal = () => {
    proposals += 1;
  };
  const onTrial = () => {
    trials += 1;
  };
  for await (const { cell, point, problem } of checkProposals(sql, sweep, { signal, onProposal }))
    differing.push({ subject: `point ${point} of ${cell}`, problem });
  const ofTrials = await withSnapshot(sql, (snapshot) => checkPlan(snapshot, sweep, onTrial));
  const { report: rungs, faults: ofRungs } = await withSnapshot(sql, (snapshot) => checkRungs(snapshot, sweep));
  for (const { trialId: trial, problem } of [...ofTrials, ...ofRungs]) differing.push({ subject: trial ?? sweep.id, problem });
  const [first = null] = differing;
  const { id: sweepId, name, spec } = sweep;
  return { sweepId, name, sampler: spec.sampler.kind, trials, proposals, rungs, identical: first === null, first };
}
