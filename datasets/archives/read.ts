/** Reading of archives: content is checked in a box before any of it is used. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { NarrowsError } from '../../errors.ts';
import {
  ARCHIVE_VERSION,
  type ArchiveContent,
  type ArchiveEnd,
  type ArchiveManifest,
  contentSchema,
  endSchema,
  manifestSchema,
} from './format.ts';

/** Longest line: a piece of an array has 4 MiB, rows some MiB. */
const MAX_LINE_BYTES = 64 * 2 ** 20;

export interface ArchiveSummary {
  readonly manifest: ArchiveManifest;
  readonly end: ArchiveEnd;
}

/**
 * Reads an archive to its end and returns what it says it holds, which it does hold. `maxBytes`
 * bounds what it unpacks to. Throws NarrowsError `archive-damaged`, `archive-newer`,
 * `archive-too-large`.
 */
export async function checkArchive(file: string, maxBytes = Number.POSITIVE_INFINITY): Promise<ArchiveSummary> {
  const rows: Record<string, number> = {};
  let arrays = 0;
  const reader = readArchive(file, maxBytes);
  for (;;) {
    const step = await reader.next();
    if (step.done) {
      const { end } = step.value;
      const isWhole = end.arrays === arrays && JSON.stringify(sorted(end.rows)) === JSON.stringify(sorted(rows));
      if (!isWhole) throw damagedError(file, 'it does not hold the rows that it says');
      return step.value;
    }
    if ('array' in step.value) arrays += 1;
    if ('table' in step.value) rows[step.value.table] = (rows[step.value.table] ?? 0) + step.value.rows.length;
  }
}

const sorted = (counts: Readonly<Record<string, number>>) => Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));

/** Yields the content in order; returns manifest and end once the hash was found to fit. */
export async function* readArchive(
  file: string,
  maxBytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<ArchiveContent, ArchiveSummary> {
  const hash = createHash('sha256');
  let manifest: ArchiveManifest | null = null;
  let end: ArchiveEnd | null = null;
  for await (const line of readLines(file, maxBytes)) {
    if (end) throw damagedError(file, 'it goes on after its end');
    const value = parse(file, line);
    if (manifest === null) manifest = readManifest(file, value);
    else if (typeof value === 'object' && value !== null && 'end' in value) {
      end = valid(file, endSchema, value).end;
      if (end.sha256 !== hash.digest('hex')) throw damagedError(file, 'its hash differs');
      continue;
    } else yield valid(file, contentSchema, value);
    hash.update(line).update('\n');
  }
  if (manifest === null || end === null) throw damagedError(file, 'it is truncated');
  return { manifest, end };
}

function readManifest(file: string, value: unknown): ArchiveManifest {
  const { format, version } = (value ?? {}) as { format?: unknown; version?: unknown };
  if (format === 'narrows-archive' && typeof version === 'number' && version > ARCHIVE_VERSION) {
    throw new NarrowsError('archive-newer', `${file} was written by a newer narrows (version ${version} of archives)`, {
      path: file,
      fix: 'update narrows',
    });
  }
  return valid(file, manifestSchema, value);
}

interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

function valid<T>(file: string, schema: Schema<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damagedError(file, `${issue?.path.join('.') || 'a line'}: ${issue?.message}`);
}

function parse(file: string, line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch {
    throw damagedError(file, 'a line of it is not valid JSON');
  }
}

/** Yields the lines of the unpacked file, without their ends. */
async function* readLines(file: string, maxBytes: number): AsyncGenerator<Uint8Array> {
  const unpacked = createReadStream(file).on('error', (error) => unzip.destroy(error));
  const unzip = createGunzip();
  unpacked.pipe(unzip);
  let total = 0;
  let parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of unzip as AsyncIterable<Buffer>) {
      total += chunk.length;
      if (total > maxBytes) throw tooLargeError(file, maxBytes);
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        yield Buffer.concat([...parts, chunk.subarray(from, at)]);
        [parts, length, from] = [[], 0, at + 1];
      }
      if (from === chunk.length) continue;
      parts.push(chunk.subarray(from));
      length += chunk.length - from;
      if (length > MAX_LINE_BYTES) throw damagedError(file, 'a line of it is too long');
    }
  } catch (error) {
    if (error instanceof NarrowsError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES')
      throw new NarrowsError('file-missing', `${file} cannot be read: ${message}`, { path: file, cause: error });
    throw damagedError(file, `it cannot be unpacked: ${message}`);
  } finally {
    unpacked.destroy();
    unzip.destroy();
  }
  if (length > 0) throw damagedError(file, 'it is truncated');
}

export const damagedError = (file: string, why: string): NarrowsError =>
  new NarrowsError('archive-damaged', `${file} is not a valid archive of sweeps: ${why}`, {
    path: file,
    fix: 'write it again with "narrows archive SWEEP --to FILE"',
  });

const tooLargeError = (file: string, bytes: number): NarrowsError =>
  new NarrowsError('archive-too-large', `${file} unpacks to more than ${bytes} bytes`, {
    path: file,
    fix: 'archive fewer sweeps at once',
  });
