/** From a file of structures, of any size, to X: read in blocks of frames, described in threads, put together in the order of the file. */
import { availableParallelism } from 'node:os';
import { NarrowsError } from '../../infra/errors.ts';
import type { Matrix } from '../../models/axes.ts';
import type { DescriptorColumn } from '../../models/descriptor.ts';
import { parseFrames } from '../extxyz.ts';
import { type FrameBlock, frameBlocks } from '../frame-blocks.ts';
import { kindOf } from './kinds.ts';
import { createPool, type DescriptorPool } from './pool.ts';
import { describeBlock, type Labels, type Rows, type RowsTask } from './rows.ts';
import type { Setting } from './setting.ts';

export interface Described {
  readonly x: Matrix;
  readonly columns: readonly DescriptorColumn[];
  readonly ids: readonly string[];
  readonly groups: readonly string[] | null;
  readonly series: readonly string[] | null;
}

export interface DescribeOptions {
  /** All of the machine's by default. The result does not depend on it. */
  readonly threads?: number;
  readonly blockBytes?: number;
  /** Aborted, the threads end and the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** A thread has a block to work on and one to go on with. */
const BLOCKS_PER_THREAD = 2;

/**
 * Describes every structure of a file; `chunks` are its bytes. Holds some blocks of it besides the result. Throws NarrowsError `structures-invalid` or
 * `structures-unfit` for the first fault in the order of the file.
 */
export async function describeStructures(
  chunks: AsyncIterable<Uint8Array>,
  setting: Setting,
  labels: Labels,
  { threads = availableParallelism(), blockBytes, signal }: DescribeOptions = {},
): Promise<Described> {
  const { file } = setting;
  let task: RowsTask | null = null;
  let pool: DescriptorPool | null = null;
  let result: Collector | null = null;
  /** The first block, while it is the only one: a thread would take longer to start than it takes. */
  let lone: FrameBlock | null = null;
  const open: Promise<Rows>[] = [];
  const abort = () => void pool?.close(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const source = upToFault(frameBlocks(chunks, file, blockBytes));
    for await (const block of source.blocks) {
      signal?.throwIfAborted();
      if (task === null || result === null) {
        task = taskOf(block, setting, labels);
        result = createCollector(task.columns.length);
        lone = block;
        continue;
      }
      pool ??= createPool(task, threads);
      for (const next of lone === null ? [block] : [lone, block]) open.push(described(pool, next));
      lone = null;
      while (open.length >= BLOCKS_PER_THREAD * threads) result.add((await open.shift()) as Rows);
    }
    for (let next = open.shift(); next !== undefined; next = open.shift()) result?.add(await next);
    if (task !== null && lone !== null) result?.add(describeBlock(lone, task));
    // What stands before it in the file has come first.
    if (source.fault() !== null) throw source.fault();
    if (task === null || result === null) throw new NarrowsError('dataset-empty', `${file} holds no structure`, { path: file });
    return { ...result.whole(), columns: task.columns };
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
  const twice = columns.find(({ name }, i) => columns.findIndex((other) => other.name === name) < i);
  if (twice !== undefined)
    throw new NarrowsError('manifest-invalid', `two descriptors are called "${twice.name}"`, { path: 'descriptors.from' });
  return { file, setting, labels, columns, first };
}

interface Collector {
  add(rows: Rows): void;
  whole(): Omit<Described, 'columns'>;
}

/** Rows of unknown number in one growing buffer, so that they are not held twice at the end. */
function createCollector(columns: number): Collector {
  let buffer = new ArrayBuffer(0);
  let length = 0;
  const ids: string[] = [];
  let groups: string[] | null = [];
  let series: string[] | null = [];
  return {
    add(rows) {
      const needed = (length + rows.x.length) * 4;
      if (needed > buffer.byteLength) buffer = buffer.transfer(Math.max(needed, 2 * buffer.byteLength));
      new Float32Array(buffer).set(rows.x, length);
      length += rows.x.length;
      for (const id of rows.ids) ids.push(id);
      if (rows.groups === null) groups = null;
      else for (const group of rows.groups) groups?.push(group);
      if (rows.series === null) series = null;
      else for (const value of rows.series) series?.push(value);
    },
    whole() {
      const data = new Float32Array(buffer.transferToFixedLength(length * 4));
      return { x: { rows: ids.length, columns, data }, ids, groups, series };
    },
  };
}
