/** Drafts of specs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Draft, type DraftStorage, readDraft, removeDraft, saveDraft } from '../../../../dashboards/web/new-sweep/draft.ts';

test('a draft is stored per origin; an invalid one is ignored', () => {
  const entries = new Map<string, string>();
  const storage: DraftStorage = {
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
  };
  const draft: Draft = { text: 'name: a', name: '', key: 'k' };
  saveDraft(storage, 'sweep s1', draft);
  assert.deepEqual(readDraft(storage, 'sweep s1'), draft);
  assert.equal(readDraft(storage, 'sweep s2'), null);
  for (const key of entries.keys()) entries.set(key, '{"text": 1}');
  assert.equal(readDraft(storage, 'sweep s1'), null);
  saveDraft(storage, 'sweep s1', draft);
  removeDraft(storage, 'sweep s1');
  assert.equal(readDraft(storage, 'sweep s1'), null);

  const full: DraftStorage = {
    ...storage,
    setItem: () => {
      throw new Error('full');
    },
  };
  saveDraft(full, 'x', draft);
  assert.equal(readDraft(full, 'x'), null);
  assert.equal(readDraft(null, 'x'), null);
});
