/** A long list: loaded pages stay fresh, and more are loaded on request. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Page } from '../../contract/shared.ts';
import { Failure } from '../api/http.ts';
import { type LoadedPage, refreshPages } from './refresh-pages.ts';

export interface PagedList<T> {
  /** null before the first response. */
  readonly items: readonly T[] | null;
  readonly matched: number;
  readonly total: number;
  readonly hasMore: boolean;
  readonly loading: boolean;
  /** Failure of the last request; null if it succeeded. */
  readonly failure: Failure | null;
  readonly loadMore: () => void;
  readonly reload: () => void;
}

/** Lists of the latest keys, shown at once when a page is visited again. */
const cache = new Map<string, readonly LoadedPage<unknown>[]>();
const MAX_CACHED = 10;

function store(key: string, pages: readonly LoadedPage<unknown>[]): void {
  cache.delete(key);
  cache.set(key, pages);
  for (const oldest of cache.keys()) {
    if (cache.size <= MAX_CACHED) return;
    cache.delete(oldest);
  }
}

/** Loads a list page by page, at cursors; a new `version` reloads stale pages (`refreshPages`). */
export function usePagedList<T>(
  key: string,
  load: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>,
  version: unknown,
  isStale: (page: Page<T>, index: number) => boolean,
): PagedList<T> {
  type State = { key: string; pages: readonly LoadedPage<T>[]; failure: Failure | null; loading: boolean };
  const cached = (cache.get(key) ?? []) as readonly LoadedPage<T>[];
  const [state, setState] = useState<State>({ key, pages: cached, failure: null, loading: true });
  const latest = useRef({ load, isStale, version });
  latest.current = { load, isStale, version };
  const work = useRef<((task: 'all' | 'stale' | 'more') => void) | null>(null);

  useEffect(() => {
    const abort = new AbortController();
    let pages = (cache.get(key) ?? []) as readonly LoadedPage<T>[];
    let busy = false;
    let wantsMore = false;
    let loadedVersion: unknown;
    const run = async (task: 'all' | 'stale' | 'more') => {
      if (abort.signal.aborted) return;
      if (busy) {
        wantsMore ||= task === 'more';
        return;
      }
      busy = true;
      loadedVersion = latest.current.version;
      setState({ key, pages, failure: null, loading: true });
      const loadAt = (cursor: string | null) => latest.current.load(cursor, abort.signal);
      let failure: Failure | null = null;
      try {
        if (task === 'more') {
          const cursor = pages.at(-1)?.page.next;
          if (cursor) pages = [...pages, { cursor, page: await loadAt(cursor) }];
        } else {
          pages = await refreshPages(pages, loadAt, task === 'all' ? () => true : latest.current.isStale);
        }
      } catch (error) {
        failure = Failure.from(error);
      }
      if (abort.signal.aborted) return;
      busy = false;
      store(key, pages);
      setState({ key, pages, failure, loading: false });
      if (wantsMore) {
        wantsMore = false;
        void run('more');
      } else if (failure === null && !Object.is(loadedVersion, latest.current.version)) void run('stale');
    };
    work.current = run;
    void run('all');
    return () => {
      work.current = null;
      abort.abort();
    };
  }, [key]);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) work.current?.('stale');
    isFirst.current = false;
  }, [version]);

  const loadMore = useCallback(() => work.current?.('more'), []);
  const reload = useCallback(() => work.current?.('all'), []);
  const pages = state.key === key ? state.pages : cached;
  return {
    items: pages.length === 0 ? null : pages.flatMap(({ page }) => page.items),
    matched: pages[0]?.page.matched ?? 0,
    total: pages[0]?.page.total ?? 0,
    hasMore: (pages.at(-1)?.page.next ?? null) !== null,
    loading: state.loading,
    failure: state.key === key ? state.failure : null,
    loadMore,
    reload,
  };
}
