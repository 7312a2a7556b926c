/** Example specs, drafts, and errors of specs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { type Draft, type DraftStorage, readDraft, removeDraft, saveDraft } from '../../../dashboards/web/new-sweep/draft.ts';
import { buildExampleSpec, type ExampleOf } from '../../../dashboards/web/new-sweep/example.ts';
import { specErrors, textOffset } from '../../../dashboards/web/new-sweep/spec-errors.ts';
import { throwFaults } from '../../../search/fault.ts';
import { checkDataset, parseSweepSpec } from '../../../search/schemas/spec.ts';

const WATER: ExampleOf = {
  name: 'water',
  version: '0123456789abcdef'.repeat(4),
  newest: true,
  rows: 10_000,
  varying: 3,
  groups: null,
  targets: [
    { name: 'xes', columns: 100, unit: null },
    { name: 'xas', columns: 50, unit: null },
  ],
};

test('the example is a valid spec for any dataset', () => {
  const datasets: ExampleOf[] = [
    WATER,
    { ...WATER, newest: false },
    { ...WATER, varying: 1 },
    { ...WATER, groups: 2 },
    { ...WATER, groups: 40 },
    { ...WATER, rows: 30 },
    { ...WATER, name: 'yes', targets: [{ name: '12e3', columns: 1, unit: null }] },
    { ...WATER, name: 'a: b # c', targets: [{ name: "it's", columns: 1, unit: null }] },
  ];
  for (const dataset of datasets) {
    const text = buildExampleSpec(dataset);
    const [spec, ...others] = parseSweepSpec(parse(text));
    assert.ok(spec && others.length === 0, text);
    const { rows, varying, groups } = dataset;
    const facts = { rows, descriptors: varying, groups, targets: dataset.targets.map(({ name }) => name) };
    throwFaults(checkDataset(spec, facts));
    assert.equal(spec.dataset, dataset.newest ? dataset.name : `${dataset.name}@0123456789ab`);
    assert.equal(spec.split.by, (groups ?? 0) >= 3 ? 'group' : 'random');
  }
});

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

test('errors are sorted by line; a problem without a list is one error', () => {
  const problem = { type: 'about:blank', title: 'Invalid', status: 422, code: 'spec-invalid', detail: 'a; b' };
  const faults = specErrors({
    ...problem,
    errors: [
      { path: 'space.k', line: 8, column: 3, message: 'b' },
      { path: 'name', line: 2, message: 'a', fix: 'c' },
    ],
  });
  assert.deepEqual(faults, [
    { line: 2, column: null, path: 'name', message: 'a', fix: 'c' },
    { line: 8, column: 3, path: 'space.k', message: 'b', fix: null },
  ]);
  const [only] = specErrors({ ...problem, path: 'dataset', fix: 'import it' });
  assert.deepEqual(only, { line: null, column: null, path: 'dataset', message: 'a; b', fix: 'import it' });
});

test('a line and column are converted to an offset', () => {
  const text = 'name: a\n\nspace:\n  k: 1';
  assert.equal(textOffset(text, 1), 0);
  assert.equal(textOffset(text, 2), 8);
  assert.equal(text.slice(textOffset(text, 4, 3)), 'k: 1');
  assert.equal(textOffset(text, 2, 50), 8, 'no further than the line');
  assert.equal(textOffset(text, 99), text.length);
});
