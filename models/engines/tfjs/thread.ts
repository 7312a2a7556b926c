/** The thread of TensorFlow, whose calls block. Trains one pack at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { Stopped } from '../../training/run-trial.ts';
import { loadTensorflow } from './load.ts';
import { trainInLockstep } from './lockstep.ts';
import type { FromThread, ThreadStart, ToThread } from './messages.ts';
import { copyToDevice } from './stack.ts';

const PROGRESS_MILLISECONDS = 200;

const { folder, stop, atOnce } = workerData as ThreadStart;
const { tf } = await loadTensorflow(folder);
const post = (message: FromThread) => parentPort?.postMessage(message);

parentPort?.on('message', ({ data, tasks, checkpointSeconds }: ToThread) => {
  const device = copyToDevice(tf, data);
  const lastProgress = new Map<string, number>();
  try {
    trainInLockstep(tf, device, data, tasks, atOnce, {
      stop: () => Atomics.load(stop, 0) !== 0,
      now: () => performance.now() / 1000,
      checkpointSeconds,
      progress: (trialId, epoch, validation) => {
        const now = performance.now();
        if (now - (lastProgress.get(trialId) ?? Number.NEGATIVE_INFINITY) < PROGRESS_MILLISECONDS) return;
        lastProgress.set(trialId, now);
        post({ kind: 'progress', trialId, epoch, validation });
      },
      checkpoint: (trialId, epoch, bytes) => post({ kind: 'checkpoint', trialId, epoch, bytes }),
      report: (report) => post({ kind: 'report', report }),
    });
    post({ kind: 'done' });
  } catch (error) {
    post(error instanceof Stopped ? { kind: 'done' } : { kind: 'broken', message: (error as Error).message });
  } finally {
    tf.dispose([device.x, device.y]);
  }
});
