/** Unpacks dataset folders from zip archives: neither size nor content is trusted. */
import { closeSync, createReadStream, mkdirSync, openSync, writeSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Unzip, UnzipInflate } from 'fflate';
import { NarrowsError } from '../../errors.ts';
import { diskFullError, isDiskFull } from '../files/scratch.ts';
import { findDatasetFolder } from './watched-folder.ts';

/** Each takes a place in the directory of the disk, however small it is. */
const MAX_MEMBERS = 200_000;

/** Unpacks next to the archive; returns the dataset folder. Throws `manifest-missing` as well. */
export async function unpackDataset(file: string, maxBytes: number): Promise<string> {
  const into = `${file}.unpacked`;
  // An earlier attempt may have been ended.
  await rm(into, { recursive: true, force: true });
  await mkdir(into);
  await unpackArchive(file, into, maxBytes);
  return findDatasetFolder(into);
}

/** Throws NarrowsError `archive-damaged`, `archive-too-large`, `disk-full`. */
export async function unpackArchive(file: string, into: string, maxBytes: number): Promise<void> {
  let bytes = 0;
  let fault: Error | null = null;
  let members = 0;
  /** Descriptors of the members that are not complete, by name. */
  const open = new Map<string, number>();
  const unzip = new Unzip((member) => {
    if (fault || member.name.endsWith('/')) return;
    if (!/^[^/\\\p{Cc}][^\\\p{Cc}]*$/u.test(member.name) || member.name.split('/').includes('..')) {
      fault = damagedError(`its member name "${member.name}" is not allowed`);
      return;
    }
    members += 1;
    if (members > MAX_MEMBERS) {
      fault = new NarrowsError('archive-too-large', `the archive has more than ${MAX_MEMBERS} files`, {
        fix: 'split it into several shards',
      });
      return;
    }
    const descriptor = createFile(join(into, member.name), member.name);
    open.set(member.name, descriptor);
    member.ondata = (error, chunk, final) => {
      if (error) fault ??= damagedError(error.message);
      bytes += chunk?.length ?? 0;
      if (bytes > maxBytes) fault ??= tooLargeError('what the archive unpacks to', maxBytes);
      if (!fault && chunk) writeSync(descriptor, chunk);
      if (!final || error) return;
      open.delete(member.name);
      closeSync(descriptor);
    };
    member.start();
  });
  unzip.register(UnzipInflate);
  try {
    for await (const chunk of createReadStream(file)) {
      unzip.push(chunk as Uint8Array, false);
      if (fault) throw fault;
    }
    unzip.push(new Uint8Array(0), true);
    if (fault) throw fault;
    const [unfinished] = open.keys();
    if (unfinished !== undefined) throw damagedError(`it is truncated within ${unfinished}`);
    if (members === 0) throw damagedError('it contains no file');
  } catch (error) {
    if (isDiskFull(error)) throw diskFullError(into, error);
    throw error instanceof NarrowsError ? error : damagedError((error as Error).message);
  } finally {
    for (const descriptor of open.values()) closeSync(descriptor);
  }
}

/** Throws `archive-damaged` for a name that another member has, or needs as a folder. */
function createFile(path: string, name: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'wx');
  } catch (error) {
    if (isDiskFull(error)) throw error;
    throw damagedError(`its member "${name}" cannot be created (${(error as NodeJS.ErrnoException).code})`);
  }
}

const damagedError = (why: string) =>
  new NarrowsError('archive-damaged', `the archive cannot be unpacked: ${why}`, { fix: 'create it again as a zip file' });

export const tooLargeError = (what: string, bytes: number) =>
  new NarrowsError('archive-too-large', `${what} is larger than ${bytes} bytes`, { fix: 'split it into several shards' });
