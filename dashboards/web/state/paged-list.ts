/** A long list, page by page: what was loaded stays and is kept fresh, more comes when asked for. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Page } from '../../contract/shared.ts';
import { Failure } from '../api/http.ts';
import { type LoadedPage, refreshPages } from './refresh-pages.ts';

export interface PagedList<T> {
  /** null before the first answer. */
  readonly items: readonly T[] | null;
  readonly matched: number;
  readonly total: number;
  readonly hasMore: boolean;
  readonly loading: boolean;
  /** Of the last attempt; null where it succeeded. */
  readonly failure: Failure | null;
  readonly loadMore: () => void;
  readonly reload: () => void;
}

/** The list of each of the latest keys as it was last shown, for those who come back to it. */
const kept = new Map<string, readonly LoadedPage<unknown>[]>();
const MOST_KEPT = 10;

function keep(key: string, chunks: readonly LoadedPage<unknown>[]): void {
  kept.delete(key);
  kept.set(key, chunks);
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) return;
    kept.delete(oldest);
  }
}

/**
 * The pages of a list: `ask` answers the one that begins at a cursor. When `version` changes, those that are `isStale` are asked for again, one after the
 * other, and so is whatever no longer begins where the page before it ends.
 */
export function usePagedList<T>(
  key: string,
  ask: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>,
  version: unknown,
  isStale: (page: Page<T>, index: number) => boolean,
): PagedList<T> {
  type State = { key: string; chunks: readonly LoadedPage<T>[]; failure: Failure | null; loading: boolean };
  const before = (kept.get(key) ?? []) as readonly LoadedPage<T>[];
  const [state, setState] = useState<State>({ key, chunks: before, failure: null, loading: true });
  const latest = useRef({ ask, isStale, version });
  latest.current = { ask, isStale, version };
  const work = useRef<((what: 'all' | 'stale' | 'more') => void) | null>(null);

  useEffect(() => {
    const abort = new AbortController();
    let chunks = (kept.get(key) ?? []) as readonly LoadedPage<T>[];
    let busy = false;
    let wantsMore = false;
    let seen: unknown;
    const run = async (what: 'all' | 'stale' | 'more') => {
      if (abort.signal.aborted) return;
      if (busy) {
        wantsMore ||= what === 'more';
        return;
      }
      busy = true;
      seen = latest.current.version;
      setState({ key, chunks, failure: null, loading: true });
      const fetch = (cursor: string | null) => latest.current.ask(cursor, abort.signal);
      let failure: Failure | null = null;
      try {
        if (what === 'more') {
          const cursor = chunks.at(-1)?.page.next;
          if (cursor) chunks = [...chunks, { cursor, page: await fetch(cursor) }];
        } else {
          chunks = await refreshPages(chunks, fetch, what === 'all' ? () => true : latest.current.isStale);
        }
      } catch (error) {
        failure = error instanceof Failure ? error : new Failure(0, null, (error as Error).message);
      }
      if (abort.signal.aborted) return;
      busy = false;
      keep(key, chunks);
      setState({ key, chunks, failure, loading: false });
      if (wantsMore) {
        wantsMore = false;
        void run('more');
      } else if (failure === null && !Object.is(seen, latest.current.version)) void run('stale');
    };
    work.current = run;
    void run('all');
    return () => {
      work.current = null;
      abort.abort();
    };
  }, [key]);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) work.current?.('stale');
    first.current = false;
  }, [version]);

  const more = useCallback(() => work.current?.('more'), []);
  const reload = useCallback(() => work.current?.('all'), []);
  const chunks = state.key === key ? state.chunks : before;
  const end = chunks.at(-1)?.page;
  return {
    items: chunks.length === 0 ? null : chunks.flatMap(({ page }) => page.items),
    matched: chunks[0]?.page.matched ?? 0,
    total: chunks[0]?.page.total ?? 0,
    hasMore: (end?.next ?? null) !== null,
    loading: state.loading,
    failure: state.key === key ? state.failure : null,
    loadMore: more,
    reload,
  };
}
