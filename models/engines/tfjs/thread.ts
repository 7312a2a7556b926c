/** The thread of TensorFlow, whose calls block. Trains one pack at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { Stopped } from '../../training/run-trial.ts';
import type { PackData, TrialTask } from '../../training/task.ts';
import { postingHooks, type TrialMessage } from '../trial-thread.ts';
import { loadTensorflow } from './load.ts';
import { trainInLockstep } from './lockstep.ts';
import { copyToDevice } from './stack.ts';

/** Start data of the thread. */
export interface ThreadStart {
  /** Folder of a binding built by gpu:setup; null: none. */
  readonly folder: string | null;
  /** Set to 1: the thread stops training. */
  readonly stop: Int32Array;
  /** Maximum number of trials on the device at once. */
  readonly atOnce: number;
}

/** A pack to train. */
export interface ToThread {
  readonly data: PackData;
  readonly tasks: readonly TrialTask[];
  readonly checkpointSeconds: number;
}

export type FromThread =
  | TrialMessage
  /** The pack is finished or was stopped. */
  | { readonly kind: 'done' }
  | { readonly kind: 'broken'; readonly message: string };

const { folder, stop, atOnce } = workerData as ThreadStart;
const { tf } = await loadTensorflow(folder);
const post = (message: FromThread) => parentPort?.postMessage(message);

parentPort?.on('message', ({ data, tasks, checkpointSeconds }: ToThread) => {
  const device = copyToDevice(tf, data);
  try {
    trainInLockstep(tf, device, data, tasks, atOnce, {
      of: (trialId) => postingHooks(trialId, stop, checkpointSeconds, post),
      report: (report) => post({ kind: 'report', report }),
    });
    post({ kind: 'done' });
  } catch (error) {
    post(error instanceof Stopped ? { kind: 'done' } : { kind: 'broken', message: (error as Error).message });
  } finally {
    tf.dispose([device.x, device.y]);
  }
});
