/**
 * The Temporal CLI's place on disk. A file is named by what is in it, and believed only after reading it: an interrupted download, a bad
 * disk or an edited file shows. Any number of processes may use and fill the cache at once.
 */
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, createReadStream, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const NAME = /^temporal-(.+)-([0-9a-f]{64})$/;

const DRAFT = '.draft-';

/** No download that still runs is as old as this. */
const OLD_MILLISECONDS = 3_600_000;

export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** Path of the CLI of this version, or null. Removes what is damaged. */
export async function findCachedCli(directory: string, version: string): Promise<string | null> {
  for (const name of listNames(directory)) {
    const [, found, sha256] = NAME.exec(name) ?? [];
    if (found !== version) continue;
    const file = join(directory, name);
    if ((await hashFile(file).catch(() => '')) === sha256) return file;
    rmSync(file, { force: true });
  }
  return null;
}

/** Moves a binary into the cache and returns where it lies. */
export async function storeCli(directory: string, version: string, binary: string): Promise<string> {
  const target = join(directory, `temporal-${version}-${await hashFile(binary)}`);
  chmodSync(binary, 0o755);
  renameSync(binary, target);
  return target;
}

/** A new, empty folder on the same disk as the cache, so that a rename moves what was made in it. */
export function createDraftFolder(directory: string): string {
  const folder = join(directory, `${DRAFT}${randomBytes(6).toString('hex')}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** What downloads that were killed left behind. */
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
