/** Reads whole chunked arrays, lists and datasets, for small data of tests. */
import { type ArrayStore, type BlobContent, type DatasetDescription, joinLineage } from '../../datasets/description.ts';
import type { ArrayInput } from '../../datasets/formats/array-format.ts';
import { parseReference } from '../../datasets/formats/formats.ts';
import { type CheckedDataset, checkDatasetFolder } from '../../datasets/import/check.ts';
import { openDatasetFolder } from '../../datasets/import/folder.ts';
import { storeDataset } from '../../datasets/import/store.ts';
import type { Matrix } from '../../models/axes.ts';
import { wholeMatrix } from './data.ts';
import { scratch } from './scratch.ts';

export async function wholeColumn(parts: AsyncIterable<readonly string[]>): Promise<string[]> {
  const all: string[] = [];
  for await (const part of parts) all.push(...part);
  return all;
}

export async function wholeNumbers(parts: AsyncIterable<ArrayLike<number>>): Promise<number[]> {
  const all: number[] = [];
  for await (const part of parts) all.push(...Array.from(part));
  return all;
}

/** Returns the input of a format from bytes in memory. */
export const arrayInput = (reference: string, bytes: () => AsyncIterable<Uint8Array>): ArrayInput => ({
  reference,
  ...parseReference(reference),
  path: reference,
  bytes,
  scratch,
});

/** Opens a dataset folder whose arrays are read whole. */
export function wholeFolder(directory: string) {
  const folder = openDatasetFolder(directory, scratch);
  return {
    ...folder,
    matrix: (reference: string) => wholeMatrix(folder.matrix(reference)),
    rows: (reference: string) => wholeMatrix(folder.rows(reference)),
    column: (reference: string, column?: string) => wholeColumn(folder.column(reference, column)),
  };
}

export async function wholeBytes(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(new Uint8Array(piece)); // a copy, also of a Buffer
  return new Uint8Array(Buffer.concat(parts));
}

const wholeList = async (list: { readonly content: BlobContent } | null): Promise<string[] | null> =>
  list && (JSON.parse(new TextDecoder().decode(await wholeBytes(list.content.pieces))) as string[]);

export const checkFolder = (directory: string, name?: string): Promise<CheckedDataset> =>
  checkDatasetFolder(directory, scratch, { name });

/** Checks a folder and reads its arrays and lists. */
export async function wholeDataset(directory: string) {
  const checked = await checkFolder(directory);
  const targets: Record<string, Omit<CheckedDataset['targets'][string], 'y'> & { readonly y: Matrix }> = {};
  for (const [target, about] of Object.entries(checked.targets)) {
    targets[target] = { ...about, y: await wholeSpooled(about.y) };
  }
  const [groups, ids, series] = await Promise.all([checked.groups, checked.ids, checked.series].map(wholeList));
  return {
    ...checked,
    x: await wholeSpooled(checked.x),
    targets,
    groups: groups ?? null,
    ids: ids ?? null,
    series: series ?? null,
  };
}

const wholeSpooled = async ({ rows, columns, chunks }: CheckedDataset['x']): Promise<Matrix> =>
  rows === 0 ? { rows, columns, data: new Float32Array(0) } : wholeMatrix(chunks());

/** Yields bytes in pieces that share one buffer, as files do. */
export async function* bytesOf(bytes: Uint8Array, piece = 1 << 20): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(piece);
  for (let at = 0; at < bytes.length; at += piece) {
    const part = bytes.subarray(at, at + piece);
    buffer.set(part);
    yield buffer.subarray(0, part.length);
  }
}

/** Returns the bytes as the content of a blob. */
export const contentOf = (bytes: Uint8Array, sha256: string): BlobContent => ({
  sha256,
  bytes: bytes.length,
  pieces: { [Symbol.asyncIterator]: () => bytesOf(bytes) },
});

/** Checks and stores a folder, and returns its description as it is loaded. */
export async function storedFolder(
  directory: string,
  store: ArrayStore,
  name?: string,
): Promise<{ readonly version: string; readonly rows: number; readonly description: DatasetDescription }> {
  const { version, rows, description } = await storeDataset(await checkFolder(directory, name), store, async () => true);
  return { version, rows, description: fromJson(version, description) };
}

/** Returns the description after a round trip through JSON. */
export const fromJson = (version: string, description: unknown): DatasetDescription =>
  joinLineage({ version, description: JSON.parse(JSON.stringify(description)), ancestors: [] });
