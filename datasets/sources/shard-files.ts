/** The files of a shard: regular files only, within bounds, and the very ones that were listed. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { NarrowsError } from '../../errors.ts';

/** Limits of what a shard consists of. */
export interface ShardLimits {
  readonly files: number;
  /** Folders within folders. */
  readonly depth: number;
}

/** One file per row is usual for calculated spectra: hundreds of thousands. */
export const SHARD_LIMITS: ShardLimits = { files: 500_000, depth: 16 };

/** The content of a folder, as far as it was read. */
export interface FolderListing {
  /** Regular files by their path with "/", sorted. */
  readonly files: ReadonlyMap<string, Stats>;
  /** Everything that was looked at: these determine the listing. */
  readonly entries: ReadonlyMap<string, Stats>;
  /** The first entry that no shard may have, or null. */
  readonly fault: NarrowsError | null;
}

/**
 * Lists a folder without following links. Ends at the first entry that is refused: a link, a pipe,
 * a socket, a device, a name with control characters, or one too many. Throws other errors of the
 * file system.
 */
export async function listFolder(folder: string, limits: ShardLimits = SHARD_LIMITS): Promise<FolderListing> {
  const files = new Map<string, Stats>();
  const entries = new Map<string, Stats>();
  try {
    for await (const [path, stats] of walk(folder, '', limits.depth)) {
      entries.set(path, stats);
      const kind = nameKind(stats);
      if (kind !== null) throw refused(`${path} is ${kind}`, path, 'put the file itself there');
      if (entries.size > limits.files) throw refused(`it has more than ${limits.files} files and folders`, '', 'split it');
      if (stats.isFile()) files.set(path, stats);
    }
    return { files: sortByName(files), entries, fault: null };
  } catch (error) {
    if (!(error instanceof NarrowsError)) throw error;
    return { files: sortByName(files), entries, fault: error };
  }
}

const sortByName = (files: Map<string, Stats>) => new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));

/** Entries whose kinds are read at once. */
const BATCH = 256;

/** Yields entries in the order of their names, folders before what is in them. */
async function* walk(folder: string, prefix: string, depth: number): AsyncGenerator<[string, Stats]> {
  const names = (await readdir(join(folder, prefix))).sort();
  for (let at = 0; at < names.length; at += BATCH) {
    const paths = names.slice(at, at + BATCH).map((name) => prefix + name);
    for (const path of paths) requireName(path);
    const stats = await Promise.all(paths.map((path) => lstat(join(folder, path))));
    for (const [i, path] of paths.entries()) {
      const entry = stats[i] as Stats;
      yield [path, entry];
      if (!entry.isDirectory()) continue;
      if (depth === 0) throw refused(`${path} is a folder within too many others`, path, 'use fewer levels');
      yield* walk(folder, `${path}/`, depth - 1);
    }
  }
}

/** Throws where a name has control characters, or is not UTF-8, which U+FFFD stands for. */
export function requireName(path: string): void {
  if (!/[\p{Cc}\p{Cs}\ufffd]/u.test(path)) return;
  throw refused(`the name of ${JSON.stringify(path)} has control characters, or is not UTF-8`, path, 'rename it');
}

/** Returns what an entry is, if neither a file nor a folder. */
function nameKind(stats: Stats): string | null {
  if (stats.isFile() || stats.isDirectory()) return null;
  if (stats.isSymbolicLink()) return 'a link';
  if (stats.isFIFO()) return 'a named pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

export const refused = (message: string, path: string, fix: string): NarrowsError =>
  new NarrowsError('shard-refused', message, { path, fix });

export const tooLargeError = (what: string, bytes: number): NarrowsError =>
  new NarrowsError('archive-too-large', `${what} is larger than ${bytes} bytes`, { fix: 'split it into several shards' });

/**
 * Opens a file that was listed; null where something else has taken its place, also of a folder
 * above. Never follows a link, and never waits for the other end of a pipe. Throws NarrowsError
 * `shard-refused` where it cannot be read.
 */
export async function openListed(folder: string, path: string, listed: Stats): Promise<FileHandle | null> {
  let file: FileHandle;
  try {
    // Windows has neither links of this kind nor the flags.
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
    file = await open(join(folder, path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'EMLINK' || code === 'ENXIO') return null;
    if (code === 'EMFILE' || code === 'ENFILE') throw error;
    throw refused(`${path} cannot be read: ${code}`, path, 'make it readable for the orchestrator worker');
  }
  const { dev, ino } = await file.stat();
  const isListed = dev === listed.dev && ino === listed.ino && (await isBelow(folder, path, file));
  if (isListed) return file;
  await file.close();
  return null;
}

/**
 * Returns whether no folder on the way to an open file is a link, from the shard down: a folder may
 * be replaced at any time, and only the path of what was opened tells. Linux alone names it; true
 * elsewhere.
 */
async function isBelow(folder: string, path: string, file: FileHandle): Promise<boolean> {
  const opened = await nameOpened(file);
  if (opened === null) return true;
  await using watched = await open(dirname(folder));
  return opened === join((await nameOpened(watched)) ?? '', basename(folder), path);
}

const nameOpened = ({ fd }: FileHandle): Promise<string | null> => readlink(`/proc/self/fd/${fd}`).catch(() => null);
