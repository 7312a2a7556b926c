/** URLs of the pages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localPath, withParameters } from '../../../../dashboards/web/state/url.ts';

test('signing in leads back to a path of this server only', () => {
  assert.equal(localPath('/sweeps/s1?where=k%3D2'), '/sweeps/s1?where=k%3D2');
  for (const elsewhere of [
    undefined,
    '',
    'sweeps',
    'https://elsewhere.example/',
    '//elsewhere.example/',
    '/\\elsewhere.example',
    '/\t/elsewhere.example',
    'javascript:alert(1)',
  ])
    assert.equal(localPath(elsewhere), '/', String(elsewhere));
});

test('URL parameters are set, replaced and removed', () => {
  assert.equal(withParameters('/?a=1&b=2', { a: 3, c: 'x y' }), '/?a=3&b=2&c=x+y');
  assert.equal(withParameters('/?a=1&b=2', { a: null, b: '' }), '/');
});
