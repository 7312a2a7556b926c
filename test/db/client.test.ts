import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { connectTo, mapUnreachable, openDatabase, readPool, subjectOf } from '../../db/client.ts';
import { migrate } from '../../db/migrate.ts';
import { NarrowsError } from '../../errors.ts';
import { startProxy } from '../support/proxy.ts';
import { until } from '../support/until.ts';
import { emptyDatabase, type TestDatabase } from './database.ts';

const SECRET = 'hunter2';

let database: TestDatabase;
before(async () => {
  database = await emptyDatabase();
});
after(() => database?.close());

/**
 * Returns the error of `work`, which must be a NarrowsError without the password in any property.
 */
async function refusal(work: Promise<unknown>): Promise<NarrowsError> {
  const error = await work.then(
    () => assert.fail('was not refused'),
    (error: unknown) => error,
  );
  assert.ok(error instanceof NarrowsError, inspect(error));
  assert.ok(!inspect(error, { depth: 10, showHidden: true }).includes(SECRET), 'the password is shown');
  return error;
}

test('a refused connection is an unreachable server, named by its address', async () => {
  const port = await closedPort();
  for (const attempt of [openDatabase, migrate]) {
    const error = await refusal(attempt(`postgres://me:${SECRET}@127.0.0.1:${port}/narrows`));
    assert.equal(error.code, 'database-unreachable');
    assert.equal(error.kind, 'unreachable');
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}/narrows .*connection refused`));
    assert.ok(error.fix);
  }
});

test('a wrong password or database is an unreachable server', async () => {
  const url = new URL(database.url);
  const wrong = new URL(url);
  wrong.password = SECRET;
  const error = await refusal(openDatabase(wrong.href));
  assert.deepEqual([error.code, error.kind], ['database-unreachable', 'unreachable']);
  assert.match(error.message, /user or password not accepted/);
  const missing = new URL(url);
  missing.pathname = '/nowhere';
  const other = await refusal(openDatabase(missing.href));
  assert.deepEqual([other.code, other.kind], ['database-unreachable', 'unreachable']);
  assert.match(other.message, /\/nowhere .*the database does not exist/);
});

test('an error for an invalid URL does not contain it', async () => {
  const error = await refusal((async () => connectTo(`postgres://me:${SECRET}@host:port/n`, 1))());
  assert.deepEqual([error.code, error.kind], ['database-url-invalid', 'invalid']);
});

const PARAMETERS = [
  ...['sslmode=disable', 'sslmode=allow', 'sslmode=prefer', 'ssl=false', 'channel_binding=prefer', 'channel_binding=disable'],
  ...['target_session_attrs=any', 'target_session_attrs=read-write', 'target_session_attrs=primary', 'gssencmode=disable'],
  ...['connect_timeout=5', 'keepalives=1&keepalives_idle=30', 'client_encoding=UTF8', 'options=-c%20statement_timeout%3D5000'],
  ...['application_name=mine', 'prepare=false', 'load_balance_hosts=random', 'statement_timeout=5000'],
];
for (const parameters of PARAMETERS) {
  test(`a URL with ${parameters} connects`, async () => {
    const db = await openDatabase(`${database.url}?${parameters}`, { max: 1 });
    assert.deepEqual([...(await db.sql`select 1 as one`)], [{ one: 1 }]);
    await db.close();
  });
}

test('the parameters of a URL take effect', async () => {
  const db = await openDatabase(`${database.url}?application_name=mine&options=-c%20statement_timeout%3D5000`, { max: 1 });
  const [row] = await db.sql`select current_setting('application_name') as name, current_setting('statement_timeout') as timeout`;
  assert.deepEqual({ ...row }, { name: 'mine', timeout: '5s' });
  await db.close();
});

const REFUSED: readonly [string, string, RegExp][] = [
  ['sslmode=maybe', 'database-url-invalid', /"maybe" is not a valid sslmode/],
  ['target_session_attrs=best', 'database-url-invalid', /"best" is not a valid target_session_attrs/],
  ['connect_timeout=soon', 'database-url-invalid', /"soon" is not a valid connect_timeout/],
  ['service=prod', 'database-url-invalid', /asks for service/],
  ['gssencmode=require', 'database-url-invalid', /asks for gssencmode/],
  ['sslmode=verify-full&sslrootcert=/nowhere/ca.pem', 'database-url-invalid', /ca\.pem of sslrootcert cannot be read/],
  ['nonsense=1', 'database-url-invalid', /nonsense/],
  ['statement_timeout=soon', 'database-url-invalid', /statement_timeout/],
  ['target_session_attrs=standby', 'database-unreachable', /target_session_attrs=standby/],
  ['sslmode=require', 'database-unreachable', /encrypt/],
];
for (const [parameters, code, message] of REFUSED) {
  test(`a URL with ${parameters} is refused as ${code}`, async () => {
    const url = new URL(database.url);
    for (const attempt of [openDatabase, migrate]) {
      const error = await refusal((async () => attempt(`${url.href}?${parameters}`))());
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.ok(error.fix);
    }
  });
}

test('the first of several hosts that answers is used', async () => {
  const { host } = new URL(database.url);
  const db = await openDatabase(database.url.replace(host, `127.0.0.1:${await closedPort()},${host}`), { max: 1 });
  assert.deepEqual([...(await db.sql`select 1 as one`)], [{ one: 1 }]);
  await db.close();
});

test("libpq's and the driver's variables do not reach a connection", async () => {
  const variables = {
    ...{
      PGSSL: 'require',
      PGSSLMODE: 'verify-full',
      PGTARGETSESSIONATTRS: 'any',
      PGHOST: '/nowhere',
      PGPORT: '1',
      PGUSER: 'nobody',
    },
    ...{
      PGPASSWORD: 'wrong',
      PGDATABASE: 'nowhere',
      PGOPTIONS: '--nonsense=1',
      PGMAX: '0',
      PGPREPARE: 'x',
      PGCONNECT_TIMEOUT: '0.001',
    },
  };
  Object.assign(process.env, variables);
  try {
    for (const session of ['any', 'standby', 'bogus']) {
      process.env.PGTARGETSESSIONATTRS = session;
      const db = await openDatabase(database.url, { max: 1 });
      assert.deepEqual([...(await db.sql`select 1 as one`)], [{ one: 1 }]);
      await db.close();
    }
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
});

test('a connection lost during a query is an unreachable server', async () => {
  const db = await openDatabase(database.url, { max: 1 });
  try {
    const other = connectTo(database.url, 1);
    const [row] = await db.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const question = refusal(mapUnreachable(db, db.sql`select pg_sleep(20)`));
    await other`select pg_terminate_backend(${row?.pid as number})`;
    await other.end();
    const error = await question;
    assert.deepEqual([error.code, error.kind], ['database-unreachable', 'unreachable']);
    // The driver may pass the error of the old connection to the next query as well; then the pool
    // recovers.
    const ask = () => mapUnreachable(db, db.sql`select 1 as one`);
    assert.deepEqual([...(await ask().catch(ask))], [{ one: 1 }]);
  } finally {
    await db.close();
  }
});

test('a server that goes away while a connection is made fails the query and nothing else', async () => {
  // The connection is cut at every stage: start-up, authentication, first query. An unhandled
  // rejection would fail this test.
  for (let bytes = 100; bytes < 1200; bytes += 100) {
    await using proxy = await startProxy(database.url);
    proxy.limitBytes(bytes);
    const sql = connectTo(proxy.url, 1, { failFast: true });
    let settled = false;
    const settle = () => {
      settled = true;
    };
    const query = sql`select 1`.then(settle, settle);
    await until(() => settled || proxy.cut > 0, 'the connection is cut');
    await proxy.disconnect();
    await query;
    await sql.end({ timeout: 1 });
  }
});

test('a time limit of the role is an error with its fix', async () => {
  const limited = `${database.url}?statement_timeout=200`;
  const db = await openDatabase(limited, { max: 1 });
  try {
    const error = await refusal(mapUnreachable(db, db.sql`select pg_sleep(20)`));
    assert.deepEqual([error.code, error.kind], ['database-timeout', 'failure']);
    assert.match(error.message, /statement timeout/);
    assert.match(error.fix ?? '', /statement_timeout/);
  } finally {
    await db.close();
  }
});

test('other errors of the server are passed on unchanged', async () => {
  const db = await openDatabase(database.url, { max: 1 });
  try {
    await assert.rejects(mapUnreachable(db, db.sql`select * from nowhere`), { name: 'PostgresError', code: '42P01' });
  } finally {
    await db.close();
  }
});

async function closedPort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 1;
}

test('statements are measured when they end, well or not, and whoever sends them', async () => {
  const seconds: number[] = [];
  const sql = connectTo(database.url, 2, { onResult: (time) => void seconds.push(time) });
  try {
    await sql`select 1`;
    assert.equal(seconds.length, 1);
    await sql`select pg_sleep(0.05)`;
    assert.ok((seconds[1] as number) >= 0.05);
    await assert.rejects(Promise.resolve(sql`select nothing`));
    assert.equal(seconds.length, 3);
    await sql.begin(async (transaction) => {
      await transaction`select 1`;
      await transaction.savepoint((savepoint) => savepoint`select 2`);
    });
    // begin, two statements, savepoint, commit.
    assert.equal(seconds.length, 8);
    const rows = await Promise.all([1, 2, 3].map((n) => sql`select ${n}::int as n`));
    assert.deepEqual(
      rows.map(([row]) => row?.n),
      [1, 2, 3],
    );
    assert.equal(seconds.length, 11);
    // A plan that a change of its table outdated: the driver prepares the statement again.
    const again = connectTo(database.url, 1, { onResult: (time) => void seconds.push(time) });
    const before = seconds.length;
    await again`create temporary table changing (a int)`;
    await again`select * from changing`;
    await again`alter table changing add b int`;
    assert.deepEqual(
      (await again`select * from changing`).columns.map(({ name }) => name),
      ['a', 'b'],
    );
    await again.end();
    assert.equal(seconds.length - before, 4);
    const read: number[] = [];
    for await (const [row] of sql`select n from generate_series(1, 3) as n`.cursor(1)) read.push(row?.n);
    assert.deepEqual(read, [1, 2, 3], 'cursors work as before');
  } finally {
    await sql.end({ timeout: 1 });
  }
});

test('statements are reported in the context of their caller, by what they are about, until they end', async () => {
  const caller = new AsyncLocalStorage<string>();
  const seen: string[] = [];
  const sql = connectTo(database.url, 1, {
    onRequest: (readSubject) => {
      const who = caller.getStore();
      if (who === undefined) return null;
      const { operation, table } = readSubject();
      seen.push(`${who}: ${operation} ${table}`);
      return (error) => void seen.push(`${who}: ${error === null ? 'ended' : (error as { code: string }).code}`);
    },
  });
  await sql`select 1`;
  // The second waits for the connection of the first.
  await Promise.all([
    caller.run('a', async () => sql`select pg_sleep(0.02) from pg_class limit 1`),
    caller.run('b', async () => sql.begin((transaction) => transaction`select * from ${transaction('pg_type')} limit ${1}`)),
  ]);
  await caller.run('c', () => assert.rejects(Promise.resolve(sql`select nothing`)));
  await sql.end();
  const of = (who: string) => seen.filter((line) => line.startsWith(who)).map((line) => line.slice(3));
  assert.deepEqual(of('a'), ['SELECT pg_class', 'ended']);
  assert.deepEqual(of('b').toSorted(), ['BEGIN null', 'COMMIT null', 'SELECT null', 'ended', 'ended', 'ended']);
  assert.deepEqual(of('c'), ['SELECT null', '42703']);
});

test('the subject of a statement has no value of it', () => {
  assert.deepEqual(subjectOf("insert into trials (id) values ('secret')"), { operation: 'INSERT', table: 'trials' });
  assert.deepEqual(subjectOf("alter role narrows_read password 'secret'"), { operation: 'ALTER', table: null });
  assert.deepEqual(subjectOf(' (select * from "sweeps" where name = \'secret\')'), { operation: 'SELECT', table: 'sweeps' });
  assert.deepEqual(subjectOf(''), { operation: 'QUERY', table: null });
});

test('a pool says how many of its connections are in use, and what waits for one', async () => {
  const sql = connectTo(database.url, 2);
  try {
    assert.deepEqual(readPool(sql), { used: 0, idle: 0, waiting: 0 });
    await Promise.all([sql`select pg_sleep(0.01)`, sql`select pg_sleep(0.01)`]);
    assert.deepEqual(readPool(sql), { used: 0, idle: 2, waiting: 0 });
    const release = Promise.withResolvers<void>();
    const held = [1, 2].map(() => sql.begin(() => release.promise));
    await until(() => readPool(sql).used === 2, 'both are taken');
    const third = sql.begin(async (transaction) => transaction`select 1`);
    await until(() => readPool(sql).waiting === 1, 'a third transaction waits');
    release.resolve();
    await Promise.all([...held, third]);
    await until(() => readPool(sql).idle === 2, 'all are given back');
  } finally {
    await sql.end({ timeout: 1 });
  }
});
