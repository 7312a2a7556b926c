import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeQueries, GOLDEN } from './golden.ts';

test('queries that pages wait for send the SQL of test/db/golden', async () => {
  const queries = await describeQueries();
  for (const [file, content] of queries) {
    const golden = readFileSync(join(GOLDEN, file), 'utf8');
    assert.equal(content, golden, `the SQL of ${file} changed: review it and run "node test/db/golden.ts --write"`);
  }
  assert.deepEqual(globSync('**/*.sql', { cwd: GOLDEN }).sort(), [...queries.keys()].sort());
});
