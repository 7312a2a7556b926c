/** Data of a page: loading, there, or failed. What was there stays on screen while it is fetched again, and when that fails. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Failure } from '../api/http.ts';
import { connection } from './live.ts';

export interface Loaded<T> {
  /** What came last; null before the first answer. */
  readonly data: T | null;
  /** Of the last attempt; null where it succeeded. */
  readonly failure: Failure | null;
  readonly loading: boolean;
  readonly reload: () => void;
}

/**
 * Asks `fetch` when `key` changes, and again after `reload`; an answer that comes too late is dropped. `key` null: nothing is asked.
 * A new `version` (a sweep's revision) of the same key asks again, once the answer under way is there, and leaves what is shown until then.
 * What failed because the server was away is asked again when it is back.
 */
export function useLoad<T>(key: string | null, fetch: (signal: AbortSignal) => Promise<T>, version: unknown = 0): Loaded<T> {
  const [state, setState] = useState<{ key: string | null; data: T | null; failure: Failure | null; loading: boolean }>({
    key,
    data: null,
    failure: null,
    loading: key !== null,
  });
  const [attempt, setAttempt] = useState(0);
  const latest = useRef({ fetch, version });
  latest.current = { fetch, version };
  const again = useRef<(() => void) | null>(null);

  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    const { signal } = abort;
    let busy = false;
    let asked: unknown;
    const ask = async () => {
      if (busy || signal.aborted) return;
      busy = true;
      asked = latest.current.version;
      setState((before) => ({ ...before, ...(before.key !== key && { data: null, failure: null }), key, loading: true }));
      try {
        const data = await latest.current.fetch(signal);
        if (!signal.aborted) setState({ key, data, failure: null, loading: false });
      } catch (error) {
        if (signal.aborted) return;
        const failure = error instanceof Failure ? error : new Failure(0, null, (error as Error).message);
        setState((before) => ({ ...before, failure, loading: false }));
      }
      busy = false;
      if (!Object.is(asked, latest.current.version)) void ask();
    };
    again.current = () => {
      if (!Object.is(asked, latest.current.version)) void ask();
    };
    void ask();
    return () => {
      again.current = null;
      abort.abort();
    };
  }, [key, attempt]);
  useEffect(() => again.current?.(), [version]);

  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  const isAway = state.failure !== null && (state.failure.status === 0 || state.failure.status >= 502);
  useEffect(() => {
    if (!isAway) return;
    let wasLost = connection.peek() !== 'live';
    return connection.subscribe((now) => {
      if (now === 'live' && wasLost) reload();
      if (now === 'lost') wasLost = true;
    });
  }, [isAway, reload]);
  // An answer to the key before is none to this one.
  const isOfKey = state.key === key;
  return { ...state, data: isOfKey ? state.data : null, failure: isOfKey ? state.failure : null, reload };
}
