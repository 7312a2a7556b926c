/**
 * Columns of trials, unpacked beside the page: megabytes arrive, are decoded and measured in a thread of their own, while the page draws what it has. Where there can be no such
 * thread, the page does it itself.
 */

import { Failure } from '../../api/failure.ts';
import { apiUrl, type Query, reportUnauthorised } from '../../api/http.ts';
import { prefetch, takePrefetched } from '../../api/prefetch.ts';
import type { Decoded } from '../../trials/decode.ts';
import type { ReadResult } from './read-decoded.ts';
import type { ReadRequest, ReadResponse } from './reader.worker.ts';

interface Waiting {
  readonly url: string;
  readonly resolve: (read: ReadResult | Promise<ReadResult>) => void;
  readonly reject: (error: unknown) => void;
}

/** null: not begun; false: there can be none here. */
let thread: Worker | null | false = null;
const waiting = new Map<number, Waiting>();
let nextId = 0;

function startWorker(): Worker | false {
  if (typeof Worker === 'undefined') return false;
  const worker = new Worker(new URL('./reader.worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<ReadResponse>) => {
    const { resolve, reject } = waiting.get(data.id) ?? {};
    waiting.delete(data.id);
    if (data.kind === 'read') resolve?.(data);
    else reject?.(new Failure(data.status, data.problem, data.message, data.retryAfter));
  };
  worker.onerror = () => {
    thread = false;
    const left = [...waiting.values()];
    waiting.clear();
    for (const { url, resolve } of left) resolve(readOnPage(url));
  };
  return worker;
}

async function readOnPage(url: string, signal?: AbortSignal): Promise<ReadResult> {
  const { readColumns } = await import('./read-decoded.ts');
  return readColumns(url, signal);
}

async function read(url: string, signal?: AbortSignal): Promise<Decoded> {
  const { answer, arrived } = await readInWorker(url, signal);
  // A thread's requests are not in the page's own timeline. From its last byte on; only the last of each address is kept.
  const name = `read ${url.split('?')[0]}`;
  performance.clearMeasures(name);
  performance.measure(name, { start: Math.max(0, arrived - performance.timeOrigin), end: performance.now() });
  return answer;
}

function readInWorker(url: string, signal?: AbortSignal): Promise<ReadResult> {
  thread ??= startWorker();
  const worker = thread;
  if (!worker) return readOnPage(url, signal);
  const id = nextId++;
  const send = (request: ReadRequest) => worker.postMessage(request);
  let leave = () => {};
  const reading = new Promise<ReadResult>((resolve, reject) => {
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
export async function fetchColumns(path: string, query: Query = {}, signal?: AbortSignal): Promise<Decoded> {
  const url = apiUrl(path, query);
  signal?.throwIfAborted();
  return reportUnauthorised(url, takePrefetched<Decoded>(url) ?? read(url, signal));
}

/** Asks for what `getDecoded` will be asked for in a moment. */
export function prefetchColumns(path: string, query: Query = {}): void {
  const url = apiUrl(path, query);
  prefetch(url, () => read(url));
}
