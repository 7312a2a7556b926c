/** The tree of tests mirrors the sources: test/a/b.test.ts tests a/b.ts, or the folder a/b. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkoutFiles } from './sources.ts';

/** Rooms of tests that are about more than one file. */
const ROOMS = ['oracles', 'faults', 'contracts', 'histories', 'browser', 'house', 'soak', 'support', 'fuzz', 'cluster'];

test('every test file outside the rooms has the path of what it tests', () => {
  const files = checkoutFiles();
  const sources = new Set(files.map((path) => path.replace(/\.[jt]sx?$/, '')));
  const folders = new Set(files.flatMap((path) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index))));
  const strays = files.filter((path) => {
    const tested = /^test\/(.+)\.test\.ts$/.exec(path)?.[1];
    if (tested === undefined || ROOMS.includes(tested.split('/')[0] ?? '')) return false;
    return !sources.has(tested) && !folders.has(tested);
  });
  assert.deepEqual(strays, []);
});
