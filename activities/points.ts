/** Points of trials: from the spec, or proposed when the first trial of a point is trained. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Propose } from '../db/queries/trials/proposals.ts';
import {
  type AdaptiveSweep,
  isAdaptiveSweep,
  type PointKey,
  type Proposal,
  type ProposalHistory,
  ProposedPoints,
  pointSource,
  pointsOfTrials,
  proposePoints,
} from '../search/proposals.ts';
import type { PointSource } from '../search/space.ts';
import type { SweepRecord, SweepStore } from './ports.ts';

/** Longest time between two commits: a transaction that idles for a minute is ended. */
const TURN_MS = 10_000;

/**
 * Returns the points of these trials. Those of an adaptive sampler are proposed from the scores of
 * now, unless they have been: a second attempt, a retry, or another seed trains the same points.
 * Points that take longer than `turnMs` are proposed in several transactions.
 */
export async function pointsFor(
  store: SweepStore,
  { sweepId, spec }: SweepRecord,
  indices: readonly number[],
  turnMs = TURN_MS,
): Promise<PointSource> {
  const points = new ProposedPoints(spec);
  if (isAdaptiveSweep(spec)) {
    const wanted = pointsOfTrials(spec, indices);
    const missing = () => wanted.filter((key) => !points.has(key));
    points.add(await store.points(sweepId, wanted));
    const propose: Propose = (history, open) => proposeForTurn(spec, history, open, performance.now() + turnMs);
    while (missing().length > 0) points.add(await store.extendProposals(sweepId, missing(), propose));
  }
  return pointSource(spec, points);
}

/** Proposes points until all are, or the time is up; at least one. */
async function proposeForTurn(
  spec: AdaptiveSweep,
  history: ProposalHistory,
  open: readonly PointKey[],
  end: number,
): Promise<Proposal[]> {
  const proposals: Proposal[] = [];
  for (const proposal of proposePoints(spec, history, open)) {
    proposals.push(proposal);
    if (performance.now() >= end) break;
    // Heartbeats leave in between.
    await nextTurn();
  }
  return proposals;
}
