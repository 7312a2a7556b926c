/** A trial that kills each process that trains it, among others that must not suffer. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { activitiesOver } from '../../activities/index.ts';
import { createStorage } from '../../activities/storage.ts';
import { createBlobStore } from '../../db/blobs.ts';
import { readIdentity } from '../../db/queries/identity.ts';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { checkSpec } from '../../operations/sweeps/check.ts';
import { startSweep } from '../../operations/sweeps/start.ts';
import { FLOPS_PER_CORE, flopsPerTrial } from '../../search/packing.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import { taskQueues } from '../../workflows/task-queues.ts';
import { storageOf } from '../db/database.ts';
import { type BareServers, startBareServers } from '../infra/bare-servers.ts';
import { storeShard } from '../infra/worker/installation.ts';
import { sharedWorkflowBundle } from '../support/runner/builds.ts';
import { until } from '../support/until.ts';
import { readValues } from './stored-values.ts';

/** Two packs. The poison has the lowest score: without it, weights of the same trials are kept. */
const SEEDS = 4;
const POISON = 0;
const TRIALS_PER_PACK = 2;

const TRAINER = fileURLToPath(new URL('poisoned-trainer.ts', import.meta.url));

/** Two with other packs, two as a pack alone, two as a single trial: decision 0033. */
const DEATHS = 6;

/** Changes of the workflow bundle that make this test quicker. */
const HASTE = [
  [/(const heartbeatTimeout = )[^;]+/, "$1'1s'"],
  [/initialInterval: '500ms'/, "initialInterval: '50ms'"],
  [/maximumAttempts: 4/, 'maximumAttempts: 2'],
] as const;

test('only the trial that kills its workers fails; the others have the bits of an undisturbed sweep', async () => {
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'narrows-poison-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const servers = resources.use(await startBareServers());
  const { db } = servers;
  await storeShard(db, folder);
  resources.use(await startOrchestrator(servers, folder));

  const [undisturbed, poisoned] = ['sundisturbed', 'spoisoned'];
  const trainers = resources.use(startTrainers(servers, folder, `${poisoned}-${POISON}`));
  for (const id of [undisturbed, poisoned]) {
    await start(servers, id);
    await until(async () => (await findSweep(db.sql, id)).state !== 'running', `${id} ends`);
  }

  const rows = await db.sql<{ index: number; outcome: string; code: string | null; message: string | null }[]>`
    select index, outcome, failure_code as code, message from trials where sweep_id = ${poisoned} order by index`;
  assert.deepEqual(
    rows.map(({ outcome }) => outcome),
    ['failed', 'completed', 'completed', 'completed'],
  );
  assert.equal(rows[POISON]?.code, 'WorkerLost');
  assert.match(rows[POISON]?.message ?? '', /its workers died, also each one that trained nothing else.*memory/);
  assert.equal((await findSweep(db.sql, poisoned)).state, 'partial');
  const valuesOf = async (id: string) =>
    Object.fromEntries((await readValues(db.sql, id)).map(({ key, value }) => [key, value] as const));
  const [expected, found] = [await valuesOf(undisturbed), await valuesOf(poisoned)];
  for (const values of [expected, found]) delete values[`trial ${POISON}`];
  assert.deepEqual(found, expected);
  assert.ok(Object.keys(found).length > SEEDS, 'three trials and the baselines');
  assert.equal(trainers.deaths, DEATHS);
});

async function start({ db, temporal }: BareServers, id: string): Promise<void> {
  const [spec] = parseSweepSpec({
    ...{ name: id, dataset: 'little', target: 'xes', methods: ['ednn'], seeds: SEEDS },
    space: { k: 1, hidden: [8], learningRate: 0.02 },
    training: { epochs: 20, batch: 32 },
  });
  if (!spec) throw new Error('the spec has no target');
  const checked = await checkSpec(storageOf(db), spec, 1);
  const [flops = 0] = flopsPerTrial(checked.spec, checked.size);
  const seconds = flops / FLOPS_PER_CORE;
  // Packs are sized by the work of a trial: 6 s of a core.
  const trainRows = (checked.size.trainRows * 6) / TRIALS_PER_PACK / seconds;
  await startSweep({ db, temporal }, { ...checked, size: { ...checked.size, trainRows } }, 'test', id);
}

/** Starts an orchestrator that notices lost workers sooner, and makes fewer attempts. */
async function startOrchestrator({ db, address }: BareServers, folder: string): Promise<AsyncDisposable> {
  let code = readFileSync(await sharedWorkflowBundle(), 'utf8');
  for (const [text, replacement] of HASTE) {
    assert.match(code, text);
    code = code.replace(text, replacement);
  }
  const codePath = join(folder, 'workflows.js');
  writeFileSync(codePath, code);
  const engine = createKernelEngine({ threads: 1 });
  const storage = createStorage({ db, blobs: createBlobStore(db.sql, null), codeVersion: 'test', host: hostname() });
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue: taskQueues({ identity: await readIdentity(db.sql) }).orchestrator,
    workflowBundle: { codePath },
    activities: activitiesOver(storage, engine),
  });
  const ended = worker.run();
  return {
    async [Symbol.asyncDispose]() {
      worker.shutdown();
      await ended;
      await connection.close();
      await engine.close();
    },
  };
}

/** Keeps a trainer running, as a supervisor does, and counts those that were killed. */
function startTrainers(
  { databaseUrl, address }: BareServers,
  folder: string,
  poison: string,
): { readonly deaths: number } & AsyncDisposable {
  const launch = (): ChildProcess => {
    const args = [TRAINER, databaseUrl, address, join(folder, 'home'), poison];
    return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  };
  let deaths = 0;
  let isStopping = false;
  // The next one is loaded already.
  let [current, spare] = [launch(), launch()];
  const run = async () => {
    while (!isStopping) {
      const closed = once(current, 'close');
      current.send('begin');
      await closed;
      if (isStopping) return;
      deaths += 1;
      [current, spare] = [spare, launch()];
    }
  };
  const running = run();
  return {
    get deaths() {
      return deaths;
    },
    async [Symbol.asyncDispose]() {
      isStopping = true;
      for (const child of [current, spare]) child.kill('SIGKILL');
      await running;
    },
  };
}
