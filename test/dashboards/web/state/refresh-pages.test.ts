/** Refreshing a paged list while it changes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from '../../../../dashboards/contract/shared.ts';
import { type LoadedPage, refreshPages } from '../../../../dashboards/web/state/refresh-pages.ts';

const SIZE = 3;

/** A list of descending numbers in pages of three; a cursor is the last number before the page. */
function serverOf(numbers: number[]) {
  const asked: (string | null)[] = [];
  const ask = async (cursor: string | null): Promise<Page<number>> => {
    asked.push(cursor);
    const rest = numbers.filter((one) => cursor === null || one < Number(cursor));
    const items = rest.slice(0, SIZE);
    const next = rest.length > SIZE ? String(items.at(-1)) : null;
    return { items, matched: numbers.length, total: numbers.length, next };
  };
  return { ask, asked };
}

const itemsOf = (chunks: readonly LoadedPage<number>[]) => chunks.flatMap(({ page }) => page.items);
const load = async (numbers: number[], pages: number) => {
  const { ask } = serverOf(numbers);
  const chunks: LoadedPage<number>[] = [];
  let cursor: string | null = null;
  for (let i = 0; i < pages; i++) {
    const page: Page<number> = await ask(cursor);
    chunks.push({ cursor, page });
    cursor = page.next;
  }
  return chunks;
};

test('loads the first page if there is none', async () => {
  const { ask, asked } = serverOf([5, 4, 3, 2, 1]);
  assert.deepEqual(itemsOf(await refreshPages([], ask, () => false)), [5, 4, 3]);
  assert.deepEqual(asked, [null]);
});

test('reloads stale pages only', async () => {
  const numbers = [9, 8, 7, 6, 5, 4, 3, 2, 1];
  const chunks = await load(numbers, 3);
  const { ask, asked } = serverOf(numbers);
  const fresh = await refreshPages(chunks, ask, (_, index) => index === 1);
  assert.deepEqual(asked, ['7']);
  assert.deepEqual(itemsOf(fresh), numbers);
});

test('leaves no gap if the list grew at its start', async () => {
  const chunks = await load([6, 5, 4, 3, 2, 1], 2);
  const { ask, asked } = serverOf([8, 7, 6, 5, 4, 3, 2, 1]);
  const fresh = await refreshPages(chunks, ask, (_, index) => index === 0);
  assert.deepEqual(itemsOf(fresh), [8, 7, 6, 5, 4, 3]);
  assert.deepEqual(asked, [null, '6']);
});

test('ends early if the list shrank', async () => {
  const chunks = await load([6, 5, 4, 3, 2, 1], 2);
  const { ask } = serverOf([6, 5]);
  assert.deepEqual(itemsOf(await refreshPages(chunks, ask, () => true)), [6, 5]);
});
