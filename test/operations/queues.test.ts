import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { Sql } from '../../db/client.ts';
import { rolesWithoutWorker } from '../../operations/queues.ts';
import type { Servers } from '../../operations/servers.ts';

/** Servers of which Temporal lists these pollers, by the seconds since their last poll. */
function listing(agesByQueue: Readonly<Record<string, readonly number[]>>): Servers {
  const describeTaskQueue = async ({ taskQueue }: { taskQueue: { name: string } }) => ({
    pollers: (agesByQueue[taskQueue.name] ?? []).map((age, i) => ({
      identity: `worker ${i}`,
      lastAccessTime: { seconds: Math.floor(Date.now() / 1000) - age },
    })),
  });
  const workflowService = { getSystemInfo: async () => ({ serverVersion: '1' }), describeTaskQueue };
  const temporal = {
    options: { namespace: 'default' },
    workflowService,
    withDeadline: (_: number, work: () => Promise<unknown>) => work(),
  } as unknown as Client;
  const sql = (async () => [{ identity: '0123456789ab' }]) as unknown as Sql;
  return { temporal, db: { sql, address: '', close: async () => {} } };
}

test('a worker that stopped does not count, although Temporal lists it for some minutes', async () => {
  const roles = (orchestrator: readonly number[], trainer: readonly number[]) =>
    rolesWithoutWorker(listing({ 'narrows-orchestrator-0123456789ab': orchestrator, 'narrows-trainer-0123456789ab': trainer }));
  assert.deepEqual(await roles([1], [200, 59]), []);
  assert.deepEqual(await roles([59], [200]), ['trainer']);
  assert.deepEqual(await roles([], []), ['orchestrator', 'trainer']);
});

test('the workers of another database do not count', async () => {
  const others = listing({ 'narrows-orchestrator': [1], 'narrows-trainer-ba9876543210': [1] });
  assert.deepEqual(await rolesWithoutWorker(others), ['orchestrator', 'trainer']);
});
