import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiHarness, startApiHarness } from '../harness.ts';

let it: ApiHarness;
before(async () => {
  it = await startApiHarness();
});
after(() => it?.[Symbol.asyncDispose]());

test('requests of the API are answered within the trace of their caller, by the pattern of their route', async () => {
  const seen: string[] = [];
  const app = it.app({
    traceRequest: async ({ method, traceparent }, respond) => {
      const { route, status } = await respond();
      seen.push(`${method} ${route} ${status} ${traceparent}`);
    },
  });
  await app.request('/api/sweeps', { headers: { traceparent: '00-a-b-01' } });
  for (const path of ['/api/sweeps/secret-name', '/livez', '/']) await app.request(path);
  assert.deepEqual(seen, ['GET /api/sweeps 200 00-a-b-01', 'GET /api/sweeps/:sweep 404 undefined']);
});

test('a caller without a token traces nothing', async () => {
  const app = it.app({ access: { kind: 'tokens' }, traceRequest: () => assert.fail('the request is traced') });
  const { status } = await app.request('/api/sweeps', { headers: { traceparent: '00-a-b-01' } });
  assert.equal(status, 401);
});
