/**
 * Columns of trials, unpacked beside the page: megabytes arrive, are decoded and measured in a thread of their own, while the page draws what it has. Where there can be no such
 * thread, the page does it itself.
 */

import { Failure } from '../../api/failure.ts';
import { apiUrl, type Query, reportUnauthorised } from '../../api/http.ts';
import { prefetch, takePrefetched } from '../../api/prefetch.ts';
import type { Decoded } from '../../trials/decode.ts';
import type { Read } from './read-decoded.ts';
import type { Reading, ReadingRequest } from './reader.worker.ts';

interface Waiting {
  readonly url: string;
  readonly resolve: (read: Read | Promise<Read>) => void;
  readonly reject: (error: unknown) => void;
}

/** null: not begun; false: there can be none here. */
let thread: Worker | null | false = null;
const waiting = new Map<number, Waiting>();
let asked = 0;

function start(): Worker | false {
  if (typeof Worker === 'undefined') return false;
  const worker = new Worker(new URL('./reader.worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<Reading>) => {
    const { resolve, reject } = waiting.get(data.id) ?? {};
    waiting.delete(data.id);
    if (data.kind === 'read') resolve?.(data);
    else reject?.(new Failure(data.status, data.problem, data.message, data.retryAfter));
  };
  worker.onerror = () => {
    thread = false;
    const left = [...waiting.values()];
    waiting.clear();
    for (const { url, resolve } of left) resolve(readHere(url));
  };
  return worker;
}

async function readHere(url: string, signal?: AbortSignal): Promise<Read> {
  const { readDecoded } = await import('./read-decoded.ts');
  return readDecoded(url, signal);
}

async function read(url: string, signal?: AbortSignal): Promise<Decoded> {
  const { answer, arrived } = await readBeside(url, signal);
  // A thread's requests are not in the page's own timeline. From its last byte on; only the last of each address is kept.
  const name = `read ${url.split('?')[0]}`;
  performance.clearMeasures(name);
  performance.measure(name, { start: Math.max(0, arrived - performance.timeOrigin), end: performance.now() });
  return answer;
}

function readBeside(url: string, signal?: AbortSignal): Promise<Read> {
  thread ??= start();
  const worker = thread;
  if (!worker) return readHere(url, signal);
  const id = asked++;
  const send = (request: ReadingRequest) => worker.postMessage(request);
  let leave = () => {};
  const reading = new Promise<Read>((resolve, reject) => {
    waiting.set(id, { url, resolve, reject });
    leave = () => {
      if (!waiting.delete(id)) return;
      send({ kind: 'leave', id });
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', leave);
    send({ kind: 'read', id, url });
  });
  // One signal lasts as long as a page that asks several times a second.
  return reading.finally(() => signal?.removeEventListener('abort', leave));
}

/** Throws Failure. */
export async function getDecoded(path: string, query: Query = {}, signal?: AbortSignal): Promise<Decoded> {
  const url = apiUrl(path, query);
  signal?.throwIfAborted();
  return reportUnauthorised(url, takePrefetched<Decoded>(url) ?? read(url, signal));
}

/** Asks for what `getDecoded` will be asked for in a moment. */
export function askDecoded(path: string, query: Query = {}): void {
  const url = apiUrl(path, query);
  prefetch(url, () => read(url));
}
