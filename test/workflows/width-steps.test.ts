/** Sweeps that search for the smallest width that suffices, in steps. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import { compareCells } from '../../models/methods/catalogue.ts';
import { routesOf } from '../../search/routes.ts';
import { trialsOf } from '../../search/space.ts';
import { answerWidths } from '../../search/widths/answer.ts';
import { begunCells, searchOf } from '../../search/widths/steps.ts';
import { pauseSignal, resumeSignal, retryFailedSignal } from '../../workflows/messages.ts';
import type { sweep } from '../../workflows/sweep.ts';
import { retryInput, sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { specOf } from '../search/specs.ts';
import { until } from '../support/until.ts';
import { DATABASE, QUEUES, type Running, type StartOptions, startHarness, type WorkflowHarness } from './harness.ts';

let stand: WorkflowHarness;
before(async () => {
  stand = await startHarness({ 'limit.historyCount.suggestContinueAsNew': 120 });
});
after(() => stand[Symbol.asyncDispose]());

/** 17 cells of 2 trials. The null engine's scores suffice from EDNN 4, NNCA 5 and ECA 5 on. */
const searched = (changes: Record<string, unknown> = {}) =>
  specOf({ space: { k: { auto: { max: 8, margin: 0.0195 } }, learningRate: 0.01 }, seeds: 2, ...changes });

const start = (spec = searched(), { input, ...options }: StartOptions = {}) =>
  stand.start(spec, { ...options, input: { searchesWidths: true, ...input } });

const TRIED = ['ednn/1', 'ednn/2', 'ednn/3', 'ednn/4', 'nnca/1', 'nnca/2', 'nnca/4', 'nnca/5', 'nnca/6', 'nnca/8', 'eca'];

/** Returns the number of completed trials of each cell. */
function completedByCell({ store }: Running): Record<string, number> {
  const cells = Map.groupBy(
    store.rows().filter(({ outcome }) => outcome === 'completed'),
    ({ entry }) => entry.trial.cell,
  );
  return Object.fromEntries([...cells].map(([cell, own]) => [cell, own.length]));
}

const everyCell = (trials: number) => Object.fromEntries(TRIED.map((cell) => [cell, trials]));

async function answersOf({ store, input }: Running) {
  const { spec } = await store.sweep(input.sweepId);
  const counts = await store.trialsByCell(input.sweepId);
  const search = searchOf(spec, begunCells(spec, (cell) => counts.has(cell)).toSorted(compareCells));
  assert.ok(search);
  return answerWidths(search, await store.widthScores(input.sweepId)).map(({ method, k }) => `${method} ${k}`);
}

async function retry({ input }: Running, failedOnly: boolean) {
  return stand.environment.client.workflow.signalWithStart<typeof sweep>('sweep', {
    taskQueue: QUEUES.orchestrator,
    workflowId: sweepWorkflowId({ id: input.sweepId, ...DATABASE }),
    args: [retryInput(input, failedOnly)],
    signal: retryFailedSignal,
  });
}

test('widths are trained in steps, until one is known to be the smallest that suffices', async () => {
  await using run = await start();
  assert.equal(await run.handle.result(), 'completed');
  assert.deepEqual(completedByCell(run), everyCell(2));
  assert.deepEqual(await answersOf(run), ['ednn 4', 'eca 5', 'nnca 5']);
  assert.equal(run.store.refused, 0);
  assert.deepEqual(run.store.states, ['running', 'completed']);
  assert.deepEqual(
    Object.keys(run.store.cellLimits ?? {}).sort(),
    ['ednn/5', 'ednn/6', 'ednn/7', 'ednn/8', 'nnca/3', 'nnca/7'].sort(),
    'the others are left out',
  );
});

test('a choice that is delivered twice is the same choice', async () => {
  await using run = await start(searched(), {
    activities: (own) => ({
      async chooseWidths(at) {
        const first = await own.chooseWidths(at);
        assert.deepEqual(await own.chooseWidths(at), first);
        return first;
      },
    }),
  });
  assert.equal(await run.handle.result(), 'completed');
  assert.deepEqual(completedByCell(run), everyCell(2));
});

test('a search is paused and resumed', async () => {
  await using run = await start(searched(), { engine: { secondsPerTrial: 0.05 } });
  const { handle, store } = run;
  await until(() => store.rows().some(({ entry }) => entry.trial.cell === 'ednn/2'), 'the second step');
  await handle.signal(pauseSignal);
  await until(() => store.states.at(-1) === 'paused', 'paused');
  await handle.signal(resumeSignal);
  assert.equal(await handle.result(), 'completed');
  assert.deepEqual(completedByCell(run), everyCell(2));
  assert.equal(store.refused, 0);
});

test('a cancelled search goes on where it was; a retry of failed trials alone trains nothing new', async () => {
  await using run = await start(searched({ seeds: 8 }), { engine: { secondsPerTrial: 0.05 }, packSizes: [2] });
  const { handle, store } = run;
  await until(() => store.rows().some(({ entry }) => entry.trial.cell === 'nnca/2'), 'the second step');
  await handle.cancel();
  await assert.rejects(handle.result(), WorkflowFailedError);
  const before = store.rows().length;
  assert.equal(await (await retry(run, true)).result(), 'cancelled');
  assert.equal(store.rows().length, before);
  assert.equal(await (await retry(run, false)).result(), 'completed');
  assert.deepEqual(completedByCell(run), everyCell(8));
  assert.equal(store.refused, 0);
});

test('a long search continues as new within its steps', async () => {
  await using run = await start(searched({ seeds: 24 }), { packSizes: [1] });
  assert.equal(await run.handle.result(), 'completed');
  const { client } = stand.environment;
  const latest = await client.workflow.getHandle(run.handle.workflowId).describe();
  assert.notEqual(latest.runId, run.handle.firstExecutionRunId, 'it continued as new');
  assert.deepEqual(completedByCell(run), everyCell(24));
  assert.equal(run.store.refused, 0);
});

test('without an emulator the search ends; when its trials have been retried, it goes on', async () => {
  let works = false;
  await using run = await start(searched(), {
    engine: { ending: ({ configuration }) => (configuration.method === 'eca' && !works ? 'failed' : null) },
  });
  assert.equal(await run.handle.result(), 'partial');
  assert.deepEqual(completedByCell(run), { 'ednn/1': 2, 'nnca/1': 2 });
  assert.deepEqual(await answersOf(run), ['ednn null', 'eca null', 'nnca null']);
  works = true;
  assert.equal(await (await retry(run, true)).result(), 'completed');
  assert.deepEqual(completedByCell(run), everyCell(2));
});

test('a method whose trials all diverge tries wider ones, and finds none', async () => {
  await using run = await start(searched(), {
    engine: { ending: ({ configuration }) => (configuration.method === 'nnca' ? 'diverged' : null) },
  });
  assert.equal(await run.handle.result(), 'completed');
  assert.deepEqual(await answersOf(run), ['ednn 4', 'eca 5', 'nnca null']);
  const nnca = run.store.rows().filter(({ entry }) => entry.trial.configuration.method === 'nnca');
  assert.deepEqual([...new Set(nnca.map(({ entry }) => entry.trial.cell))], ['nnca/1', 'nnca/2', 'nnca/4', 'nnca/8']);
});

test('methods of several classes of trainers are searched together', async () => {
  const spec = searched({ class: { eca: 'large' } });
  const routes = routesOf(spec).map((route) => ({ ...route, planned: trialsOf(spec, route.methods).count, window: 3 }));
  await using run = await start(spec, { input: { routes }, trainers: routes });
  assert.equal(await run.handle.result(), 'completed');
  assert.deepEqual(completedByCell(run), everyCell(2));
});

test('widths are chosen on the first partition, and trained on all', async () => {
  await using run = await start(searched({ split: { repeats: 3 } }));
  assert.equal(await run.handle.result(), 'completed');
  assert.deepEqual(completedByCell(run), everyCell(6));
});

test('the points of each width are those that its sampler proposes', async () => {
  const space = { k: { auto: { max: 8, margin: 0.05 } }, learningRate: { log: [0.005, 0.02] } };
  const spec = searched({ space, sampler: { tpe: { trials: 17 * 2 * 7, startup: 5 } } });
  await using run = await start(spec, { packSizes: [2] });
  assert.equal(await run.handle.result(), 'completed');
  const cells = Object.keys(completedByCell(run));
  assert.equal(run.store.proposals.length, 7 * cells.length);
  assert.ok(cells.length < 17);
});
