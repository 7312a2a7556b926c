/** What is stored of a dataset version: the manifest, and where its arrays lie in the blob store. */

import { NarrowsError } from '../errors.ts';
import type { Matrix } from '../models/axes.ts';
import type { DescriptorColumn } from '../models/descriptor.ts';
import { sha256Of } from '../platform.ts';
import type { Manifest, SpectraTarget } from './manifest.ts';

/** Bytes that are known before they are read again. */
export interface BlobContent {
  /** 64 hexadecimal characters. */
  readonly sha256: string;
  readonly bytes: number;
  /** In order; a piece is good until the next is asked for. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Content-addressed bytes; db/blobs.ts answers for a sweep, anything else in tests. */
export interface ArrayStore {
  /** Throws where the pieces are not what they are said to be, and keeps nothing then. */
  put(content: BlobContent): Promise<void>;
  /** The bytes as they are stored, in order: whoever must know that they are whole hashes them. */
  pieces(sha256: string): AsyncIterable<Uint8Array>;
  get(sha256: string): Promise<Uint8Array>;
}

/** float32, little-endian, C order. */
export interface StoredArray {
  readonly sha256: string;
  readonly rows: number;
  readonly columns: number;
}

/** An array in as many parts as its version has shards, in the order of their rows. */
export interface JoinedArray {
  readonly rows: number;
  readonly columns: number;
  readonly parts: readonly StoredArray[];
}

/** A column of a target whose columns are no energies of a spectrum. */
export interface TargetColumn {
  readonly name: string;
  readonly unit: string;
}

interface StoredTargetOf<A> {
  readonly y: A;
  /** Of the columns of a spectrum. */
  readonly energies: readonly number[] | null;
  /** Of other targets, such as moments; left out of spectra. */
  readonly columns?: readonly TargetColumn[];
}

export type StoredTarget = StoredTargetOf<StoredArray>;

/** What an import writes of the rows that it brought: a whole version, or the first shard of a lineage. */
export interface StoredDescription {
  readonly manifest: Manifest;
  readonly rows: number;
  /** Of X: see descriptorColumns. */
  readonly columns?: readonly DescriptorColumn[];
  /** Descriptors that vary. */
  readonly varying: number;
  readonly x: StoredArray;
  readonly targets: Readonly<Record<string, StoredTarget>>;
  /** `sha256`: a JSON list of text, one entry per row; `count`: how many groups there are. */
  readonly groups: { readonly sha256: string; readonly count: number } | null;
  /** A JSON list of text, one entry per row. */
  readonly ids: string | null;
  /** What was done to each structure (a pressure): a JSON list of text, one entry per row. Absent from versions imported before there were series. */
  readonly series?: string | null;
  /** A JSON list of pairs [row, first row that it is tied to]: see twinsWithin. null where there are none, absent from versions imported before they were looked for. */
  readonly ties?: string | null;
  /** sha256 of the files' raw bytes by reference, and the folder they came from: what `verify` compares. */
  readonly files: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** What appending writes: the rows that came, and what of the version they changed. Manifest, columns and energies are those of the lineage's first shard. */
export interface AppendedDescription
  extends Pick<StoredDescription, 'rows' | 'varying' | 'x' | 'groups' | 'ids' | 'series' | 'files' | 'folder'> {
  readonly targets: Readonly<Record<string, { readonly y: StoredArray }>>;
  /** The folder's manifest as it was read: what `verify` compares. */
  readonly manifestSha256: string;
  /** A JSON list of pairs [own row, row of the version]: structures that nearly equal an earlier one. null where there are none. */
  readonly ties: string | null;
  /** Rows of the folder that were there already, and were not taken again. */
  readonly duplicates: number;
}

/** Rows that came together, from row `from` of the version on. */
export interface Shard {
  readonly version: string;
  readonly from: number;
  readonly rows: number;
  /** See AppendedDescription. */
  readonly nearDuplicates: string | null;
}

/** A version with all its rows. */
export interface DatasetDescription extends Omit<StoredDescription, 'x' | 'targets' | 'groups' | 'ids' | 'series' | 'ties'> {
  readonly x: JoinedArray;
  readonly targets: Readonly<Record<string, StoredTargetOf<JoinedArray>>>;
  /** Lists of text by shard. */
  readonly groups: { readonly parts: readonly string[]; readonly count: number } | null;
  readonly ids: readonly string[] | null;
  readonly series: readonly string[] | null;
  /** Oldest first; one where the version was imported as a whole. */
  readonly shards: readonly Shard[];
  /** Of the folder that `files` are of, where that is not `manifest`. */
  readonly manifestSha256?: string;
}

/** A version's row, and those that it was appended to, oldest first: as db/queries/datasets/datasets.ts finds them. */
export interface Lineage {
  readonly version: string;
  readonly description: unknown;
  readonly ancestors: readonly { readonly version: string; readonly description: unknown }[];
}

/** Joins a version with its ancestors. */
export function joinLineage({ version, description, ancestors }: Lineage): DatasetDescription {
  type Of<Description> = { readonly version: string; readonly description: Description };
  const [root, ...appended] = [...ancestors, { version, description }] as unknown as [
    Of<StoredDescription>,
    ...Of<AppendedDescription>[],
  ];
  const first = root.description;
  const own = appended.map((shard) => shard.description);
  const newest = own.at(-1) ?? first;
  const joined = (parts: readonly StoredArray[]): JoinedArray => ({
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    columns: (parts[0] as StoredArray).columns,
    parts,
  });
  const lists = (of: (shard: Pick<StoredDescription, 'ids' | 'series'>) => string | null | undefined) => {
    const parts = [first, ...own].map(of);
    return parts.every((sha256) => typeof sha256 === 'string') ? parts : null;
  };
  let from = 0;
  const shards = [root, ...appended].map((shard): Shard => {
    const { rows } = shard.description;
    from += rows;
    return { version: shard.version, from: from - rows, rows, nearDuplicates: shard.description.ties ?? null };
  });
  return {
    ...first,
    rows: from,
    varying: newest.varying,
    x: joined([first.x, ...own.map(({ x }) => x)]),
    targets: Object.fromEntries(
      Object.entries(first.targets).map(([name, target]) => [
        name,
        { ...target, y: joined([target.y, ...own.map(({ targets }) => (targets[name] as { y: StoredArray }).y)]) },
      ]),
    ),
    groups: newest.groups && {
      parts: [first, ...own].map(({ groups }) => (groups as { sha256: string }).sha256),
      count: newest.groups.count,
    },
    ids: lists(({ ids }) => ids),
    series: lists(({ series }) => series),
    files: newest.files,
    folder: newest.folder,
    ...('manifestSha256' in newest && { manifestSha256: newest.manifestSha256 }),
    shards,
  };
}

/** Name, unit and meaning of each column of X. A version stored before columns could be computed has them in its manifest only. */
export function descriptorColumns({
  columns,
  manifest: { descriptors },
}: Pick<StoredDescription, 'columns' | 'manifest'>): readonly DescriptorColumn[] {
  return columns ?? ('columns' in descriptors ? descriptors.columns : []);
}

/** What the manifest says of a target's spectra, units among it; null of a target whose columns have units of their own. */
export function findSpectraTarget({ manifest }: Pick<StoredDescription, 'manifest'>, target: string): SpectraTarget | null {
  const about = manifest.targets[target];
  return about && 'file' in about ? about : null;
}

/** Throws NarrowsError `dataset-corrupt` where the stored bytes are not of this shape. */
export async function loadMatrix(store: ArrayStore, { rows, columns, parts }: JoinedArray): Promise<Matrix> {
  // A copy, as the store's bytes may lie at any offset.
  const data = new Float32Array(rows * columns);
  const whole = new Uint8Array(data.buffer);
  let at = 0;
  for (const batch of batchParts(parts, (part) => part.rows * columns * 4)) {
    const read = await Promise.all(batch.map(({ sha256 }) => store.get(sha256)));
    for (const [i, { sha256, rows: own }] of batch.entries()) {
      const bytes = read[i] as Uint8Array;
      if (bytes.length !== own * columns * 4) {
        throw new NarrowsError(
          'dataset-corrupt',
          `the stored array ${sha256} has ${bytes.length} bytes, not ${own} x ${columns} x 4`,
          { kind: 'failure' },
        );
      }
      whole.set(bytes, at);
      at += bytes.length;
    }
  }
  return { rows, columns, data };
}

/** The many small parts of a long lineage are read together; beside one large part nothing else is held in memory. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const MAX_BATCH_PARTS = 64;

function* batchParts<Part>(parts: readonly Part[], bytesOf: (part: Part) => number): Generator<Part[]> {
  let [batch, bytes]: [Part[], number] = [[], 0];
  for (const part of parts) {
    if (batch.length === MAX_BATCH_PARTS || (batch.length > 0 && bytes + bytesOf(part) > MAX_BATCH_BYTES)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(part);
    bytes += bytesOf(part);
  }
  if (batch.length > 0) yield batch;
}

/** All parts of a list as one. */
export async function loadList(store: ArrayStore, parts: readonly string[]): Promise<string[]> {
  const lists: string[][] = [];
  for (const sha256 of parts) lists.push(JSON.parse(new TextDecoder().decode(await store.get(sha256))) as string[]);
  return lists.flat();
}

/** Their sha256. */
export async function storeBytes(store: ArrayStore, bytes: Uint8Array): Promise<string> {
  const content: BlobContent = {
    sha256: sha256Of(bytes),
    bytes: bytes.length,
    pieces: (async function* () {
      yield bytes;
    })(),
  };
  await store.put(content);
  return content.sha256;
}

/** sha256 of the value as JSON, which is stored. */
export const storeJson = (store: ArrayStore, value: unknown): Promise<string> =>
  storeBytes(store, new TextEncoder().encode(JSON.stringify(value)));

/** Pairs [row of the shard, earlier row of the version] of structures that are nearly the same. */
export async function loadNearDuplicates(store: ArrayStore, sha256: string): Promise<[number, number][]> {
  return JSON.parse(new TextDecoder().decode(await store.get(sha256))) as [number, number][];
}
