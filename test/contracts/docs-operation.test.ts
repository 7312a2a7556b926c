/** The guides to running narrows: sweeps, retrainings, scripts, servers and their upkeep. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { requirementNames } from '../support/python.ts';
import { ROOT, testPages } from './guides.ts';

await testPages([
  { page: 'docs/guides/steering-sweeps.md', commands: 14, epochs: 20_000 },
  { page: 'docs/guides/searching.md', commands: 26, epochs: 4 },
  { page: 'docs/guides/retraining.md', commands: 10, epochs: 4 },
  { page: 'docs/guides/from-python.md', commands: 3, epochs: 4, python: 6 },
  { page: 'docs/guides/several-machines.md', commands: 8, epochs: 4 },
  { page: 'docs/guides/engines.md', commands: 4, epochs: 4 },
  { page: 'docs/guides/serving.md', commands: 7, epochs: 3000, shell: 4 },
  { page: 'docs/guides/operating.md', commands: 5, epochs: 4, shell: 1 },
  { page: 'docs/guides/housekeeping.md', commands: 11, epochs: 4 },
  { page: 'docs/guides/object-storage.md', commands: 4, epochs: 4 },
]);

test('the guide for Python installs the packages that its blocks are tested with', () => {
  const guide = readFileSync(join(ROOT, 'docs/guides/from-python.md'), 'utf8');
  const installed = /^pip install (.+)$/m.exec(guide)?.[1]?.replaceAll("'", '').split(' ');
  assert.deepEqual(installed, requirementNames());
});
