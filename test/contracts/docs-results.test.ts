/** The README and the guides from data to results, by the commands that they show. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { memoryArrays } from '../support/array-store.ts';
import { storedFolder } from '../support/whole.ts';
import { ROOT, SHIPPED_VERSION, testPages } from './guides.ts';

await testPages([
  { page: 'README.md', commands: 4, epochs: 4 },
  { page: 'docs/guides/water.md', commands: 8, epochs: 4 },
  { page: 'docs/guides/geo2.md', commands: 5, epochs: 2 },
  { page: 'docs/guides/your-own-data.md', commands: 20, epochs: 4 },
  { page: 'docs/guides/growing-data.md', commands: 5, epochs: 4 },
  { page: 'docs/guides/applying-models.md', commands: 7, epochs: 4 },
  { page: 'docs/guides/interpretation.md', commands: 4, epochs: 4 },
]);

test('the guides quote the version of the shipped water data', async () => {
  const { version } = await storedFolder(join(ROOT, 'examples/water'), memoryArrays());
  assert.equal(version.slice(0, 12), SHIPPED_VERSION);
});
