/** Actions on sweeps, with a database and without workflows: rows may lag behind signals. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import { controlSweep } from '../../../operations/sweeps/control.ts';
import { migratedDatabase } from '../../db/database.ts';
import { seedSweep } from '../../db/fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

/** A client whose workflows run and take no signal into account yet. */
function busyWorkflows() {
  const sent: string[] = [];
  const handle = {
    describe: async () => ({ status: { name: 'RUNNING' } }),
    signal: async ({ name }: { readonly name: string }) => sent.push(name),
    query: async () => ({ running: 1, stage: 'train' }),
  };
  const temporal = { workflow: { getHandle: () => handle }, withDeadline: (_: number, call: () => unknown) => call() };
  return { servers: { db, temporal: temporal as unknown as Client }, sent };
}

test('an action that revokes one whose effect is not yet recorded is sent all the same', async () => {
  const id = await seedSweep(db.sql, 'scontrol');
  const { servers, sent } = busyWorkflows();
  assert.equal((await controlSweep(servers, id, 'pause', 0)).state, 'running', 'packs are being interrupted');
  assert.equal((await controlSweep(servers, id, 'resume', 0)).state, 'running');
  await setSweepState(db.sql, id, 'paused');
  await controlSweep(servers, id, 'resume', 0);
  assert.equal((await controlSweep(servers, id, 'pause', 0)).state, 'paused');
  assert.deepEqual(sent, ['pause', 'resume', 'resume', 'pause']);
});
