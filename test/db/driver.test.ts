/** Transactions whose connection is lost. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { connectTo, type Sql } from '../../db/client.ts';
import { startProxy } from '../support/proxy.ts';
import { until } from '../support/until.ts';
import { closedDatabase } from './database.ts';

let database: Awaited<ReturnType<typeof closedDatabase>>;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let sql: Sql;
let direct: Sql;
before(async () => {
  database = await closedDatabase();
  proxy = await startProxy(database.url);
  // One connection: the next caller has the one that was lost.
  sql = connectTo(proxy.url, 1, { failFast: true });
  direct = connectTo(database.url, 1);
  await direct`create table written (n int)`;
});
beforeEach(() => direct`truncate written`);
after(async () => {
  await Promise.all([sql?.end({ timeout: 1 }), direct?.end({ timeout: 1 })]);
  await proxy?.[Symbol.asyncDispose]();
  await database?.close();
});

const CLOSED = { code: /CONNECTION_CLOSED|ECONNRESET|EPIPE|ECONNREFUSED/ };

async function loseConnection(): Promise<void> {
  await proxy.disconnect();
  await proxy.reconnect();
}

/** Whether each of several statements at once has its own result. */
async function answersInOrder(): Promise<void> {
  const numbers = Array.from({ length: 20 }, (_, i) => i);
  const rows = await Promise.all(numbers.map((n) => sql<[{ n: number }]>`select ${n}::int as n`));
  assert.deepEqual(
    rows.map(([row]) => row.n),
    numbers,
  );
}

for (const [name, wait] of [
  ['during a statement', (on: Sql) => on`select pg_sleep(60)`],
  ['between statements', () => new Promise((resolve) => setTimeout(resolve, 200))],
] as const) {
  test(`a transaction fails when its connection is lost ${name}`, async () => {
    for (let round = 0; round < 5; round++) {
      const begun = Promise.withResolvers<void>();
      const lost = sql.begin(async (transaction) => {
        await transaction`insert into written values (1)`;
        begun.resolve();
        await wait(transaction as unknown as Sql);
        await transaction`insert into written values (2)`;
      });
      await begun.promise;
      await Promise.all([assert.rejects(lost, CLOSED), loseConnection()]);
      await answersInOrder();
    }
    assert.deepEqual([...(await direct`select n from written`)], []);
  });
}

test('a transaction that goes on without its connection writes nothing in the next session', async () => {
  const goOn = Promise.withResolvers<void>();
  const wentOn = Promise.withResolvers<unknown>();
  const lost = sql.begin(async (transaction) => {
    await transaction`insert into written values (1)`;
    await goOn.promise;
    await transaction`insert into written values (2)`.catch(wentOn.resolve);
  });
  lost.catch(() => {});
  await until(async () => (await direct`select from pg_locks where relation = 'written'::regclass`).length > 0, 'it has begun');
  await loseConnection();
  await assert.rejects(lost, CLOSED);
  await sql.begin(async (other) => {
    await other`insert into written values (3)`;
    goOn.resolve();
    assert.match(String(((await wentOn.promise) as { code?: string }).code), /CONNECTION_CLOSED/);
    // Its roll-back must not be that of this transaction.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await other`insert into written values (4)`;
  });
  assert.deepEqual(
    (await direct`select n from written order by n`).map(({ n }) => n),
    [3, 4],
  );
});

test('servers that close a session within a transaction end no process', async () => {
  const lost = sql.begin(async (transaction) => {
    const [{ pid }] = await transaction<[{ pid: number }]>`select pg_backend_pid() as pid`;
    const [ended] = await Promise.allSettled([transaction`select pg_sleep(60)`, direct`select pg_terminate_backend(${pid})`]);
    assert.equal(ended.status, 'rejected');
    await transaction`insert into written values (1)`;
  });
  await assert.rejects(lost);
  // The next statement may still be given to the session that ends.
  await until(() => sql`select 1`.then(Boolean, () => false), 'a session is opened');
  await answersInOrder();
});
