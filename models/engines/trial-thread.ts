/** The thread's side of an engine: messages on its trials, and hooks that post them. */
import type { TrialReport } from '../training/report.ts';
import type { TrialHooks } from '../training/run-trial.ts';
import type { TrainHooks } from './engine.ts';

/** Messages that become calls of TrainHooks. */
export type TrialMessage =
  | ({ readonly kind: 'progress' } & Parameters<TrainHooks['onProgress']>[0])
  | ({ readonly kind: 'checkpoint' } & Parameters<TrainHooks['onCheckpoint']>[0])
  | { readonly kind: 'report'; readonly report: TrialReport };

const PROGRESS_MILLISECONDS = 200;

/** Returns the hooks of a trial, which stops once word 0 of `stop` is not 0. */
export function postingHooks(
  trialId: string,
  stop: Int32Array,
  checkpointSeconds: number,
  post: (message: TrialMessage) => void,
): TrialHooks {
  let posted = Number.NEGATIVE_INFINITY;
  return {
    stop: () => Atomics.load(stop, 0) !== 0,
    now: () => performance.now() / 1000,
    checkpointSeconds,
    progress(epoch, validation) {
      const now = performance.now();
      if (now - posted < PROGRESS_MILLISECONDS) return;
      posted = now;
      post({ kind: 'progress', trialId, epoch, validation });
    },
    checkpoint: (epoch, bytes) => post({ kind: 'checkpoint', trialId, epoch, bytes }),
  };
}
