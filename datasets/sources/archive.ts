/** Dataset folders as zip archives from a URL or an upload: neither size nor content is trusted. */
import { closeSync, createReadStream, mkdirSync, openSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { Unzip, UnzipInflate } from 'fflate';
import { NarrowsError } from '../../errors.ts';
import { diskFullError, isDiskFull } from '../files/scratch.ts';
import { findDatasetFolder, writeHashed } from './watched-folder.ts';

export interface FetchLimits {
  /** Limit of the archive, and of its unpacked files. */
  readonly bytes: number;
  /** Time-out until the first byte, and between two chunks. */
  readonly idleSeconds: number;
}

export const FETCH_LIMITS: FetchLimits = { bytes: 4 * 1024 ** 3, idleSeconds: 30 };

interface FetchOptions {
  readonly limits?: FetchLimits;
  readonly signal?: AbortSignal | undefined;
}

export interface FetchedArchive {
  /** sha256 of the archive. */
  readonly content: string;
  /** ETag of the server, or the sha256 without one. */
  readonly fingerprint: string;
}

/**
 * Downloads an archive; null where its fingerprint has not changed. Throws NarrowsError
 * `source-unreachable`, `archive-too-large`, or the reason of an aborted signal.
 */
export async function fetchArchive(
  url: string,
  file: string,
  { fingerprint, limits = FETCH_LIMITS, signal }: FetchOptions & { readonly fingerprint: string | null },
): Promise<FetchedArchive | null> {
  using idle = watchIdleTime(limits.idleSeconds, signal);
  try {
    // A fingerprint that is not an ETag never matches one.
    const headers = fingerprint === null ? {} : { 'If-None-Match': fingerprint };
    const response = await fetch(url, { headers, signal: idle.either, redirect: 'follow' });
    if (response.status === 304) return null;
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`it answers ${response.status}`);
    }
    const content = await writeBody(response.body, file, url, limits.bytes, idle);
    return { content, fingerprint: response.headers.get('etag') ?? content };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof NarrowsError) throw error;
    const reason = failureReason(idle.silence, error);
    const details = { path: url, kind: 'unreachable', cause: error } as const;
    throw new NarrowsError('source-unreachable', `${url} cannot be fetched: ${reason}`, details);
  }
}

/**
 * Writes an uploaded archive to `file` and returns its sha256. Throws NarrowsError
 * `archive-too-large`, `archive-cut-short`, `disk-full`, or the reason of an aborted signal.
 */
export async function receiveArchive(
  body: ReadableStream<Uint8Array>,
  file: string,
  { limits = FETCH_LIMITS, signal }: FetchOptions = {},
): Promise<string> {
  using idle = watchIdleTime(limits.idleSeconds, signal);
  try {
    return await writeBody(body, file, 'the archive', limits.bytes, idle);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof NarrowsError) throw error;
    if (isDiskFull(error)) throw diskFullError(dirname(file), error);
    const reason = failureReason(idle.silence, error);
    throw new NarrowsError('archive-cut-short', `the upload is incomplete: ${reason}`, { fix: 'send it again', cause: error });
  }
}

function watchIdleTime(seconds: number, signal: AbortSignal | undefined) {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`silent for ${seconds} s`)), seconds * 1000);
  return {
    restart: () => timer.refresh(),
    silence: silence.signal,
    /** Aborted by silence or by the caller. */
    either: AbortSignal.any([silence.signal, ...(signal ? [signal] : [])]),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}

/** Writes the body to a file and returns its sha256. */
function writeBody(
  body: ReadableStream<Uint8Array>,
  file: string,
  what: string,
  most: number,
  idle: ReturnType<typeof watchIdleTime>,
): Promise<string> {
  let bytes = 0;
  return writeHashed(Readable.fromWeb(body as never), file, idle.either, (chunk) => {
    idle.restart();
    bytes += chunk.length;
    if (bytes > most) throw tooLargeError(what, most);
  });
}

function failureReason(idle: AbortSignal, error: unknown): string {
  if (idle.aborted) return (idle.reason as Error).message;
  const { message, cause } = error as Error;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : message;
}

const tooLargeError = (what: string, bytes: number) =>
  new NarrowsError('archive-too-large', `${what} is larger than ${bytes} bytes`, { fix: 'split it into several shards' });

/** Unpacks next to the archive; returns the dataset folder. Throws `manifest-missing` as well. */
export async function unpackDataset(file: string, limits?: FetchLimits): Promise<string> {
  const into = `${file}.unpacked`;
  await mkdir(into);
  await unpackArchive(file, into, limits);
  return findDatasetFolder(into);
}

/** Throws NarrowsError `archive-damaged`, `archive-too-large`, `disk-full`. */
export async function unpackArchive(file: string, into: string, limits: FetchLimits = FETCH_LIMITS): Promise<void> {
  let bytes = 0;
  let fault: Error | null = null;
  let members = 0;
  const open = new Set<string>();
  const unzip = new Unzip((member) => {
    if (member.name.endsWith('/')) return;
    if (!/^[^/\\][^\\]*$/.test(member.name) || member.name.split('/').includes('..')) {
      fault ??= damagedError(`its member name "${member.name}" is not allowed`);
      return;
    }
    members += 1;
    const path = join(into, member.name);
    mkdirSync(dirname(path), { recursive: true });
    const descriptor = openSync(path, 'w');
    open.add(member.name);
    member.ondata = (error, chunk, final) => {
      if (error) fault ??= damagedError(error.message);
      bytes += chunk?.length ?? 0;
      if (bytes > limits.bytes) fault ??= tooLargeError('what the archive unpacks to', limits.bytes);
      if (!fault && chunk) writeSync(descriptor, chunk);
      if (!final && !error) return;
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
  } catch (error) {
    if (isDiskFull(error)) throw diskFullError(into, error);
    throw error instanceof NarrowsError ? error : damagedError((error as Error).message);
  }
  if (fault) throw fault;
  const [unfinished] = open;
  if (unfinished !== undefined) throw damagedError(`it is truncated within ${unfinished}`);
  if (members === 0) throw damagedError('it contains no file');
}

const damagedError = (why: string) =>
  new NarrowsError('archive-damaged', `the archive cannot be unpacked: ${why}`, { fix: 'create it again as a zip file' });
