/** The GPU engine: TensorFlow in its own thread, all trials of a pack at once on the device. */

import type { Worker } from 'node:worker_threads';
import { startThread } from '../../../platform.ts';
import type { TrialReport } from '../../training/report.ts';
import type { Engine, Pack, TrainHooks } from '../engine.ts';
import { FLAVOURS, type Flavour, loadTensorflow, type Tensorflow } from './load.ts';
import type { FromThread, ThreadStart, ToThread } from './thread.ts';

/** Maximum size of a stack; a stack too large for the device's memory is halved. */
const TRIALS_AT_ONCE = 256;

export interface TfjsEngineOptions {
  /** Folder of a binding built by `npm run gpu:setup`; null: none. */
  readonly folder: string | null;
  readonly atOnce?: number;
  /** Flavours that may be loaded; all by default. */
  readonly flavours?: readonly Flavour[];
}

export type TfjsEngine = Engine & Pick<Tensorflow, 'flavour' | 'gpu' | 'passedOver'>;

/** Starts the engine. Throws NoTensorflow where nothing of it is installed. */
export async function createTfjsEngine({
  folder,
  atOnce = TRIALS_AT_ONCE,
  flavours = FLAVOURS,
}: TfjsEngineOptions): Promise<TfjsEngine> {
  // Loaded once to know the flavour; the thread loads its own.
  const { flavour, version, gpu, passedOver } = await loadTensorflow(folder, flavours);
  const build = `${flavour}/${version}${gpu ? '+gpu' : ''}`;
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const setStop = (value: 0 | 1) => Atomics.store(stop, 0, value);
  let running: Worker | null = null;
  /** End of the previous pack: packs are trained one after another. */
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  const start = (): Worker => {
    const workerData: ThreadStart = { folder, atOnce, stop };
    const worker = startThread(import.meta.url, 'thread', { workerData });
    worker.unref();
    return worker;
  };

  const train = async (pack: Pack, hooks: TrainHooks): Promise<TrialReport[]> => {
    if (closed) throw new Error('the engine is closed');
    hooks.signal.throwIfAborted();
    if (pack.tasks.length === 0) return [];
    const reports = new Map<string, TrialReport>();
    setStop(0);
    running ??= start();
    const worker = running;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => setStop(1);
    let failure: unknown;
    const call = (hook: () => void) => {
      if (failure !== undefined) return;
      try {
        hook();
      } catch (error) {
        // The thread is free for the next pack only once it reports that it has stopped.
        failure = error;
        abort();
      }
    };
    const hear = (message: FromThread) => {
      switch (message.kind) {
        case 'report':
          reports.set(message.report.trialId, message.report);
          return call(() => hooks.onReport(message.report));
        case 'progress':
          return call(() => hooks.onProgress(message));
        case 'checkpoint':
          return call(() => hooks.onCheckpoint(message));
        case 'done':
          return resolve();
        case 'broken':
          return reject(new Error(`${build}: ${message.message}`));
      }
    };
    const lost = (reason: Error | number) => {
      running = null;
      reject(typeof reason === 'number' ? new Error(`TensorFlow's thread ended with code ${reason}`) : reason);
    };
    hooks.signal.addEventListener('abort', abort, { once: true });
    worker.on('message', hear).on('error', lost).on('exit', lost);
    worker.ref();
    try {
      worker.postMessage({ ...pack, checkpointSeconds: hooks.checkpointSeconds } satisfies ToThread);
      await promise;
    } finally {
      hooks.signal.removeEventListener('abort', abort);
      worker.off('message', hear).off('error', lost).off('exit', lost);
      worker.unref();
    }
    hooks.signal.throwIfAborted();
    if (closed) throw new Error('the engine was closed');
    if (failure !== undefined) throw failure;
    return pack.tasks.map(({ trialId }) => reports.get(trialId) as TrialReport);
  };

  return {
    ...{ name: 'tfjs', build, threads: 1, flavour, gpu, passedOver },
    train(pack, hooks) {
      const turn = last.then(() => train(pack, hooks));
      last = turn.catch(() => {});
      return turn;
    },
    async close() {
      closed = true;
      setStop(1);
      await running?.terminate();
      running = null;
    },
  };
}
