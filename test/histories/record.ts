/**
 * Records histories of sweeps and retrainings for replay.test.ts: `npm run record:histories`.
 * Sweeps that run during an upgrade must continue with the new code. Record new histories under new
 * names, and never delete one that a release has run.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { readIdentity } from '../../db/queries/identity.ts';
import { listSweeps } from '../../db/queries/sweeps/sweeps.ts';
import { routesOf } from '../../search/routes.ts';
import { trialsOf } from '../../search/space.ts';
import { pauseSignal, resumeSignal, retryFailedSignal, windowSignal } from '../../workflows/messages.ts';
import { notifyWorkflowId, workflowOfRun } from '../../workflows/retrain-input.ts';
import { taskQueues } from '../../workflows/task-queues.ts';
import { specOf } from '../search/specs.ts';
import { writeShard } from '../support/shards.ts';
import { until } from '../support/until.ts';
import { type Running, startHarness, type WorkflowHarness } from '../workflows/harness.ts';
import { startRetrainHarness } from '../workflows/retrain-harness.ts';

const scenarios: Record<string, (harness: WorkflowHarness) => Promise<Running>> = {
  'halving-paused': async (harness) => {
    const run = await harness.start(
      specOf({
        space: { k: [1, 2], learningRate: { choice: [0.01, 0.02, 0.03, 0.1] } },
        seeds: 2,
        halving: { reduction: 2, rungs: 3 },
        training: { epochs: 8 },
      }),
      { packSizes: [5, 3, 2], engine: { secondsPerTrial: 0.02 } },
    );
    await until(() => run.store.rows().length >= 3, 'some trials');
    await run.handle.signal(pauseSignal);
    await until(() => run.store.states.at(-1) === 'paused', 'paused');
    await run.handle.signal(resumeSignal);
    return run;
  },
  'divided-pack': (harness) =>
    harness.start(specOf({ methods: ['ednn'], space: { k: 1 }, seeds: 4 }), {
      engine: { breakdown: ({ tasks }) => tasks.some(({ trialId }) => trialId.endsWith('-2')) },
      packSizes: [4],
    }),
  // Paused while the halves of a pack train.
  'halves-paused': async (harness) => {
    const run = await harness.start(specOf({ methods: ['ednn'], space: { k: 1 }, seeds: 4 }), {
      engine: { breakdown: ({ tasks }) => tasks.length === 4, secondsPerTrial: 0.3 },
      packSizes: [4],
    });
    await until(() => run.store.rows().length > 0, 'a trial');
    await run.handle.signal(pauseSignal);
    await until(() => run.store.states.at(-1) === 'paused', 'paused');
    await run.handle.signal(resumeSignal);
    return run;
  },
  'suspect-pack': loseWorkersOfPack,
  // Each attempt of a suspect is judged.
  'suspect-attempts': loseWorkersOfPack,
  'lost-orchestrators': (harness) => {
    let losses = 0;
    return harness.start(specOf({ methods: ['ednn'], space: { k: 1 }, seeds: 2 }), {
      activities: (own) => ({
        async compareSweep(sweepId) {
          losses += 1;
          if (losses <= 4) throw workerLost();
          return own.compareSweep(sweepId);
        },
      }),
    });
  },
  'stopped-trainer': async (harness) => {
    const run = await harness.start(specOf({ methods: ['ednn'], space: { k: 1 }, seeds: 1 }), { engine: { secondsPerTrial: 1 } });
    await until(() => run.store.checkpoints.size > 0, 'a checkpoint');
    await run.replaceTrainer();
    return run;
  },
  interpreted: (harness) => harness.start(specOf({ methods: ['nnca'], space: { k: 1 }, seeds: 2 })),
  // While it is compared.
  'interpreted-with-comparison': (harness) => harness.start(specOf({ methods: ['nnca'], space: { k: 1 }, seeds: 2 })),
  // A share of the trainers: priority, window, and its change.
  'shared-retried': async (harness) => {
    const run = await harness.start(specOf({ methods: ['ednn', 'nnca'], space: { k: 1 }, seeds: 6 }), {
      packSizes: [1],
      input: { window: 2 },
      priority: { priorityKey: 3, fairnessKey: 'sweep', fairnessWeight: 2 },
      engine: { secondsPerTrial: 0.02, ending: ({ trialId }) => (trialId.endsWith('-3') ? 'failed' : null) },
    });
    await until(() => run.store.rows().length >= 3, 'some trials');
    await run.handle.signal(windowSignal, 5);
    await run.handle.signal(retryFailedSignal);
    return run;
  },
  'moved-to-newer-build': async (harness) => {
    const run = await harness.start(specOf({ methods: ['ednn'], space: { k: 1 }, seeds: 12 }), {
      packSizes: [1],
      input: { window: 2 },
      engine: { secondsPerTrial: 0.1 },
      build: '0.1.0+a',
    });
    await until(() => run.store.rows().length >= 1, 'a trial');
    await run.upgrade('0.2.0+b');
    return run;
  },
  // Two classes of trainers, with windows of their own; the second one comes later.
  'two-classes': async (harness) => {
    const spec = specOf({ class: { nnca: 'gpu' }, methods: ['ednn', 'nnca'], space: { k: [1, 2] }, seeds: 30 });
    const routes = routesOf(spec).map((route) => ({ ...route, planned: trialsOf(spec, route.methods).count, window: 3 }));
    const run = await harness.start(spec, { packSizes: [1], input: { routes }, engine: { secondsPerTrial: 0.01 } });
    await until(() => run.store.rows().length >= 5, 'some trials');
    await run.handle.signal(windowSignal, 5, 1);
    await run.handle.signal(pauseSignal);
    await until(() => run.store.states.at(-1) === 'paused', 'paused');
    await run.handle.signal(resumeSignal);
    await run.addTrainer({ class: 'gpu', engine: null });
    return run;
  },
  'halving-by-class': (harness) => {
    const spec = specOf({
      ...{ class: { nnca: 'gpu' }, engine: { nnca: 'tfjs' }, methods: ['ednn', 'nnca'] },
      space: { k: 1, learningRate: { choice: [0.01, 0.02, 0.03, 0.1] } },
      seeds: 2,
      halving: { reduction: 2, rungs: 2 },
      training: { epochs: 8 },
    });
    const routes = routesOf(spec).map((route) => ({ ...route, planned: trialsOf(spec, route.methods).count, window: 3 }));
    return harness.start(spec, { packSizes: [3, 2], input: { routes }, trainers: routes });
  },
  // Cells in steps, each chosen by the scores of those before.
  'widths-in-steps': (harness) =>
    harness.start(specOf({ space: { k: { auto: { max: 4, margin: 0.05 } }, learningRate: 0.01 }, seeds: 2 }), {
      input: { searchesWidths: true },
    }),
  // Trials are promoted while others are in their first rung; it continues as new.
  'halving-asynchronous': async (harness) => {
    const spec = specOf({
      ...{ methods: ['ednn', 'nnca'], space: { k: 1, learningRate: { log: [0.001, 0.1] } }, seeds: 2 },
      sampler: { random: { trials: 120 } },
      ...{ halving: { reduction: 3, rungs: 3, asynchronous: true }, training: { epochs: 9 } },
    });
    const run = await harness.start(spec, {
      packSizes: [3, 3, 2],
      input: { window: 3, asynchronous: true },
      engine: { secondsPerTrial: 0.02 },
    });
    await until(() => run.store.rows().some(({ rung }) => rung === 1), 'a trial on the second rung');
    await run.handle.signal(pauseSignal);
    await until(() => run.store.states.at(-1) === 'paused', 'paused');
    await run.handle.signal(resumeSignal);
    return run;
  },
  'continued-as-new': (harness) => harness.start(specOf({ space: { k: [1, 2] }, seeds: 60 }), { packSizes: [2] }),
};

function loseWorkersOfPack(harness: WorkflowHarness): Promise<Running> {
  return harness.start(specOf({ methods: ['ednn'], space: { k: 1 }, seeds: 2 }), {
    packSizes: [2],
    activities: (own) => ({
      async trainPack(range) {
        if (range.from === 0) throw workerLost();
        return own.trainPack(range);
      },
    }),
  });
}

function workerLost(): ApplicationFailure {
  return ApplicationFailure.create({ type: 'WorkerLost', message: 'heartbeat timeout' });
}

await using harness = await startHarness({ 'limit.historyCount.suggestContinueAsNew': 250 });
for (const [name, runScenario] of Object.entries(scenarios)) {
  const file = fileOf('sweeps', name);
  if (existsSync(file)) {
    console.error(`${name}: kept`);
    continue;
  }
  await using run = await runScenario(harness);
  await run.handle.result();
  // The first run of a sweep that continued as new, which ends with that decision.
  const { client } = harness.environment;
  await record(file, client.workflow.getHandle(run.handle.workflowId, run.handle.firstExecutionRunId));
}

// Names of queues and sweeps with the database's identity; the earlier ones have none.
const retrainings = [
  'retrained-first-named',
  'retrained-nothing-new-named',
  'retrained-named',
  'retrained-failed-named',
] as const;
if ([...retrainings, 'notified', 'interpreted-on-request'].some((name) => !existsSync(fileOf('retrainings', name)))) {
  await using retraining = await startRetrainHarness();
  const { fire, plant, incoming, importFolder, environment, root, db } = retraining;
  const { workflow } = environment.client;
  const database = { identity: await readIdentity(db.sql) };
  const recordEnded = async (name: string, handle: WorkflowHandle) => {
    await handle.result();
    if (!existsSync(fileOf('retrainings', name))) await record(fileOf('retrainings', name), handle);
  };
  await plant('life', { watchDir: incoming });
  for (const name of retrainings) {
    if (name === 'retrained-named') writeShard(join(incoming, 'hot'), { seed: 2, spread: 1.7 });
    if (name === 'retrained-failed-named') await importFolder(writeShard(join(root, 'shrunk'), { seed: 60, rows: 200 }));
    const { id } = await fire('life');
    if (!existsSync(fileOf('retrainings', name)))
      await record(fileOf('retrainings', name), workflow.getHandle(workflowOfRun(id)));
    if (name === 'retrained-first-named') await recordEnded('notified', workflow.getHandle(notifyWorkflowId(id, database)));
  }
  const [sweep] = await listSweeps(db.sql);
  const interpreting = { workflowId: 'interpret', taskQueue: taskQueues(database).orchestrator, args: [sweep?.id] };
  await recordEnded('interpreted-on-request', await workflow.start('interpret', interpreting));
}

function fileOf(folder: 'sweeps' | 'retrainings', name: string): string {
  return fileURLToPath(new URL(`${folder}/${name}.json`, import.meta.url));
}

async function record(file: string, handle: WorkflowHandle): Promise<void> {
  writeFileSync(file, `${JSON.stringify(JSON.parse(historyToJSON(await handle.fetchHistory()), anonymise))}\n`);
  console.error(`${file}: recorded`);
}

/** Removes names and paths of the recording machine, which replay ignores. */
function anonymise(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return '';
  if (key === 'identity') return 'worker';
  return typeof value === 'string' ? value.replace(/^\d+@\w+/, 'worker') : value;
}
