import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connectTo } from '../../db/client.ts';
import { subscribe } from '../../db/listen.ts';
import { startProxy } from '../support/proxy.ts';
import { until } from '../support/until.ts';
import { emptyDatabase } from './database.ts';

const database = await emptyDatabase();
const direct = connectTo(database.url, 1);
after(async () => {
  await direct.end();
  await database.close();
});

const OPTIONS = { failFast: true };

/** Waits until a pool on the same address has failed to connect several times. */
async function severalAttempts(url: string): Promise<void> {
  const sql = connectTo(url, 1, OPTIONS);
  for (let attempt = 0; attempt < 4; attempt++) await assert.rejects(sql`select 1`, { code: 'ECONNREFUSED' });
  await sql.end();
}

test('after an outage of several attempts every notification of every channel arrives once', async () => {
  await using proxy = await startProxy(database.url);
  const sql = connectTo(proxy.url, 2, OPTIONS);
  const news: unknown[] = [];
  let connections = 0;
  const listener = subscribe(sql, { one: (n) => news.push(['one', n]), two: (n) => news.push(['two', n]) }, () => connections++);
  await listener.connected;
  for (const outage of [1, 2]) {
    await proxy.disconnect();
    await severalAttempts(proxy.url);
    await proxy.reconnect();
    await until(() => connections > outage, 'the connection is back');
    await direct`select pg_notify('one', ${String(outage)}), pg_notify('two', 'no JSON'), pg_notify('two', ${String(outage)})`;
    await until(() => news.length >= 2 * outage, 'the notifications');
  }
  assert.equal(connections, 3);
  assert.deepEqual(news, [
    ['one', 1],
    ['two', 1],
    ['one', 2],
    ['two', 2],
  ]);
  await listener.close();
  await sql.end();
});

test('a first attempt that fails is reported, and attempts go on', async () => {
  await using proxy = await startProxy(database.url);
  await proxy.disconnect();
  const sql = connectTo(proxy.url, 1, OPTIONS);
  let connections = 0;
  const listener = subscribe(sql, { one: () => {} }, () => connections++);
  await assert.rejects(listener.connected, { code: 'ECONNREFUSED' });
  await proxy.reconnect();
  await until(() => connections === 1, 'the connection');
  await listener.close();
  await sql.end();
});
