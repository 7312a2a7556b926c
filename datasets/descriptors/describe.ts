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
 * Describes every structure of a file; `chunks` are its bytes. Holds some blocks of it besides the result. Throws NarrowsError `structures-invalid` or
 * `structures-unfit` for the first fault in the order of the file.
 */
export async function describeStructures(
  chunks: AsyncIterable<Uint8Array>,
  setting: Setting,
  labels: Labels,
  { threads = availableParallelism(), blockBytes, smallBytes = SMALL_BYTES, signal }: DescribeOptions = {},
): Promise<Described> {
  const { file } = setting;
  let task: RowsTask | null = null;
  let pool: DescriptorPool | null = null;
  let result: Collector | null = null;
  /** The first blocks, while the file may still be a small one. */
  const early: FrameBlock[] = [];
  let earlyBytes = 0;
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
      }
      early.push(block);
      earlyBytes += block.bytes.length;
      if (pool === null && earlyBytes <= smallBytes) continue;
      pool ??= createPool(task, threads);
      for (const next of early.splice(0)) open.push(described(pool, next));
      while (open.length >= BLOCKS_PER_THREAD * threads) result.add((await open.shift()) as Rows);
    }
    for (let next = open.shift(); next !== undefined; next = open.shift()) result?.add(await next);
    for (const block of early) result?.add(describeBlock(block, task as RowsTask));
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
  const names = new Set<string>();
  for (const { name } of columns) {
    if (names.has(name))
      throw new NarrowsError('manifest-invalid', `two descriptors are called "${name}"`, { path: 'descriptors.from' });
    names.add(name);
  }
  return { file, setting, labels, columns, first };
}

interface Collector {
  add(rows: Rows): void;
  whole(): Omit<Described, 'columns'>;
}

function createCollector(columns: number): Collector {
  const parts: Float32Array<ArrayBuffer>[] = [];
  const ids: string[] = [];
  const groups: string[] = [];
  const series: string[] = [];
  let [grouped, inSeries] = [true, true];
  return {
    add(rows) {
      parts.push(rows.x);
      for (const id of rows.ids) ids.push(id);
      for (const group of rows.groups ?? []) groups.push(group);
      grouped &&= rows.groups !== null;
      for (const value of rows.series ?? []) series.push(value);
      inSeries &&= rows.series !== null;
    },
    whole() {
      const data = new Float32Array(ids.length * columns);
      let at = 0;
      for (const part of parts) {
        data.set(part, at);
        at += part.length;
        // Frees it, so that X is not held twice: a garbage collector does not see that there is anything to hurry for.
        part.buffer.transfer(0);
      }
      return {
        x: { rows: ids.length, columns, data },
        ids,
        groups: grouped ? groups : null,
        series: inSeries ? series : null,
      };
    },
  };
}
