/** Limits of connections, over real sockets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { openDatabase } from '../../../db/client.ts';
import { CONNECTION_LIMITS, type ConnectionLimits } from '../../../infra/api/connections.ts';
import { startServer } from '../../../infra/api/server.ts';
import { freePort } from '../../../infra/processes/ports.ts';
import { createToken } from '../../../operations/tokens.ts';
import { closedDatabase } from '../../db/database.ts';
import { until } from '../../support/until.ts';
import { temporaryFolder } from '../folders.ts';

/** Serves with tokens; this machine is no proxy, so that its connections count. */
async function serving(t: TestContext, limits: Partial<ConnectionLimits>) {
  const { url: databaseUrl, close } = await closedDatabase();
  t.after(close);
  const db = await openDatabase(databaseUrl);
  const { token } = await createToken(db, { name: 'one', role: 'read', expiresAt: null });
  await db.close();
  const folder = temporaryFolder(t);
  const server = await startServer({
    servers: { databaseUrl, temporal: { address: `127.0.0.1:${await freePort()}` }, namespace: 'default' },
    temporalUrl: null,
    home: folder,
    host: '127.0.0.1',
    port: 0,
    needTokens: true,
    proxyAddresses: ['192.0.2.1'],
    connectionLimits: { ...CONNECTION_LIMITS, ...limits },
    pages: { folder: async () => folder },
    log: () => {},
  });
  t.after(() => server.close());
  const opened: Socket[] = [];
  t.after(() => {
    for (const socket of opened) socket.destroy();
  });
  return {
    token,
    async open(): Promise<Socket> {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => {});
      opened.push(socket);
      await once(socket, 'connect');
      return socket;
    },
  };
}

const request = (head: string) => `${head} HTTP/1.1\r\nHost: 127.0.0.1\r\n`;

test('a request without a token is answered and its connection closed, while its body never arrives', async (t) => {
  const { open } = await serving(t, { graceMs: 100 });
  for (const method of ['POST', 'PUT', 'DELETE', 'GET']) {
    const socket = await open();
    socket.write(`${request(`${method} /api/plan`)}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"spec":`);
    const answer = await text(socket);
    assert.match(answer, /^HTTP\/1\.1 401 /, method);
    assert.match(answer, /"code":"token-missing"/);
  }
});

test('connections of one address beyond its share are refused in order, and ending one makes room', async (t) => {
  const { open, token } = await serving(t, { perAddress: 3, graceMs: 200 });
  const idle = [await open(), await open(), await open()];
  const ask = async () => {
    const socket = await open();
    socket.write(`${request('GET /api/system')}Authorization: Bearer ${token}\r\nConnection: close\r\n\r\n`);
    return text(socket);
  };
  const refused = await ask();
  assert.match(refused, /^HTTP\/1\.1 429 /);
  assert.match(refused, /retry-after: 5/i);
  assert.match(refused, /"code":"too-many-connections"/);
  const silent = await open();
  await once(silent, 'close');
  idle[0]?.destroy();
  await until(async () => /^HTTP\/1\.1 200 /.test(await ask()), 'there is room');
});

test('the total of connections is limited for every address', async (t) => {
  const { open } = await serving(t, { total: 2, graceMs: 200 });
  await open();
  await open();
  const socket = await open();
  socket.write(`${request('GET /')}\r\n`);
  assert.match(await text(socket), /^HTTP\/1\.1 429 /);
});
