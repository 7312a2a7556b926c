/** URLs, sessions and requests of the pages, without a browser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session } from '../../../dashboards/contract/system.ts';
import { apiUrl, newKey } from '../../../dashboards/web/api/http.ts';
import { denialReason, mustSignIn } from '../../../dashboards/web/state/session.ts';
import { localPath, withParameters } from '../../../dashboards/web/state/url.ts';

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
  assert.equal(
    apiUrl('/sweeps', { state: 'running', search: '', limit: 50, cursor: null }),
    '/api/sweeps?state=running&limit=50',
  );
});

test('each role includes those before it, and a required token is enforced', () => {
  const of = (role: Session['role'], needsToken = true): Session => ({ role, name: null, needsToken, expiresAt: null });
  assert.equal(denialReason(of('submit'), 'submit'), null);
  assert.equal(denialReason(of('admin'), 'submit'), null);
  assert.match(denialReason(of('read'), 'submit') ?? '', /“read”.*“submit”/);
  assert.match(denialReason(of('submit'), 'admin') ?? '', /“submit”.*“admin”/);
  assert.match(denialReason(of(null), 'read') ?? '', /Sign in/);
  assert.deepEqual(
    [mustSignIn(of(null)), mustSignIn(of('read')), mustSignIn(of('admin', false)), mustSignIn(null)],
    [true, false, false, false],
  );
});

test('idempotency keys are unique', () => {
  const keys = new Set(Array.from({ length: 100 }, newKey));
  assert.equal(keys.size, 100);
  for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
});
