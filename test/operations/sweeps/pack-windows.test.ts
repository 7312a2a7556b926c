/** A sweep with more trainers than its window once had packs: they are simulated in one process. */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { NativeConnection, Worker } from '@temporalio/worker';
import { activitiesOver } from '../../../activities/index.ts';
import { createStorage } from '../../../activities/storage.ts';
import { createBlobStore } from '../../../db/blobs.ts';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { recordTrainer } from '../../../db/queries/trainers.ts';
import type { Engine } from '../../../models/engines/engine.ts';
import { createNullEngine } from '../../../models/engines/null-engine.ts';
import { planRoutes } from '../../../operations/sweeps/pack-windows.ts';
import { progressQuery } from '../../../workflows/messages.ts';
import { sweepWorkflowId } from '../../../workflows/sweep-input.ts';
import { taskQueues } from '../../../workflows/task-queues.ts';
import { startBareServers } from '../../infra/bare-servers.ts';
import { install } from '../../infra/worker/installation.ts';
import { specOf } from '../../search/specs.ts';
import { until } from '../../support/until.ts';

const [FEW, MANY] = [10, 105];
const SLOTS_OF_ONE = 1;
const SLOTS = MANY * SLOTS_OF_ONE;
/** One for each slot, two that wait, and some more. */
const PACKS = 3 * SLOTS + 10;

/** The null engine, whose packs wait until so many are at work at a time. */
function createGate(engine: Engine, atWork: number): { readonly engine: Engine; readonly most: () => number } {
  const open = Promise.withResolvers<void>();
  let [now, most] = [0, 0];
  return {
    most: () => most,
    engine: {
      ...engine,
      async train(pack, hooks) {
        now += 1;
        most = Math.max(most, now);
        if (now === atWork) open.resolve();
        await open.promise;
        try {
          return await engine.train(pack, hooks);
        } finally {
          now -= 1;
        }
      },
    },
  };
}

test('packs in flight follow the number of trainers, beyond a hundred', async (t) => {
  await using servers = await startBareServers();
  await using it = await install(servers.address);
  const { sql } = it.db;
  const record = async (trainers: number) => {
    for (let i = 0; i < trainers; i++)
      await recordTrainer(sql, { id: `trainer-${i}`, class: 'cpu', engines: ['kernel'], slots: SLOTS_OF_ONE });
  };
  await record(FEW);
  const id = await it.start(PACKS);
  const row = await findSweep(sql, id);
  const workflow = it.temporal.workflow.getHandle(sweepWorkflowId(row));
  await using _ = await it.work({ role: 'orchestrator' });
  // A busy worker may not answer a query in time.
  const scheduled = () =>
    workflow.query(progressQuery).then(
      ({ running }) => running,
      () => null,
    );
  await until(async () => (await scheduled()) === 3 * FEW * SLOTS_OF_ONE, 'a window for few trainers');
  await record(MANY);
  await until(async () => (await scheduled()) === 3 * SLOTS, 'a window for all trainers');

  const { engine, most } = createGate(createNullEngine(), SLOTS);
  const storage = createStorage({
    ...{ db: it.db, blobs: createBlobStore(sql, null), codeVersion: 'test', host: hostname() },
  });
  const connection = await NativeConnection.connect({ address: servers.address });
  t.after(() => connection.close());
  const trainers = await Worker.create({
    connection,
    taskQueue: taskQueues(row).trainer,
    activities: activitiesOver(storage, engine),
    // Baselines take a slot as well.
    maxConcurrentActivityTaskExecutions: SLOTS + 1,
  });
  assert.equal(await trainers.runUntil(() => workflow.result()), 'completed');
  assert.ok(most() >= SLOTS, `${most()} packs at a time`);
  const [rows] = await sql<[{ rows: number; distinct: number }]>`
    select count(*)::int as rows, count(distinct index)::int as distinct from trials where sweep_id = ${id}`;
  assert.deepEqual({ ...rows }, { rows: PACKS, distinct: PACKS });
  const { events = [] } = await workflow.fetchHistory();
  const signals = (events ?? []).filter(
    ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === 'window',
  );
  t.diagnostic(`${events?.length} events, ${signals.length} windows`);
  assert.ok((events?.length ?? 0) < 10_000);
  // A window is sent when it changes: as trainers are recorded one by one, a few times at most.
  assert.ok(signals.length <= 10, `${signals.length} windows`);
});

test('the window of a class follows its own trainers, and the sweeps that share it; heartbeats follow all trainers', async () => {
  await using servers = await startBareServers();
  await using it = await install(servers.address);
  const { sql } = it.db;
  const insert = (id: string, name: string, slots: number) =>
    sql`insert into trainers (id, class, engines, slots) values (${id}, ${name}, '{kernel}', ${slots})`;
  await Promise.all([insert('a', 'cpu', 10), insert('b', 'gpu', 4), insert('c', 'large', 20)]);
  const windows = async (changes: Record<string, unknown>) => {
    const { window, routes } = await planRoutes(sql, specOf(changes));
    return routes?.map((route) => route.window) ?? window;
  };
  assert.deepEqual(await windows({}), 30);
  assert.deepEqual(await windows({ class: { ednn: 'gpu', eca: 'large' } }), [12, 60, 30]);
  assert.deepEqual(await windows({ class: 'gpu', engine: 'tfjs' }), [6], 'no trainer: the window of one');
  const timeouts = async (changes: Record<string, unknown>) => {
    const { heartbeatTimeoutMs, routes } = await planRoutes(sql, specOf(changes));
    return routes?.map((route) => route.heartbeatTimeoutMs) ?? heartbeatTimeoutMs;
  };
  assert.deepEqual(await timeouts({}), 7000);
  assert.deepEqual(await timeouts({ class: { ednn: 'gpu', eca: 'large' } }), [7000, 7000, 7000]);
  await it.start(1, { class: 'gpu', weight: 0.5 });
  assert.deepEqual(await windows({ class: { ednn: 'gpu' } }), [24, 30], 'twice that of the lighter sweep, on its class alone');
  await insert('d', 'others', 1966);
  assert.deepEqual(await timeouts({}), 16_000, 'two thousand packs, of any class, send one heartbeat in four seconds');
  assert.deepEqual(await timeouts({ class: { ednn: 'gpu' } }), [16_000, 16_000]);
});
