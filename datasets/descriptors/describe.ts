/** From a file of structures, of any size, to rows of X: read in blocks of frames, described in threads, given on in the order of the file. */
import { availableParallelism } from 'node:os';
import { NarrowsError } from '../../errors.ts';
import type { DescriptorColumn } from '../../models/descriptor.ts';
import { release } from '../formats/array-source.ts';
import { parseFrames } from '../formats/extxyz.ts';
import { type FrameBlock, frameBlocks } from '../formats/frame-blocks.ts';
import { kindOf } from './kinds.ts';
import { createPool, type DescriptorPool } from './pool.ts';
import { describeBlock, type Labels, type Rows, type RowsTask } from './rows.ts';
import type { Setting } from './setting.ts';

export interface DescribedRows {
  readonly columns: readonly DescriptorColumn[];
  /** X among them is good until the next rows are asked for. */
  readonly rows: Rows;
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
  setting: Setting,
  labels: Labels,
  { threads = availableParallelism(), blockBytes, smallBytes = SMALL_BYTES, signal }: DescribeOptions = {},
): AsyncGenerator<DescribedRows> {
  const { file } = setting;
  let task: RowsTask | null = null;
  let pool: DescriptorPool | null = null;
  /** The first blocks, while the file may still be a small one. */
  const early: FrameBlock[] = [];
  let earlyBytes = 0;
  const open: Promise<Rows>[] = [];
  const next = async function* (rows: Rows, { columns }: RowsTask): AsyncGenerator<DescribedRows> {
    yield { columns, rows };
    release(rows.x.buffer);
  };
  const abort = () => void pool?.close(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const source = upToFault(frameBlocks(chunks, file, blockBytes));
    for await (const block of source.blocks) {
      signal?.throwIfAborted();
      task ??= taskOf(block, setting, labels);
      early.push(block);
      earlyBytes += block.bytes.length;
      if (pool === null && earlyBytes <= smallBytes) continue;
      pool ??= createPool(task, threads);
      for (const waiting of early.splice(0)) open.push(described(pool, waiting));
      while (open.length >= BLOCKS_PER_THREAD * threads) yield* next((await open.shift()) as Rows, task);
    }
    for (let oldest = open.shift(); oldest !== undefined; oldest = open.shift()) yield* next(await oldest, task as RowsTask);
    for (const block of early) yield* next(describeBlock(block, task as RowsTask), task as RowsTask);
    // What stands before it in the file has come first.
    if (source.fault() !== null) throw source.fault();
    if (task === null) throw new NarrowsError('dataset-empty', `${file} holds no structure`, { path: file });
  } finally {
    signal?.removeEventListener('abort', abort);
    await pool?.close(new Error('no longer awaited'));
  }
}

/** Ends at the fault of the source instead of throwing it. */
function upToFault(source: AsyncIterable<FrameBlock>): { blocks: AsyncIterable<FrameBlock>; fault: () => unknown } {
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
function described(pool: DescriptorPool, block: FrameBlock): Promise<Rows> {
  const rows = pool.describe(block);
  rows.catch(() => {});
  return rows;
}

function taskOf(block: FrameBlock, setting: Setting, labels: Labels): RowsTask {
  const { file } = setting;
  const [first] = parseFrames(block, file);
  if (first === undefined) throw new RangeError('a block has a frame at least');
  const columns = kindOf(setting).columns(setting, first);
  const names = new Set<string>();
  for (const { name } of columns) {
    if (names.has(name))
      throw new NarrowsError('manifest-invalid', `two descriptors are called "${name}"`, { path: 'descriptors.from' });
    names.add(name);
  }
  return { file, setting, labels, columns, first };
}
