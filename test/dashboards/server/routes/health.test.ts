import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createHealth } from '../../../../operations/health.ts';
import { type ApiHarness, fromAddress, startApiHarness } from '../harness.ts';

let harness: ApiHarness;
before(async () => {
  harness = await startApiHarness();
});
after(() => harness[Symbol.asyncDispose]());

test('probes need no token and no host name, and learn the results of checks alone', async () => {
  const app = harness.app({ access: { kind: 'tokens' } });
  const elsewhere = fromAddress('203.0.113.9');
  const headers = { host: 'narrows.cluster.local' };
  assert.equal((await app.request('/api/system', { headers }, elsewhere)).status, 403);
  const expected = { '/livez': { process: 'ok' }, '/readyz': { process: 'ok', postgres: 'ok', schema: 'ok' } };
  for (const [path, checks] of Object.entries(expected)) {
    const response = await app.request(path, { headers }, elsewhere);
    assert.deepEqual([response.status, await response.json()], [200, { status: 'ok', checks }], path);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal((await app.request(path, { method: 'HEAD', headers }, elsewhere)).status, 200);
  }
});

test('a server that stops is not ready, and lives', async () => {
  const app = harness.app({ health: createHealth({ stopping: AbortSignal.abort() }) });
  const response = await app.request('/readyz');
  assert.deepEqual([response.status, await response.json()], [503, { status: 'failing', checks: { process: 'stopping' } }]);
  assert.equal((await app.request('/livez')).status, 200);
});
