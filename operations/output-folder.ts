/** Several files that appear together: written into a hidden folder, renamed when whole. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { NarrowsError } from '../errors.ts';
import { unwritableError } from './files.ts';

export interface OutputFolder {
  /** Writes a file; `fill` gets a function that appends to it. Returns the size in bytes. */
  write(name: string, fill: (append: (bytes: Uint8Array) => Promise<void>) => Promise<void>): Promise<number>;
}

/**
 * Runs work that writes files into a folder. Files of the same names are replaced, all else stays.
 * Where the work fails, nothing has changed. Throws NarrowsError `out-not-folder`, `not-writable`,
 * `disk-full`.
 */
export async function writeFolder<T>(directory: string, work: (folder: OutputFolder) => Promise<T>): Promise<T> {
  const made = await makeFolder(directory);
  const hidden = join(directory, `.export-${randomUUID().slice(0, 8)}`);
  let done = false;
  try {
    await writing(directory, mkdir(hidden));
    const names: string[] = [];
    const result = await work({
      async write(name, fill) {
        names.push(name);
        return writeFile(join(hidden, name), join(directory, name), fill);
      },
    });
    // Checked before the first rename, so that a folder in the way stops all of them.
    for (const name of names) await requireNoFolder(join(directory, name));
    for (const name of names) await writing(join(directory, name), rename(join(hidden, name), join(directory, name)));
    done = true;
    return result;
  } finally {
    await rm(hidden, { recursive: true, force: true }).catch(() => {});
    if (!done) await removeMade(directory, made);
  }
}

/** Creates the folder; returns the outermost one that was created, null where all existed. */
async function makeFolder(directory: string): Promise<string | null> {
  try {
    return (await mkdir(directory, { recursive: true })) ?? null;
  } catch (error) {
    const there = await stat(directory).catch(() => null);
    if (there && !there.isDirectory()) {
      throw new NarrowsError('out-not-folder', `${directory} is a file`, { path: 'out', fix: 'name a folder, existing or not' });
    }
    throw unwritableError(directory, error, 0);
  }
}

/** Removes the created folders that are empty. */
async function removeMade(directory: string, made: string | null): Promise<void> {
  if (made === null) return;
  const top = resolve(made);
  for (let folder = resolve(directory); folder.startsWith(top); folder = dirname(folder)) {
    try {
      if ((await readdir(folder)).length > 0) return;
      await rmdir(folder);
    } catch {
      return;
    }
  }
}

async function writeFile(path: string, shown: string, fill: Parameters<OutputFolder['write']>[1]): Promise<number> {
  const file: FileHandle = await writing(shown, open(path, 'wx'));
  let size = 0;
  try {
    await fill(async (bytes) => {
      await writing(shown, file.appendFile(bytes), size + bytes.length);
      size += bytes.length;
    });
    return size;
  } finally {
    await file.close();
  }
}

async function requireNoFolder(path: string): Promise<void> {
  const there = await stat(path).catch(() => null);
  if (!there?.isDirectory()) return;
  throw new NarrowsError('not-writable', `${path} is a folder, where a file is to be written`, {
    path,
    fix: 'move it away, or name another folder with --out',
    kind: 'failure',
  });
}

async function writing<T>(path: string, step: Promise<T>, bytes = 0): Promise<T> {
  try {
    return await step;
  } catch (error) {
    throw unwritableError(path, error, bytes);
  }
}
