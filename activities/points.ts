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

/**
 * Returns the points of these trials. Those of an adaptive sampler are proposed from the scores of
 * now, unless they have been: a second attempt, a retry, or another seed trains the same points.
 */
export async function pointsFor(
  store: SweepStore,
  { sweepId, spec }: SweepRecord,
  indices: readonly number[],
): Promise<PointSource> {
  const points = new ProposedPoints(spec);
  if (isAdaptiveSweep(spec)) {
    const wanted = pointsOfTrials(spec, indices);
    points.add(await store.points(sweepId, wanted));
    const missing = wanted.filter((key) => !points.has(key));
    const propose: Propose = (history, open) => proposeInTurns(spec, history, open);
    if (missing.length > 0) points.add(await store.extendProposals(sweepId, missing, propose));
  }
  return pointSource(spec, points);
}

async function proposeInTurns(spec: AdaptiveSweep, history: ProposalHistory, wanted: readonly PointKey[]): Promise<Proposal[]> {
  const proposals: Proposal[] = [];
  for (const proposal of proposePoints(spec, history, wanted)) {
    proposals.push(proposal);
    // Heartbeats leave in between.
    await nextTurn();
  }
  return proposals;
}
