/** What every page stands in: navigation, focus, theme, line, system. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { assertAccessible, assertFits, openStand, shoot } from './harness.ts';

const stand = await openStand();
const { skip } = stand;
after(() => stand.close());

test('the system page tells what runs', { skip }, async (t) => {
  const { page, measures } = await stand.open(t, '/system');
  await page.getByRole('heading', { name: 'Queues and their workers' }).waitFor();
  assert.equal(await page.title(), 'System · narrows');
  await assertAccessible(page);
  await shoot(t, page, 'system');
  t.diagnostic(JSON.stringify(await measures()));
});
