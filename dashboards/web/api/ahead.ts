/** Answers that are asked for before what shows them is there. Each is taken once, by the request that would have asked for the same. */

/** What nobody took for so long is asked for anew: it may have changed since. Milliseconds. */
const FRESH = 5000;

const underWay = new Map<string, { readonly since: number; readonly answer: Promise<Response> }>();

/** Asks now, or once: what was asked for and not taken yet is not asked for again. `accept`: the type that the request to come wants. */
export function askAhead(url: string, accept: string): Promise<Response> {
  const known = freshAt(url);
  if (known) return known;
  const answer = fetch(url, { headers: { accept } });
  // Told to whoever takes it.
  answer.catch(() => undefined);
  underWay.set(url, { since: performance.now(), answer });
  return answer;
}

function freshAt(url: string): Promise<Response> | null {
  const known = underWay.get(url);
  return known && performance.now() - known.since < FRESH ? known.answer : null;
}

/** The answer that is there or on its way; null where none was asked for. */
export function takeAhead(url: string): Promise<Response> | null {
  const answer = freshAt(url);
  underWay.delete(url);
  return answer;
}
