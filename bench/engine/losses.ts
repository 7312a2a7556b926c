/** Checks that the peers trained the same: their losses agree, as problem.py is the same. */
import type { PeerAnswer, PeerName } from '../peers/peer.ts';
import { type Case, shapeName } from './cases.ts';

/** Share by which a loss may differ: a mean over all trials, and over a part of them. */
const [TOLERANCE, TOLERANCE_OF_PART] = [0.01, 0.1];

const references = new Map<string, { peer: string; losses: PeerAnswer['losses'] }>();

/**
 * Throws when the losses before and after a case differ from those of the first peer that trained
 * all its trials: its steps, their number or its optimiser would be others. TensorFlow.js has data
 * of its own.
 */
export function checkLosses(workload: Case, peer: PeerName, { losses, trialsRun = workload.trials }: PeerAnswer): void {
  if (peer === 'tfjsNode') return;
  const name = `${shapeName(workload)}, batch ${workload.batch}`;
  const reference = references.get(name);
  const isPart = trialsRun < workload.trials;
  if (reference === undefined) {
    if (!isPart) references.set(name, { peer, losses });
    return;
  }
  const tolerance = isPart ? TOLERANCE_OF_PART : TOLERANCE;
  const differs = losses.some((loss, i) => !(Math.abs(loss / (reference.losses[i] as number) - 1) <= tolerance));
  if (differs) {
    throw new Error(`its losses ${losses.join(', ')} of ${name} differ from ${reference.losses.join(', ')} of ${reference.peer}`);
  }
}
