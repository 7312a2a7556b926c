/** Small things that many folders need of Node. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Returns the SHA-256 of bytes, or of a text in UTF-8, as 64 hexadecimal characters. */
export const sha256Of = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** Largest manifest or spec: a parser takes many times its bytes. */
export const MAX_DOCUMENT_BYTES = 2 ** 20;

/** Reads a file or a pipe; returns null where it has more than `max` bytes. */
export const readSmallFile = (path: string, max: number): Promise<Uint8Array | null> =>
  joinPieces(createReadStream(path, { end: max }), max);

/** Joins pieces, which may share a buffer; returns null where they have more than `max` bytes. */
export async function joinPieces(pieces: AsyncIterable<Uint8Array>, max: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > max) return null;
    parts.push(piece.slice());
  }
  return Buffer.concat(parts);
}

/** Decodes text in UTF-8, or in UTF-16 with a byte order mark, as PowerShell writes it. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

/**
 * Starts the thread whose module has this name in the folder of `here`, the caller's
 * `import.meta.url`: TypeScript in the checkout, JavaScript in the published package.
 */
export function startThread(here: string, name: string, options?: WorkerOptions): Worker {
  return new Worker(new URL(`./${name}${extname(here)}`, here), options);
}

/**
 * Starts a thread as startThread does, for a single question in its `workerData`; resolves to its
 * first message and ends it. Throws the reason of an aborted signal.
 */
export async function askThread<Answer>(
  here: string,
  name: string,
  { signal, ...options }: WorkerOptions & { readonly signal?: AbortSignal | undefined },
): Promise<Answer> {
  signal?.throwIfAborted();
  const thread = startThread(here, name, options);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  thread.once('message', resolve);
  thread.once('error', reject);
  thread.once('exit', (code) => reject(new Error(`the thread ${name} ended with code ${code} and without an answer`)));
  const abort = () => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', abort);
    await thread.terminate();
  }
}
