/**
 * Records histories of sweeps and retrainings for replay.test.ts: `npm run record:histories`. A
 * recorded history is a promise: sweeps that were under way when
 * the code was changed go on with the new code. So record beside what is there, under a new name,
 * and delete none that a release has run.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { pauseSignal, resumeSignal } from '../../workflows/messages.ts';
import { specOf } from '../search/specs.ts';
import { writeShard } from '../support/shards.ts';
import { until } from '../support/until.ts';
import { type Running, startHarness, type WorkflowHarness } from '../workflows/harness.ts';
import { startRetrainHarness } from '../workflows/retrain-harness.ts';

const scenarios: Record<string, (stand: WorkflowHarness) => Promise<Running>> = {
  'halving-paused': async (stand) => {
    const run = await stand.start(
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
  'divided-pack': (stand) =>
    stand.start(specOf({ methods: ['ednn'], space: { k: 1 }, seeds: 4 }), {
      engine: { breakdown: ({ tasks }) => tasks.some(({ trialId }) => trialId.endsWith('-2')) },
      packSizes: [4],
    }),
  interpreted: (stand) => stand.start(specOf({ methods: ['nnca'], space: { k: 1 }, seeds: 2 })),
  'continued-as-new': (stand) => stand.start(specOf({ space: { k: [1, 2] }, seeds: 60 }), { packSizes: [2] }),
};

await using stand = await startHarness({ 'limit.historyCount.suggestContinueAsNew': 250 });
for (const [name, play] of Object.entries(scenarios)) {
  const file = fileOf(name);
  if (existsSync(file)) {
    console.error(`${name}: kept`);
    continue;
  }
  await using run = await play(stand);
  await run.handle.result();
  // Of a sweep that continued as new, the first run: it ends with that decision.
  const { client } = stand.environment;
  await record(file, client.workflow.getHandle(run.handle.workflowId, run.handle.firstExecutionRunId));
}

const retrainings = ['retrained-first', 'retrained-nothing-new', 'retrained', 'retrained-failed'] as const;
if (retrainings.some((name) => !existsSync(fileOf(name)))) {
  await using retraining = await startRetrainHarness();
  const { fire, plant, incoming, importFolder, environment, root } = retraining;
  await plant('life', { watchDir: incoming });
  for (const name of retrainings) {
    if (name === 'retrained') writeShard(join(incoming, 'hot'), { seed: 2, spread: 1.7 });
    if (name === 'retrained-failed') await importFolder(writeShard(join(root, 'shrunk'), { seed: 60, rows: 200 }));
    const { id } = await fire('life');
    // The run's id is its workflow's, and the end of that workflow's run.
    if (!existsSync(fileOf(name)))
      await record(fileOf(name), environment.client.workflow.getHandle(id.slice(0, id.lastIndexOf('-'))));
  }
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(`${name}.json`, import.meta.url));
}

async function record(file: string, handle: WorkflowHandle): Promise<void> {
  writeFileSync(file, `${JSON.stringify(JSON.parse(historyToJSON(await handle.fetchHistory()), anonymous))}\n`);
  console.error(`${file}: recorded`);
}

/** Without the recording machine's names and paths, which replay does not look at. */
function anonymous(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return '';
  if (key === 'identity') return 'worker';
  return typeof value === 'string' ? value.replace(/^\d+@\w+/, 'worker') : value;
}
