/** Sweeps whose methods go to trainers of several classes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { routesOf } from '../../search/routes.ts';
import { trialsOf } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';
import { pauseSignal, progressQuery, resumeSignal, retryFailedSignal, windowSignal } from '../../workflows/messages.ts';
import type { PackRoute } from '../../workflows/sweep-input.ts';
import { specOf } from '../search/specs.ts';
import { until } from '../support/until.ts';
import { type Running, startHarness, type WorkflowHarness } from './harness.ts';

let stand: WorkflowHarness;
before(async () => {
  stand = await startHarness({ 'limit.historyCount.suggestContinueAsNew': 120 });
});
after(() => stand[Symbol.asyncDispose]());

const CPU = { class: 'cpu', engine: null };
const GPU = { class: 'gpu', engine: null };
const TFJS = { class: 'gpu', engine: 'tfjs' };

const routesFor = (spec: SweepSpec, window: number): PackRoute[] =>
  routesOf(spec).map((route) => ({ ...route, planned: trialsOf(spec, route.methods).count, window }));

/** ECA on the default class, the others on GPUs. */
const mixed = (changes: Record<string, unknown> = {}) =>
  specOf({ class: { ednn: 'gpu', nnca: 'gpu' }, space: { k: [1, 2] }, seeds: 6, ...changes });

const trainedBy = ({ store }: Running) =>
  store.rows().map(({ entry, engine }) => `${entry.trial.configuration.method} ${engine}`);

/** Returns the packs that are scheduled, by queue, without the identity of the database. */
async function packsByQueue({ handle }: Running): Promise<Record<string, number>> {
  const { raw } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const pending = new Set((raw.pendingActivities ?? []).map(({ activityId }) => activityId));
  const queues = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.activityType?.name === 'trainPack' && pending.has(scheduled.activityId) ? [scheduled.taskQueue?.name ?? ''] : [],
  );
  return Object.fromEntries([...Map.groupBy(queues, (queue) => queue)].map(([queue, own]) => [queue, own.length]));
}

test('each method is trained by trainers of its class, through pauses and retries, every trial once', async () => {
  const spec = mixed();
  await using run = await stand.start(spec, {
    ...{ packSizes: [4], input: { routes: routesFor(spec, 3) }, trainers: [CPU, GPU] },
    engine: { secondsPerTrial: 0.05, ending: ({ trialId }) => (/-[37]$/.test(trialId) ? 'failed' : null) },
  });
  await until(() => run.store.rows().length >= 5, 'some trials');
  await run.handle.signal(pauseSignal);
  await until(() => run.store.states.at(-1) === 'paused', 'paused');
  assert.equal((await run.handle.query(progressQuery)).running, 0);
  await run.handle.signal(resumeSignal);
  await run.handle.signal(retryFailedSignal);
  assert.equal(await run.handle.result(), 'partial');
  assert.equal(run.store.rows().length, 30);
  assert.deepEqual([...new Set(trainedBy(run))].sort(), ['eca cpu', 'ednn gpu', 'nnca gpu']);
  assert.equal(run.store.refused, 0);
});

test('packs hold as many trials as without classes, and each class has a window of its own', async () => {
  const spec = mixed({ seeds: 200 });
  await using run = await stand.start(spec, {
    ...{ packSizes: [10], input: { routes: routesFor(spec, 2) }, trainers: [CPU, GPU] },
    engine: { secondsPerTrial: 3600 },
  });
  const packs = async () =>
    Object.fromEntries(Object.entries(await packsByQueue(run)).map(([queue, own]) => [queue.replace(/-[0-9a-f]{12}$/, ''), own]));
  const expect = (packsOfClass: Record<string, number>) =>
    until(async () => isDeepStrictEqual(await packs(), packsOfClass), JSON.stringify(packsOfClass));
  await expect({ 'narrows-trainer': 2, 'narrows-trainer-gpu': 2 });
  assert.equal((await run.handle.query(progressQuery)).running, 40);
  // EDNN is the first method: its route is the first.
  await run.handle.signal(windowSignal, 3);
  await run.handle.signal(windowSignal, 7, 1);
  await expect({ 'narrows-trainer': 7, 'narrows-trainer-gpu': 3 });
  await run.handle.cancel();
  await assert.rejects(run.handle.result());
});

/** Returns the time-outs of all packs in seconds, in order, by queue; and the number of runs. */
async function readTimeouts({ handle }: Running) {
  const timeouts: Record<string, number[]> = {};
  let runs = 0;
  for (let runId: string | null | undefined = handle.firstExecutionRunId; runId; runs += 1) {
    const { events } = await stand.environment.client.workflow.getHandle(handle.workflowId, runId).fetchHistory();
    for (const { activityTaskScheduledEventAttributes: scheduled } of events ?? []) {
      if (scheduled?.activityType?.name !== 'trainPack') continue;
      const queue = (scheduled.taskQueue?.name ?? '').replace(/-[0-9a-f]{12}$/, '');
      timeouts[queue] = [...(timeouts[queue] ?? []), Number(scheduled.heartbeatTimeout?.seconds)];
    }
    runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return { timeouts, runs };
}

test('packs have the time-out of heartbeats that the trainers at work need, and keep it in further runs', async () => {
  const spec = mixed({ seeds: 30 });
  const routes = routesFor(spec, 2).map((route) => ({ ...route, heartbeatTimeoutMs: 11_000 }));
  await using run = await stand.start(spec, {
    ...{ packSizes: [1], input: { routes }, trainers: [CPU, GPU] },
    engine: { secondsPerTrial: 0.02 },
  });
  await until(() => run.store.rows().length >= 5, 'some trials');
  await run.handle.signal(windowSignal, 3, 0, 16_000);
  assert.equal(await run.handle.result(), 'completed');
  const { timeouts, runs } = await readTimeouts(run);
  const { 'narrows-trainer': cpu = [], 'narrows-trainer-gpu': gpu = [] } = timeouts;
  assert.ok(runs > 1);
  assert.deepEqual([...new Set(cpu)], [11]);
  assert.deepEqual([...new Set(gpu)], [11, 16]);
  assert.deepEqual(
    gpu,
    gpu.toSorted((a, b) => a - b),
    'none goes back',
  );
});

test('packs of a sweep from before there was such a time-out have the shortest', async () => {
  await using run = await stand.start(specOf({ methods: ['ednn'], space: { k: 1 }, seeds: 3 }));
  assert.equal(await run.handle.result(), 'completed');
  assert.deepEqual(await readTimeouts(run), { timeouts: { 'narrows-trainer': [7] }, runs: 1 });
});

test('methods whose class has no trainer wait; the others are trained, also across continuations as new', async () => {
  const spec = mixed({ seeds: 30 });
  await using run = await stand.start(spec, {
    ...{ packSizes: [1], input: { routes: routesFor(spec, 4) }, trainers: [GPU] },
  });
  await until(() => run.store.rows().length === 120, 'all trials of the class with a trainer');
  assert.deepEqual([...new Set(trainedBy(run))].sort(), ['ednn gpu', 'nnca gpu']);
  assert.ok(!run.store.states.includes('completed'));
  const { runId } = (await run.handle.describe()).raw.workflowExecutionInfo?.execution ?? {};
  assert.notEqual(runId, run.handle.firstExecutionRunId, 'it has continued as new');
  await run.addTrainer(CPU);
  assert.equal(await run.handle.result(), 'completed');
  assert.equal(run.store.rows().length, 150);
  assert.equal(run.store.refused, 0);
  assert.ok(run.store.closed.includes('baselines'));
});

test('a sweep that asks for an engine goes to trainers that offer it', async () => {
  const spec = specOf({ class: 'gpu', engine: 'tfjs', methods: ['ednn'], space: { k: 1 }, seeds: 3 });
  await using run = await stand.start(spec, { input: { routes: routesFor(spec, 4) }, trainers: [CPU, GPU] });
  await until(async () => Object.keys(await packsByQueue(run)).length === 1, 'its pack is scheduled');
  assert.deepEqual(Object.keys(await packsByQueue(run)), ['narrows-trainer-gpu.tfjs-0123456789ab']);
  assert.equal(run.store.rows().length, 0);
  await run.addTrainer(TFJS);
  assert.equal(await run.handle.result(), 'completed');
});

test('halving promotes within each method, wherever it is trained', async () => {
  const spec = mixed({
    space: { k: 1, learningRate: { choice: [0.01, 0.02, 0.03, 0.1] } },
    seeds: 2,
    halving: { reduction: 2, rungs: 2 },
    training: { epochs: 8 },
  });
  await using run = await stand.start(spec, { packSizes: [5, 2], input: { routes: routesFor(spec, 2) }, trainers: [CPU, GPU] });
  assert.equal(await run.handle.result(), 'completed');
  assert.deepEqual(await run.store.counts(run.input.sweepId), { completed: 12, pruned: 12, diverged: 0, failed: 0 });
  assert.deepEqual([...new Set(trainedBy(run))].sort(), ['eca cpu', 'ednn gpu', 'nnca gpu']);
  assert.equal(run.store.refused, 0);
});

test('where rungs overlap, methods without a trainer hold up no others', async () => {
  const spec = mixed({
    ...{ space: { k: 1, learningRate: { choice: [0.01, 0.02, 0.03, 0.1] } }, seeds: 2 },
    ...{ halving: { reduction: 2, rungs: 2, asynchronous: true }, training: { epochs: 8 } },
  });
  await using run = await stand.start(spec, {
    ...{ packSizes: [3, 2], input: { routes: routesFor(spec, 2), asynchronous: true }, trainers: [GPU] },
  });
  const { store } = run;
  await until(() => store.rows().length === 16 && store.rows().every(({ outcome }) => outcome !== 'rung'), 'all of its class');
  const decided = async () => (await run.handle.query(progressQuery)).rungsByRoute?.map((route) => route.decided);
  await until(async () => isDeepStrictEqual(await decided(), [1, 0]), 'one route is on its last rung');
  await run.addTrainer(CPU);
  assert.equal(await run.handle.result(), 'completed');
  const { completed, pruned } = await store.counts(run.input.sweepId);
  assert.equal(completed + pruned, 24);
  assert.ok(completed >= 12, 'the better half of each method, at least');
  assert.equal(store.refused, 0);
});

test('a rung that an orchestrator from before there were routes has ended waits for another one', async () => {
  const spec = mixed({
    space: { k: 1, learningRate: { choice: [0.01, 0.1] } },
    ...{ seeds: 1, halving: { reduction: 2, rungs: 2 }, training: { epochs: 8 } },
  });
  let calls = 0;
  await using run = await stand.start(spec, {
    ...{ packSizes: [5, 2], input: { routes: routesFor(spec, 2) }, trainers: [CPU, GPU] },
    activities: ({ promoteRung }) => ({
      promoteRung: ({ groups, ...rung }) => promoteRung({ ...rung, ...(++calls > 1 && groups && { groups }) }),
    }),
  });
  assert.equal(await run.handle.result(), 'completed');
  assert.deepEqual(await run.store.counts(run.input.sweepId), { completed: 3, pruned: 3, diverged: 0, failed: 0 });
  assert.equal(calls, 2);
});
