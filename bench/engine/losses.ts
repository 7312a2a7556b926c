/** Checks that the peers trained the same: their losses agree, as problem.py is the same. */
import { meanLosses, type PeerAnswer, type PeerName } from '../peers/peer.ts';
import { type Case, shapeName } from './cases.ts';

/** Largest share by which a mean loss may differ. */
const TOLERANCE = 0.01;

const references = new Map<string, { peer: string; losses: PeerAnswer['losses'] }>();

/**
 * Throws when the mean losses before and after a case differ from those of the same trials of the
 * first peer that trained all of them: its steps, their number or its optimiser would be others.
 * TensorFlow.js has data of its own.
 */
export function checkLosses(workload: Case, peer: PeerName, losses: PeerAnswer['losses']): void {
  if (peer === 'tfjsNode') return;
  const name = `${shapeName(workload)}, batch ${workload.batch}`;
  const reference = references.get(name);
  if (reference === undefined) {
    if (losses.length === workload.trials) references.set(name, { peer, losses });
    return;
  }
  const expected = meanLosses(reference.losses.slice(0, losses.length) as PeerAnswer['losses']);
  const found = meanLosses(losses);
  if (found.some((loss, i) => !(Math.abs(loss / (expected[i] as number) - 1) <= TOLERANCE))) {
    throw new Error(`its losses ${found.join(', ')} of ${name} differ from ${expected.join(', ')} of ${reference.peer}`);
  }
}
