import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '@temporalio/client';
import { connectTo } from '../../db/client.ts';
import { createHealth, databaseChecks, type HealthOptions, temporalChecks } from '../../operations/health.ts';
import { closedDatabase } from '../db/database.ts';

const healthOf = (options: Partial<HealthOptions> = {}) => createHealth({ stopping: new AbortController().signal, ...options });

const ok = async () => {};
const fail = async () => {
  throw new Error('out of order');
};

test('a process that starts lives and is not ready', async () => {
  const health = healthOf();
  assert.deepEqual(await health.live(), { status: 'ok', checks: { process: 'ok' } });
  assert.deepEqual(await health.ready(), { status: 'failing', checks: { process: 'starting' } });
});

test('a process is ready while its checks pass, and until its stop begins', async () => {
  const stop = new AbortController();
  const health = healthOf({ stopping: stop.signal });
  let check = ok;
  health.begin({ live: { workers: ok }, ready: { postgres: ok, temporal: () => check() } });
  assert.deepEqual(await health.ready(), { status: 'ok', checks: { process: 'ok', postgres: 'ok', temporal: 'ok' } });
  check = fail;
  assert.deepEqual(await health.ready(), { status: 'failing', checks: { process: 'ok', postgres: 'ok', temporal: 'failing' } });
  assert.equal((await health.live()).status, 'ok');
  check = ok;
  assert.equal((await health.ready()).status, 'ok');
  stop.abort();
  assert.deepEqual((await health.ready()).checks, { process: 'stopping', postgres: 'ok', temporal: 'ok' });
  assert.equal((await health.live()).status, 'ok', 'it must not be killed while it stops');
});

test('a failed check of life says that only a restart helps', async () => {
  const health = healthOf();
  health.begin({ live: { workers: fail }, ready: {} });
  assert.deepEqual(await health.live(), { status: 'failing', checks: { process: 'ok', workers: 'failing' } });
});

test('a check without an answer fails in time, and probes share it until it settles', async () => {
  let calls = 0;
  let answer = Promise.withResolvers<void>();
  const health = healthOf({ timeoutMs: 20 });
  const silent = () => {
    calls += 1;
    return answer.promise;
  };
  health.begin({ live: {}, ready: { postgres: silent } });
  const reports = await Promise.all([health.ready(), health.ready()]);
  reports.push(await health.ready(), await health.ready());
  assert.deepEqual([calls, reports.map(({ status }) => status)], [1, ['failing', 'failing', 'failing', 'failing']]);
  const late = health.ready();
  answer.resolve();
  assert.deepEqual([(await late).status, calls], ['ok', 1], 'a late answer is one');
  answer = Promise.withResolvers<void>();
  answer.reject(new Error('out of order'));
  assert.deepEqual([(await health.ready()).status, calls], ['failing', 2], 'the next probe asks again');
  await Promise.all([health.ready(), health.ready()]);
  assert.equal(calls, 3);
});

test('the check of Temporal has a deadline', async () => {
  const deadlines: number[] = [];
  const { temporal } = temporalChecks({
    workflowService: { getSystemInfo: async () => ({}) },
    withDeadline: async (deadline: number, ask: () => Promise<unknown>) => {
      deadlines.push(deadline);
      return ask();
    },
  } as unknown as Client);
  await temporal?.();
  assert.ok(deadlines.length === 1 && Number(deadlines[0]) > Date.now() - 60_000);
});

test('changes are reported once, with their reason', async () => {
  const changes: string[] = [];
  const health = healthOf({ onChange: (check, reason) => changes.push(`${check}: ${reason}`) });
  let check: () => Promise<void> = fail;
  health.begin({ live: {}, ready: { temporal: () => check() } });
  await health.ready();
  await health.ready();
  check = ok;
  await health.ready();
  assert.deepEqual(changes, ['temporal: Error: out of order', 'temporal: null']);
});

test('a database is ready with the tables of this code or newer ones, not with older ones', async (t) => {
  const database = await closedDatabase();
  const sql = connectTo(database.url, 1);
  t.after(async () => {
    await sql.end();
    await database.close();
  });
  const health = healthOf();
  health.begin({ live: {}, ready: databaseChecks({ sql }) });
  const result = async () => (await health.ready()).checks;
  const current = { process: 'ok', postgres: 'ok', schema: 'ok' };
  assert.deepEqual(await result(), current);
  await sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('next', 9e15)`;
  assert.deepEqual(await result(), current);
  await sql`delete from drizzle.__drizzle_migrations where created_at > 0`;
  assert.deepEqual(await result(), { ...current, schema: 'failing' });
});
