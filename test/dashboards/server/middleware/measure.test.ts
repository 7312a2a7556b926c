import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { MeasuredResponse } from '../../../../dashboards/server/middleware/measure.ts';
import { type ApiHarness, startApiHarness } from '../harness.ts';

let it: ApiHarness;
before(async () => {
  it = await startApiHarness();
});
after(() => it?.[Symbol.asyncDispose]());

test('responses are measured by the pattern of their route, whatever paths clients make up', async () => {
  const seen: MeasuredResponse[] = [];
  const app = it.app({ onResponse: (response) => void seen.push(response) });
  for (const path of ['/api/sweeps', '/api/sweeps/s1', '/api/sweeps/s2', '/livez', '/', '/api/secret-name', '/secret-name.js'])
    await app.request(path);
  await app.request('/api/sweeps/s1/cancel', { method: 'POST' });
  const shown = seen.map(({ method, route, status }) => `${method} ${route} ${status}`);
  assert.deepEqual(shown, [
    'GET /api/sweeps 200',
    'GET /api/sweeps/:sweep 404',
    'GET /api/sweeps/:sweep 404',
    'GET /livez 200',
    'GET other 200',
    'GET other 404',
    'GET other 404',
    'POST /api/sweeps/:sweep/cancel 404',
  ]);
  assert.ok(seen.every(({ seconds }) => seconds > 0));
});
