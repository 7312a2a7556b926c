/** Small things that many folders need of Node. */
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Returns the SHA-256 of bytes, or of a text in UTF-8, as 64 hexadecimal characters. */
export const sha256Of = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/**
 * Starts the thread whose module has this name in the folder of `here`, the caller's
 * `import.meta.url`: TypeScript in the checkout, JavaScript in the published package.
 */
export function startThread(here: string, name: string, options?: WorkerOptions): Worker {
  return new Worker(new URL(`./${name}${extname(here)}`, here), options);
}
