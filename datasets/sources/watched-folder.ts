/** A watched folder: its subfolders are shards, each a dataset folder of its own. Only what is complete is taken, and what is taken is a copy whose bytes are known. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, type Stats } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize, relative, resolve, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { NarrowsError } from '../../errors.ts';
import { MANIFEST } from '../manifest.ts';

/** `<sha256>  <file>` per line, as sha256sum writes them. Where it is there, it says which files the shard has, and when they are whole. */
export const SUMS_FILE = 'SHA256SUMS';

/** A folder whose writers have not said that they still write. */
export interface ReadyShard {
  /** Absolute. */
  readonly folder: string;
  /** Of names, sizes and times: while it stays, so do the bytes. */
  readonly fingerprint: string;
}

/** A folder that may become a shard: looked at again next time. */
export interface WaitingShard {
  readonly folder: string;
  readonly reason: string;
}

export interface FolderScan {
  readonly ready: readonly ReadyShard[];
  readonly waiting: readonly WaitingShard[];
}

/**
 * What a watched folder holds, by name. Without SHA256SUMS, every file must have been quiet for `settle` seconds before `now` (milliseconds since 1970). Names that begin with
 * "." or end in .part or .tmp are of those who still write. Reads no data. Throws NarrowsError `source-missing`.
 */
export async function scanFolder(
  directory: string,
  { settle, now }: { readonly settle: number; readonly now: number },
): Promise<FolderScan> {
  const ready: ReadyShard[] = [];
  const waiting: WaitingShard[] = [];
  for (const name of await listSubfolders(directory)) {
    const folder = resolve(directory, name);
    try {
      const looked = await inspectShard(folder, { settle, now });
      if ('reason' in looked) waiting.push(looked);
      else ready.push(looked);
    } catch (error) {
      // Between the listing and the look it went away, or was renamed: whoever did that is not done.
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
      fix: 'it must be there, and readable, on the machine of the orchestrator worker',
      kind: 'failure',
      cause: error,
    });
  }
}

async function inspectShard(
  folder: string,
  { settle, now }: { readonly settle: number; readonly now: number },
): Promise<ReadyShard | WaitingShard> {
  const files = await listFiles(folder);
  if (!files.has(MANIFEST)) return { folder, reason: `it has no ${MANIFEST} yet` };
  if (!files.has(SUMS_FILE)) {
    const latest = Math.max(...[...files.values()].map(({ mtimeMs, ctimeMs }) => Math.max(mtimeMs, ctimeMs)));
    if (now - latest < settle * 1000) return { folder, reason: `a file changed within the last ${settle} s` };
  } else {
    // Sums that cannot be read are a fault of the shard, which the copy tells.
    const sums = await readSums(folder).catch(() => []);
    const missing = sums.map(({ file }) => file).find((file) => !files.has(file));
    if (missing !== undefined) return { folder, reason: `${SUMS_FILE} names ${missing}, which is not there yet` };
  }
  return { folder, fingerprint: fingerprintFiles(files) };
}

/** Every file below the folder, by its path with "/". */
async function listFiles(folder: string): Promise<Map<string, Stats>> {
  const entries = await readdir(folder, { recursive: true });
  const found = await Promise.all(
    entries.map(async (entry) => [entry.split(sep).join('/'), await stat(join(folder, entry))] as const),
  );
  return new Map(found.filter(([, about]) => about.isFile()).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The time of the last change of an inode is set by the system: unlike that of modification, a copying tool cannot turn it back. */
function fingerprintFiles(files: ReadonlyMap<string, Stats>): string {
  const lines = [...files].map(([file, { size, mtimeMs, ctimeMs, ino }]) => `${file} ${size} ${mtimeMs} ${ctimeMs} ${ino}`);
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/** Throws NarrowsError `sums-invalid`. */
async function readSums(folder: string): Promise<{ file: string; sha256: string }[]> {
  const lines = (await readFile(join(folder, SUMS_FILE), 'utf8')).split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, i) => {
    const [, sha256, name] = /^([0-9a-f]{64})[ \t]+\*?(.+?)\r?$/i.exec(line) ?? [];
    const file = name && normalize(name).split(sep).join('/');
    if (!sha256 || !file || file.startsWith('../') || file.startsWith('/')) {
      throw new NarrowsError('sums-invalid', `${SUMS_FILE}: line ${i + 1} is no "<sha256>  <file>" of this folder`, {
        path: SUMS_FILE,
      });
    }
    return { file, sha256: sha256.toLowerCase() };
  });
}

export interface CopiedShard {
  /** sha256 over the files' names and bytes: the same for the same shard, wherever it lies. */
  readonly content: string;
  /** What is wrong with it as a whole; null: nothing. */
  readonly fault: NarrowsError | null;
}

/**
 * Copies a shard while hashing it. Null where it changed meanwhile, or is not yet what its SHA256SUMS say although it is young: it waits. `into`: an empty folder.
 */
export async function copyShard(
  { folder, fingerprint }: ReadyShard,
  into: string,
  { settle, now, signal }: { readonly settle: number; readonly now: number; readonly signal?: AbortSignal | undefined },
): Promise<CopiedShard | null> {
  const files = await listFiles(folder);
  const sums = files.has(SUMS_FILE) ? await readSums(folder).catch((error: NarrowsError) => error) : null;
  const names = Array.isArray(sums) ? sums.map(({ file }) => file) : [...files.keys()].filter((file) => file !== SUMS_FILE);
  const hashes = new Map<string, string>();
  for (const file of names.toSorted()) hashes.set(file, await copyAndHash(join(folder, file), join(into, file), signal));
  if (fingerprintFiles(await listFiles(folder)) !== fingerprint) return null;
  const content = hashContents(hashes);
  if (sums instanceof Error) return { content, fault: sums };
  const damaged = sums?.find(({ file, sha256 }) => hashes.get(file) !== sha256);
  if (damaged === undefined) return { content, fault: null };
  const young = [...files.values()].some((about) => now - Math.max(about.mtimeMs, about.ctimeMs) < settle * 1000);
  if (young) return null;
  return {
    content,
    fault: new NarrowsError('sums-differ', `${damaged.file} does not hash to what ${SUMS_FILE} says`, {
      path: damaged.file,
      fix: `copy it again, or write ${SUMS_FILE} anew`,
    }),
  };
}

/** sha256 over names and hashes of files. */
export function hashContents(hashes: ReadonlyMap<string, string>): string {
  const lines = [...hashes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([file, sha256]) => `${sha256}  ${file}`);
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

async function copyAndHash(from: string, to: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await mkdir(dirname(to), { recursive: true });
  await pipeline(createReadStream(from), hashing, createWriteStream(to), ...(signal ? [{ signal }] : []));
  return hash.digest('hex');
}

/** Path of the folder with the manifest: this one, or its only subfolder. Throws NarrowsError `manifest-missing`. */
export async function findDatasetFolder(directory: string): Promise<string> {
  const files = await listFiles(directory);
  const manifests = [...files.keys()].filter((file) => file === MANIFEST || file.endsWith(`/${MANIFEST}`));
  const shallowest = manifests.sort((a, b) => a.split('/').length - b.split('/').length)[0];
  if (shallowest === undefined) {
    throw new NarrowsError('manifest-missing', `there is no ${MANIFEST} in the archive`, { path: MANIFEST });
  }
  return join(directory, relative('.', dirname(shallowest)));
}
