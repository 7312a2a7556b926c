/** The CPU engine: trials queue for threads, which share one copy of the data. */

import type { Worker } from 'node:worker_threads';
import { startThread } from '../../../platform.ts';
import { epochFlops } from '../../methods/cost.ts';
import type { TrialReport } from '../../training/report.ts';
import type { PackData, TrialTask } from '../../training/task.ts';
import type { Engine, Pack, TrainHooks } from '../engine.ts';
import { availableProcessors } from '../processors.ts';
import { copyDataIn, type DataAddresses, releaseData } from './layout.ts';
import { type BuildName, enableWideVectors, instantiate, type KernelBuild, type KernelModule, loadKernel } from './loader.ts';
import { Arena, createKernelMemory } from './memory.ts';
import type { FromThread, ThreadStart, ToThread } from './thread.ts';

/** A waiting or running trial of a train() call. */
interface Job {
  readonly call: Call;
  readonly task: TrialTask;
  readonly position: number;
}

/** One train() call. */
interface Call {
  readonly kept: KeptData;
  readonly hooks: TrainHooks;
  readonly reports: (TrialReport | undefined)[];
  open: number;
  failure: unknown;
  settle: () => void;
}

interface Thread {
  worker: Worker;
  stop: Int32Array;
  knows: Set<KeptData>;
  job: Job | null;
  started: number;
}

interface KeptData {
  readonly id: number;
  readonly data: PackData;
  readonly placed: DataAddresses;
  users: number;
}

export interface KernelEngineOptions {
  /** Threads that train; by default one for each processor that the process may use. */
  readonly threads?: number;
  /** The fastest build that runs here by default. */
  readonly build?: BuildName;
  /** A kernel that is loaded already, in place of a build. */
  readonly kernel?: KernelBuild;
}

/** Starts the CPU engine. Its threads do not keep the process alive while nothing trains. */
export function createKernelEngine(options: KernelEngineOptions = {}): Engine {
  enableWideVectors();
  return new KernelEngine(options.threads ?? availableProcessors(), options.kernel ?? loadKernel(options.build));
}

class KernelEngine implements Engine {
  readonly name = 'kernel';
  readonly build: string;
  readonly threads: number;
  readonly #module: KernelModule;
  readonly #memory = createKernelMemory();
  readonly #arena: Arena;
  readonly #pool: Thread[] = [];
  readonly #queue: Job[] = [];
  readonly #data = new Map<PackData, KeptData>();
  #nextDataId = 1;
  #closed = false;

  constructor(threads: number, kernel: KernelBuild) {
    if (!(Number.isInteger(threads) && threads >= 1)) throw new RangeError(`an engine needs at least one thread, not ${threads}`);
    this.build = kernel.name;
    this.threads = threads;
    this.#module = kernel.module;
    this.#arena = new Arena(this.#memory, instantiate(kernel.module, this.#memory).heapBase());
  }

  async train(pack: Pack, hooks: TrainHooks): Promise<TrialReport[]> {
    if (this.#closed) throw new Error('the engine is closed');
    hooks.signal.throwIfAborted();
    if (pack.tasks.length === 0) return [];
    const kept = this.#keep(pack.data);
    const { promise, resolve } = Promise.withResolvers<void>();
    const call: Call = {
      kept,
      hooks,
      reports: pack.tasks.map(() => undefined),
      open: pack.tasks.length,
      failure: undefined,
      settle: resolve,
    };
    const abort = () => this.#abandon(call, hooks.signal.reason);
    hooks.signal.addEventListener('abort', abort, { once: true });
    try {
      const { rows, x, y } = pack.data;
      const size = { trainRows: rows.train.length, descriptors: x.columns, energies: y.columns };
      const jobs = pack.tasks.map((task, position) => {
        const { configuration } = task;
        return { call, task, position, flops: epochFlops(configuration, size) * configuration.epochs };
      });
      // Expensive trials first, so that cheap ones fill the end.
      this.#queue.push(...jobs.sort((a, b) => b.flops - a.flops || a.position - b.position));
      this.#dispatch();
      await promise;
    } finally {
      hooks.signal.removeEventListener('abort', abort);
      this.#letGo(kept);
    }
    if (call.failure !== undefined) throw call.failure;
    return call.reports as TrialReport[];
  }

  async close(): Promise<void> {
    this.#closed = true;
    const reason = new Error('the engine was closed');
    for (const job of [...this.#queue]) this.#abandon(job.call, reason);
    const workers = this.#pool.splice(0);
    for (const { job } of workers) if (job) this.#abandon(job.call, reason);
    await Promise.all(workers.map(({ worker }) => worker.terminate()));
  }

  #keep(data: PackData): KeptData {
    const kept = this.#data.get(data) ?? { id: this.#nextDataId++, data, placed: copyDataIn(this.#arena, data), users: 0 };
    this.#data.set(data, kept);
    kept.users++;
    return kept;
  }

  #letGo(kept: KeptData): void {
    if (--kept.users > 0) return;
    // A thread that has not stopped yet may still read the data.
    if (this.#pool.some(({ job }) => job?.call.kept === kept)) {
      kept.users++;
      setTimeout(() => this.#letGo(kept), 100).unref();
      return;
    }
    this.#data.delete(kept.data);
    releaseData(this.#arena, kept.placed);
    for (const thread of this.#pool) {
      if (thread.knows.delete(kept)) this.#tell(thread, { kind: 'forget', dataId: kept.id });
    }
  }

  /** Ends a call with a failure: drops its waiting trials and stops its running ones. */
  #abandon(call: Call, reason: unknown): void {
    if (call.failure !== undefined || call.open === 0) return;
    call.failure = reason ?? new Error('aborted');
    for (let i = this.#queue.length - 1; i >= 0; i--) if (this.#queue[i]?.call === call) this.#queue.splice(i, 1);
    for (const { job, stop } of this.#pool) if (job?.call === call) Atomics.store(stop, 0, 1);
    call.settle();
  }

  #tell(thread: Thread, message: ToThread): void {
    thread.worker.postMessage(message);
  }

  #dispatch(): void {
    while (this.#queue.length > 0 && !this.#closed) {
      const thread = this.#pool.find(({ job }) => job === null) ?? (this.#pool.length < this.threads ? this.#start() : null);
      const job = thread ? this.#queue.shift() : undefined;
      if (!thread || !job) return;
      const { id: dataId, data, placed } = job.call.kept;
      thread.job = job;
      thread.started = performance.now();
      Atomics.store(thread.stop, 0, 0);
      thread.worker.ref();
      if (!thread.knows.has(job.call.kept)) {
        thread.knows.add(job.call.kept);
        this.#tell(thread, { kind: 'data', dataId, data, placed });
      }
      const { checkpointSeconds } = job.call.hooks;
      this.#tell(thread, { kind: 'trial', dataId, task: job.task, checkpointSeconds });
    }
  }

  #start(): Thread {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const start: ThreadStart = { build: this.build, module: this.#module, memory: this.#memory, stop };
    const thread: Thread = {
      worker: startThread(import.meta.url, 'thread', { workerData: start }),
      stop,
      knows: new Set(),
      job: null,
      started: 0,
    };
    thread.worker.unref();
    thread.worker.on('message', (message: FromThread) => this.#hear(thread, message));
    thread.worker.on('error', (error: Error) => this.#lost(thread, error.message));
    thread.worker.on('exit', (code) => this.#lost(thread, `the thread ended with code ${code}`));
    this.#pool.push(thread);
    return thread;
  }

  #hear(thread: Thread, message: FromThread): void {
    const { job } = thread;
    if (job === null) return;
    const { hooks, failure } = job.call;
    switch (message.kind) {
      case 'progress':
        if (failure === undefined) hooks.onProgress(message);
        break;
      case 'checkpoint':
        if (failure === undefined) hooks.onCheckpoint(message);
        break;
      case 'report':
        this.#finish(thread, message.report);
        break;
      case 'stopped':
        this.#finish(thread, null);
    }
  }

  #finish(thread: Thread, report: TrialReport | null): void {
    const { job } = thread;
    if (job === null) return;
    thread.job = null;
    thread.worker.unref();
    const { call, position } = job;
    if (report !== null && call.failure === undefined) {
      call.reports[position] = report;
      call.open--;
      try {
        call.hooks.onReport(report);
      } catch (error) {
        call.open++;
        this.#abandon(call, error);
        call.open = 0;
      }
      if (call.open === 0) call.settle();
    }
    this.#dispatch();
  }

  /** Fails the trial of a thread that died; the others continue in a new thread. */
  #lost(thread: Thread, message: string): void {
    const place = this.#pool.indexOf(thread);
    if (place < 0) return;
    this.#pool.splice(place, 1);
    const { job } = thread;
    if (job) {
      const seconds = (performance.now() - thread.started) / 1000;
      const { trialId } = job.task;
      this.#finish(thread, { trialId, outcome: 'failed', code: 'thread-lost', message, epochs: 0, seconds });
    } else this.#dispatch();
  }
}
