/** One thread of the kernel engine: runs one trial at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { runTrial, Stopped } from '../../training/run-trial.ts';
import type { PackData } from '../../training/task.ts';
import type { DataAddresses } from './layout.ts';
import { instantiate } from './loader.ts';
import { Arena } from './memory.ts';
import type { FromThread, ThreadStart, ToThread } from './messages.ts';
import { createKernelRuntime } from './network.ts';

const PROGRESS_MILLISECONDS = 200;

const { module, memory, stop } = workerData as ThreadStart;
const arena = new Arena(memory, instantiate(module, memory).heapBase());
const knownData = new Map<number, { data: PackData; placed: DataAddresses }>();

const post = (message: FromThread) => parentPort?.postMessage(message);

parentPort?.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'data':
      knownData.set(message.dataId, message);
      return;
    case 'forget':
      knownData.delete(message.dataId);
      return;
    case 'trial':
      train(message);
      return;
  }
});

function train({ dataId, task, checkpointSeconds }: Extract<ToThread, { kind: 'trial' }>): void {
  const found = knownData.get(dataId);
  if (found === undefined) throw new Error(`the thread has no data ${dataId}`);
  const started = performance.now();
  let told = 0;
  try {
    const runtime = createKernelRuntime({ module, memory, arena, data: found.data, placed: found.placed });
    const report = runTrial(runtime, found.data, task, {
      stop: () => Atomics.load(stop, 0) !== 0,
      now: () => performance.now() / 1000,
      checkpointSeconds,
      progress: (epoch, validation) => {
        const now = performance.now();
        if (now - told < PROGRESS_MILLISECONDS) return;
        told = now;
        post({ kind: 'progress', epoch, validation });
      },
      checkpoint: (epoch, bytes) => post({ kind: 'checkpoint', epoch, bytes }),
    });
    post({ kind: 'report', report });
  } catch (error) {
    if (error instanceof Stopped) {
      post({ kind: 'stopped' });
      return;
    }
    // The failure of a trial is its ending; the thread continues.
    const { name, message } = error as Error;
    post({
      kind: 'report',
      report: {
        trialId: task.trialId,
        outcome: 'failed',
        code: name === 'KernelMemoryFull' ? 'out-of-memory' : 'trial-error',
        message,
        epochs: 0,
        seconds: (performance.now() - started) / 1000,
      },
    });
  }
}
