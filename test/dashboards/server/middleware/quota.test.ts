/** Shares of callers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQuota } from '../../../../dashboards/server/middleware/quota.ts';

test('each caller has its share, all of them have a total, and what is given back can be taken', () => {
  const quota = createQuota({ code: 'too-many-streams', what: 'event streams', perKey: 2, total: 3, retrySeconds: 7 });
  const [first] = [quota('a'), quota('a')];
  const full = { code: 'too-many-streams', message: /2 event streams/, fix: /7 s/, wait: 7 };
  assert.throws(() => quota('a'), full);
  quota('b');
  assert.throws(() => quota('c'), { message: /the server has 3 event streams/ });
  first();
  first();
  quota('c');
  assert.throws(() => quota('a'), { message: /the server has 3/ }, 'giving back twice counts once');
});
