/** Dataset folders as zip archives from a URL or an upload: neither size nor content is trusted. */
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { isDiskFull, NarrowsError } from '../../errors.ts';
import { diskFullError } from '../files/scratch.ts';
import type { PrivateHosts } from './addresses.ts';
import { requestSource } from './request.ts';
import { tooLargeError } from './shard-files.ts';
import { showUrl } from './source-url.ts';
import { writeHashed } from './watched-folder.ts';

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

/** Longest ETag that is kept; a longer one says nothing more. */
const MAX_ETAG = 256;

/**
 * Downloads an archive; null where its fingerprint has not changed. `privateHosts`: those that may
 * be inside a network. Errors show the URL without its query. Throws NarrowsError
 * `source-unreachable`, `archive-too-large`, or the reason of an aborted signal.
 */
export async function fetchArchive(
  url: string,
  file: string,
  {
    fingerprint,
    privateHosts = [],
    limits = FETCH_LIMITS,
    signal,
  }: FetchOptions & { readonly fingerprint: string | null; readonly privateHosts?: PrivateHosts },
): Promise<FetchedArchive | null> {
  using idle = watchIdleTime(limits.idleSeconds, signal);
  const shown = showUrl(url);
  try {
    // A fingerprint that is not an ETag never matches one.
    const headers: Record<string, string> = fingerprint === null ? {} : { 'if-none-match': fingerprint };
    const response = await requestSource(url, { headers, privateHosts, signal: idle.either });
    const { statusCode: status = 0 } = response;
    if (status < 200 || status > 299) {
      response.destroy();
      if (status === 304) return null;
      throw new Error(`it answers ${status}`);
    }
    const content = await writeBody(response, file, shown, limits.bytes, idle);
    const { etag } = response.headers;
    return { content, fingerprint: etag !== undefined && etag.length <= MAX_ETAG ? etag : content };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof NarrowsError) throw error;
    const reason = failureReason(idle.silence, error);
    const details = { path: shown, kind: 'unreachable', cause: error } as const;
    throw new NarrowsError('source-unreachable', `${shown} cannot be fetched: ${reason}`, details);
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
    return await writeBody(Readable.fromWeb(body as never), file, 'the archive', limits.bytes, idle);
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
  body: Readable,
  file: string,
  what: string,
  most: number,
  idle: ReturnType<typeof watchIdleTime>,
): Promise<string> {
  let bytes = 0;
  return writeHashed(body, file, idle.either, (chunk) => {
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
