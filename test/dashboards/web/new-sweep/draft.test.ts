/** Drafts of specs. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { type Draft, readDraft, storeDraft } from '../../../../dashboards/web/new-sweep/draft.ts';

const draft: Draft = { text: 'name: a', name: '', key: 'k' };

const provide = (storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined) =>
  Object.defineProperty(globalThis, 'sessionStorage', { value: storage, configurable: true });
afterEach(() => provide(undefined));

test('a draft is stored per origin; an invalid one is ignored', () => {
  const entries = new Map<string, string>();
  const storage = {
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
    removeItem: (key: string) => void entries.delete(key),
  };
  provide(storage);
  storeDraft('sweep s1', draft);
  assert.deepEqual(readDraft('sweep s1'), draft);
  assert.equal(readDraft('sweep s2'), null);
  for (const invalid of ['{"text": 1}', '{']) {
    for (const key of entries.keys()) entries.set(key, invalid);
    assert.equal(readDraft('sweep s1'), null);
  }
  storeDraft('sweep s1', draft);
  storeDraft('sweep s1', null);
  assert.deepEqual([readDraft('sweep s1'), entries.size], [null, 0]);

  provide({
    ...storage,
    setItem: () => {
      throw new Error('full');
    },
  });
  storeDraft('x', draft);
  assert.equal(readDraft('x'), null);
});

test('without storage there are no drafts', () => {
  provide(undefined);
  storeDraft('x', draft);
  assert.equal(readDraft('x'), null);
});
