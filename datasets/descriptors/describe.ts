/** Computes X from a file of structures of any size, block by block in several threads. */
import { NarrowsError } from '../../errors.ts';
import type { DescriptorColumn } from '../../models/descriptor.ts';
import { availableProcessors } from '../../models/engines/processors.ts';
import { release } from '../files/chunks.ts';
import { formatList } from '../formats/column-selection.ts';
import type { Frame } from '../formats/structures/frame.ts';
import type { FrameBlock, FrameSource } from '../formats/structures/frame-blocks.ts';
import { parseBlock, splitSources } from '../formats/structures/structures.ts';
import { describeKeys, isChosen } from './keys.ts';
import { descriptorKind } from './kinds.ts';
import { createPool, type DescriptorPool } from './pool.ts';
import { type BlockRows, type DescribeTask, describeBlock, type LabelKeys } from './rows.ts';
import type { DescriptorSetting } from './setting.ts';

export interface DescribedRows {
  readonly columns: readonly DescriptorColumn[];
  /** Their X is valid until the next rows are requested. */
  readonly rows: BlockRows;
}

export interface DescribeOptions {
  /** Default: all cores. The result does not depend on it. */
  readonly threads?: number;
  readonly blockBytes?: number;
  /** Files up to this size are described in the main thread. */
  readonly smallBytes?: number;
  /** Aborting ends the threads and throws the reason. */
  readonly signal?: AbortSignal | undefined;
}

/** One in progress and one waiting. */
const BLOCKS_PER_THREAD = 2;

/** Described in less time than a thread takes to start. */
const SMALL_BYTES = 2 << 20;

/**
 * Yields rows of X for each structure of the files, with ids, groups and series; holds some blocks.
 * Throws `structures-invalid` or `structures-unfit` for the first fault, after the rows before it.
 */
export async function* describeStructures(
  sources: Iterable<FrameSource>,
  setting: DescriptorSetting,
  labels: LabelKeys,
  { threads = availableProcessors(), blockBytes, smallBytes = SMALL_BYTES, signal }: DescribeOptions = {},
): AsyncGenerator<DescribedRows> {
  let task: DescribeTask | null = null;
  /** Values of the keys that choose frames, as long as no frame is chosen. */
  const rejected = new Set<string>();
  let pool: DescriptorPool | null = null;
  /** The first blocks, until the file exceeds `smallBytes`. */
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
    const source = deferFault(splitSources(sources, blockBytes));
    for await (const block of source.blocks) {
      signal?.throwIfAborted();
      task ??= createTask(block, setting, labels, rejected);
      if (task === null) continue;
      early.push(block);
      earlyBytes += block.bytes.length;
      if (pool === null && earlyBytes <= smallBytes) continue;
      pool ??= createPool(task, threads);
      for (const waiting of early.splice(0)) open.push(describeInPool(pool, waiting));
      while (open.length >= BLOCKS_PER_THREAD * threads) yield* next((await open.shift()) as BlockRows, task);
    }
    for (let oldest = open.shift(); oldest !== undefined; oldest = open.shift()) yield* next(await oldest, task as DescribeTask);
    for (const block of early) yield* next(describeBlock(block, task as DescribeTask), task as DescribeTask);
    // The rows before the fault were yielded first.
    if (source.fault() !== null) throw source.fault();
    if (task === null) throw emptyError(setting, rejected);
  } finally {
    signal?.removeEventListener('abort', abort);
    await pool?.close(new Error('no longer awaited'));
  }
}

/** Ends at an error of the source instead of throwing it. */
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

/** The result is awaited in its turn: until then a rejection must not count as unhandled. */
function describeInPool(pool: DescriptorPool, block: FrameBlock): Promise<BlockRows> {
  const rows = pool.describe(block);
  rows.catch(() => {});
  return rows;
}

/** Returns null where no frame of the block is chosen. */
function createTask(
  block: FrameBlock,
  setting: DescriptorSetting,
  labels: LabelKeys,
  rejected: Set<string>,
): DescribeTask | null {
  let first: Frame | undefined;
  for (const frame of parseBlock(block)) {
    if (isChosen(frame, setting.frames)) {
      first = frame;
      break;
    }
    for (const key of Object.keys(setting.frames ?? {})) {
      const value = frame.values.get(key);
      rejected.add(value === undefined ? `no key "${key}" (they have ${describeKeys(frame)})` : `${key}=${value}`);
    }
  }
  if (first === undefined) return null;
  const columns = descriptorKind(setting).columns(setting, first);
  const names = new Set<string>();
  for (const { name } of columns) {
    if (names.has(name))
      throw new NarrowsError('manifest-invalid', `two descriptors have the name "${name}"`, { path: 'descriptors.from' });
    names.add(name);
  }
  return { setting, labels, columns, first };
}

function emptyError({ file, frames }: DescriptorSetting, rejected: ReadonlySet<string>): NarrowsError {
  if (rejected.size === 0) return new NarrowsError('dataset-empty', `${file} contains no structure`, { path: file });
  const wanted = Object.entries(frames ?? {}).map(([key, value]) => `${key} ${[value].flat().join(' or ')}`);
  return new NarrowsError('dataset-empty', `${file} has no frame with ${wanted.join(', ')}`, {
    path: 'descriptors.from.frames',
    fix: `its comment lines have ${formatList([...rejected])}`,
  });
}
