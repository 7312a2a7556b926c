/** Sweeps and runs whose workflow ended without recording it, on a real database. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { saveDatasetVersion } from '../../../db/queries/datasets/datasets.ts';
import { listEventsOfRun } from '../../../db/queries/retraining/notifications.ts';
import { findRun, saveRetraining, startRun } from '../../../db/queries/retraining/retrainings.ts';
import { createSweep, findSweep, setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import { settleRun } from '../../../operations/retraining/run-ends.ts';
import { createSettler } from '../../../operations/settle.ts';
import { controlSweep } from '../../../operations/sweeps/control.ts';
import { settleSweep } from '../../../operations/sweeps/lost.ts';
import { retrySweep } from '../../../operations/sweeps/start.ts';
import { listSweepStatuses } from '../../../operations/sweeps/status.ts';
import { retrainRunId } from '../../../workflows/retrain-input.ts';
import { migratedDatabase } from '../../db/database.ts';
import { SPEC, VERSION } from '../../db/fixtures.ts';
import { OPTIONS } from '../../workflows/retrain-harness.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
  await saveDatasetVersion(db.sql, { name: 'water', version: VERSION, description: { title: 'water' } });
  const retraining = { name: 'life', spec: SPEC, dataset: 'water', target: SPEC.target, options: OPTIONS };
  await saveRetraining(db.sql, retraining);
});
after(() => db?.close());

let id = '';
let numbered = 0;
beforeEach(async () => {
  id = `s${String(++numbered).padStart(10, '0')}`;
  await createSweep(db.sql, {
    ...{ id, name: id, spec: SPEC, dataset: 'water', datasetVersion: VERSION, target: SPEC.target },
    ...{ planned: 4, packSizes: [4], codeVersion: 'test' },
  });
});

/** A client whose workflows are all in this state, and that counts what is started. */
function temporalWith(status: string) {
  const started: string[] = [];
  const errors: Readonly<Record<string, string>> = { missing: 'WorkflowNotFoundError', 'no namespace': 'NamespaceNotFoundError' };
  const describe = async () => {
    const name = errors[status];
    if (name !== undefined) throw Object.assign(new Error('not found'), { name });
    return { status: { name: status } };
  };
  const workflow = {
    getHandle: () => ({ describe }),
    start: async (type: string) => started.push(type),
    signalWithStart: async (type: string) => started.push(type),
  };
  const temporal = { workflow, withDeadline: (_: number, call: () => unknown) => call() } as unknown as Client;
  return { db, temporal, started };
}

for (const [status, state] of [
  ['TERMINATED', 'cancelled'],
  ['CANCELLED', 'cancelled'],
  ['TIMED_OUT', 'failed'],
  ['FAILED', 'failed'],
  ['COMPLETED', 'failed'],
] as const) {
  test(`a sweep whose workflow ended as ${status} is ${state}, with the reason, and can be retried`, async () => {
    const servers = temporalWith(status);
    const { row } = await settleSweep(servers, await findSweep(db.sql, id));
    const reason = status.toLowerCase().replace('_', ' ');
    assert.deepEqual([row.state, row.finishedAt !== null], [state, true]);
    assert.equal(row.message, `its workflow in Temporal ended as ${reason}; continue it with "narrows sweep retry ${id}"`);
    await settleSweep(servers, row);
    assert.equal((await findSweep(db.sql, id)).revision, row.revision, 'a second look changes nothing');

    await retrySweep(servers, row, false);
    assert.equal((await findSweep(db.sql, id)).state, 'running');
    assert.deepEqual(servers.started, ['sweep']);
  });
}

test('a listing settles sweeps; running workflows, and recorded ends, stay as they are', async () => {
  const read = async (status: string) =>
    (await listSweepStatuses(db, async () => temporalWith(status).temporal)).find(({ sweepId }) => sweepId === id)?.state;
  assert.equal(await read('RUNNING'), 'running');
  assert.equal(await read('missing'), 'running', 'Temporal may be another one');
  const stale = await findSweep(db.sql, id);
  await setSweepState(db.sql, id, 'partial');
  assert.equal((await settleSweep(temporalWith('TERMINATED'), stale)).row.state, 'partial');
});

test('a sweep and a run whose workflows are gone from Temporal fail after some looks, with the reason', async () => {
  for (const status of ['missing', 'no namespace']) {
    const gone = `${id}-${status === 'missing' ? 1 : 2}`;
    await createSweep(db.sql, {
      ...{ id: gone, name: gone, spec: SPEC, dataset: 'water', datasetVersion: VERSION, target: SPEC.target },
      ...{ planned: 4, packSizes: [4], codeVersion: 'test' },
    });
    await db.sql`update sweeps set started_at = now() - interval '1 minute' where id = ${gone}`;
    const runId = retrainRunId(`retrain-life-${status.length}`, 'abcdefgh-12345678');
    await startRun(db.sql, runId, 'life');
    const servers = temporalWith(status);
    const settle = createSettler(servers);
    const states = async () => [(await findSweep(db.sql, gone)).state, (await findRun(db.sql, runId)).outcome];
    await settle();
    await settle();
    assert.deepEqual(await states(), ['running', 'running'], 'Temporal may be starting');
    await setSweepState(db.sql, gone, 'paused');
    await settle();
    assert.deepEqual(await states(), ['paused', 'failed'], 'a sweep that is written to is worked on');
    await settle();
    await settle();
    await settle();
    const row = await findSweep(db.sql, gone);
    assert.equal(row.state, 'failed');
    assert.equal(row.message, `its workflow is no longer in Temporal; continue it with "narrows sweep retry ${gone}"`);
    assert.equal((await findRun(db.sql, runId)).message, 'its workflow is no longer in Temporal');
    await retrySweep(servers, row, false);
    assert.equal((await findSweep(db.sql, gone)).state, 'running');
    await setSweepState(db.sql, gone, 'completed');
  }
});

test('cancel, pause and resume of a sweep that was terminated', async () => {
  const servers = temporalWith('TERMINATED');
  for (const action of ['pause', 'resume'] as const) {
    if (action === 'resume') await setSweepState(db.sql, id, 'paused');
    await assert.rejects(controlSweep(servers, id, action), { code: 'sweep-ended' });
    assert.equal((await findSweep(db.sql, id)).state, 'cancelled');
  }
  await setSweepState(db.sql, id, 'running');
  assert.equal((await controlSweep(servers, id, 'cancel')).state, 'cancelled');
});

test('a run whose workflow was terminated has failed, once, and is reported', async () => {
  const runId = retrainRunId('retrain-life-2026', 'abcdefgh-12345678');
  await startRun(db.sql, runId, 'life');
  const running = temporalWith('RUNNING');
  assert.equal((await settleRun(running, await findRun(db.sql, runId))).outcome, 'running');
  const servers = temporalWith('TERMINATED');
  await Promise.all([createSettler(servers)(), createSettler(servers)()]);
  const run = await findRun(db.sql, runId);
  assert.deepEqual([run.outcome, run.message], ['failed', 'its workflow in Temporal ended as terminated']);
  assert.equal((await findSweep(db.sql, id)).state, 'cancelled');
  assert.deepEqual(
    (await listEventsOfRun(db.sql, runId)).map(({ kind }) => kind),
    ['failed'],
  );
  assert.deepEqual(servers.started, ['tell']);
});
