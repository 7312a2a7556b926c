/** Extensions that trainers train, with rows in Postgres: equal to sweeps trained as a whole. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { activitiesOver } from '../../../../activities/index.ts';
import { createStorage } from '../../../../activities/storage.ts';
import { createBlobStore } from '../../../../db/blobs.ts';
import type { Database } from '../../../../db/client.ts';
import { createSweep } from '../../../../db/queries/sweeps/sweeps.ts';
import { countAdoptable } from '../../../../db/queries/trials/adoption.ts';
import { dropWorseModels } from '../../../../db/queries/trials/models.ts';
import { listPoints } from '../../../../db/queries/trials/proposals.ts';
import type { Engine } from '../../../../models/engines/engine.ts';
import { createKernelEngine } from '../../../../models/engines/kernel/engine.ts';
import { createNullEngine, type NullEngineOptions } from '../../../../models/engines/null-engine.ts';
import { verifyPlan } from '../../../../operations/lifecycle/plan-checks.ts';
import { verifyStorage } from '../../../../operations/lifecycle/verify.ts';
import { extendSpec } from '../../../../search/continuing/extension.ts';
import { trialCount } from '../../../../search/space.ts';
import type { SweepSpec } from '../../../../search/spec.ts';
import { adaptiveSpec } from '../../../activities/adaptive-sweep.ts';
import { DATASET_VERSION, seedDataset, smallSpec } from '../../../dashboards/server/seed-sweeps.ts';
import { readValues } from '../../../faults/stored-values.ts';
import { migratedDatabase, storageOf } from '../../database.ts';

const OTHER_VERSION = 'beef'.padEnd(64, '0');
const { signal } = new AbortController();

let db: Database;
before(async () => {
  db = await migratedDatabase();
  for (const version of [DATASET_VERSION, OTHER_VERSION]) await seedDataset(db.sql, createBlobStore(db.sql, null), version);
});
after(() => db?.close());

/** Trains a sweep in packs; returns the numbers of the trials that its engine was given. */
async function train(id: string, spec: SweepSpec, engine: Engine, datasetVersion = DATASET_VERSION): Promise<Set<number>> {
  const planned = trialCount(spec);
  await createSweep(db.sql, {
    ...{ id, name: id, spec, dataset: 'little', datasetVersion, target: 'xes' },
    ...{ planned, packSizes: [6], codeVersion: '0' },
  });
  return trainAgain(id, planned, engine);
}

async function trainAgain(id: string, planned: number, engine: Engine): Promise<Set<number>> {
  const given = new Set<number>();
  const watched: Engine = {
    ...engine,
    train: (pack, hooks) => {
      for (const { trialId } of pack.tasks) given.add(Number(trialId.split('-').at(-1)));
      return engine.train(pack, hooks);
    },
  };
  const storage = createStorage({ db, blobs: createBlobStore(db.sql, null), codeVersion: '0', host: 'here' });
  const { trainPack } = activitiesOver(storage, watched);
  for (let from = 0; from < planned; from += 12) {
    const pack = (start: number) =>
      new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(trainPack, {
        ...{ sweepId: id, rung: 0, retry: false, from: start, to: Math.min(planned, start + 6) },
      });
    await Promise.all([from, from + 6].filter((start) => start < planned).map(pack));
  }
  await dropWorseModels(db.sql, id);
  return given;
}

const trainNull = (id: string, spec: SweepSpec, options: NullEngineOptions = {}, version?: string) =>
  train(id, spec, createNullEngine(options), version);

const valuesOf = async (id: string) => (await readValues(db.sql, id)).toSorted((a, b) => (a.key < b.key ? -1 : 1));

for (const latents of ['all', 'best'] as const) {
  test(`an extension has the bits of the larger sweep, with latents: ${latents}`, async () => {
    const engine = createKernelEngine({ threads: 2 });
    try {
      const parent = smallSpec({
        seeds: 2,
        sampler: { random: { trials: 20 } },
        training: { epochs: 2, batch: 16, restarts: 1 },
        latents,
      });
      const extended = extendSpec(parent, { trials: 45, seeds: [1, 2, 3] }, []);
      const [small, large, whole] = [`sparent${latents}`, `slarge${latents}`, `swhole${latents}`];
      assert.equal((await train(small, parent, engine)).size, 20);
      const trained = await train(large, { ...extended, extends: small }, engine);
      assert.equal(trained.size, 25, 'none is trained twice');
      await train(whole, extended, engine);
      assert.deepEqual(await valuesOf(large), await valuesOf(whole));
      const differing = await db.sql`
        select e.index from trials e join trials w on w.sweep_id = ${whole} and w.index = e.index
        left join trials p on p.sweep_id = ${small} and p.configuration_hash = e.configuration_hash and p.seed = e.seed
        where e.sweep_id = ${large} and (e.configuration <> w.configuration or e.finished_at is distinct from coalesce(p.finished_at, e.finished_at))`;
      assert.deepEqual([...differing], [], 'adopted trials keep their times');
      const report = await verifyStorage(storageOf(db), [large], { signal });
      assert.deepEqual(report.findings, []);
      assert.equal((await trainAgain(large, 45, engine)).size, 0, 'another delivery of every pack');
    } finally {
      await engine.close();
    }
  });
}

test('an adaptive sweep goes on from its points and their scores', async () => {
  const parent = adaptiveSpec({ enqueue: { eca: [{ ...pointOf(0.01), dropout: 0.1 }] } });
  await trainNull('slearnt', parent);
  const proposed = await listPoints(db.sql, 'slearnt', 0);
  const extended = { ...extendSpec(parent, { trials: 240 }, proposed), extends: 'slearnt' };
  const trained = await trainNull('slearns', extended);
  assert.equal(trained.size, 60);
  const report = await verifyPlan(db, 'slearns', signal);
  assert.deepEqual([report.first, report.trials, report.proposals], [null, 240, 120]);
  const [row] = await db.sql<[{ same: number; seen: number }]>`
    select count(*) filter (where a.value = b.value and a.sampler ->> 'name' = 'enqueued')::int as same,
           (select min(observations)::int from proposals where sweep_id = 'slearns' and sampler ->> 'name' = 'tpe') as seen
    from proposals a join proposals b on b.sweep_id = 'slearnt' and b.cell = a.cell and b.point = a.point where a.sweep_id = 'slearns'`;
  assert.equal(row.same, 90);
  assert.ok(row.seen > 80, 'new proposals saw the old scores');
});

test('trials that failed or never ran are trained, those that diverged are not', async () => {
  const parent = smallSpec({ seeds: 2, sampler: { random: { trials: 20 } } });
  const ending: NullEngineOptions['ending'] = ({ trialId }) =>
    /-(2|3)$/.test(trialId) ? 'failed' : /-5$/.test(trialId) ? 'diverged' : null;
  await trainNull('slossy', parent, { ending });
  await db.sql`delete from trials where id = 'slossy-7'`;
  const cells = ['ednn/1', 'ednn/2', 'eca', 'nnca/1', 'nnca/2'];
  const counts = await countAdoptable(db.sql, 'slossy', cells);
  assert.equal(
    counts.reduce((sum, { trials }) => sum + trials, 0),
    17,
  );
  assert.deepEqual(
    [...(await countAdoptable(db.sql, 'slossy', ['eca']))].map(({ method }) => method),
    ['eca'],
  );
  const trained = await trainNull('swhole', { ...extendSpec(parent, { trials: 30 }, []), extends: 'slossy' });
  assert.deepEqual(
    [...trained].sort((a, b) => a - b),
    [2, 3, 7, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29],
  );
});

test('trials of other data, and of a sweep that was removed, are trained', async () => {
  const parent = smallSpec({ seeds: 2, sampler: { random: { trials: 20 } } });
  await trainNull('sgone', parent);
  const extended = { ...extendSpec(parent, { trials: 30 }, []), extends: 'sgone' };
  assert.equal((await trainNull('sother', extended, {}, OTHER_VERSION)).size, 30);
  await db.sql`update sweeps set removed_at = now() where id = 'sgone'`;
  await assert.rejects(trainNull('slate', extended), { code: 'sweep-removed' });
  await db.sql`update sweeps set removed_at = null where id = 'sgone'`;
  const begun = { ...extended, name: 'begun' };
  await createSweep(db.sql, {
    ...{ id: 'sbegun', name: 'sbegun', spec: begun, dataset: 'little', datasetVersion: DATASET_VERSION, target: 'xes' },
    ...{ planned: 30, packSizes: [6], codeVersion: '0' },
  });
  await db.sql`update sweeps set removed_at = now() where id = 'sgone'`;
  assert.equal((await trainAgain('sbegun', 30, createNullEngine())).size, 30);
});

function pointOf(learningRate: number) {
  return { learningRate, hidden: [12], activation: 'tanh', layerNorm: true };
}
