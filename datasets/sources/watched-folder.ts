/** Scans a watched folder, whose subfolders are shards, and copies complete ones. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, type Stats } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize, relative, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { NarrowsError } from '../../errors.ts';
import { MANIFEST } from '../manifest.ts';

/** Lines `<sha256>  <file>` of sha256sum: the files of a complete shard. */
export const SUMS_FILE = 'SHA256SUMS';

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
  for (const name of await listSubfolders(directory)) {
    const folder = resolve(directory, name);
    try {
      const shard = await inspectShard(folder, settling);
      if ('reason' in shard) waiting.push(shard);
      else ready.push(shard);
    } catch (error) {
      // It was removed or renamed after the listing: the writer has not finished.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return { ready, waiting };
}

async function listSubfolders(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory);
    const names = entries.filter((name) => !name.startsWith('.') && !/\.(part|tmp)$/.test(name)).sort();
    const kinds = await Promise.all(names.map((name) => stat(join(directory, name)).catch(() => null)));
    return names.filter((_, i) => kinds[i]?.isDirectory());
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

async function inspectShard(folder: string, settling: Settling): Promise<ReadyShard | WaitingShard> {
  const files = await listFiles(folder);
  if (!files.has(MANIFEST)) return { folder, reason: `it has no ${MANIFEST} yet` };
  if (!files.has(SUMS_FILE)) {
    if (isRecent(files, settling)) return { folder, reason: `a file changed within the last ${settling.settle} s` };
  } else {
    // Unreadable sums are a fault of the shard, which copyShard reports.
    const sums = await readSums(folder).catch(() => []);
    const missing = sums.map(({ file }) => file).find((file) => !files.has(file));
    if (missing !== undefined) return { folder, reason: `${SUMS_FILE} names ${missing}, which does not exist yet` };
  }
  return { folder, fingerprint: fingerprintFiles(files) };
}

const isRecent = (files: ReadonlyMap<string, Stats>, { settle, now }: Settling): boolean =>
  [...files.values()].some(({ mtimeMs, ctimeMs }) => now - Math.max(mtimeMs, ctimeMs) < settle * 1000);

/** Returns every file below the folder by its path with "/". */
async function listFiles(folder: string): Promise<Map<string, Stats>> {
  const entries = await readdir(folder, { recursive: true });
  const found = await Promise.all(
    entries.map(async (entry) => [entry.split(sep).join('/'), await stat(join(folder, entry))] as const),
  );
  return new Map(found.filter(([, about]) => about.isFile()).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Includes the change time of the inode, which copying tools cannot reset. */
function fingerprintFiles(files: ReadonlyMap<string, Stats>): string {
  return hashLines([...files].map(([file, { size, mtimeMs, ctimeMs, ino }]) => `${file} ${size} ${mtimeMs} ${ctimeMs} ${ino}`));
}

/** Parses SHA256SUMS. Throws NarrowsError `sums-invalid`. */
async function readSums(folder: string): Promise<{ file: string; sha256: string }[]> {
  const lines = (await readFile(join(folder, SUMS_FILE), 'utf8')).split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, i) => {
    const [, sha256, name] = /^([0-9a-f]{64})[ \t]+\*?(.+?)\r?$/i.exec(line) ?? [];
    const file = name && normalize(name).split(sep).join('/');
    if (!sha256 || !file || file.startsWith('../') || file.startsWith('/')) {
      throw new NarrowsError('sums-invalid', `${SUMS_FILE}: line ${i + 1} is not a valid "<sha256>  <file>" of this folder`, {
        path: SUMS_FILE,
      });
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

/** Copies a shard to the empty folder `into`; null where it changed meanwhile or must settle. */
export async function copyShard(
  { folder, fingerprint }: ReadyShard,
  into: string,
  { signal, ...settling }: Settling & { readonly signal?: AbortSignal | undefined },
): Promise<CopiedShard | null> {
  const files = await listFiles(folder);
  const sums = files.has(SUMS_FILE) ? await readSums(folder).catch((error: NarrowsError) => error) : null;
  const names = Array.isArray(sums) ? sums.map(({ file }) => file) : [...files.keys()].filter((file) => file !== SUMS_FILE);
  const hashes = new Map<string, string>();
  for (const file of names.toSorted()) hashes.set(file, await copyAndHash(join(folder, file), join(into, file), signal));
  if (fingerprintFiles(await listFiles(folder)) !== fingerprint) return null;
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

async function copyAndHash(from: string, to: string, signal: AbortSignal | undefined): Promise<string> {
  await mkdir(dirname(to), { recursive: true });
  return writeHashed(createReadStream(from), to, signal);
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

/** Returns this folder or the one below with the manifest. Throws `manifest-missing`. */
export async function findDatasetFolder(directory: string): Promise<string> {
  const files = await listFiles(directory);
  const manifests = [...files.keys()].filter((file) => file === MANIFEST || file.endsWith(`/${MANIFEST}`));
  const shallowest = manifests.sort((a, b) => a.split('/').length - b.split('/').length)[0];
  if (shallowest === undefined) {
    throw new NarrowsError('manifest-missing', `the archive contains no ${MANIFEST}`, { path: MANIFEST });
  }
  return join(directory, relative('.', dirname(shallowest)));
}
