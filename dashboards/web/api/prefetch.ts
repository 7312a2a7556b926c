/** Requests sent before the page that needs them has loaded. Each response is used once. */

/** Milliseconds after which an unused response is discarded, because it may be stale. */
const MAX_AGE_MS = 5000;

const pending = new Map<string, { readonly startedAt: number; readonly response: Promise<unknown> }>();

/** Sends a request, unless the same one is pending. */
export function prefetch<T>(url: string, load: () => Promise<T>): Promise<T> {
  const known = freshResponse<T>(url);
  if (known) return known;
  const response = load();
  // Errors are reported to the request that takes it.
  response.catch(() => undefined);
  pending.set(url, { startedAt: performance.now(), response });
  return response;
}

function freshResponse<T>(url: string): Promise<T> | null {
  const known = pending.get(url);
  return known && performance.now() - known.startedAt < MAX_AGE_MS ? (known.response as Promise<T>) : null;
}

/** Takes a prefetched response, possibly still pending; null if there is none. */
export function takePrefetched<T>(url: string): Promise<T> | null {
  const response = freshResponse<T>(url);
  pending.delete(url);
  return response;
}
