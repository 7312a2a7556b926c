/** The stored description of a dataset version: its manifest, and the addresses of its arrays. */
import { Readable } from 'node:stream';
import { NarrowsError } from '../errors.ts';
import type { Matrix } from '../models/axes.ts';
import type { DescriptorColumn, SharedScale } from '../models/descriptor.ts';
import type { DataColumns } from '../models/methods/cost.ts';
import { sha256Of } from '../platform.ts';
import { joinSummaries, type StructureSummary } from './descriptors/structure-summary.ts';
import type { Manifest, SpectraTarget } from './manifest.ts';

/** Bytes with a known hash and length. */
export interface BlobContent {
  /** 64 hexadecimal characters. */
  readonly sha256: string;
  readonly bytes: number;
  /** In order; a piece is valid until the next is requested. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** A content-addressed store of bytes: db/blobs.ts, or memory in tests. */
export interface ArrayStore {
  /** Throws, and stores nothing, where the pieces do not match their hash and length. */
  put(content: BlobContent): Promise<void>;
  /** Returns the stored bytes in order. Throws at their end where they do not match the hash. */
  pieces(sha256: string): AsyncIterable<Uint8Array>;
  get(sha256: string): Promise<Uint8Array>;
}

/** float32, little-endian, C order. */
export interface StoredArray {
  readonly sha256: string;
  readonly rows: number;
  readonly columns: number;
}

/** An array in one part per shard of its version, in the order of rows. */
export interface JoinedArray extends Omit<StoredArray, 'sha256'> {
  readonly parts: readonly StoredArray[];
}

/** A column of a target that is not a spectrum. */
export interface TargetColumn {
  readonly name: string;
  readonly unit: string;
}

interface StoredTargetOf<A> {
  readonly y: A;
  /** Energy of each column of a spectrum. */
  readonly energies: readonly number[] | null;
  /** Columns of targets such as moments; absent for spectra. */
  readonly columns?: readonly TargetColumn[];
  /** Names of the columns of a table of values; absent for other targets, and in old versions. */
  readonly names?: readonly string[];
}

export type StoredTarget = StoredTargetOf<StoredArray>;

/** Written by an import: a whole version, or the first shard of a lineage. */
export interface StoredDescription {
  readonly manifest: Manifest;
  readonly rows: number;
  /** Columns of X: see descriptorColumns. */
  readonly columns?: readonly DescriptorColumn[];
  /** Cells and distances; absent for tables, and in old versions. */
  readonly structures?: StructureSummary;
  /** Number of columns of X that vary. */
  readonly varying: number;
  readonly x: StoredArray;
  readonly targets: Readonly<Record<string, StoredTarget>>;
  /** `sha256`: a JSON list of text, one entry per row; `count`: the number of groups. */
  readonly groups: { readonly sha256: string; readonly count: number } | null;
  /** A JSON list of text, one entry per row. */
  readonly ids: string | null;
  /** The condition of each row, such as a pressure: a JSON list of text. Absent in old versions. */
  readonly series?: string | null;
  /** Near-duplicates: JSON pairs of findNearDuplicates; null for none, absent in old versions. */
  readonly ties?: string | null;
  /** sha256 of the files' raw bytes by reference, and their folder: `verify` compares them. */
  readonly files: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** Written by an append. Manifest, columns and energies are those of the lineage's first shard. */
export interface AppendedDescription
  extends Pick<StoredDescription, 'rows' | 'structures' | 'varying' | 'x' | 'groups' | 'ids' | 'series' | 'files' | 'folder'> {
  readonly targets: Readonly<Record<string, { readonly y: StoredArray }>>;
  /** Hash of the folder's manifest: `verify` compares it. */
  readonly manifestSha256: string;
  /** A JSON list of pairs [own row, row of the version] of near-duplicates; null for none. */
  readonly ties: string | null;
  /** Rows of the folder that the version already had; they were not added. */
  readonly duplicates: number;
}

/** Rows that were added together, from row `from` of the version on. */
export interface Shard {
  readonly version: string;
  readonly from: number;
  readonly rows: number;
  /** sha256 of the list: see `ties` of AppendedDescription. */
  readonly nearDuplicates: string | null;
}

/** A version with the rows of all its shards. */
export interface DatasetDescription extends Omit<StoredDescription, 'x' | 'targets' | 'groups' | 'ids' | 'series' | 'ties'> {
  readonly x: JoinedArray;
  readonly targets: Readonly<Record<string, StoredTargetOf<JoinedArray>>>;
  /** One list of text per shard. */
  readonly groups: { readonly parts: readonly string[]; readonly count: number } | null;
  readonly ids: readonly string[] | null;
  readonly series: readonly string[] | null;
  /** Oldest first; a single one where the version was imported as a whole. */
  readonly shards: readonly Shard[];
  /** Hash of the manifest in the folder of `files`, where it is not `manifest`. */
  readonly manifestSha256?: string;
}

/** Returns the hashes of the arrays that a version consists of. */
export function arraysOf({ x, targets, groups, ids, series, shards }: DatasetDescription): string[] {
  return [
    ...[x, ...Object.values(targets).map(({ y }) => y)].flatMap(({ parts }) => parts.map(({ sha256 }) => sha256)),
    ...[groups?.parts ?? [], ids ?? [], series ?? []].flat(),
    ...shards.flatMap(({ nearDuplicates }) => nearDuplicates ?? []),
  ];
}

/** The row of a version and those of its ancestors, oldest first. */
export interface Lineage {
  readonly version: string;
  readonly description: unknown;
  readonly ancestors: readonly { readonly version: string; readonly description: unknown }[];
}

interface LineageVersion {
  readonly version: string;
  readonly description: StoredDescription | AppendedDescription;
}

/** Joins the description of a version with those of its ancestors. */
export function joinLineage({ version, description, ancestors }: Lineage): DatasetDescription {
  const versions = [...ancestors, { version, description }] as readonly LineageVersion[];
  const all = versions.map((shard) => shard.description);
  const [first, newest] = [all[0] as StoredDescription, all.at(-1) as StoredDescription | AppendedDescription];
  const join = (arrayOf: (shard: StoredDescription | AppendedDescription) => StoredArray): JoinedArray => {
    const parts = all.map(arrayOf);
    return { rows: parts.reduce((sum, { rows }) => sum + rows, 0), columns: parts[0]?.columns ?? 0, parts };
  };
  const listsOf = (name: 'ids' | 'series') => {
    const parts = all.map((shard) => shard[name]);
    return parts.every((sha256) => typeof sha256 === 'string') ? parts : null;
  };
  let from = 0;
  const shards = versions.map(({ version, description: { rows, ties = null } }): Shard => {
    from += rows;
    return { version, from: from - rows, rows, nearDuplicates: ties };
  });
  return {
    ...first,
    rows: from,
    ...(first.structures && {
      structures: all.map(({ structures }) => structures).reduce(joinSummaries),
    }),
    varying: newest.varying,
    x: join(({ x }) => x),
    targets: Object.fromEntries(
      Object.entries(first.targets).map(([name, target]) => [
        name,
        { ...target, y: join(({ targets }) => (targets[name] as { y: StoredArray }).y) },
      ]),
    ),
    groups: newest.groups && {
      parts: all.map(({ groups }) => (groups as { sha256: string }).sha256),
      count: newest.groups.count,
    },
    ids: listsOf('ids'),
    series: listsOf('series'),
    files: newest.files,
    folder: newest.folder,
    ...('manifestSha256' in newest && { manifestSha256: newest.manifestSha256 }),
    shards,
  };
}

/** Returns the numbers of columns that networks for a target have at either end. */
export const countColumns = ({ varying, targets }: DatasetDescription, target: string): DataColumns => ({
  descriptors: varying,
  energies: targets[target]?.y.columns ?? 1,
});

/** Returns name, unit and meaning of each column of X; old versions have them in the manifest. */
export function descriptorColumns({
  columns,
  manifest: { descriptors },
}: Pick<StoredDescription, 'columns' | 'manifest'>): readonly DescriptorColumn[] {
  return columns ?? ('columns' in descriptors ? descriptors.columns : []);
}

/** Returns which columns of X share a scale: all of a histogram, those of a table in one unit. */
export function sharedScales(description: Pick<StoredDescription, 'columns' | 'manifest'>): SharedScale[] {
  const { descriptors } = description.manifest;
  const isCount = 'from' in descriptors && 'bins' in descriptors.from;
  const columns = descriptorColumns(description);
  const byScale = Map.groupBy(columns.keys(), (column) => (isCount ? '' : (columns[column] as DescriptorColumn).unit));
  return [...byScale.values()].map((members) => ({ columns: members, isCount }));
}

/** Returns the manifest's entry of a target with spectra; null for other targets. */
export function findSpectraTarget({ manifest }: Pick<StoredDescription, 'manifest'>, target: string): SpectraTarget | null {
  const about = manifest.targets[target];
  return about && 'file' in about ? about : null;
}

/** Loads [rows, columns]. Throws NarrowsError `dataset-corrupt` for bytes of another shape. */
export async function loadMatrix(store: ArrayStore, { rows, columns, parts }: JoinedArray): Promise<Matrix> {
  // A copy, as the bytes of the store may start at any offset of a buffer.
  const data = new Float32Array(rows * columns);
  const whole = new Uint8Array(data.buffer);
  let at = 0;
  for (const batch of batchParts(parts)) {
    const read = await Promise.all(batch.map(({ sha256 }) => store.get(sha256)));
    for (const [i, { sha256, rows: own }] of batch.entries()) {
      const bytes = read[i] as Uint8Array;
      if (bytes.length !== own * columns * 4) {
        const message = `the stored array ${sha256} has ${bytes.length} bytes, not ${own} x ${columns} x 4`;
        throw new NarrowsError('dataset-corrupt', message, { kind: 'failure' });
      }
      whole.set(bytes, at);
      at += bytes.length;
    }
  }
  return { rows, columns, data };
}

/** Small parts are read together; a large part is read alone, to limit memory. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const MAX_BATCH_PARTS = 64;

function* batchParts(parts: readonly StoredArray[]): Generator<StoredArray[]> {
  let [batch, bytes]: [StoredArray[], number] = [[], 0];
  for (const part of parts) {
    const own = part.rows * part.columns * 4;
    if (batch.length === MAX_BATCH_PARTS || (batch.length > 0 && bytes + own > MAX_BATCH_BYTES)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(part);
    bytes += own;
  }
  if (batch.length > 0) yield batch;
}

/** Loads all parts of a list of text as one. */
export async function loadList(store: ArrayStore, parts: readonly string[]): Promise<string[]> {
  const lists: string[][] = [];
  for (const sha256 of parts) lists.push(await loadJson(store, sha256));
  return lists.flat();
}

/** Loads pairs [row of the shard, row of the version] of near-duplicates. */
export const loadNearDuplicates = (store: ArrayStore, sha256: string) => loadJson<[number, number][]>(store, sha256);

async function loadJson<T>(store: ArrayStore, sha256: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await store.get(sha256))) as T;
}

/** Stores the bytes and returns their sha256. */
export async function storeBytes(store: ArrayStore, bytes: Uint8Array): Promise<string> {
  const sha256 = sha256Of(bytes);
  await store.put({ sha256, bytes: bytes.length, pieces: Readable.from([bytes]) });
  return sha256;
}

/** Stores the value as JSON and returns its sha256. */
export const storeJson = (store: ArrayStore, value: unknown): Promise<string> =>
  storeBytes(store, new TextEncoder().encode(JSON.stringify(value)));
