/** Lends folders for copies of shards while they are checked. */
import { mkdir, mkdtempDisposable, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Older copies were left by a process that died. */
const STALE_MILLISECONDS = 24 * 3600 * 1000;

/** Lends an empty folder below `directory` during `use`, and removes stale ones. */
export async function withCopyFolder<T>(directory: string, use: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(directory, { recursive: true });
  for (const name of await readdir(directory)) {
    const about = await stat(join(directory, name)).catch(() => null);
    if (about && Date.now() - about.mtimeMs > STALE_MILLISECONDS)
      await rm(join(directory, name), { recursive: true, force: true });
  }
  await using folder = await mkdtempDisposable(join(directory, 'shard-'));
  return await use(folder.path);
}
