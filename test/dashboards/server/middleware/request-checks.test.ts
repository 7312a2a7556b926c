/** Checks that apply to every request. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { type ApiHarness, post, readProblem, startApiHarness } from '../harness.ts';

let harness: ApiHarness;
let app: OpenAPIHono;
before(async () => {
  harness = await startApiHarness();
  app = harness.app();
});
after(() => harness[Symbol.asyncDispose]());

test('an unknown API route is a problem; any other path is a page', async () => {
  for (const [method, path] of [
    ['GET', '/api/nothing'],
    ['GET', '/api'],
    ['POST', '/elsewhere'],
    ['PUT', '/api/session'],
  ] as const) {
    const response = await app.request(path, { method });
    const { code, detail } = await readProblem(response);
    assert.deepEqual([response.status, code], [404, 'route-unknown'], path);
    assert.ok(detail.includes(path));
  }
  for (const path of ['/', '/sweeps/demo', '/sweeps/a.b%2Fc', '/index.html', '/sign-in?to=/x']) {
    const response = await app.request(path);
    assert.equal(response.status, 200, path);
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
    assert.equal(response.headers.get('cache-control'), 'no-cache');
  }
});

test('assets: hashed files are immutable, missing files are 404, no path escapes the folder', async () => {
  const file = await app.request('/assets/index-abc.js');
  assert.equal(file.status, 200);
  assert.match(file.headers.get('content-type') ?? '', /^text\/javascript/);
  assert.match(file.headers.get('cache-control') ?? '', /immutable/);
  assert.equal((await app.request('/assets/gone.js')).status, 404);
  const icon = await app.request('/favicon.ico', { headers: { 'sec-fetch-dest': 'image' } });
  assert.equal(icon.status, 404);
  for (const path of ['/healthz', '/metrics', '/.env', '/sweeps/demo/nothing']) {
    const response = await app.request(path);
    assert.deepEqual([response.status, (await readProblem(response)).code], [404, 'page-unknown'], path);
    const page = await app.request(path, { headers: { 'sec-fetch-dest': 'document' } });
    assert.equal(page.status, 404, path);
    assert.match(await page.text(), /<title>narrows/, 'a browser gets the page that says so');
  }
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/..\\..\\secret.txt',
    '//etc/passwd',
    '/%00',
  ]) {
    const response = await app.request(path);
    assert.doesNotMatch(await response.text(), /secret|root:/, path);
    assert.ok(response.status === 200 || response.status === 404);
  }
});

test('if the pages cannot be built, the API responds, and the next request tries again', async () => {
  let attempts = 0;
  const broken = harness.app({
    pages: {
      folder: async () => {
        attempts += 1;
        if (attempts === 1) throw new Error('no Vite');
        return harness.dependencies.pages.folder();
      },
    },
  });
  const response = await broken.request('/');
  assert.deepEqual([response.status, (await readProblem(response)).code], [503, 'pages-missing']);
  assert.match(String(harness.logged.pop()), /no Vite/);
  assert.equal((await broken.request('/api/session')).status, 200);
  assert.equal((await broken.request('/')).status, 200);
});

describe('bodies', () => {
  test('too large a body is rejected', async () => {
    const response = await app.request('/api/plan', post({ spec: 'x'.repeat(260_000) }));
    assert.deepEqual([response.status, (await readProblem(response)).code], [413, 'body-too-large']);
    const long = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 300; i++) controller.enqueue(new TextEncoder().encode('x'.repeat(1000)));
        controller.close();
      },
    });
    const streamed = {
      method: 'POST',
      body: long,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    } as RequestInit;
    assert.equal((await app.request('/api/plan', streamed)).status, 413, 'also without a content length');
  });
  test('another content type and malformed JSON are rejected; an empty body passes', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      const response = await app.request('/api/plan', post('{"spec":"a"}', { 'content-type': type }));
      assert.deepEqual([response.status, (await readProblem(response)).code], [415, 'body-no-json'], type);
    }
    const broken = await app.request('/api/session', post('{"token": nrw_secret'));
    const told = await readProblem(broken);
    assert.deepEqual([broken.status, told.code], [400, 'json-broken']);
    assert.ok(!JSON.stringify(told).includes('nrw_secret'), 'what was sent is not repeated');
    assert.equal((await app.request('/api/plan', { method: 'POST' })).status, 422);
  });
  test('JSON of another shape is rejected with the path of the error', async () => {
    const response = await app.request('/api/plan', post({ spec: 5, nam: 'x' }));
    const { code, path, errors } = await readProblem(response);
    assert.deepEqual([response.status, code, path], [422, 'request-invalid', 'spec']);
    assert.deepEqual(errors, [
      { path: 'spec', message: 'expected string, received number' },
      { path: 'nam', message: 'unknown key "nam"' },
    ]);
    assert.equal((await app.request('/api/plan', post('[]'))).status, 422);
    assert.equal((await app.request('/api/plan', post('null'))).status, 422);
  });
});

describe('host and origin', () => {
  const session = (headers: Record<string, string>, init: RequestInit = {}) => app.request('/api/session', { ...init, headers });

  test('without tokens only loopback hosts are accepted', async () => {
    for (const host of ['127.0.0.1:8622', 'localhost', 'LOCALHOST:1', '[::1]:8622'])
      assert.equal((await session({ host })).status, 200, host);
    for (const host of [
      'evil.example',
      'evil.example:8622',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      '127.0.0.1@evil',
      '',
    ]) {
      const response = await session({ host });
      assert.deepEqual([response.status, (await readProblem(response)).code], [403, 'host-refused'], host);
    }
    assert.equal((await app.request('/', { headers: { host: 'evil.example' } })).status, 403, 'for pages too');
  });
  test('with tokens or a proxy, IP addresses and named hosts are accepted as well', async () => {
    const hosts = ['narrows.example', 'Lab-7'];
    for (const access of [{ kind: 'tokens' }, { kind: 'proxy', header: 'x-role', userHeader: null }] as const) {
      const served = harness.app({ access, hosts });
      const asked = (path: string, host: string) => served.request(path, { headers: { host, 'x-role': 'admin' } });
      for (const host of [
        'narrows.example',
        'NARROWS.example.:443',
        'lab-7:8622',
        '192.0.2.7:80',
        '[2001:db8::1]:80',
        'localhost',
      ])
        assert.equal((await asked('/api/session', host)).status, 200, host);
      for (const host of [
        'evil.example',
        'x.narrows.example',
        'narrows.example.evil.example',
        '1.2.3.4.evil',
        '[::1',
        '',
        'a@lab-7',
      ]) {
        for (const path of ['/api/session', '/api/system', '/']) {
          const response = await asked(path, host);
          const { code, fix } = await readProblem(response);
          assert.deepEqual([response.status, code], [403, 'host-refused'], host);
          assert.match(fix ?? '', /--allow-host/);
        }
      }
    }
    const open = harness.app({ hosts: ['narrows.example'] });
    assert.equal((await open.request('/api/session', { headers: { host: 'narrows.example' } })).status, 200);
  });
  test('a page of another origin cannot change anything', async () => {
    const host = '127.0.0.1:8622';
    const sent = async (headers: Record<string, string>) =>
      (await app.request('/api/plan', post({ spec: 'a' }, { host, ...headers }))).status;
    assert.equal(await sent({ 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1:8622' }), 422);
    assert.equal(await sent({ origin: 'http://127.0.0.1:8622' }), 422);
    assert.equal(await sent({}), 422, 'a script says nothing');
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:8622' },
      { 'sec-fetch-site': 'none' },
      { origin: 'http://evil.example' },
      { origin: 'http://127.0.0.1:9999' },
      { origin: 'null' },
    ] as Record<string, string>[]) {
      const response = await app.request('/api/plan', post({ spec: 'a' }, { host, ...headers }));
      assert.deepEqual([response.status, (await readProblem(response)).code], [403, 'origin-refused'], JSON.stringify(headers));
    }
  });
});

test('every response has security headers, and none that allow other origins', async () => {
  for (const path of ['/', '/api/session', '/api/nothing', '/openapi.json']) {
    const { headers } = await app.request(path, { headers: { origin: 'http://evil.example' } });
    const policy = headers.get('content-security-policy') ?? '';
    for (const rule of [
      "default-src 'self'",
      "script-src 'self'",
      "object-src 'none'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ])
      assert.ok(policy.includes(rule), `${path}: ${rule}`);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
    assert.equal(headers.get('access-control-allow-origin'), null);
  }
});

test('large compressible responses are compressed if the client accepts it', async () => {
  const squeezed = await app.request('/openapi.json', { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(squeezed.headers.get('content-encoding'), 'gzip');
  const plain = await app.request('/openapi.json');
  assert.equal(plain.headers.get('content-encoding'), null);
  const bytes = (await squeezed.arrayBuffer()).byteLength;
  assert.ok(bytes < (await plain.arrayBuffer()).byteLength / 2);
});

test('a method that no Request can have is refused', async () => {
  const server = createAdaptorServer({ fetch: app.fetch });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const sent = request({ host: '127.0.0.1', port, method: 'TRACE', path: '/api/sweeps' }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    assert.equal(response.statusCode, 405);
  } finally {
    server.close();
  }
});
