import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHealth, serveHealth } from '../../infra/health.ts';
import { createLogger } from '../../infra/logger.ts';

test('a port of its own answers probes, and nothing else', async () => {
  const stop = new AbortController();
  const health = openHealth(
    stop.signal,
    createLogger('test', 'text', () => {}),
  );
  await using server = await serveHealth(health, { host: '127.0.0.1', port: 0 });
  const ask = async (path: string, init?: RequestInit) => (await fetch(`${server.url}${path}`, init)).status;
  assert.deepEqual(
    await Promise.all(['/livez', '/readyz', '/', '/healthz', '/api/system'].map((path) => ask(path))),
    [200, 503, 404, 404, 404],
  );
  assert.equal(await ask('/livez', { method: 'POST' }), 404);
  health.begin({ live: {}, ready: {} });
  assert.equal(await ask('/readyz'), 200);
  stop.abort();
  assert.deepEqual([await ask('/readyz'), await ask('/livez')], [503, 200]);

  const port = Number(new URL(server.url).port);
  await assert.rejects(serveHealth(health, { host: '127.0.0.1', port }), { code: 'port-taken', path: '--health-port' });
  await assert.rejects(serveHealth(health, { host: '192.0.2.1', port: 0 }), { code: 'host-invalid', path: '--health-host' });
});
