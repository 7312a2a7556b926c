/** One thread that describes structures: one block after another. */
import { parentPort, workerData } from 'node:worker_threads';
import { NarrowsError } from '../../errors.ts';
import type { BlockRequest, BlockResponse } from './messages.ts';
import { type DescribeTask, describeBlock } from './rows.ts';

const task = workerData as DescribeTask;

parentPort?.on('message', (block: BlockRequest) => {
  try {
    const rows = describeBlock(block, task);
    // Frees it now: for a garbage collector, 1 MiB outside of its heap is nothing to hurry for.
    block.bytes.buffer.transfer(0);
    parentPort?.postMessage({ kind: 'rows', rows } satisfies BlockResponse, [rows.x.buffer]);
  } catch (error) {
    // Anything else ends the thread, and whoever waits for it hears why.
    if (!(error instanceof NarrowsError)) throw error;
    const { code, message, path, fix } = error;
    parentPort?.postMessage({ kind: 'fault', code, message, path, fix } satisfies BlockResponse);
  }
});
