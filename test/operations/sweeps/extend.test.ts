/** Plans of larger sweeps, with rows in Postgres. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createBlobStore } from '../../../db/blobs.ts';
import type { Database } from '../../../db/client.ts';
import { markRemoved } from '../../../db/queries/lifecycle/removal.ts';
import { createSweep, setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import { recordReports } from '../../../db/queries/trials/trials.ts';
import { checkSpec } from '../../../operations/sweeps/check.ts';
import { planExtension } from '../../../operations/sweeps/extend.ts';
import { previewTrials, trialCount } from '../../../search/space.ts';
import type { SweepSpec } from '../../../search/spec.ts';
import type { SweepState } from '../../../search/states.ts';
import { DATASET_VERSION, seedDataset, smallSpec } from '../../dashboards/server/seed-sweeps.ts';
import { migratedDatabase, storageOf } from '../../db/database.ts';
import { completed, failed, PROVENANCE } from '../../db/fixtures.ts';

let db: Database;
before(async () => {
  db = await migratedDatabase();
  await seedDataset(db.sql, createBlobStore(db.sql, null));
});
after(() => db?.close());

/** Writes a sweep whose trials have ended but for the first, which failed. */
async function seed(
  id: string,
  state: SweepState,
  spec: SweepSpec = smallSpec({ seeds: 2, sampler: { random: { trials: 20 } } }),
) {
  await createSweep(db.sql, {
    ...{ id, name: id.slice(1), spec, dataset: 'little', datasetVersion: DATASET_VERSION, target: 'xes' },
    ...{ planned: trialCount(spec), packSizes: [6], codeVersion: '0' },
  });
  const trials = previewTrials(spec, [...Array(trialCount(spec)).keys()]);
  const reports = trials.map((trial) => (trial.index === 0 ? failed(id, trial) : completed(id, trial, 0.5)));
  await recordReports(db.sql, id, { ...PROVENANCE, datasetVersion: DATASET_VERSION }, reports);
  if (state !== 'running') await setSweepState(db.sql, id, state, state === 'failed' ? 'no space left' : null);
}

const plan = (sweep: string, request: Parameters<typeof planExtension>[2]) => planExtension(storageOf(db), sweep, request, 1);

test('a plan says how many trials are adopted, and estimates the others', async () => {
  await seed('sdone', 'partial');
  const { checked, parent, adopted, trained } = await plan('done', { trials: 40 });
  assert.deepEqual([parent.id, adopted, trained, checked.plan.trials], ['sdone', 19, 21, 40]);
  assert.deepEqual([checked.spec.name, checked.spec.extends], ['done', 'sdone']);
  const { estimate } = await checkSpec(storageOf(db), checked.spec, 1);
  assert.ok(checked.estimate.seconds < estimate.seconds);
  assert.equal((await plan('sdone', { trials: 40, name: 'larger' })).checked.spec.name, 'larger');
});

test('a new highest rank trains every trial of ECA again', async () => {
  await seed('sranks', 'cancelled', smallSpec({ methods: ['ednn', 'eca'], seeds: 2, sampler: { random: { trials: 24 } } }));
  const { adopted, trained } = await plan('ranks', { k: [1, 2, 3] });
  // 4 points of ednn/1, ednn/2 and eca: one of the first failed.
  assert.deepEqual([adopted, trained], [15, 17]);
});

for (const [state, code, says] of [
  ['running', 'sweep-running', /only what has ended is extended/],
  ['paused', 'sweep-running', /is paused/],
  ['failed', 'sweep-failed', /is failed: no space left/],
] as const) {
  test(`refused: a sweep that is ${state}`, async () => {
    await seed(`sis${state}`, state);
    await assert.rejects(plan(`is${state}`, { trials: 40 }), { code, path: 'sweep', kind: 'failure', message: says });
  });
}

test('refused: a sweep that was removed, or never was', async () => {
  await seed('sremoved', 'completed');
  await markRemoved(db.sql, 'sremoved', () => {});
  for (const sweep of ['removed', 'sremoved', 'never'])
    await assert.rejects(plan(sweep, { trials: 40 }), { code: 'sweep-unknown', path: 'sweep', kind: 'not-found' });
});

test('refused: an extension that changes what was trained, or an invalid one', async () => {
  await assert.rejects(plan('done', { epochs: 40 }), { code: 'spec-invalid', path: 'training.epochs' });
  await assert.rejects(plan('done', { trials: 18 }), { code: 'spec-invalid', path: 'sampler.random.trials' });
  await assert.rejects(plan('done', { trials: 41 }), {
    code: 'spec-invalid',
    path: 'sampler.random.trials',
    message: /multiple/,
  });
  await assert.rejects(plan('done', { k: [1, 3, 2] }), { code: 'spec-invalid', path: 'space.k', message: /rise/ });
  await assert.rejects(plan('done', { seeds: [1, 2, 2] }), { code: 'spec-invalid', path: 'seeds', message: /twice/ });
  await assert.rejects(plan('done', { trials: 40, name: '' }), { code: 'spec-invalid', path: 'name' });
});

test('refused: a sweep of data that have a newer version', async () => {
  await seedDataset(db.sql, createBlobStore(db.sql, null), 'feed'.padEnd(64, '0'));
  await assert.rejects(plan('done', { trials: 40 }), {
    ...{ code: 'dataset-newer', path: 'dataset', kind: 'failure' },
    message: /done was trained on little@c0ffee000000, and the newest data are little@feed00000000/,
  });
});
