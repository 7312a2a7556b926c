import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectTo, type Sql } from '../../../db/client.ts';
import { readInstallationFacts } from '../../../db/queries/installation.ts';
import { setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import { saveCheckpoint } from '../../../db/queries/trials/checkpoints.ts';
import { recordReports } from '../../../db/queries/trials/trials.ts';
import { closedDatabase, type TestDatabase, urlFor } from '../database.ts';
import { completed, PROVENANCE, seedSweep, trialOf } from '../fixtures.ts';

let database: TestDatabase;
let sql: Sql;
/** With the rights of the process that asks. */
let api: Sql;
before(async () => {
  database = await closedDatabase();
  sql = connectTo(database.url, 2);
  api = connectTo(urlFor(database.url, 'api'), 2);
});
after(async () => {
  await Promise.all([sql?.end({ timeout: 1 }), api?.end({ timeout: 1 })]);
  await database?.close();
});

const silence = async () => Math.round((await readInstallationFacts(api)).silenceSeconds / 60);

test('an empty database has nothing to say', async () => {
  const { databaseBytes, sweeps, messages, ...rest } = await readInstallationFacts(api);
  assert.ok(databaseBytes > 1e6);
  assert.deepEqual(sweeps, { running: 0, paused: 0, completed: 0, partial: 0, failed: 0, cancelled: 0 });
  assert.deepEqual(rest, { silenceSeconds: 0, slots: 0, messageAgeSeconds: 0 });
  assert.equal(messages.length, 4);
  assert.ok(messages.every(({ count }) => count === 0));
});

test('silence is that of the running sweep whose last result or checkpoint is the oldest', async () => {
  for (const id of ['slow', 'fast', 'ended']) await seedSweep(sql, id, { name: id });
  await setSweepState(sql, 'ended', 'failed');
  await sql`update sweeps set state_since = now() - interval '3 hours'`;
  assert.equal(await silence(), 180);
  for (const id of ['slow', 'fast']) await recordReports(sql, id, PROVENANCE, [completed(id, trialOf(0), 0.9)]);
  assert.equal(await silence(), 0);
  await sql`update writes set written_at = now() - interval '2 hours' where sweep_id = 'slow'`;
  assert.equal(await silence(), 120);
  await saveCheckpoint(sql, 'slow', 'slow-1', 3, new Uint8Array(4));
  assert.equal(await silence(), 0);
  await sql`update checkpoints set saved_at = now() - interval '1 hour'`;
  assert.equal(await silence(), 60);
  // Neither a pause nor a repeated state counts as silence.
  await sql`update writes set written_at = now() - interval '2 hours'`;
  await setSweepState(sql, 'fast', 'paused');
  await setSweepState(sql, 'slow', 'running');
  assert.equal(await silence(), 60);
  await setSweepState(sql, 'fast', 'running');
  assert.equal(await silence(), 60);
  await sql`update sweeps set state_since = now() - interval '90 minutes' where id = 'fast'`;
  assert.equal(await silence(), 90);
  await setSweepState(sql, 'fast', 'running');
  assert.equal(await silence(), 90);
  await sql`update sweeps set state_since = now() where id = 'fast'`;
  // A clock that was set back.
  await sql`update checkpoints set saved_at = now() + interval '1 hour'`;
  assert.equal(await silence(), 0);
  await sql`update sweeps set removed_at = now() where id = 'slow'`;
  const { sweeps } = await readInstallationFacts(api);
  assert.deepEqual([sweeps.running, sweeps.failed], [1, 1]);
});
