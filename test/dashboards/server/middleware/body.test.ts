/** Bodies are received after the caller is known, within limits of size and time. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { LIMITS } from '../../../../dashboards/server/limits.ts';
import { createToken } from '../../../../operations/tokens.ts';
import { until } from '../../../support/until.ts';
import { type ApiHarness, post, readProblem, startApiHarness } from '../harness.ts';

let harness: ApiHarness;
let app: OpenAPIHono;
const tokens: Record<string, string> = {};
before(async () => {
  harness = await startApiHarness();
  app = harness.app({ access: { kind: 'tokens' } });
  for (const role of ['read', 'submit'] as const)
    tokens[role] = (await createToken(harness.db, { name: role, role, expiresAt: null })).token;
});
after(async () => {
  await harness[Symbol.asyncDispose]();
  assert.deepEqual(harness.logged, []);
});

/** A request whose body counts what is read of it; it sends `chunks` and then stays silent. */
function silent(path: string, headers: Record<string, string>, chunks: readonly string[] = []) {
  const seen = { pulled: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks[seen.pulled++];
        if (chunk !== undefined) controller.enqueue(new TextEncoder().encode(chunk));
        return chunk === undefined ? new Promise(() => {}) : undefined;
      },
    },
    { highWaterMark: 0 },
  );
  const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/json', ...headers } };
  return { seen, request: (to = app) => to.request(path, init as RequestInit) };
}

const bearer = (token = '') => ({ authorization: `Bearer ${token}` });

test('no byte of a body is read before token, role and rate are checked', async () => {
  const cases = [
    ['/api/plan', {}, 401, 'token-missing'],
    ['/api/plan', bearer('nrw_wrong'), 401, 'token-wrong'],
    ['/api/sweeps', bearer(tokens.read), 403, 'role-too-small'],
    ['/api/datasets/water/shards', { 'content-type': 'application/zip' }, 401, 'token-missing'],
    ['/api/datasets/water/shards', { 'content-type': 'application/zip', ...bearer(tokens.read) }, 403, 'role-too-small'],
    ['/api/plan', { ...bearer(tokens.read), 'content-length': '300000' }, 413, 'body-too-large'],
    ['/elsewhere', {}, 404, 'route-unknown'],
    ['/api/plan', { ...bearer(tokens.submit), host: 'evil.example' }, 403, 'host-refused'],
    ['/api/plan', { ...bearer(tokens.submit), origin: 'http://evil.example' }, 403, 'origin-refused'],
  ] as const;
  for (const [path, headers, status, code] of cases) {
    const { seen, request } = silent(path, headers);
    const response = await request();
    assert.deepEqual([response.status, (await readProblem(response)).code, seen.pulled], [status, code, 0], `${path} ${code}`);
  }
});

test('signing in takes a small body, and few at once from one address', async () => {
  const large = await app.request('/api/session', post({ token: 'x'.repeat(5000) }));
  assert.deepEqual([large.status, (await readProblem(large)).code], [413, 'body-too-large']);
  const served = harness.app({ access: { kind: 'tokens' }, limits: { ...LIMITS, signInsPerAddress: 2, bodyTotalMs: 400 } });
  const slow = [silent('/api/session', {}), silent('/api/session', {})];
  const answers = slow.map(({ request }) => request(served));
  await until(() => slow.every(({ seen }) => seen.pulled > 0), 'both wait for their bodies');
  const refused = await served.request('/api/session', post({ token: tokens.read }));
  assert.deepEqual([refused.status, (await readProblem(refused)).code], [429, 'too-many-requests']);
  assert.equal((await served.request('/api/session')).status, 200, 'reading is free');
  assert.deepEqual(await Promise.all(answers.map(async (answer) => (await answer).status)), [408, 408]);
  assert.equal((await served.request('/api/session', post({ token: tokens.read }))).status, 200);
});

test('a body that pauses or takes too long is given up', async () => {
  for (const limits of [
    { ...LIMITS, bodyIdleMs: 50 },
    { ...LIMITS, bodyTotalMs: 50 },
  ]) {
    const { request } = silent('/api/plan', bearer(tokens.read), ['{"spec":', '"a']);
    const response = await request(harness.app({ access: { kind: 'tokens' }, limits }));
    const { code, detail } = await readProblem(response);
    assert.deepEqual([response.status, code], [408, 'body-too-slow']);
    assert.match(detail, /0\.05 s/);
  }
});

test('a body that ends early is an error of its request', async () => {
  const body = new ReadableStream({ start: (controller) => controller.error(new Error('the line is cut')) });
  const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/json', ...bearer(tokens.read) } };
  const response = await app.request('/api/plan', init as RequestInit);
  assert.deepEqual([response.status, (await readProblem(response)).code], [400, 'body-cut-short']);
});

test('a caller has so many requests at once, counted before their bodies', async () => {
  const served = harness.app({ access: { kind: 'tokens' }, limits: { ...LIMITS, requestsPerCaller: 2, bodyTotalMs: 400 } });
  const slow = [silent('/api/plan', bearer(tokens.read)), silent('/api/plan', bearer(tokens.read))];
  const answers = slow.map(({ request }) => request(served));
  await until(() => slow.every(({ seen }) => seen.pulled > 0), 'both wait for their bodies');
  const refused = await served.request('/api/system', { headers: bearer(tokens.read) });
  assert.deepEqual([refused.status, (await readProblem(refused)).code], [429, 'too-many-requests']);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal((await served.request('/api/system', { headers: bearer(tokens.submit) })).status, 200, 'others are served');
  await Promise.all(answers);
  assert.equal((await served.request('/api/system', { headers: bearer(tokens.read) })).status, 200);
});

test('a caller has so many event streams, and ending one makes room', async () => {
  const served = harness.app({ access: { kind: 'tokens' }, limits: { ...LIMITS, streamsPerCaller: 2, streams: 3 } });
  const open = (token?: string) => served.request('/api/events', { headers: bearer(token) });
  const streams = [await open(tokens.read), await open(tokens.read)];
  const refused = await open(tokens.read);
  assert.deepEqual([refused.status, (await readProblem(refused)).code], [429, 'too-many-streams']);
  assert.equal(refused.headers.get('retry-after'), '30');
  for (let i = 0; i < 5; i++)
    assert.equal((await served.request('/api/events', { method: 'HEAD', headers: bearer(tokens.submit) })).status, 200);
  streams.push(await open(tokens.submit));
  assert.equal((await open(tokens.submit)).status, 429, 'all of them have a total');
  await streams[0]?.body?.cancel();
  streams.push(await open(tokens.read));
  assert.equal(streams.at(-1)?.status, 200);
  for (const stream of streams.slice(1)) await stream.body?.cancel();
});
