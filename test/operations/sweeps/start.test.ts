import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { Database } from '../../../db/client.ts';
import { saveDatasetVersion } from '../../../db/queries/datasets/datasets.ts';
import { findSweep, listSweeps, setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import type { CheckedSpec } from '../../../operations/sweeps/check.ts';
import { startSweep } from '../../../operations/sweeps/start.ts';
import { planSweep } from '../../../search/plan.ts';
import { migratedDatabase } from '../../db/database.ts';
import { SPEC, VERSION } from '../../db/fixtures.ts';

let db: Database;
before(async () => {
  db = await migratedDatabase();
  await saveDatasetVersion(db.sql, { name: 'water', version: VERSION, description: { title: 'water' } });
});
after(() => db?.close());

const SIZE = { trainRows: 700, descriptors: 3, energies: 10 };
const CHECKED: CheckedSpec = {
  spec: SPEC,
  dataset: { name: 'water', version: VERSION, rows: 1000 },
  size: SIZE,
  plan: planSweep(SPEC, SIZE),
  estimate: { seconds: 1, threadSeconds: 1, threads: 1, speed: 'nominal', isStaffed: false },
  budget: null,
  warnings: [],
  waiting: [],
};

const named = (name: string) => Object.assign(new Error(`${name}!`), { name });

/** A client whose start fails, and whose workflows are in this state or cannot be described. */
function failing(described: string | Error): Client {
  const workflow = {
    start: () => Promise.reject(new Error('the start failed')),
    getHandle: () => ({
      describe: () => (described instanceof Error ? Promise.reject(described) : Promise.resolve({ status: { name: described } })),
    }),
  };
  return { workflow, withDeadline: (_: number, call: () => unknown) => call() } as unknown as Client;
}

for (const error of ['WorkflowNotFoundError', 'NamespaceNotFoundError']) {
  test(`a start that fails leaves no sweep where Temporal answers ${error}`, async () => {
    const started = startSweep({ db, temporal: failing(named(error)) }, CHECKED, '0.1.0');
    await assert.rejects(started, /the start failed/);
    assert.equal((await listSweeps(db.sql)).length, 0);
  });
}

test('a start whose answer was lost counts as started', async () => {
  const id = await startSweep({ db, temporal: failing('RUNNING') }, CHECKED, '0.1.0');
  assert.equal((await findSweep(db.sql, id)).state, 'running');
});

/** A client whose workflows are missing, and that counts those that it starts. */
function empty() {
  const started: string[] = [];
  const workflow = { start: async (_: string, { workflowId }: { workflowId: string }) => void started.push(workflowId) };
  return { temporal: { workflow } as unknown as Client, started };
}

for (const [state, count, after] of [
  ['running', 1, 'running'],
  ['paused', 1, 'paused'],
  ['failed', 1, 'running'],
  ['cancelled', 0, 'cancelled'],
  ['partial', 0, 'partial'],
  ['completed', 0, 'completed'],
] as const) {
  test(`a repeated start of a sweep that is ${state}, and that Temporal has no workflow of`, async () => {
    const id = `srepeated${state}`;
    await startSweep({ db, temporal: empty().temporal }, CHECKED, '0.1.0', id);
    await setSweepState(db.sql, id, state);
    const { temporal, started } = empty();
    assert.equal(await startSweep({ db, temporal }, CHECKED, '0.1.0', id), id);
    assert.equal(started.length, count);
    assert.equal((await findSweep(db.sql, id)).state, after);
  });
}

test('a repeated start whose answer was lost counts as started, and one that failed is no other end', async () => {
  const id = 's0000000002';
  await startSweep({ db, temporal: empty().temporal }, CHECKED, '0.1.0', id);
  await startSweep({ db, temporal: failing('RUNNING') }, CHECKED, '0.1.0', id);
  for (const error of ['WorkflowNotFoundError', 'ServiceError'])
    await assert.rejects(startSweep({ db, temporal: failing(named(error)) }, CHECKED, '0.1.0', id), /the start failed/);
  assert.equal((await findSweep(db.sql, id)).state, 'running');
});

test('a start of which nothing is known is a failed sweep with its reason', async () => {
  const id = 's0000000001';
  await assert.rejects(startSweep({ db, temporal: failing(new Error('no answer')) }, CHECKED, '0.1.0', id), /the start failed/);
  const { state, message } = await findSweep(db.sql, id);
  assert.deepEqual([state, message], ['failed', 'it could not be started: the start failed']);
});
