/** Measures the files that a reader may read. */
import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { isStructuresFile } from '../formats/structures/file-names.ts';
import type { InputSize } from './bounds.ts';

/** A folder with more files than this counts by those found first. */
const MAX_FILES = 100_000;

/** Returns the size of a file, or of all files in a folder; 0 for a path that does not exist. */
export function measureInput(path: string): InputSize {
  const open = [path];
  let [bytes, structures, files] = [0, 0, 0];
  for (let next = open.pop(); next !== undefined && files < MAX_FILES; next = open.pop()) {
    const found = inspect(next);
    if (found?.isFile()) {
      bytes += found.size;
      if (isStructuresFile(next)) structures += found.size;
    } else if (found?.isDirectory()) for (const name of listNames(next)) open.push(join(next, name));
    files++;
  }
  return { bytes, structures };
}

/** Returns the size of these files. */
export function sumSizes(files: Iterable<{ readonly name: string; readonly bytes: number }>): InputSize {
  let [bytes, structures] = [0, 0];
  for (const file of files) {
    bytes += file.bytes;
    if (isStructuresFile(file.name)) structures += file.bytes;
  }
  return { bytes, structures };
}

const inspect = (path: string): Stats | null => {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
};

const listNames = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};
