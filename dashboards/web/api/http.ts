/** Requests to the API of the same origin. They throw Failure. */
import { signal } from '@preact/signals';
import { COLUMNS_TYPE, type Columns, decodeColumns } from '../../contract/columns.ts';
import { Failure, requireSuccess } from './failure.ts';
import { prefetch, takePrefetched } from './prefetch.ts';

export { Failure };

/** Route that signs in: a token that is rejected here says nothing about the session. */
const SESSION = '/api/session';

/** Rises when the server rejects the session. */
export const unauthorised = signal(0);

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Returns `/api` + path + the parameters that are neither null nor empty. */
export function apiUrl(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return `/api${path}${given.length === 0 ? '' : `?${new URLSearchParams(given)}`}`;
}

async function request(url: string, init: RequestInit): Promise<Response> {
  const response = (init.method === undefined && takePrefetched<Response>(url)) || fetch(url, init);
  return reportUnauthorised(url, requireSuccess(response));
}

/** Passes a response on, and signals if it was rejected for lack of a session. */
export async function reportUnauthorised<T>(url: string, response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    if (error instanceof Failure && error.status === 401 && !url.startsWith(SESSION)) unauthorised.value++;
    throw error;
  }
}

const get = (path: string, query: Query, accept: string, signal: AbortSignal | undefined): Promise<Response> =>
  request(apiUrl(path, query), { headers: { accept }, ...(signal && { signal }) });

export async function getJson<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return (await get(path, query, 'application/json', signal)).json() as Promise<T>;
}

export async function getColumns(path: string, query: Query = {}, signal?: AbortSignal): Promise<Columns> {
  return decodeColumns(await (await get(path, query, COLUMNS_TYPE, signal)).arrayBuffer());
}

export async function getBytes(path: string, query: Query = {}, signal?: AbortSignal): Promise<Uint8Array> {
  return new Uint8Array(await (await get(path, query, '*/*', signal)).arrayBuffer());
}

/** Sends the request that `getJson` is about to need. `then`: receives a successful response. */
export function prefetchJson<T>(path: string, query: Query = {}, then?: (value: T) => void): void {
  const url = apiUrl(path, query);
  const prefetched = prefetch(url, () => fetch(url, { headers: { accept: 'application/json' } }));
  // Failures are reported to the request that takes the response.
  if (then) prefetched.then(async (response) => response.ok && then((await response.clone().json()) as T)).catch(() => undefined);
}

/** `key`: idempotency key; requests with the same key are executed once. */
export async function send<T>(
  method: 'POST' | 'DELETE',
  path: string,
  body: unknown = {},
  { key, signal }: { readonly key?: string; readonly signal?: AbortSignal } = {},
): Promise<T> {
  const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) };
  const response = await request(apiUrl(path), { method, headers, body: JSON.stringify(body), ...(signal && { signal }) });
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Returns an idempotency key. `crypto.randomUUID` would require https or localhost. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
