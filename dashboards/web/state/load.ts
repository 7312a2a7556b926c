/** Data of a page: loading, there, or failed. What was there stays on screen while it is fetched again, and when that fails. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Failure } from '../api/http.ts';

export interface Loaded<T> {
  /** What came last; null before the first answer. */
  readonly data: T | null;
  /** Of the last attempt; null where it succeeded. */
  readonly failure: Failure | null;
  readonly loading: boolean;
  readonly reload: () => void;
}

/** Asks `fetch` when `key` changes, and again after `reload`. An answer that comes too late is dropped. `key` null: nothing is asked. */
export function useLoad<T>(key: string | null, fetch: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string | null; data: T | null; failure: Failure | null; loading: boolean }>({
    key,
    data: null,
    failure: null,
    loading: key !== null,
  });
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(fetch);
  latest.current = fetch;
  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    setState((before) => ({ ...before, ...(before.key !== key && { data: null }), key, loading: true }));
    latest
      .current(abort.signal)
      .then((data) => {
        if (!abort.signal.aborted) setState({ key, data, failure: null, loading: false });
      })
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        const failure = error instanceof Failure ? error : new Failure(0, null, (error as Error).message);
        setState((before) => ({ ...before, failure, loading: false }));
      });
    return () => abort.abort();
  }, [key, attempt]);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  return { ...state, reload };
}
