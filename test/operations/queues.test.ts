import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from '@temporalio/client';
import { rolesWithoutWorker } from '../../operations/queues.ts';

/** A client of a server that lists these pollers, by the seconds since their last poll. */
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

test('a worker that stopped does not count, although Temporal lists it for some minutes', async () => {
  assert.deepEqual(await rolesWithoutWorker(listing({ 'narrows-orchestrator': [1], 'narrows-trainer': [200, 59] })), []);
  assert.deepEqual(await rolesWithoutWorker(listing({ 'narrows-orchestrator': [59], 'narrows-trainer': [200] })), ['trainer']);
  assert.deepEqual(await rolesWithoutWorker(listing({})), ['orchestrator', 'trainer']);
});
