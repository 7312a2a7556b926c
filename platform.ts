/** Small things that many folders need of Node. */
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Returns the SHA-256 of bytes, or of a text in UTF-8, as 64 hexadecimal characters. */
export const sha256Of = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

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
