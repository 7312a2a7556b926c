import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect, connectToStack } from '../../infra/connect.ts';
import { type Environment, readEnvironment } from '../../infra/env.ts';
import { freePort } from '../../infra/processes/ports.ts';
import { readExternalServers, temporalUnreachableError } from '../../infra/servers.ts';
import { runWorker } from '../../infra/worker/worker.ts';
import { closedDatabase } from '../db/database.ts';
import { project } from '../support/command.ts';

const SECRET = 'hunter2';

function external(variables: Record<string, string>): Environment {
  return readEnvironment({ HOME: '/nonexistent', ...variables }, '/nonexistent');
}

/** Starts a server that closes every connection. */
async function strangeServer(t: TestContext): Promise<string> {
  const server: Server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  return `127.0.0.1:${port}`;
}

test('configuring one server alone is an error that names the missing one', () => {
  for (const [variables, missing] of [
    [{ TEMPORAL_ADDRESS: 'temporal:7233' }, 'NARROWS_DATABASE_URL'],
    [{ NARROWS_DATABASE_URL: 'postgres://db/narrows' }, 'TEMPORAL_ADDRESS'],
    [{ NARROWS_DATABASE_DIRECT_URL: 'postgres://db/narrows' }, 'NARROWS_DATABASE_URL'],
  ] as const) {
    assert.throws(() => readExternalServers(external(variables)), {
      code: 'environment-incomplete',
      path: missing,
      kind: 'invalid',
    });
  }
});

test("Temporal's own variables are read: address, namespace, TLS, API key", () => {
  const servers = readExternalServers(
    external({
      NARROWS_DATABASE_URL: 'postgres://db/narrows',
      TEMPORAL_ADDRESS: 'cloud.example:7233',
      TEMPORAL_NAMESPACE: 'research',
      TEMPORAL_API_KEY: SECRET,
      TEMPORAL_TLS_SERVER_NAME: 'inner.example',
    }),
  );
  assert.equal(servers?.namespace, 'research');
  assert.equal(servers?.temporal.address, 'cloud.example:7233');
  assert.equal(servers?.temporal.apiKey, SECRET);
  assert.equal((servers?.temporal.tls as { serverNameOverride?: string } | undefined)?.serverNameOverride, 'inner.example');
});

/**
 * Runs all commands in parallel, because each waits some seconds: all fail with the address,
 * without secrets.
 */
async function refused(environment: Environment, code: string, address: string, secret: string): Promise<void> {
  const servers = readExternalServers(environment);
  assert.ok(servers);
  const signal = new AbortController().signal;
  const worker = runWorker({
    servers,
    home: '/nonexistent',
    userCache: environment.userCache,
    role: 'trainer',
    engine: 'null',
    tensorflow: '/nowhere',
    signal,
    onReady() {},
  });
  const results = await Promise.allSettled([connect(environment), connectToStack(environment), worker]);
  for (const result of results) {
    assert.equal(result.status, 'rejected');
    const error = (result as PromiseRejectedResult).reason as Error & { code?: string; kind?: string };
    assert.deepEqual([error.code, error.kind], [code, 'unreachable']);
    assert.ok(error.message.includes(address), error.message);
    assert.ok(!`${error.message}${error.stack}`.includes(secret));
  }
}

test('an unreachable server is an error that names its address without secrets', async (t) => {
  const addresses = [`127.0.0.1:${await freePort()}`, await strangeServer(t)];
  await Promise.all(
    addresses.map((address) => {
      const environment = external({
        NARROWS_DATABASE_URL: `postgres://me:${SECRET}@${address}/narrows`,
        TEMPORAL_ADDRESS: address,
      });
      return refused(environment, 'database-unreachable', address, SECRET);
    }),
  );
});

test('a certificate that is not accepted is the reason, where the SDK names it', () => {
  const server = { temporal: { address: 'temporal:7233' } };
  for (const [message, reason] of [
    ['tonic::transport::Error(Transport, InvalidCertificate(Other(OtherError(UnsupportedCertVersion))))', 'key or certificate'],
    ['14 UNAVAILABLE: connect ECONNREFUSED', 'connection refused'],
    ['tonic::transport::Error(Transport, ConnectError)', 'connection failed'],
  ] as const) {
    const error = temporalUnreachableError(server, new Error(message));
    assert.match(error.message, new RegExp(`temporal:7233 .*: ${reason}`));
    assert.match(error.fix ?? '', reason.startsWith('key') ? /TEMPORAL_API_KEY/ : /TEMPORAL_ADDRESS/);
  }
});

test('without Temporal, commands that need only the database still work', async (t) => {
  const database = await closedDatabase();
  const it = project();
  t.after(() => Promise.all([database.close(), it[Symbol.asyncDispose]()]));
  const address = `127.0.0.1:${await freePort()}`;
  const variables = { NARROWS_DATABASE_URL: database.url, TEMPORAL_ADDRESS: address };
  const list = (what: string) => it.narrows([what, 'ls', '--output', 'json'], { variables });
  const [data, sweeps, retrainings] = await Promise.all([
    list('data'),
    list('sweep'),
    list('retrain'),
    refused(external(variables), 'temporal-unreachable', address, new URL(database.url).password),
  ]);
  assert.deepEqual([data.code, data.stdout.trim()], [0, '[]'], data.stderr);
  assert.deepEqual([sweeps.code, sweeps.stdout.trim()], [0, '[]'], sweeps.stderr);
  assert.equal(retrainings.code, 5);
});
