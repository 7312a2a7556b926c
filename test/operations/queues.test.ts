import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { Database } from '../../db/client.ts';
import { readIdentity } from '../../db/queries/identity.ts';
import { recordTrainer } from '../../db/queries/trainers.ts';
import { readTaskQueues, rolesWithoutWorker } from '../../operations/queues.ts';
import { migratedDatabase } from '../db/database.ts';
import { seedSweep } from '../db/fixtures.ts';
import { specOf } from '../search/specs.ts';

let db: Database;
let identity: string;
before(async () => {
  db = await migratedDatabase();
  identity = await readIdentity(db.sql);
});
after(() => db?.close());
beforeEach(() => db.sql`delete from trainers`);

/** A server that lists these pollers of a queue, by the seconds since their last poll. */
function listing(agesByQueue: Readonly<Record<string, readonly number[]>>): Client {
  const describeTaskQueue = async ({ taskQueue }: { taskQueue: { name: string } }) => ({
    pollers: (agesByQueue[taskQueue.name] ?? []).map((age, i) => ({
      identity: `worker ${i}`,
      lastAccessTime: { seconds: Math.floor(Date.now() / 1000) - age },
    })),
  });
  const workflowService = { getSystemInfo: async () => ({ serverVersion: '1' }), describeTaskQueue };
  return {
    options: { namespace: 'default' },
    workflowService,
    withDeadline: (_: number, work: () => Promise<unknown>) => work(),
  } as unknown as Client;
}

const missing = (agesByQueue: Readonly<Record<string, readonly number[]>>) =>
  rolesWithoutWorker({ db, temporal: listing(agesByQueue) });

test('an orchestrator that stopped does not count, although Temporal lists it for some minutes', async () => {
  await recordTrainer(db.sql, { id: 'a', class: 'gpu', engines: [], slots: 2 });
  assert.deepEqual(await missing({ [`narrows-orchestrator-${identity}`]: [200, 59] }), []);
  assert.deepEqual(await missing({ [`narrows-orchestrator-${identity}`]: [200] }), ['orchestrator']);
});

test('a trainer counts as long as it says that it is at work, also if it does not poll', async () => {
  const orchestrator = { [`narrows-orchestrator-${identity}`]: [1] };
  assert.deepEqual(await missing(orchestrator), ['trainer']);
  await recordTrainer(db.sql, { id: 'a', class: 'cpu', engines: ['kernel'], slots: 2 });
  assert.deepEqual(await missing(orchestrator), []);
  await db.sql`update trainers set seen_at = now() - interval '2 minutes'`;
  assert.deepEqual(await missing(orchestrator), ['trainer']);
});

test('the workers of another database do not count', async () => {
  assert.deepEqual(await missing({ 'narrows-orchestrator': [1], 'narrows-orchestrator-ba9876543210': [1] }), [
    'orchestrator',
    'trainer',
  ]);
});

test('the queues are those that trainers poll for every sweep of their class, and that running sweeps need', async () => {
  const names = async () => (await readTaskQueues({ db })).map(({ name }) => name.replace(`-${identity}`, ''));
  assert.deepEqual(await names(), ['narrows-orchestrator', 'narrows-trainer']);
  await recordTrainer(db.sql, { id: 'a', class: 'gpu', engines: ['kernel', 'tfjs'], slots: 2 });
  assert.deepEqual(await names(), ['narrows-orchestrator', 'narrows-trainer-gpu']);
  await seedSweep(db.sql, 'sa', { spec: specOf({ class: { eca: 'large' }, engine: { ednn: 'tfjs' } }) });
  assert.deepEqual(await names(), [
    'narrows-orchestrator',
    'narrows-trainer',
    'narrows-trainer.tfjs',
    'narrows-trainer-gpu',
    'narrows-trainer-large',
  ]);
  const found = (await readTaskQueues({ db })).map(({ role, class: name, engine }) => [role, name, engine]);
  assert.deepEqual(found, [
    ['orchestrator', null, null],
    ['trainer', 'cpu', null],
    ['trainer', 'cpu', 'tfjs'],
    ['trainer', 'gpu', null],
    ['trainer', 'large', null],
  ]);
});
