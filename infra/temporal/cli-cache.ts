/**
 * Cache of Temporal CLIs on disk. A file's name contains its hash, which is checked on every read:
 * interrupted downloads, bad disks and edited files are detected. Any number of processes may read
 * and write the cache at once.
 */
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, createReadStream, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { requirePrivate } from '../ownership.ts';

const NAME = /^temporal-(.+)-([0-9a-f]{64})$/;

const DRAFT = '.draft-';

/** Age at which a download cannot still be running. */
const OLD_MILLISECONDS = 3_600_000;

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/**
 * Finds the CLI of a version; null if absent or damaged. Throws NarrowsError `not-private` where
 * another user may have put it there, with a hash to match.
 */
export async function findCachedCli(directory: string, version: string): Promise<string | null> {
  for (const name of listNames(directory)) {
    const [, found, sha256] = NAME.exec(name) ?? [];
    if (found !== version) continue;
    const file = join(directory, name);
    requirePrivate(file);
    if ((await hashFile(file).catch(() => '')) === sha256) return file;
  }
  return null;
}

/** Removes files of a version whose content is not that of their name. */
export async function removeDamagedClis(directory: string, version: string): Promise<void> {
  for (const name of listNames(directory)) {
    const [, found, sha256] = NAME.exec(name) ?? [];
    const file = join(directory, name);
    if (found === version && (await hashFile(file).catch(() => '')) !== sha256) rmSync(file, { force: true });
  }
}

/** Moves a binary into the cache and returns its path. */
export async function storeCli(directory: string, version: string, binary: string): Promise<string> {
  const target = join(directory, `temporal-${version}-${await hashFile(binary)}`);
  chmodSync(binary, 0o755);
  renameSync(binary, target);
  return target;
}

/** Creates an empty folder on the cache's disk, from which files can be renamed into it. */
export function createDraftFolder(directory: string): string {
  const folder = join(directory, `${DRAFT}${randomBytes(6).toString('hex')}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Removes folders of downloads that were killed. */
export function removeOldDrafts(directory: string): void {
  for (const name of listNames(directory)) {
    const folder = join(directory, name);
    if (name.startsWith(DRAFT) && Date.now() - statSync(folder).mtimeMs > OLD_MILLISECONDS)
      rmSync(folder, { recursive: true, force: true });
  }
}

function listNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
