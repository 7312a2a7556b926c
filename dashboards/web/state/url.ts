/** What a page shows is in its URL: filter and selection survive a reload, a bookmark, a message to a colleague. */

import { useCallback } from 'preact/hooks';
import { useLocation } from 'preact-iso';

export type Changes = Readonly<Record<string, string | number | null>>;

/** The path and query with these parameters set; null takes one away. */
export function withParameters(url: string, changes: Changes): string {
  const { pathname, searchParams } = new URL(url, 'http://page');
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') searchParams.delete(name);
    else searchParams.set(name, String(value));
  }
  const query = searchParams.toString();
  return query === '' ? pathname : `${pathname}?${query}`;
}

/**
 * The parameters of the URL, and how to change them. A change replaces the entry of the history where `push` is not asked for: a slider that moves leaves
 * no hundred steps to go back through.
 */
export function useUrl(): {
  readonly parameters: Readonly<Record<string, string>>;
  readonly change: (changes: Changes, options?: { readonly push?: boolean }) => void;
} {
  const { url, query, route } = useLocation();
  const change = useCallback(
    (changes: Changes, { push = false }: { readonly push?: boolean } = {}) => {
      const here = `${location.pathname}${location.search}`;
      const next = withParameters(here, changes);
      if (next !== here) route(next, !push);
    },
    [route, url],
  );
  return { parameters: query, change };
}

/** A path of these pages, as it came in a parameter; '/' for whatever leads elsewhere. */
export function localPath(path: string | undefined): string {
  if (path === undefined) return '/';
  const base = 'http://page';
  try {
    const url = new URL(path, base);
    return url.origin === base && path.startsWith('/') && !path.startsWith('//') ? `${url.pathname}${url.search}` : '/';
  } catch {
    return '/';
  }
}
