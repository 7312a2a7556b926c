/** Answers that are asked for before what shows them is there. Each is taken once, by the request that would have asked for the same. */

/** What nobody took for so long is asked for anew: it may have changed since. Milliseconds. */
const FRESH = 5000;

const underWay = new Map<string, { readonly since: number; readonly answer: Promise<unknown> }>();

/** Asks now, or once: what was asked for and not taken yet is not asked for again. */
export function prefetch<T>(url: string, ask: () => Promise<T>): Promise<T> {
  const known = freshAnswer<T>(url);
  if (known) return known;
  const answer = ask();
  // Told to whoever takes it.
  answer.catch(() => undefined);
  underWay.set(url, { since: performance.now(), answer });
  return answer;
}

function freshAnswer<T>(url: string): Promise<T> | null {
  const known = underWay.get(url);
  return known && performance.now() - known.since < FRESH ? (known.answer as Promise<T>) : null;
}

/** The answer that is there or on its way, of the kind that this address was asked for; null where none was asked for. */
export function takePrefetched<T>(url: string): Promise<T> | null {
  const answer = freshAnswer<T>(url);
  underWay.delete(url);
  return answer;
}
