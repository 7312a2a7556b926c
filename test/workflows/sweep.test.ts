import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Context } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { NarrowsError } from '../../errors.ts';
import { type AdaptiveSweep, findGap, replayProposals } from '../../search/proposals.ts';
import { pauseSignal, progressQuery, resumeSignal, retryFailedSignal, windowSignal } from '../../workflows/messages.ts';
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

/** 5 cells x 2 rates x 2 seeds = 20 trials. */
const twenty = () => specOf({ space: { k: [1, 2], learningRate: { choice: [0.01, 0.1] } }, seeds: 2, training: { epochs: 9 } });

/** Returns the activities that the server waits for. */
const pendingActivities = async (handle: Running['handle']) => (await handle.describe()).raw.pendingActivities ?? [];

/** Continues a sweep that has ended, as the command does. */
const retrySweep = ({ input }: Running, failedOnly: boolean) =>
  stand.environment.client.workflow.signalWithStart<typeof sweep>('sweep', {
    taskQueue: QUEUES.orchestrator,
    workflowId: sweepWorkflowId({ id: input.sweepId, ...DATABASE }),
    args: [retryInput(input, failedOnly)],
    signal: retryFailedSignal,
  });

test('a sweep trains every trial once, fits baselines, compares, and completes', async () => {
  await using run = await stand.start(twenty());
  assert.equal(await run.handle.result(), 'completed');
  assert.deepEqual(
    run.store.rows().map(({ index, outcome }) => `${index} ${outcome}`),
    Array.from({ length: 20 }, (_, i) => `${i} completed`),
  );
  assert.equal(run.store.refused, 0);
  assert.deepEqual(run.store.states, ['running', 'completed']);
  assert.deepEqual([...run.store.closed].sort(), ['baselines', 'compare', 'interpret', 'keepBestModels']);
  assert.deepEqual(run.store.closed.slice(-2).sort(), ['compare', 'interpret']);
});

test('pause interrupts what runs; resume goes on and misses nothing', async () => {
  await using run = await stand.start(twenty(), { engine: { secondsPerTrial: 0.15 } });
  const { handle, store } = run;
  await until(() => store.rows().length >= 3, 'some trials');
  await handle.signal(pauseSignal);
  await until(() => store.states.at(-1) === 'paused', 'paused');
  const standing = store.rows().length;
  const progress = await handle.query(progressQuery);
  assert.deepEqual([progress.paused, progress.running, progress.stage, progress.rungs], [true, 0, 'train', 1]);
  assert.ok(standing < 20, 'packs under way are interrupted, not finished');
  assert.deepEqual(await pendingActivities(handle), [], 'nothing is trained while paused');
  await handle.signal(resumeSignal);
  assert.equal(await handle.result(), 'completed');
  assert.equal(store.rows().length, 20);
  assert.equal(store.refused, 0, 'no trial was written twice');
  assert.deepEqual(store.states, ['running', 'paused', 'running', 'completed']);
});

test('a sweep whose budget is spent completes with what has begun', async () => {
  const budgeted = specOf({
    methods: ['ednn', 'nnca'],
    space: { k: 1, learningRate: { log: [0.01, 0.1] } },
    seeds: 2,
    sampler: { random: { trials: 400 } },
    budget: { coreSeconds: 0.4 },
  });
  // Each pack sees what all but the last few have taken.
  const options = { engine: { secondsPerTrial: 0.02 }, packSizes: [5], input: { window: 4 } };
  await using run = await stand.start(budgeted, options);
  assert.equal(await run.handle.result(), 'completed');
  const { store } = run;
  const trained = 2 * ((store.cellLimits?.['ednn/1'] ?? 0) + (store.cellLimits?.['nnca/1'] ?? 0));
  assert.equal(store.rows().length, trained, 'every seed of what has begun');
  assert.ok(trained >= 20 && trained < 200, `${trained} trials`);
  assert.equal(store.states.at(-1), `completed: the budget of 0.4 core-seconds is spent: ${400 - trained} trials are left out`);
});

test('a sweep is interpreted while it is compared', async () => {
  await using run = await stand.start(twenty(), {
    arrange: (store) => {
      const interpreted = Promise.withResolvers<void>();
      const compared = Promise.withResolvers<void>();
      const { compare, interpret } = store;
      store.compare = async (...args) => {
        compared.resolve();
        await interpreted.promise;
        return compare(...args);
      };
      store.interpret = async (...args) => {
        interpreted.resolve();
        await compared.promise;
        return interpret(...args);
      };
    },
  });
  assert.equal(await run.handle.result(), 'completed');
});

test('a sweep completes without its interpretation', async () => {
  await using run = await stand.start(twenty(), {
    arrange: (store) => {
      store.interpret = async () => {
        throw new NarrowsError('model-damaged', 'a model that nobody can read');
      };
    },
  });
  assert.equal(await run.handle.result(), 'completed');
  assert.equal(run.store.states.at(-1), 'completed');
});

test('cancel stops the work and is recorded; a retry trains the rest under the same id', async () => {
  await using run = await stand.start(twenty(), { engine: { secondsPerTrial: 0.1 } });
  const { handle, store } = run;
  await until(() => store.rows().length >= 3, 'some trials');
  await handle.cancel();
  await assert.rejects(
    handle.result(),
    (error) => error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure,
  );
  assert.deepEqual(store.states, ['running', 'cancelled']);
  const standing = store.rows().length;
  assert.ok(standing < 20);
  assert.deepEqual(await pendingActivities(handle), [], 'nothing is trained after the cancellation');

  const retry = (failedOnly: boolean) => retrySweep(run, failedOnly);
  assert.equal(await (await retry(true)).result(), 'cancelled', 'none failed, and the rest is not trained');
  assert.equal(store.rows().length, standing);
  assert.equal(await (await retry(false)).result(), 'completed');
  assert.equal(store.rows().length, 20);
  assert.equal(store.refused, 0);
});

test('a retry of failed trials alone decides no rung that others have not reached', async () => {
  const rates = [0.01, 0.012, 0.014, 0.016, 0.1, 0.12, 0.14, 0.16];
  for (const asynchronous of [false, true]) {
    const spec = specOf({
      ...{ methods: ['ednn'], seeds: 1, training: { epochs: 8 } },
      space: { k: 1, learningRate: { choice: rates } },
      halving: { reduction: 2, rungs: 2, ...(asynchronous && { asynchronous }) },
    });
    const settings = {
      packSizes: [1, 1],
      engine: { secondsPerTrial: 0.1 },
      input: { window: 1, ...(asynchronous && { asynchronous }) },
    };
    await using run = await stand.start(spec, settings as StartOptions);
    const { store } = run;
    await until(() => store.rows().length >= 4, 'some trials');
    await run.handle.cancel();
    await assert.rejects(run.handle.result(), WorkflowFailedError);
    const outcomes = () => store.rows().map(({ index, outcome, rung }) => `${index} ${outcome} ${rung}`);
    const before = outcomes();
    assert.ok(before.length < 8);
    const retry = (failedOnly: boolean) => retrySweep(run, failedOnly);
    await (await retry(true)).result();
    const pruned = () => store.rows().filter(({ outcome }) => outcome === 'pruned').length;
    assert.equal(pruned(), 0);
    if (!asynchronous) assert.deepEqual(outcomes(), before, 'none failed, and the rest is not trained');
    assert.equal(await (await retry(false)).result(), 'completed');
    const ends = store.rows().map(({ outcome }) => outcome);
    assert.deepEqual([ends.length, ends.filter((outcome) => outcome === 'pruned').length], [8, asynchronous ? pruned() : 4]);
    if (!asynchronous) assert.deepEqual(ends.slice(0, 4), Array(4).fill('completed'), 'the best rates');
  }
});

test('cancelling a paused sweep cancels it', async () => {
  await using run = await stand.start(twenty(), { engine: { secondsPerTrial: 0.1 } });
  await run.handle.signal(pauseSignal);
  await until(() => run.store.states.at(-1) === 'paused', 'paused');
  await run.handle.cancel();
  await assert.rejects(run.handle.result(), WorkflowFailedError);
  assert.equal(run.store.states.at(-1), 'cancelled');
});

test('failed trials leave the sweep partial; a retry trains only those', async () => {
  let well = false;
  const trained: string[] = [];
  await using run = await stand.start(twenty(), {
    engine: {
      ending: ({ trialId }) => {
        trained.push(trialId);
        return /-(3|17)$/.test(trialId) && !well ? 'failed' : /-5$/.test(trialId) ? 'diverged' : null;
      },
    },
  });
  const { handle, store, input } = run;
  assert.equal(await handle.result(), 'partial');
  assert.deepEqual(await store.counts(input.sweepId), { completed: 17, pruned: 0, diverged: 1, failed: 2 });

  well = true;
  trained.length = 0;
  const again = await stand.environment.client.workflow.signalWithStart<typeof sweep>('sweep', {
    taskQueue: QUEUES.orchestrator,
    workflowId: sweepWorkflowId({ id: input.sweepId, ...DATABASE }),
    args: [retryInput(input, true)],
    signal: retryFailedSignal,
  });
  assert.equal(await again.result(), 'completed');
  assert.deepEqual(trained.sort(), [`${input.sweepId}-17`, `${input.sweepId}-3`]);
  assert.deepEqual(await store.counts(input.sweepId), { completed: 19, pruned: 0, diverged: 1, failed: 0 });
});

test('a retry requested during the sweep runs before the comparison', async () => {
  let failures = 0;
  await using run = await stand.start(twenty(), {
    engine: { secondsPerTrial: 0.03, ending: ({ trialId }) => (trialId.endsWith('-0') && failures++ === 0 ? 'failed' : null) },
  });
  await until(() => run.store.rows().length > 0, 'a trial');
  await run.handle.signal(retryFailedSignal);
  assert.equal(await run.handle.result(), 'completed');
  assert.equal(run.store.closed.filter((what) => what === 'compare').length, 1);
});

test('a retry requested while the sweep closes runs', async () => {
  let failures = 0;
  await using run = await stand.start(twenty(), {
    engine: { ending: ({ trialId }) => (trialId.endsWith('-0') && failures++ === 0 ? 'failed' : null) },
    arrange: (store) => {
      const setState = store.setState;
      store.setState = async (id, state, message) => {
        await setState(id, state, message);
        if (state === 'partial') await signalOnce();
      };
    },
  });
  const signalOnce = () => run.handle.signal(retryFailedSignal);
  assert.equal(await run.handle.result(), 'completed');
  assert.deepEqual(run.store.states, ['running', 'partial: 1 of 20 trials failed: it broke', 'running', 'completed']);
});

test('halving: each rung keeps the better part of every cell, the rest is pruned', async () => {
  const spec = specOf({
    methods: ['ednn', 'nnca'],
    space: { k: 1, learningRate: { choice: [0.01, 0.02, 0.03, 0.1] } },
    seeds: 2,
    halving: { reduction: 2, rungs: 3 },
    training: { epochs: 8 },
  });
  await using run = await stand.start(spec, { packSizes: [5, 3, 2] });
  assert.equal(await run.handle.result(), 'completed');
  assert.deepEqual(await run.store.counts(run.input.sweepId), { completed: 4, pruned: 12, diverged: 0, failed: 0 });
  const survivors = run.store.rows().filter(({ outcome }) => outcome === 'completed');
  assert.deepEqual(
    survivors.map(({ entry }) => [entry.trial.cell, entry.trial.configuration.learningRate, entry.report.epochs]),
    [
      ['ednn/1', 0.01, 8],
      ['ednn/1', 0.01, 8],
      ['nnca/1', 0.01, 8],
      ['nnca/1', 0.01, 8],
    ],
  );
  assert.equal(run.store.refused, 0);
});

test('a sweep that continues as new in a later rung schedules each pack once', async () => {
  const spec = specOf({
    ...{ methods: ['ednn'], space: { k: 1, learningRate: { log: [0.001, 0.1] } }, seeds: 1 },
    ...{ sampler: { random: { trials: 120 } }, halving: { reduction: 2, rungs: 2 }, training: { epochs: 8 } },
  });
  const packs: string[] = [];
  await using run = await stand.start(spec, {
    packSizes: [3, 1],
    activities: (own) => ({
      trainPack(range) {
        packs.push(`${range.rung} ${range.from}`);
        return own.trainPack(range);
      },
    }),
  });
  assert.equal(await run.handle.result(), 'completed');
  assert.equal(packs.length, 40 + 60);
  assert.equal(new Set(packs).size, packs.length);
});

test('asynchronous halving: rungs overlap, through pauses, continuations and retries', async () => {
  const spec = specOf({
    ...{ methods: ['ednn', 'nnca'], space: { k: 1, learningRate: { log: [0.001, 0.1] } }, seeds: 2 },
    sampler: { random: { trials: 120 } },
    ...{ halving: { reduction: 3, rungs: 3, asynchronous: true }, training: { epochs: 9 } },
  });
  const trained: string[] = [];
  let well = false;
  await using run = await stand.start(spec, {
    packSizes: [5, 4, 3],
    input: { window: 3, asynchronous: true },
    engine: {
      secondsPerTrial: 0.02,
      ending: ({ trialId, untilEpoch }) => {
        if (trialId.endsWith('-7') && !well) return 'failed';
        trained.push(`${trialId} to ${untilEpoch}`);
        return null;
      },
    },
  });
  const { handle, store, input } = run;
  await until(() => trained.some((one) => one.endsWith(' to 3')), 'a trial on the second rung');
  assert.ok(store.rows().length < 120, 'others have yet to be trained on the first');
  await handle.signal(pauseSignal);
  await until(() => store.states.at(-1) === 'paused', 'paused');
  const { rung, rungs, running, rungsByRoute } = await handle.query(progressQuery);
  assert.deepEqual([rung, rungs, running, rungsByRoute?.length], [0, 3, 0, 1]);
  assert.ok((rungsByRoute?.[0]?.rungs[1]?.entrants ?? 0) > 0);
  await handle.signal(resumeSignal);
  await handle.signal(retryFailedSignal);
  await until(() => trained.some((one) => one.endsWith(' to 9')), 'a trial on the last rung');
  well = true;
  assert.equal(await handle.result(), 'completed');

  assert.equal(new Set(trained).size, trained.length, 'each trial was trained once on each rung');
  assert.equal(store.refused, 0);
  const latest = stand.environment.client.workflow.getHandle(handle.workflowId);
  assert.notEqual((await latest.describe()).runId, handle.firstExecutionRunId, 'it continued as new');
  const { completed, pruned } = await store.counts(input.sweepId);
  assert.equal(completed + pruned, 120);
  // A ninth of 60 configurations, some more by early decisions, and two seeds.
  assert.ok(completed >= 12 && completed <= 60, `${completed}`);
  const fates = Map.groupBy(store.rows(), ({ entry }) => entry.trial.configurationHash);
  for (const siblings of fates.values()) assert.equal(new Set(siblings.map(({ outcome }) => outcome)).size, 1);
});

test('a sweep schedules as many packs as its window has, which may change', async () => {
  const packs = async () =>
    (await pendingActivities(run.handle)).filter(({ activityType }) => activityType?.name === 'trainPack').length;
  const spec = specOf({ space: { k: [1, 2] }, seeds: 200 });
  await using run = await stand.start(spec, { packSizes: [1], input: { window: 3 }, engine: { secondsPerTrial: 3600 } });
  await until(async () => (await packs()) === 3, 'three packs');
  await run.handle.signal(windowSignal, 300);
  await until(async () => (await packs()) === 300, 'more than for a hundred trainers');
  await run.handle.cancel();
  await assert.rejects(run.handle.result(), WorkflowFailedError);
});

test('a long sweep continues as new with a small state, paused or not', async () => {
  const spec = specOf({ space: { k: [1, 2] }, seeds: 60 });
  await using run = await stand.start(spec, { packSizes: [2] });
  assert.equal(await run.handle.result(), 'completed');
  assert.equal(run.store.rows().length, 300);
  assert.equal(run.store.refused, 0);
  const runs: number[] = [];
  const query = `WorkflowId = '${run.handle.workflowId}'`;
  await until(async () => {
    runs.length = 0;
    for await (const info of stand.environment.client.workflow.list({ query })) runs.push(info.historyLength);
    return runs.length > 1;
  }, 'several runs');
  assert.ok(Math.max(...runs) < 2000, runs.join());
});

test('without trainers a sweep continues as new before signals fill its history, and takes actions', async () => {
  const spec = specOf({ methods: ['ednn'], space: { k: 1 }, seeds: 2 });
  await using run = await stand.start(spec, { packSizes: [1], trainers: [] });
  const handle = stand.environment.client.workflow.getHandle(run.handle.workflowId);
  const { runId } = await handle.describe();
  // Several signals may be in one task: their number does not say how long the history is.
  await until(async () => {
    await handle.signal(windowSignal, 6, 0, 7000);
    return (await handle.describe()).runId !== runId;
  }, 'another run');
  await handle.signal(pauseSignal);
  await until(() => run.store.states.at(-1) === 'paused', 'paused');
  await handle.terminate();
});

test('paused means that nothing trains, halves of a divided pack included', async () => {
  const stopping = Promise.withResolvers<void>();
  let begun = 0;
  await using run = await stand.start(specOf({ methods: ['ednn'], space: { k: 1 }, seeds: 2 }), {
    packSizes: [2],
    activities: () => ({
      trainPack: async ({ from, to }) => {
        if (to - from === 2) throw ApplicationFailure.create({ type: 'ResultCorrupt', message: 'both', nonRetryable: true });
        const { cancelled, heartbeat } = Context.current();
        begun += 1;
        const beat = setInterval(heartbeat, 100);
        try {
          await cancelled.catch(() => {});
          // One of them is slow to stop.
          if (from === 1) await stopping.promise;
          return await cancelled;
        } finally {
          clearInterval(beat);
        }
      },
    }),
  });
  await until(() => begun === 2, 'both halves');
  await run.handle.signal(pauseSignal);
  await until(async () => (await pendingActivities(run.handle)).length === 1, 'the other half to stop');
  assert.equal(run.store.states.at(-1), 'running');
  stopping.resolve();
  await until(() => run.store.states.at(-1) === 'paused', 'paused');
  assert.deepEqual(await pendingActivities(run.handle), []);
  await run.handle.terminate();
});

test('a trial that breaks the engine ends up alone and affects no other', { timeout: 60_000 }, async () => {
  const poison = /-2$/;
  await using run = await stand.start(specOf({ methods: ['ednn'], space: { k: 1 }, seeds: 4 }), {
    engine: { breakdown: ({ tasks }) => tasks.some(({ trialId }) => poison.test(trialId)) },
    packSizes: [2],
  });
  assert.equal(await run.handle.result(), 'partial');
  assert.deepEqual(
    run.store.rows().map(({ outcome }) => outcome),
    ['completed', 'completed', 'failed', 'completed'],
  );
  const failed = run.store.rows()[2]?.entry.report;
  assert.equal(failed?.outcome === 'failed' && failed.code, 'EngineLost');
});

test('a failure that every pack would meet fails the sweep at once, with its reason', async () => {
  await using run = await stand.start(twenty(), {
    arrange: (store) => {
      store.packData = async () => {
        throw new NarrowsError('dataset-missing', 'water@12ab is gone');
      };
    },
  });
  await assert.rejects(run.handle.result(), WorkflowFailedError);
  assert.match(run.store.states.at(-1) ?? '', /^failed: water@12ab is gone/);
});

test('the points of an adaptive sampler survive a pause, a continuation and a retry', async () => {
  const spec = specOf({
    ...{ methods: ['ednn', 'eca'], space: { k: [1, 2], learningRate: { log: [0.001, 0.1] } }, seeds: 2 },
    sampler: { tpe: { trials: 120, startup: 5 } },
  }) as AdaptiveSweep;
  let well = false;
  await using run = await stand.start(spec, {
    packSizes: [2],
    engine: { secondsPerTrial: 0.01, ending: ({ trialId }) => (trialId.endsWith('-7') && !well ? 'failed' : null) },
  });
  const { handle, store } = run;
  await until(() => store.rows().length >= 20, 'some trials');
  await handle.signal(pauseSignal);
  await until(() => store.states.at(-1) === 'paused', 'paused');
  const paused = store.proposals.map(({ value }) => value);
  await handle.signal(resumeSignal);
  await until(() => store.rows().length >= 100, 'most trials');
  well = true;
  await handle.signal(retryFailedSignal);
  assert.equal(await handle.result(), 'completed');
  const latest = stand.environment.client.workflow.getHandle(handle.workflowId);
  assert.notEqual((await latest.describe()).runId, handle.firstExecutionRunId, 'it continued as new');
  assert.equal(store.rows().length, 120);
  assert.equal(store.proposals.length, 60);
  assert.equal(findGap(store.proposals), null);
  assert.deepEqual(
    store.proposals.slice(0, paused.length).map(({ value }) => value),
    paused,
  );
  for (const { proposal, propose } of replayProposals(spec, store.proposals)) assert.deepEqual(propose(), proposal.value);
  for (const { index, entry } of store.rows()) {
    const { cell, configuration } = entry.trial;
    const proposal = store.proposals.find((one) => one.cell === cell && one.point === Math.floor(index / 6));
    assert.equal(configuration.learningRate, proposal?.value.learningRate);
  }
});
