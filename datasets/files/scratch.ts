/** Unnamed temporary files for data that are not stored yet. They vanish with the process. */
import { readSync } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDiskFull, NarrowsError } from '../../errors.ts';
import { CHUNK_BYTES } from './chunks.ts';

export interface Scratch {
  /** Folder on whose disk the files are. */
  readonly directory: string;
  /** Creates an empty file. */
  createFile(): Promise<ScratchFile>;
}

/** Scratch files of this process, which can take over those that another process has written. */
export interface OwnScratch extends Scratch {
  /** Opens the file at a path, and removes its name. */
  adoptFile(path: string): Promise<ScratchFile>;
}

/**
 * Iterating returns all bytes in order, repeatedly; a piece is valid until the next is requested.
 * Disposing frees its space before the other files end.
 */
export interface ScratchFile extends AsyncDisposable, AsyncIterable<Uint8Array> {
  append(bytes: Uint8Array): Promise<void>;
  /** Fills `target` with the bytes from `at` on. */
  read(target: Uint8Array, at: number): Promise<void>;
  /** As `read`, synchronously: for pieces that take less time to read than to await. */
  readSync(target: Uint8Array, at: number): void;
  /** Empties the file. */
  clear(): Promise<void>;
}

/**
 * Lends scratch files on the disk of `directory` during `use`. Aborting the signal throws its
 * reason at the next read or write. Throws NarrowsError `disk-full`, `not-writable`.
 */
export async function withScratch<T>(
  directory: string,
  use: (scratch: OwnScratch) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  await using handles = new AsyncDisposableStack();
  const openFile = async (path: string, flags: string): Promise<ScratchFile> => {
    const handle = handles.use(await withDiskErrors(directory, () => openUnnamed(path, flags)));
    return openScratchFile(handle, directory, { signal, end: (await handle.stat()).size });
  };
  return await use({
    directory,
    async createFile() {
      await withDiskErrors(directory, () => mkdir(directory, { recursive: true, mode: 0o700 }));
      return openFile(join(directory, `.scratch-${crypto.randomUUID()}`), 'wx+');
    },
    adoptFile: (path) => openFile(path, 'r+'),
  });
}

async function openUnnamed(path: string, flags: string): Promise<FileHandle> {
  const handle = await open(path, flags, 0o600);
  await rm(path);
  return handle;
}

/** Returns the file of a handle that has `end` bytes. */
export function openScratchFile(
  handle: FileHandle,
  directory: string,
  { signal, end = 0 }: { readonly signal?: AbortSignal | undefined; readonly end?: number } = {},
): ScratchFile {
  return {
    append(bytes) {
      const needed = end + bytes.length;
      const write = async () => {
        signal?.throwIfAborted();
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, end);
          done += bytesWritten;
          end += bytesWritten;
        }
      };
      return withDiskErrors(directory, write, needed);
    },
    async read(target, at) {
      signal?.throwIfAborted();
      for (let done = 0; done < target.length; ) {
        const { bytesRead } = await handle.read(target, done, target.length - done, at + done);
        done += requireBytes(bytesRead, at + done);
      }
    },
    readSync(target, at) {
      for (let done = 0; done < target.length; ) {
        done += requireBytes(readSync(handle.fd, target, done, target.length - done, at + done), at + done);
      }
    },
    async *[Symbol.asyncIterator]() {
      const buffer = new Uint8Array(Math.min(CHUNK_BYTES, end));
      for (let at = 0; at < end; ) {
        signal?.throwIfAborted();
        const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - at), at);
        at += requireBytes(bytesRead, at);
        yield buffer.subarray(0, bytesRead);
      }
    },
    clear: () =>
      withDiskErrors(directory, async () => {
        await handle.truncate(0);
        end = 0;
      }),
    // A handle that is closed may be closed again.
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

function requireBytes(bytes: number, at: number): number {
  if (bytes === 0) throw new RangeError(`a scratch file ends at byte ${at}`);
  return bytes;
}

/** Throws the errors of `work` as diskErrorOf returns them. */
export async function withDiskErrors<T>(directory: string, work: () => Promise<T>, bytes = 0): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskErrorOf(error, directory, bytes);
  }
}

/**
 * Turns errors of the file system into NarrowsErrors `disk-full`, of a file of at least `bytes`
 * where that is known, and `not-writable`; returns others as they are.
 */
export function diskErrorOf(error: unknown, directory: string, bytes = 0): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  if (isDiskFull(error)) return diskFullError(directory, error, bytes);
  return notWritableError('not-writable', directory, `cannot be written to (${code})`, error);
}

export function diskFullError(directory: string, cause: unknown, bytes = 0): NarrowsError {
  const needed = bytes > 0 ? `: an array needs ${Math.ceil(bytes / 1024)} KiB or more` : '';
  return notWritableError('disk-full', directory, `has no space left for the data of an import${needed}`, cause);
}

function notWritableError(code: string, directory: string, why: string, cause: unknown): NarrowsError {
  return new NarrowsError(code, `${directory} ${why}`, {
    path: directory,
    fix: 'an import needs as much space as its arrays in float32: free some, or set NARROWS_HOME to a larger disk',
    kind: 'failure',
    cause,
  });
}
