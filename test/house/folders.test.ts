/** Folders that a newcomer can take in at a glance. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { checkoutFiles } from './sources.ts';

const MOST_FILES = 25;
/** One file each per figure of the docs, decision and released migration: they only ever grow. */
const GROWING = ['docs/decisions', 'docs/images', 'db/migrations', 'db/migrations/meta', 'test/db/golden'];

test(`no folder holds more than ${MOST_FILES} files`, () => {
  const counts = Map.groupBy(checkoutFiles(), (path) => dirname(path));
  const crowded = [...counts].filter(([folder, files]) => files.length > MOST_FILES && !GROWING.includes(folder));
  assert.deepEqual(
    crowded.map(([folder, files]) => `${folder}: ${files.length}`),
    [],
  );
});
