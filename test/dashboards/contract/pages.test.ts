import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPagePath } from '../../../dashboards/contract/pages.ts';

test('paths of pages are recognised, others are not', () => {
  for (const path of [
    '/',
    '/sweeps/new',
    '/sweeps/demo',
    '/sweeps/a.b%2Fc/',
    '/trials/t1/explore',
    '/datasets/water/0ace',
    '/sign-in',
  ])
    assert.equal(isPagePath(path), true, path);
  for (const path of ['/healthz', '/metrics', '/sweeps', '/sweeps/demo/nothing', '/datasets/water', '/.env', '/wp-login.php'])
    assert.equal(isPagePath(path), false, path);
});
