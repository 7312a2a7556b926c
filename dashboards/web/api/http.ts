/** Requests to the API of the same origin. What fails is a Failure that a page can show. */
import { signal } from '@preact/signals';
import { COLUMNS_TYPE, type Columns, decodeColumns } from '../../contract/columns.ts';
import { Failure, requireSuccess } from './failure.ts';
import { prefetch, takePrefetched } from './prefetch.ts';

export { Failure };

/** Where a token is shown: one that is refused there says nothing about a session. */
const SESSION = '/api/session';

/** Rises when the server no longer takes this session for signed in. */
export const unauthorised = signal(0);

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** `/api` + path + those parameters that are given. */
export function apiUrl(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return `/api${path}${given.length === 0 ? '' : `?${new URLSearchParams(given)}`}`;
}

async function request(url: string, init: RequestInit): Promise<Response> {
  const asked = (init.method === undefined && takePrefetched<Response>(url)) || fetch(url, init);
  return reportUnauthorised(url, requireSuccess(asked));
}

/** Passes the answer of a request on; what fails because nobody is signed in is told to all. */
export async function reportUnauthorised<T>(url: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Failure && error.status === 401 && !url.startsWith(SESSION)) unauthorised.value++;
    throw error;
  }
}

export async function getJson<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const response = await request(apiUrl(path, query), { headers: { accept: 'application/json' }, ...(signal && { signal }) });
  return (await response.json()) as T;
}

export async function getColumns(path: string, query: Query = {}, signal?: AbortSignal): Promise<Columns> {
  const response = await request(apiUrl(path, query), { headers: { accept: COLUMNS_TYPE }, ...(signal && { signal }) });
  return decodeColumns(await response.arrayBuffer());
}

/** Asks for what `getJson` will be asked for in a moment. `then`: told a copy of what is answered, if it is. */
export function prefetchJson<T>(path: string, query: Query = {}, then?: (answer: T) => void): void {
  const url = apiUrl(path, query);
  const answer = prefetch(url, () => fetch(url, { headers: { accept: 'application/json' } }));
  // Whoever takes the answer learns what is wrong with it.
  if (then) answer.then(async (response) => response.ok && then((await response.clone().json()) as T)).catch(() => undefined);
}

export async function getBytes(path: string, query: Query = {}, signal?: AbortSignal): Promise<Uint8Array> {
  const response = await request(apiUrl(path, query), signal ? { signal } : {});
  return new Uint8Array(await response.arrayBuffer());
}

/** `key`: the same action sent twice under one key happens once. */
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

/** A new key for `send`. Not `crypto.randomUUID`, which a browser has over https and on this machine only. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
