/** State of pages in the URL, so that filters and selections survive a reload and can be shared. */
import { useCallback } from 'preact/hooks';
import { useLocation } from 'preact-iso';

export type Changes = Readonly<Record<string, string | number | null>>;

/** Returns the path and query with these parameters set; null removes one. */
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
 * Returns the parameters of the URL, and a function that changes them. Without `push` a change
 * replaces the history entry, so that a moving slider leaves one entry only.
 */
export function useUrl(): {
  readonly parameters: Readonly<Record<string, string>>;
  readonly change: (changes: Changes, options?: { readonly push?: boolean }) => void;
} {
  const { url, query, route } = useLocation();
  const change = useCallback(
    (changes: Changes, { push = false }: { readonly push?: boolean } = {}) => {
      const current = `${location.pathname}${location.search}`;
      const next = withParameters(current, changes);
      if (next !== current) route(next, !push);
    },
    [route, url],
  );
  return { parameters: query, change };
}

/** Returns a path of these pages that came in a parameter, or '/' if it leads elsewhere. */
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
