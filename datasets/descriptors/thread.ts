/** A thread that describes structures block by block. */
import { parentPort, workerData } from 'node:worker_threads';
import { faultOf, NarrowsError } from '../../errors.ts';
import type { FrameBlock } from '../formats/structures/frame-blocks.ts';
import { type BlockResponse, type DescribeTask, describeBlock } from './rows.ts';

const task = workerData as DescribeTask;

parentPort?.on('message', (block: FrameBlock) => {
  try {
    const rows = describeBlock(block, task);
    // Frees it at once: the garbage collector does not count buffers outside of its heap.
    block.bytes.buffer.transfer(0);
    parentPort?.postMessage({ kind: 'rows', rows } satisfies BlockResponse, [rows.x.buffer]);
  } catch (error) {
    // Other errors end the thread, and the pool rejects its pending blocks.
    if (!(error instanceof NarrowsError)) throw error;
    parentPort?.postMessage({ kind: 'fault', fault: faultOf(error) } satisfies BlockResponse);
  }
});
