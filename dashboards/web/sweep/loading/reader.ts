/** Fetches, decodes and measures columns of trials in a worker, or on the page without workers. */
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

/** null: not started yet; false: not available. */
let shared: Worker | null | false = null;
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
    shared = false;
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
  // A worker's requests are missing from the page's timeline. From the last byte on; only the
  // latest of each address is kept.
  const name = `read ${url.split('?')[0]}`;
  performance.clearMeasures(name);
  performance.measure(name, { start: Math.max(0, arrived - performance.timeOrigin), end: performance.now() });
  return answer;
}

function readInWorker(url: string, signal?: AbortSignal): Promise<ReadResult> {
  shared ??= startWorker();
  const worker = shared;
  if (!worker) return readOnPage(url, signal);
  const id = nextId++;
  const send = (request: ReadRequest) => worker.postMessage(request);
  const { promise, resolve, reject } = Promise.withResolvers<ReadResult>();
  waiting.set(id, { url, resolve, reject });
  const cancel = () => {
    if (!waiting.delete(id)) return;
    send({ kind: 'cancel', id });
    reject(signal?.reason);
  };
  signal?.addEventListener('abort', cancel);
  send({ kind: 'read', id, url });
  // The signal lives as long as the page, which reads several times a second.
  return promise.finally(() => signal?.removeEventListener('abort', cancel));
}

/** Throws Failure. */
export async function fetchColumns(path: string, query: Query = {}, signal?: AbortSignal): Promise<Decoded> {
  const url = apiUrl(path, query);
  signal?.throwIfAborted();
  return reportUnauthorised(url, takePrefetched<Decoded>(url) ?? read(url, signal));
}

/** Requests columns that `fetchColumns` will be called for in a moment. */
export function prefetchColumns(path: string, query: Query = {}): void {
  const url = apiUrl(path, query);
  prefetch(url, () => read(url));
}
