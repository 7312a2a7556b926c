/** Installations that share a namespace of Temporal, each with its own database and workers. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { requireOwnWork } from '../../../infra/worker/own-work.ts';
import { type QueueName, temporalFacts } from '../../../operations/queues.ts';
import { controlSweep } from '../../../operations/sweeps/control.ts';
import { isFinished } from '../../../search/states.ts';
import { sweepWorkflowId } from '../../../workflows/sweep-input.ts';
import { taskQueues } from '../../../workflows/task-queues.ts';
import { until } from '../../support/until.ts';
import { type BareServers, startBareServers } from '../bare-servers.ts';
import { type Installation, install } from './installation.ts';

const TRIALS = 4;
/** The names on the wire of versions without identities. */
const OLD_QUEUES = { orchestrator: 'narrows-orchestrator', trainer: 'narrows-trainer' };

const queuesOf = (names: Readonly<Record<QueueName['role'], string>>): QueueName[] =>
  (['orchestrator', 'trainer'] as const).map((role) => ({ role, name: names[role], class: null, engine: null }));

let servers: BareServers;
let both: [Installation, Installation];
before(async () => {
  servers = await startBareServers();
});
after(() => servers?.[Symbol.asyncDispose]());
beforeEach(async () => {
  both = [await install(servers.address), await install(servers.address)];
});
afterEach(() => Promise.all(both.map((one) => one[Symbol.asyncDispose]())));

const endOf = async ({ db }: Installation, id: string) => {
  await until(async () => isFinished((await findSweep(db.sql, id)).state), `the end of ${id}`);
  const { state, message } = await findSweep(db.sql, id);
  const [counted] = await db.sql<[{ completed: number }]>`
    select count(*)::int as completed from trials where sweep_id = ${id} and outcome = 'completed'`;
  return { state, message, ...counted };
};
const COMPLETED = { state: 'completed', message: null, completed: TRIALS };

const identityOf = async ({ db }: Installation) => {
  const [row] = await db.sql<[{ identity: string }]>`select identity from installation`;
  return row.identity;
};

/** Starts a sweep as versions without identities did. */
async function startUnnamed(installation: Installation): Promise<string> {
  const { db, temporal } = installation;
  const id = await installation.start(TRIALS);
  const row = await findSweep(db.sql, id);
  await temporal.workflow.getHandle(sweepWorkflowId(row)).terminate();
  await db.sql`update sweeps set identity = null where id = ${id}`;
  await temporal.workflow.start('sweep', {
    workflowId: `sweep-${id}`,
    taskQueue: OLD_QUEUES.orchestrator,
    args: [{ sweepId: id, planned: row.planned, packSizes: [1] }],
  });
  return id;
}

test('two installations train their own sweeps, even under one id', async () => {
  const [a, b] = both;
  await using _a = await a.work();
  await using _b = await b.work();
  const id = 'saaaaaaaaaa';
  await Promise.all([a.start(TRIALS, { id }), b.start(TRIALS, { id })]);
  assert.deepEqual(await endOf(a, id), COMPLETED);
  assert.deepEqual(await endOf(b, id), COMPLETED);
});

test('sweeps of versions without identities go on, each in its own database', async () => {
  const [a, b] = both;
  const ids = [await startUnnamed(a), await startUnnamed(b)] as const;
  await using _a = await a.work();
  await using _b = await b.work();
  assert.deepEqual(await endOf(a, ids[0]), COMPLETED);
  assert.deepEqual(await endOf(b, ids[1]), COMPLETED);
});

test('such a sweep can be cancelled, and its queues are polled only while there is one', async () => {
  const [a] = both;
  const id = await startUnnamed(a);
  const pollersOf = async () =>
    (await temporalFacts(a.temporal, queuesOf(OLD_QUEUES)))?.queues.map(({ workers }) => workers.length) ?? [];
  const before = await pollersOf();
  {
    await using _ = await a.work({ role: 'orchestrator' });
    assert.equal((await controlSweep(a, id, 'cancel')).state, 'cancelled');
    assert.deepEqual(await pollersOf(), [(before[0] ?? 0) === 0 ? 1 : before[0], before[1]]);
  }
  const named = taskQueues({ identity: await identityOf(a) });
  await using _ = await a.work();
  await until(async () => {
    const facts = await temporalFacts(a.temporal, queuesOf(named));
    return facts?.queues.every(({ workers }) => workers.length > 0) ?? false;
  }, 'a worker on its own queues');
});

test('a task of another database is refused', async () => {
  const [a, b] = both;
  const own = await identityOf(a);
  const other = await identityOf(b);
  const [mine, theirs] = [await a.start(1), await b.start(1)];
  const check = (queue: string, input: unknown) => requireOwnWork(a.db.sql, queue, input);
  await check(`narrows-trainer-${own}`, { sweepId: mine });
  const refused = {
    code: 'database-foreign',
    message: `a task on narrows-trainer-${other} belongs to another database than ${own}, this worker's`,
  };
  await assert.rejects(check(`narrows-trainer-${other}`, { sweepId: mine }), refused);
  for (const input of [mine, { sweepId: mine }]) await check(OLD_QUEUES.trainer, input);
  for (const input of [theirs, { sweepId: theirs }, { name: 'waist', runId: 'retrain-waist-1' }])
    await assert.rejects(check(OLD_QUEUES.trainer, input), { code: 'database-foreign' });
});
