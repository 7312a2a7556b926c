/** Lends folders for copies of shards while they are checked. */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
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
  const folder = await mkdtemp(join(directory, 'shard-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
