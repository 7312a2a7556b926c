/** Threads that process blocks in turn; blocks take similar times. */
import type { Worker } from 'node:worker_threads';
import { errorOf } from '../../errors.ts';
import { startThread } from '../../platform.ts';
import type { FrameBlock } from '../formats/structures/frame-blocks.ts';
import type { BlockResponse, BlockRows, DescribeTask } from './rows.ts';

/** Without a limit the young generation grows to 100 MiB per thread, without being faster. */
const YOUNG_GENERATION_MB = 24;

interface Thread {
  readonly worker: Worker;
  /** Pending blocks of this thread, oldest first. */
  readonly waiting: PromiseWithResolvers<BlockRows>[];
}

export interface DescriptorPool {
  describe(block: FrameBlock): Promise<BlockRows>;
  /** Terminates the threads and rejects pending blocks with the reason. */
  close(reason: unknown): Promise<void>;
}

/** Starts threads as blocks arrive. */
export function createPool(task: DescribeTask, threads: number): DescriptorPool {
  const pool: Thread[] = [];
  let given = 0;
  return {
    describe(block) {
      const at = given++ % threads;
      const thread = pool[at] ?? startPoolThread(task);
      pool[at] = thread;
      const waiting = Promise.withResolvers<BlockRows>();
      thread.waiting.push(waiting);
      thread.worker.postMessage(block, [block.bytes.buffer]);
      return waiting.promise;
    },
    async close(reason) {
      for (const { waiting } of pool) for (const { reject } of waiting.splice(0)) reject(reason);
      await Promise.all(pool.map(({ worker }) => worker.terminate()));
    },
  };
}

function startPoolThread(task: DescribeTask): Thread {
  const thread: Thread = {
    worker: startThread(import.meta.url, 'thread', {
      workerData: task,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    }),
    waiting: [],
  };
  const { worker, waiting } = thread;
  const lost = (error: Error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  worker.on('message', (message: BlockResponse) => {
    const next = waiting.shift();
    if (message.kind === 'rows') next?.resolve(message.rows);
    else next?.reject(errorOf(message.fault));
  });
  worker.on('error', lost);
  worker.on('exit', (code) => lost(new Error(`a descriptor thread exited with code ${code}`)));
  return thread;
}
