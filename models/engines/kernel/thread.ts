/** One thread of the kernel engine: runs one trial at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import type { TrialReport } from '../../training/report.ts';
import { runTrial, Stopped } from '../../training/run-trial.ts';
import type { PackData, TrialTask } from '../../training/task.ts';
import { postingHooks, type TrialMessage } from '../trial-thread.ts';
import type { DataAddresses } from './layout.ts';
import { chooseSandboxedBuild, instantiate, isKernelFault, type KernelModule, loadKernel } from './loader.ts';
import { Arena, createKernelMemory } from './memory.ts';
import { createKernelRuntime, type KernelRuntime } from './network.ts';

/** Start data of a thread. */
export interface ThreadStart {
  /** Name of the build. */
  readonly build: string;
  readonly module: KernelModule;
  readonly memory: WebAssembly.Memory;
  /** Word 0: the thread stops its trial where it is not 0. */
  readonly stop: Int32Array;
}

export type ToThread =
  | { readonly kind: 'data'; readonly dataId: number; readonly data: PackData; readonly placed: DataAddresses }
  | { readonly kind: 'forget'; readonly dataId: number }
  | { readonly kind: 'trial'; readonly dataId: number; readonly task: TrialTask; readonly checkpointSeconds: number };

export type FromThread = TrialMessage | { readonly kind: 'stopped' };

const { build, module, memory, stop } = workerData as ThreadStart;
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
  const { data, placed } = found;
  const started = performance.now();
  const hooks = postingHooks(task.trialId, stop, checkpointSeconds, post);
  try {
    post({ kind: 'report', report: trainSafely(createKernelRuntime({ module, memory, arena, data, placed })) });
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

  /** A crash of native code may have changed its memory: a second attempt has one of its own. */
  function trainSafely(runtime: KernelRuntime): TrialReport {
    try {
      return runTrial(runtime, data, task, hooks);
    } catch (error) {
      if (!isKernelFault(error)) throw error;
      const sandboxed = loadKernel(chooseSandboxedBuild());
      const again = createKernelRuntime({ module: sandboxed.module, memory: createKernelMemory(), data });
      return { ...runTrial(again, data, task, hooks), build: `${sandboxed.name} after a crash of ${build}` };
    }
  }
}
