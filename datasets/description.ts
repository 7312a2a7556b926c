/** What is stored of a dataset version: the manifest, and where its arrays lie in the blob store. */
import { EXIT, NarrowsError } from '../infra/errors.ts';
import type { Matrix } from '../models/axes.ts';
import type { DescriptorColumn } from '../models/descriptor.ts';
import type { Manifest, SpectraTarget } from './manifest.ts';

/** Bytes that are known before they are read again. */
export interface Content {
  /** 64 hexadecimal characters. */
  readonly sha256: string;
  readonly bytes: number;
  /** In order; a piece is good until the next is asked for. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Content-addressed bytes; db/blobs.ts answers for a sweep, anything else in tests. */
export interface ArrayStore {
  /** Throws where the pieces are not what they are said to be, and keeps nothing then. */
  put(content: Content): Promise<void>;
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

/** A column of a target whose columns are no energies of a spectrum. */
export interface TargetColumn {
  readonly name: string;
  readonly unit: string;
}

export interface StoredTarget {
  readonly y: StoredArray;
  /** Of the columns of a spectrum. */
  readonly energies: readonly number[] | null;
  /** Of other targets, such as moments; left out of spectra. */
  readonly columns?: readonly TargetColumn[];
}

export interface DatasetDescription {
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
  /** sha256 of the files' raw bytes by reference, and the folder they came from: what `verify` compares. */
  readonly files: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** Name, unit and meaning of each column of X. A version stored before columns could be computed has them in its manifest only. */
export function descriptorColumns({ columns, manifest: { descriptors } }: DatasetDescription): readonly DescriptorColumn[] {
  return columns ?? ('columns' in descriptors ? descriptors.columns : []);
}

/** What the manifest says of a target's spectra, units among it; null of a target whose columns have units of their own. */
export function spectraOf({ manifest }: DatasetDescription, target: string): SpectraTarget | null {
  const about = manifest.targets[target];
  return about && 'file' in about ? about : null;
}

/** Throws NarrowsError `dataset-corrupt` where the stored bytes are not of this shape. */
export async function loadMatrix(store: ArrayStore, { sha256, rows, columns }: StoredArray): Promise<Matrix> {
  const bytes = await store.get(sha256);
  if (bytes.length !== rows * columns * 4) {
    throw new NarrowsError(
      'dataset-corrupt',
      `the stored array ${sha256} has ${bytes.length} bytes, not ${rows} x ${columns} x 4`,
      {
        exit: EXIT.failure,
      },
    );
  }
  // A copy, as the store's bytes may lie at any offset.
  return { rows, columns, data: new Float32Array(new Uint8Array(bytes).buffer) };
}

export async function loadList(store: ArrayStore, sha256: string): Promise<string[]> {
  return JSON.parse(new TextDecoder().decode(await store.get(sha256))) as string[];
}
