/** Stops the store of the arrays in the middle of a sweep, which waits for it and completes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createObjectBlobs } from '../../db/object-blobs.ts';
import { createS3Store } from '../../db/objects/s3.ts';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { setVariables } from '../../infra/env.ts';
import { moveBlobs } from '../../operations/lifecycle/blob-move.ts';
import { verifyStorage } from '../../operations/lifecycle/verify.ts';
import { checkSpec } from '../../operations/sweeps/check.ts';
import { startSweep } from '../../operations/sweeps/start.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import { sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { type BareServers, startBareServers } from '../infra/bare-servers.ts';
import { storeShard } from '../infra/worker/installation.ts';
import { startWorker } from '../infra/worker/start-worker.ts';
import { startS3, type TestS3 } from '../support/programs/s3-server.ts';
import { until } from '../support/until.ts';

const LOCATION = 's3://blobs';
const SIGNAL = new AbortController().signal;

let servers: BareServers;
let s3: TestS3;
let folder: string;
const resources = new AsyncDisposableStack();
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'narrows-object-store-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  servers = resources.use(await startBareServers());
  s3 = await startS3();
  resources.defer(() => s3.close());
  await storeShard(servers.db, folder);
  await moveBlobs(servers.db, createS3Store(s3.settings()), LOCATION, { signal: SIGNAL });
  // Nothing is read from copies.
  setVariables({ ...s3.variables, NARROWS_CACHE_LIMIT: '0' });
});
after(() => resources.disposeAsync());

const blobs = () => createObjectBlobs(servers.db.sql, createS3Store(s3.settings()), null);

const work = () => startWorker({ ...servers, home: join(folder, 'home') });

test('a sweep waits while the store of its arrays is away, and completes when it is back', async () => {
  const { db, temporal } = servers;
  const [spec] = parseSweepSpec({
    ...{ name: 'outage', dataset: 'little', target: 'xes', seeds: 2 },
    space: { k: [1, 2], hidden: [16], learningRate: { log: [0.003, 0.03] } },
    sampler: { random: { trials: 10 } },
    training: { epochs: 30, batch: 32 },
  });
  if (!spec) throw new Error('the spec has no target');
  await startSweep({ db, temporal }, await checkSpec({ db, blobs: blobs() }, spec, 1), 'test', 'soutage');
  const workflow = temporal.workflow.getHandle(sweepWorkflowId(await findSweep(db.sql, 'soutage')));
  {
    await using _ = await work();
    await until(async () => (await db.sql`select from trials limit 1`).length > 0, 'a trial has ended');
    await s3.stop();
  }
  // One that starts now has nothing in memory.
  await using _ = await work();
  await until(async () => {
    const { raw } = await workflow.describe();
    return (
      raw.pendingActivities?.some(({ lastFailure }) => lastFailure?.applicationFailureInfo?.type === 'BlobsUnreachable') === true
    );
  }, 'an activity fails because of the store');
  assert.equal((await findSweep(db.sql, 'soutage')).state, 'running');
  await s3.start();
  await until(async () => (await findSweep(db.sql, 'soutage')).state !== 'running', 'the sweep ends');
  assert.equal((await findSweep(db.sql, 'soutage')).state, 'completed');
  const { findings, arrays } = await verifyStorage({ db, blobs: blobs() }, [], { signal: SIGNAL });
  assert.deepEqual(findings, []);
  assert.ok(arrays > 0);
});

test('a worker with other settings than those of the installation does not start', async () => {
  const fix = `set NARROWS_BLOBS=${LOCATION}, or move them: "narrows blobs move postgres"`;
  setVariables({ NARROWS_BLOBS: '' });
  try {
    await assert.rejects(work(), { code: 'blobs-elsewhere', path: 'NARROWS_BLOBS', fix });
    setVariables({ NARROWS_BLOBS: 's3://no-such-bucket' });
    await assert.rejects(work(), { code: 'blobs-elsewhere' });
    setVariables({ NARROWS_BLOBS: LOCATION, AWS_ACCESS_KEY_ID: 'unknown' });
    await assert.rejects(work(), { code: 'blobs-refused', path: 'NARROWS_BLOBS' });
  } finally {
    setVariables(s3.variables);
  }
});
