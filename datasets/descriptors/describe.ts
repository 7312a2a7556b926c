/** From a file of structures, of any size, to rows of X: read in blocks of frames, described in threads, given on in the order of the file. */
import { availableParallelism } from 'node:os';
import { NarrowsError } from '../../errors.ts';
import type { DescriptorColumn } from '../../models/descriptor.ts';
import { release } from '../files/chunks.ts';
import { parseFrames } from '../formats/extxyz.ts';
import { type FrameBlock, splitFrameBlocks } from '../formats/frame-blocks.ts';
import { descriptorKind } from './kinds.ts';
import { createPool, type DescriptorPool } from './pool.ts';
import { type BlockRows, type DescribeTask, describeBlock, type LabelKeys } from './rows.ts';
import type { DescriptorSetting } from './setting.ts';

export interface DescribedRows {
  readonly columns: readonly DescriptorColumn[];
  /** X among them is good until the next rows are asked for. */
  readonly rows: BlockRows;
}

export interface DescribeOptions {
  /** All of the machine's by default. The result does not depend on it. */
  readonly threads?: number;
  readonly blockBytes?: number;
  /** Files up to this size are described without threads. */
  readonly smallBytes?: number;
  /** Aborted, the threads end and the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** A thread has a block to work on and one to go on with. */
const BLOCKS_PER_THREAD = 2;

/** Described before a thread would have started. */
const SMALL_BYTES = 2 << 20;

/**
 * Describes every structure of a file; `chunks` are its bytes. Yields rows of X, with what the frames say of them; holds some blocks of the file. Throws NarrowsError
 * `structures-invalid` or `structures-unfit` for the first fault in the order of the file, behind the rows before it.
 */
export async function* describeStructures(
  chunks: AsyncIterable<Uint8Array>,
  setting: DescriptorSetting,
  labels: LabelKeys,
  { threads = availableParallelism(), blockBytes, smallBytes = SMALL_BYTES, signal }: DescribeOptions = {},
): AsyncGenerator<DescribedRows> {
  const { file } = setting;
  let task: DescribeTask | null = null;
  let pool: DescriptorPool | null = null;
  /** The first blocks, while the file may still be a small one. */
  const early: FrameBlock[] = [];
  let earlyBytes = 0;
  const open: Promise<BlockRows>[] = [];
  const next = async function* (rows: BlockRows, { columns }: DescribeTask): AsyncGenerator<DescribedRows> {
    yield { columns, rows };
    release(rows.x.buffer);
  };
  const abort = () => void pool?.close(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const source = deferFault(splitFrameBlocks(chunks, file, blockBytes));
    for await (const block of source.blocks) {
      signal?.throwIfAborted();
      task ??= createTask(block, setting, labels);
      early.push(block);
      earlyBytes += block.bytes.length;
      if (pool === null && earlyBytes <= smallBytes) continue;
      pool ??= createPool(task, threads);
      for (const waiting of early.splice(0)) open.push(describeInPool(pool, waiting));
      while (open.length >= BLOCKS_PER_THREAD * threads) yield* next((await open.shift()) as BlockRows, task);
    }
    for (let oldest = open.shift(); oldest !== undefined; oldest = open.shift()) yield* next(await oldest, task as DescribeTask);
    for (const block of early) yield* next(describeBlock(block, task as DescribeTask), task as DescribeTask);
    // What stands before it in the file has come first.
    if (source.fault() !== null) throw source.fault();
    if (task === null) throw new NarrowsError('dataset-empty', `${file} holds no structure`, { path: file });
  } finally {
    signal?.removeEventListener('abort', abort);
    await pool?.close(new Error('no longer awaited'));
  }
}

/** Ends at the fault of the source instead of throwing it. */
function deferFault(source: AsyncIterable<FrameBlock>): { blocks: AsyncIterable<FrameBlock>; fault: () => unknown } {
  let fault: unknown = null;
  const blocks = async function* () {
    try {
      yield* source;
    } catch (error) {
      fault = error;
    }
  };
  return { blocks: blocks(), fault: () => fault };
}

/** Awaited in its turn; until then a fault does not count as unhandled. */
function describeInPool(pool: DescriptorPool, block: FrameBlock): Promise<BlockRows> {
  const rows = pool.describe(block);
  rows.catch(() => {});
  return rows;
}

function createTask(block: FrameBlock, setting: DescriptorSetting, labels: LabelKeys): DescribeTask {
  const { file } = setting;
  const [first] = parseFrames(block, file);
  if (first === undefined) throw new RangeError('a block has a frame at least');
  const columns = descriptorKind(setting).columns(setting, first);
  const names = new Set<string>();
  for (const { name } of columns) {
    if (names.has(name))
      throw new NarrowsError('manifest-invalid', `two descriptors are called "${name}"`, { path: 'descriptors.from' });
    names.add(name);
  }
  return { file, setting, labels, columns, first };
}
