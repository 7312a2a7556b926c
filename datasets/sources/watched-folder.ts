/** Scans a watched folder, whose subfolders are shards, and copies complete ones. */
import { createHash } from 'node:crypto';
import { createWriteStream, type Stats } from 'node:fs';
import { lstat, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, normalize, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { NarrowsError } from '../../errors.ts';
import { MANIFEST } from '../manifest-name.ts';
import { listFolder, openListed, refused, requireName } from './shard-files.ts';

/** Lines `<sha256>  <file>` of sha256sum: the files of a complete shard. */
const SUMS_FILE = 'SHA256SUMS';

/** Files without SHA256SUMS are complete when they have not changed for a while. */
interface Settling {
  /** Seconds without a change. */
  readonly settle: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A folder that is complete as far as its names and times show. */
interface ReadyShard {
  /** Absolute path. */
  readonly folder: string;
  /** Hash of names, sizes and times: it changes with the bytes. */
  readonly fingerprint: string;
  /** Why it is not copied, such as a link in it, or null. */
  readonly refusal: NarrowsError | null;
}

/** A folder that may become a shard at a later scan. */
interface WaitingShard {
  readonly folder: string;
  readonly reason: string;
}

/**
 * Lists the shards of a watched folder by name, without reading data. Names that start with "." or
 * end in .part or .tmp are still being written. Throws NarrowsError `source-missing`.
 */
export async function scanFolder(
  directory: string,
  settling: Settling,
): Promise<{ readonly ready: readonly ReadyShard[]; readonly waiting: readonly WaitingShard[] }> {
  const ready: ReadyShard[] = [];
  const waiting: WaitingShard[] = [];
  for (const name of await listNames(directory)) {
    const folder = resolve(directory, name);
    const shard = await inspect(folder, name, settling);
    if (shard === null) continue;
    if ('reason' in shard) waiting.push(shard);
    else ready.push(shard);
  }
  return { ready, waiting };
}

async function listNames(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory);
    return entries.filter((name) => !name.startsWith('.') && !/\.(part|tmp)$/.test(name)).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new NarrowsError('source-missing', `the watched folder ${directory} cannot be read: ${code}`, {
      path: directory,
      fix: 'make it readable on the machine of the orchestrator worker',
      kind: 'failure',
      cause: error,
    });
  }
}

/** Returns null for a folder without a shard. */
async function inspect(folder: string, name: string, settling: Settling): Promise<ReadyShard | WaitingShard | null> {
  try {
    requireName(name);
    const stats = await lstat(folder);
    if (stats.isSymbolicLink()) throw refused(`${name} is a link`, name, 'put the folder itself there');
    return stats.isDirectory() ? await inspectShard(folder, settling) : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It was removed or renamed after the listing: the writer has not finished.
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    if (code === 'EMFILE' || code === 'ENFILE') throw error;
    const refusal = error instanceof NarrowsError ? error : refused(`it cannot be read: ${code}`, name, 'make it readable');
    return { folder, fingerprint: hashLines([refusal.message]), refusal };
  }
}

async function inspectShard(folder: string, settling: Settling): Promise<ReadyShard | WaitingShard> {
  const { files, entries, fault } = await listFolder(folder);
  if (fault) return { folder, fingerprint: fingerprintFiles(entries), refusal: fault };
  if (!files.has(MANIFEST)) return { folder, reason: `it has no ${MANIFEST} yet` };
  if (!files.has(SUMS_FILE)) {
    if (isRecent(files, settling)) return { folder, reason: `a file changed within the last ${settling.settle} s` };
  } else {
    // Unreadable sums are a fault of the shard, which copyShard reports.
    const sums = await readSums(folder, files).catch(() => []);
    const missing = sums.map(({ file }) => file).find((file) => !files.has(file));
    if (missing !== undefined) return { folder, reason: `${SUMS_FILE} names ${missing}, which does not exist yet` };
  }
  return { folder, fingerprint: fingerprintFiles(files), refusal: null };
}

const isRecent = (files: ReadonlyMap<string, Stats>, { settle, now }: Settling): boolean =>
  [...files.values()].some(({ mtimeMs, ctimeMs }) => now - Math.max(mtimeMs, ctimeMs) < settle * 1000);

/** Includes the change time of the inode, which copying tools cannot reset. */
function fingerprintFiles(files: ReadonlyMap<string, Stats>): string {
  return hashLines([...files].map(([file, { size, mtimeMs, ctimeMs, ino }]) => `${file} ${size} ${mtimeMs} ${ctimeMs} ${ino}`));
}

/** Largest SHA256SUMS: that of the largest shard, with long names. */
const MAX_SUMS_BYTES = 64 * 1024 ** 2;

/** Parses SHA256SUMS. Throws NarrowsError `sums-invalid`. */
async function readSums(folder: string, files: ReadonlyMap<string, Stats>): Promise<{ file: string; sha256: string }[]> {
  const listed = files.get(SUMS_FILE) as Stats;
  const invalid = (message: string) => new NarrowsError('sums-invalid', `${SUMS_FILE}: ${message}`, { path: SUMS_FILE });
  if (listed.size > MAX_SUMS_BYTES) throw invalid(`it is larger than ${MAX_SUMS_BYTES} bytes`);
  await using source = await openListed(folder, SUMS_FILE, listed);
  if (source === null) throw invalid('it was replaced');
  const lines = (await source.readFile('utf8')).split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, i) => {
    const [, sha256, name] = /^([0-9a-f]{64})[ \t]+\*?(.+?)\r?$/i.exec(line) ?? [];
    const file = name && normalize(name).split(sep).join('/');
    if (!sha256 || !file || file.startsWith('../') || file.startsWith('/')) {
      throw invalid(`line ${i + 1} is not a valid "<sha256>  <file>" of this folder`);
    }
    return { file, sha256: sha256.toLowerCase() };
  });
}

interface CopiedShard {
  /** sha256 of the names and bytes of the files: equal for copies of a shard. */
  readonly content: string;
  /** A fault of the whole shard, or null. */
  readonly fault: NarrowsError | null;
}

type CopyOptions = Settling & { readonly signal?: AbortSignal | undefined };

/** Copies a shard to the empty folder `into`; null where it changed meanwhile or must settle. */
export async function copyShard(shard: ReadyShard, into: string, options: CopyOptions): Promise<CopiedShard | null> {
  try {
    if (shard.refusal) throw shard.refusal;
    return await copyFiles(shard, into, options);
  } catch (error) {
    if (!(error instanceof NarrowsError) || error.code !== 'shard-refused') throw error;
    // Not all of it was read: what stands for its content changes with its names and times.
    return { content: hashLines([shard.folder, shard.fingerprint]), fault: error };
  }
}

async function copyFiles(
  { folder, fingerprint }: ReadyShard,
  into: string,
  { signal, ...settling }: CopyOptions,
): Promise<CopiedShard | null> {
  const { files } = await listFolder(folder);
  const sums = files.has(SUMS_FILE) ? await readSums(folder, files).catch((error: NarrowsError) => error) : null;
  const names = Array.isArray(sums) ? sums.map(({ file }) => file) : [...files.keys()].filter((file) => file !== SUMS_FILE);
  const hashes = new Map<string, string>();
  for (const file of names.toSorted()) {
    const listed = files.get(file);
    const hash = listed ? await copyAndHash(folder, file, listed, join(into, file), signal) : null;
    if (hash === null) return null;
    hashes.set(file, hash);
  }
  if (fingerprintFiles((await listFolder(folder)).files) !== fingerprint) return null;
  const content = hashLines([...hashes].map(([file, sha256]) => `${sha256}  ${file}`));
  if (sums instanceof Error) return { content, fault: sums };
  const damaged = sums?.find(({ file, sha256 }) => hashes.get(file) !== sha256);
  if (damaged === undefined) return { content, fault: null };
  if (isRecent(files, settling)) return null;
  return {
    content,
    fault: new NarrowsError('sums-differ', `${damaged.file} does not match its hash in ${SUMS_FILE}`, {
      path: damaged.file,
      fix: `copy it again, or rewrite ${SUMS_FILE}`,
    }),
  };
}

const hashLines = (lines: readonly string[]): string => createHash('sha256').update(lines.join('\n')).digest('hex');

/** Returns null where the file is not the listed one any more. */
async function copyAndHash(
  folder: string,
  path: string,
  listed: Stats,
  to: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  await using source = await openListed(folder, path, listed);
  if (source === null) return null;
  await mkdir(dirname(to), { recursive: true });
  return await writeHashed(source.createReadStream(), to, signal);
}

/** Writes a stream to a file and returns its sha256. `check` sees each chunk, and may throw. */
export async function writeHashed(
  source: Readable,
  file: string,
  signal: AbortSignal | undefined,
  check?: (chunk: Uint8Array) => void,
): Promise<string> {
  const hash = createHash('sha256');
  const hashed = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      check?.(chunk);
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(source, hashed, createWriteStream(file), { signal });
  return hash.digest('hex');
}
