/** Requests to the API. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUrl, newKey } from '../../../../dashboards/web/api/http.ts';

test('query parameters are set unless they are empty', () => {
  assert.equal(
    apiUrl('/sweeps', { state: 'running', search: '', limit: 50, cursor: null }),
    '/api/sweeps?state=running&limit=50',
  );
});

test('idempotency keys are unique', () => {
  const keys = new Set(Array.from({ length: 100 }, newKey));
  assert.equal(keys.size, 100);
  for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/);
});
