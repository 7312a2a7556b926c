/** Data of a page. They stay on screen while they are reloaded, and if that fails. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { apiUrl, Failure, getJson, type Query } from '../api/http.ts';
import { useReconnected } from './live.ts';

export interface Loaded<T> {
  /** The last response; null before the first one. */
  readonly data: T | null;
  /** Failure of the last request; null if it succeeded. */
  readonly failure: Failure | null;
  readonly loading: boolean;
  readonly reload: () => void;
}

/** Loads JSON from a path below /api; null loads nothing. A new `version` reloads it. */
export const useJson = <T>(path: string | null, query: Query = {}, version?: unknown): Loaded<T> =>
  useLoad(path === null ? null : apiUrl(path, query), (signal) => getJson<T>(path ?? '', query, signal), version);

/**
 * Calls `load` when `key` changes, after `reload`, and when `version` (such as a revision) changes;
 * a null key loads nothing. Late responses to earlier keys are dropped. A request that failed
 * because the server was unreachable is repeated once it is back.
 */
export function useLoad<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>, version: unknown = 0): Loaded<T> {
  type State = Omit<Loaded<T>, 'reload'> & { readonly key: string | null };
  const [state, setState] = useState<State>({ key, data: null, failure: null, loading: key !== null });
  const [attempt, setAttempt] = useState(0);
  const latest = useRef({ load, version });
  latest.current = { load, version };
  const refresh = useRef<(() => void) | null>(null);

  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    const { signal } = abort;
    let busy = false;
    let loadedVersion: unknown;
    const run = async () => {
      if (busy || signal.aborted) return;
      busy = true;
      loadedVersion = latest.current.version;
      setState((before) => ({ ...before, ...(before.key !== key && { data: null, failure: null }), key, loading: true }));
      try {
        const data = await latest.current.load(signal);
        if (!signal.aborted) setState({ key, data, failure: null, loading: false });
      } catch (error) {
        if (signal.aborted) return;
        setState((before) => ({ ...before, failure: Failure.from(error), loading: false }));
      }
      busy = false;
      refreshIfOld();
    };
    const refreshIfOld = () => {
      if (!Object.is(loadedVersion, latest.current.version)) void run();
    };
    refresh.current = refreshIfOld;
    void run();
    return () => {
      refresh.current = null;
      abort.abort();
    };
  }, [key, attempt]);
  useEffect(() => refresh.current?.(), [version]);

  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  const isUnreachable = state.failure !== null && (state.failure.status === 0 || state.failure.status >= 502);
  useReconnected(isUnreachable, reload);
  const isOfKey = state.key === key;
  return { ...state, data: isOfKey ? state.data : null, failure: isOfKey ? state.failure : null, reload };
}
