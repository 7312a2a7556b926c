/** The loaded part of a list that is read page by page. */
import type { Page } from '../../contract/shared.ts';

export interface LoadedPage<T> {
  /** Cursor it begins at; null at the start of the list. */
  readonly cursor: string | null;
  readonly page: Page<T>;
}

/**
 * Reloads the pages that are stale, or no longer begin where the previous one ends, so that a list
 * that grew at its start has no gap. Loads at least the first page; ends early if the list shrank.
 */
export async function refreshPages<T>(
  pages: readonly LoadedPage<T>[],
  load: (cursor: string | null) => Promise<Page<T>>,
  isStale: (page: Page<T>, index: number) => boolean,
): Promise<LoadedPage<T>[]> {
  const fresh: LoadedPage<T>[] = [];
  let cursor: string | null = null;
  for (let i = 0; i < Math.max(1, pages.length); i++) {
    const known = pages[i];
    const isValid = known !== undefined && known.cursor === cursor && !isStale(known.page, i);
    const page: Page<T> = isValid ? known.page : await load(cursor);
    fresh.push({ cursor, page });
    if (page.next === null) break;
    cursor = page.next;
  }
  return fresh;
}
