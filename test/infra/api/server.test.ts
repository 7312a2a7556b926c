/** Tests the listening server: its addresses, access, shutdown, and behaviour during outages. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { System } from '../../../dashboards/contract/system.ts';
import { isLoopback } from '../../../dashboards/server/middleware/peer.ts';
import { connectTo, openDatabase } from '../../../db/client.ts';
import { type RunningServer, type ServeOptions, startServer } from '../../../infra/api/server.ts';
import { freePort } from '../../../infra/processes/ports.ts';
import { createToken } from '../../../operations/tokens.ts';
import type { ReportedProblem } from '../../dashboards/server/harness.ts';
import { closedDatabase } from '../../db/database.ts';
import { runAs, withoutOtherUser } from '../../support/other-user.ts';
import { startPgbouncer, withoutPgbouncer } from '../../support/programs/pgbouncer.ts';
import { startProxy } from '../../support/proxy.ts';
import { until } from '../../support/until.ts';
import { temporaryFolder } from '../folders.ts';

type Changes = Partial<ServeOptions> & { readonly databaseUrl: string; readonly directDatabaseUrl?: string };

async function serving(t: TestContext, { databaseUrl, directDatabaseUrl, ...changes }: Changes): Promise<RunningServer> {
  const folder = temporaryFolder(t);
  const server = await startServer({
    // An address where no server listens.
    servers: {
      databaseUrl,
      ...(directDatabaseUrl !== undefined && { directDatabaseUrl }),
      temporal: { address: `127.0.0.1:${await freePort()}` },
      namespace: 'default',
    },
    temporalUrl: null,
    home: folder,
    host: '127.0.0.1',
    port: 0,
    pages: { folder: async () => join(folder, 'none') },
    log: () => {},
    ...changes,
  });
  t.after(() => server.close());
  return server;
}

async function database(t: TestContext): Promise<string> {
  const { url, close } = await closedDatabase();
  t.after(close);
  return url;
}

const statusAndCode = async (response: Response) => [response.status, ((await response.json()) as ReportedProblem).code];

test('the server listens at its URL, and closes despite open event streams', async (t) => {
  const server = await serving(t, { databaseUrl: await database(t) });
  assert.equal(server.url, `http://127.0.0.1:${server.port}`);
  const lines = await Promise.all([1, 2, 3].map(() => fetch(`${server.url}/api/events`)));
  await server.close();
  for (const line of lines) await line.text();
  await assert.rejects(fetch(server.url));
});

test('an incomplete request does not delay the shutdown', async (t) => {
  const server = await serving(t, { databaseUrl: await database(t) });
  const { connect } = await import('node:net');
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  // The server answers "100 Continue" once it has read the head.
  const continued = once(socket, 'data');
  socket.write(
    'POST /api/plan HTTP/1.1\r\nhost: 127.0.0.1\r\nexpect: 100-continue\r\n' +
      'content-type: application/json\r\ncontent-length: 100\r\n\r\n{',
  );
  await continued;
  await server.close();
});

test('a used port is an error, or replaced by a free one', async (t) => {
  const databaseUrl = await database(t);
  const taken = createServer();
  const port = await new Promise<number>((resolve) =>
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
  );
  t.after(() => taken.close());
  await assert.rejects(serving(t, { databaseUrl, port }), { code: 'port-taken', kind: 'failure' });
  const other = await serving(t, { databaseUrl, port, orAnyPort: true });
  assert.notEqual(other.port, port);
  await assert.rejects(serving(t, { databaseUrl, host: '192.0.2.1', proxyHeader: 'x-role', proxyAddresses: ['192.0.2.2'] }), {
    code: 'host-invalid',
  });
});

test('another user of this machine is served only with a token', { skip: withoutOtherUser }, async (t) => {
  const databaseUrl = await database(t);
  const db = await openDatabase(databaseUrl);
  t.after(() => db.close());
  const { token } = await createToken(db, { name: 'other', role: 'read', expiresAt: null });
  const { url } = await serving(t, { databaseUrl });
  const ask = (token = '') => `
    const ask = async (path, method = 'GET') => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': 'k', ...(${JSON.stringify(token)} && { authorization: 'Bearer ${token}' }) };
      const response = await fetch(${JSON.stringify(url)} + path, { method, headers, ...(method === 'POST' && { body: '{}' }) });
      const { code } = await response.json();
      return [response.status, code ?? null];
    };
    console.log(JSON.stringify([await ask('/api/system'), await ask('/api/sweeps'), await ask('/api/sweeps', 'POST'),
      await ask('/api/sweeps/one/cancel', 'POST'), await ask('/api/sweeps/one/pause', 'POST')]));`;
  const missing = [401, 'token-missing'];
  assert.deepEqual(await runAs('other', ask()), [missing, missing, missing, missing, missing]);
  const reader = await runAs<[number, string | null][]>('other', ask(token));
  assert.deepEqual(reader.slice(0, 3), [
    [200, null],
    [200, null],
    [403, 'role-too-small'],
  ]);
  const owner = await runAs<[number, string | null][]>('owner', ask());
  assert.deepEqual(
    owner.map(([status]) => status),
    [200, 200, 422, 404, 404],
  );
  const session = (who: 'owner' | 'other') =>
    runAs<{ role: string | null; needsToken: boolean }>(
      who,
      `
    console.log(await (await fetch('${url}/api/session')).text());`,
    );
  assert.deepEqual(await session('owner').then(({ role, needsToken }) => [role, needsToken]), ['admin', false]);
  assert.deepEqual(await session('other').then(({ role, needsToken }) => [role, needsToken]), [null, true]);
});

test('connections of another user of this machine leave room for the owner', { skip: withoutOtherUser }, async (t) => {
  const { port, url } = await serving(t, { databaseUrl: await database(t) });
  const open = `
    const { connect } = await import('node:net');
    let [open, closed] = [100, 0];
    const sockets = Array.from({ length: open }, () => connect(${port}, '127.0.0.1').on('error', () => {}).on('close', () => {
      if (++closed === 36) console.log(closed), sockets.forEach((socket) => socket.destroy());
    }));`;
  const [closed, { status }] = await Promise.all([runAs('other', open), fetch(`${url}/api/session`)]);
  assert.deepEqual([closed, status], [36, 200]);
  assert.equal((await fetch(`${url}/api/session`)).status, 200);
});

test('other machines are served only with tokens', async (t) => {
  const databaseUrl = await database(t);
  await assert.rejects(serving(t, { databaseUrl, host: '0.0.0.0' }), { code: 'tokens-needed', kind: 'invalid' });
  await assert.rejects(serving(t, { databaseUrl, needTokens: true }), { code: 'tokens-needed' });
  const db = await openDatabase(databaseUrl);
  t.after(() => db.close());
  await createToken(db, { name: 'old', role: 'admin', expiresAt: new Date(0) });
  await assert.rejects(
    serving(t, { databaseUrl, host: '0.0.0.0' }),
    { code: 'tokens-needed' },
    'an expired token does not count',
  );
  const { token } = await createToken(db, { name: 'new', role: 'read', expiresAt: null });
  for (const changes of [{ host: '0.0.0.0' }, { needTokens: true }]) {
    const { port } = await serving(t, { databaseUrl, ...changes });
    const url = `http://127.0.0.1:${port}/api/system`;
    assert.deepEqual(await statusAndCode(await fetch(url)), [401, 'token-missing']);
    assert.equal((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status, 200);
  }
  const proxied = await serving(t, {
    databaseUrl,
    host: '0.0.0.0',
    proxyHeader: 'X-Role',
    proxyAddresses: ['127.0.0.0/8'],
  });
  const url = `http://127.0.0.1:${proxied.port}/api/system`;
  assert.deepEqual(await statusAndCode(await fetch(url)), [401, 'token-missing']);
  assert.equal((await fetch(url, { headers: { 'x-role': 'read' } })).status, 200);
  await assert.rejects(serving(t, { databaseUrl, proxyUserHeader: 'X-User' }), { code: 'proxy-role-missing', kind: 'invalid' });
});

test('loopback addresses are distinguished from others', () => {
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1']) assert.equal(isLoopback(host), true, host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'localhost.example', '127.0.0.1.example', '128.0.0.1'])
    assert.equal(isLoopback(host), false, host);
});

test('the system page reports an unreachable Temporal at once', async (t) => {
  const server = await serving(t, { databaseUrl: await database(t) });
  const system = (await (await fetch(`${server.url}/api/system`)).json()) as System;
  assert.deepEqual(
    [system.temporal.reachable, system.temporal.version, system.queues.map(({ role, workers }) => [role, workers.length])],
    [
      false,
      null,
      [
        ['orchestrator', 0],
        ['trainer', 0],
      ],
    ],
  );
  assert.equal(system.database.reachable, true);
  assert.ok((system.database.bytes ?? 0) > 1e6);
  assert.equal(system.database.arrays.location, 'postgres');
});

test('during an outage of Postgres every response says so; afterwards requests and event streams recover', async (t) => {
  await using proxy = await startProxy(await database(t));
  const server = await serving(t, { databaseUrl: proxy.url });
  let received = '';
  const stream = await fetch(`${server.url}/api/events`);
  void (async () => {
    for await (const chunk of stream.body as ReadableStream<Uint8Array>) received += new TextDecoder().decode(chunk);
  })().catch(() => {});
  const hellos = () => received.match(/"kind":"hello"/g)?.length ?? 0;
  await until(() => hellos() >= 1, 'hello');

  await proxy.disconnect();
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await statusAndCode(await fetch(`${server.url}/api/system`)), [503, 'database-unreachable']);
  }
  const probe = async (path: string) => (await fetch(server.url + path)).status;
  assert.deepEqual([await probe('/livez'), await probe('/readyz')], [200, 503]);
  const known = hellos();
  await proxy.reconnect();
  await until(() => hellos() > known, 'the stream sends hello again');
  await until(async () => (await fetch(`${server.url}/api/system`)).status === 200, 'it goes on');
  await until(async () => (await probe('/readyz')) === 200, 'it is ready again');
  const admin = connectTo(proxy.url, 1);
  await admin`select pg_notify('narrows_sweep', '{"sweepId":"s1","revision":5,"state":"running"}')`;
  await admin.end();
  await until(() => received.includes('"revision":5'), 'and changes arrive');
});

test('behind a pooler notifications arrive over the direct URL; without one the server says so', {
  skip: withoutPgbouncer,
}, async (t) => {
  const direct = await database(t);
  const pooler = await startPgbouncer(direct, 2);
  t.after(() => pooler[Symbol.asyncDispose]());
  const logged: unknown[] = [];
  const log = (error: unknown) => void logged.push(error);
  const lacking = await serving(t, { databaseUrl: pooler.url, prepare: false, log });
  await until(() => logged.length > 0, 'the warning');
  assert.match(String(logged[0]), /the pooler at .* may not pass on notifications/);
  assert.equal((await fetch(`${lacking.url}/api/sweeps`)).status, 200);

  const server = await serving(t, { databaseUrl: pooler.url, directDatabaseUrl: direct, prepare: false, log });
  let received = '';
  const stream = await fetch(`${server.url}/api/events`);
  void (async () => {
    for await (const chunk of stream.body as ReadableStream<Uint8Array>) received += new TextDecoder().decode(chunk);
  })().catch(() => {});
  const writer = connectTo(pooler.url, 1, { prepare: false });
  await until(async () => {
    await writer`select pg_notify('narrows_sweep', '{"sweepId":"s1","revision":5,"state":"running"}')`;
    return received.includes('"revision":5');
  }, 'changes arrive');
  await writer.end();
  assert.equal(logged.length, 1);
});
