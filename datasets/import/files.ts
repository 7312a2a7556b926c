/** Reads and hashes the files of a dataset; refuses files that change meanwhile. */
import { createHash } from 'node:crypto';
import { NarrowsError } from '../../errors.ts';
import { type FileSource, toFileSource } from '../files/file-source.ts';
import { isPattern, type MatchedFile } from '../files/patterns.ts';
import type { ArrayReader } from '../formats/array-format.ts';
import { findFormat, parseReference } from '../formats/formats.ts';
import { type ReadMonitor, UNMONITORED } from './monitor.ts';

export interface DatasetFiles extends Pick<FileSource, 'locate' | 'pieces'> {
  /** Returns the files of a pattern. Throws NarrowsError `file-missing` where there are none. */
  list(pattern: string): Promise<readonly MatchedFile[]>;
  /** Returns and hashes the bytes of a file. A piece is valid until the next is requested. */
  stream(file: string): AsyncIterable<Uint8Array>;
  /** Returns the bytes of an array, of its file or its member of an archive, and hashes them. */
  content(reference: string): AsyncIterable<Uint8Array>;
  /** Hashes the whole file, unless it has not changed since it was last hashed. */
  ensureHashed(reference: string): Promise<void>;
  /** Returns the sha256 of a file or an archive member, as in a version; of a pattern, of all. */
  hash(reference: string): Promise<string>;
}

/** Throws NarrowsError `file-changed` where a file changes between or during reads. */
export function openDatasetFiles(from: string | FileSource, monitor: ReadMonitor = UNMONITORED): DatasetFiles {
  const source = toFileSource(from);
  const { pieces, locate } = source;
  const hashes = new Map<string, string>();
  /** State of a file when it was last hashed. */
  const states = new Map<string, string>();
  const listings = new Map<string, readonly MatchedFile[]>();
  const list = async (pattern: string): Promise<readonly MatchedFile[]> => {
    source.describe(pattern);
    const files = listings.get(pattern) ?? (await source.find(pattern));
    listings.set(pattern, files);
    if (files.length > 0) return files;
    const fix = '"*" means any text within the name of a file or folder: runs/*/xmu.dat';
    throw new NarrowsError('file-missing', `${source.name} has no file ${pattern}`, { path: pattern, fix });
  };
  const keepHash = (reference: string, hash: string): string => {
    if ((hashes.get(reference) ?? hash) !== hash) throw changedError(reference);
    hashes.set(reference, hash);
    return hash;
  };
  /** Passes on the bytes of a file, and keeps their hash at the end. */
  async function* hashed(reference: string, file: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    monitor.begin(reference);
    const before = await source.state(file);
    const hash = createHash('sha256');
    for await (const piece of bytes) {
      hash.update(piece);
      yield piece;
    }
    keepHash(reference, hash.digest('hex'));
    if ((await source.state(file)) !== before) throw changedError(file);
    if (reference === file) states.set(file, before);
  }
  const stream = (file: string) => hashed(file, file, pieces(file));
  /** Returns the bytes of an archive's member; null for other references. */
  const memberBytes = async (reference: string): Promise<AsyncIterable<Uint8Array> | null> => {
    const { file, member } = parseReference(reference);
    const reader = member === undefined ? undefined : await findFormat(file)?.load();
    if (!reader?.readMember || member === undefined) return null;
    return hashed(reference, file, readMember(reader.readMember, file, member));
  };
  async function* readMember(read: NonNullable<ArrayReader['readMember']>, file: string, member: string) {
    yield* read(await locate(file), file, member);
  }
  async function* content(reference: string): AsyncGenerator<Uint8Array> {
    const member = await memberBytes(reference);
    if (member) return yield* member;
    const { file } = parseReference(reference);
    yield* stream(file);
    keepHash(reference, hashes.get(file) ?? '');
  }
  const ensureHashed = async (reference: string): Promise<void> => {
    const { file } = parseReference(reference);
    monitor.begin(reference);
    const state = await source.state(file);
    if (states.get(file) !== state) for await (const _ of stream(file));
    keepHash(reference, hashes.get(file) ?? '');
  };
  const hash = async (reference: string): Promise<string> => {
    const { file: pattern } = parseReference(reference);
    if (isPattern(pattern)) {
      const all = createHash('sha256');
      const files = (await list(pattern)).map(({ file }) => file).sort();
      for (const file of files) all.update(`${file} ${await hash(file)}\n`);
      return all.digest('hex');
    }
    if (!hashes.has(reference)) {
      const member = await memberBytes(reference);
      if (member) for await (const _ of member);
      else await ensureHashed(reference);
    }
    return hashes.get(reference) ?? '';
  };
  return { list, locate, stream, pieces, content, ensureHashed, hash };
}

function changedError(reference: string): NarrowsError {
  return new NarrowsError('file-changed', `${reference} changed while it was read`, { path: reference, fix: 'try again' });
}
