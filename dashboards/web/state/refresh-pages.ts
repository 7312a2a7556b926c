/** The loaded part of a list that is read page by page from cursor to cursor. */
import type { Page } from '../../contract/shared.ts';

export interface LoadedPage<T> {
  /** Where it begins; null: at the list's beginning. */
  readonly cursor: string | null;
  readonly page: Page<T>;
}

/**
 * The chunks with those asked for again that are stale, or that no longer begin where the one before ends: a list that has grown at its front leaves no gap.
 * An empty list of chunks gets its first. Ends early where the list has become shorter.
 */
export async function refreshPages<T>(
  chunks: readonly LoadedPage<T>[],
  ask: (cursor: string | null) => Promise<Page<T>>,
  isStale: (page: Page<T>, index: number) => boolean,
): Promise<LoadedPage<T>[]> {
  const fresh: LoadedPage<T>[] = [];
  let cursor: string | null = null;
  for (let i = 0; i < Math.max(1, chunks.length); i++) {
    const before = chunks[i];
    const isGood = before !== undefined && before.cursor === cursor && !isStale(before.page, i);
    const page: Page<T> = isGood ? before.page : await ask(cursor);
    fresh.push({ cursor, page });
    if (page.next === null) break;
    cursor = page.next;
  }
  return fresh;
}
