/** Sweeps that start from what another one has found, with rows in Postgres. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createBlobStore } from '../../../db/blobs.ts';
import type { Database } from '../../../db/client.ts';
import { saveDatasetVersion } from '../../../db/queries/datasets/datasets.ts';
import { createSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { recordReports } from '../../../db/queries/trials/trials.ts';
import { checkSpec } from '../../../operations/sweeps/check.ts';
import { previewTrials, trialCount } from '../../../search/space.ts';
import type { FindingsSource, StatedSpec } from '../../../search/spec.ts';
import { DATASET_VERSION, seedDataset, smallSpec } from '../../dashboards/server/seed-sweeps.ts';
import { migratedDatabase, storageOf } from '../../db/database.ts';
import { completed, diverged, PROVENANCE } from '../../db/fixtures.ts';

let db: Database;
before(async () => {
  db = await migratedDatabase();
  const { sql } = db;
  await seedDataset(sql, createBlobStore(sql, null));
  // The same data under other names of their columns.
  const [{ description }] = await sql<[{ description: { columns: { name: string }[] } }]>`
    select description from dataset_versions`;
  for (const column of description.columns) if (column.name === 'b') column.name = 'angle';
  await saveDatasetVersion(sql, { name: 'turned', version: OTHER_VERSION, description });
  for (const [id, dataset, version] of [
    ['sfound', 'little', DATASET_VERSION],
    ['sturned', 'turned', OTHER_VERSION],
    ['sempty', 'little', DATASET_VERSION],
  ] as const) {
    await createSweep(sql, {
      ...{ id, name: id.slice(1), spec: FOUND, dataset, datasetVersion: version, target: 'other' },
      ...{ planned: trialCount(FOUND), packSizes: [6], codeVersion: '0' },
    });
  }
  const trials = previewTrials(FOUND, [...Array(trialCount(FOUND)).keys()]);
  const scoreOf = ({ configuration: { learningRate } }: (typeof trials)[number]) => 0.9 - learningRate;
  const reports = trials.map((trial) =>
    // The best of all has lost a seed: it counts as tried less often.
    trial.configuration.learningRate === BEST && trial.seed === 2
      ? diverged('sfound', trial)
      : completed('sfound', trial, scoreOf(trial)),
  );
  await recordReports(sql, 'sfound', { ...PROVENANCE, datasetVersion: DATASET_VERSION }, reports);
});
after(() => db?.close());

const OTHER_VERSION = 'face'.padEnd(64, '0');
const BEST = 0.001;
const FOUND = smallSpec({
  methods: ['ednn'],
  target: 'other',
  space: { k: [1, 2], hidden: [8], learningRate: { choice: [0.02, BEST, 0.003, 0.5, 0.004] } },
  seeds: 2,
  sampler: { grid: {} },
});

const stated = (from: FindingsSource, changes: Record<string, unknown> = {}): StatedSpec => ({
  ...smallSpec({
    methods: ['ednn', 'nnca'],
    space: { k: [2, 3], hidden: [12], learningRate: { log: [0.001, 0.1] } },
    seeds: 2,
    sampler: { tpe: { trials: 80, startup: 4 } },
    ...changes,
  }),
  from,
});
const check = async (...spec: Parameters<typeof stated>) => (await checkSpec(storageOf(db), stated(...spec), 1)).spec;

test('the best configurations of a method and width, by their means over seeds, become its first points', async () => {
  const spec = await check({ sweep: 'found', best: 3 });
  assert.deepEqual(spec.enqueue, { 'ednn/2': [0.003, 0.004, 0.02].map((learningRate) => ({ learningRate })) });
  assert.ok(!('from' in spec), 'nothing depends on the other sweep');
  const more = await check({ sweep: 'sfound', best: 9 });
  assert.deepEqual(more.enqueue, { 'ednn/2': [0.003, 0.004, 0.02, BEST].map((learningRate) => ({ learningRate })) });
});

const FAULTS: readonly (readonly [string, Parameters<typeof stated>, object])[] = [
  ['a sweep that does not exist', [{ sweep: 'nothing', best: 3 }], { code: 'sweep-unknown', path: 'from', kind: 'not-found' }],
  [
    'a sweep with other descriptors',
    [{ sweep: 'turned', best: 3 }],
    {
      code: 'spec-invalid',
      path: 'from',
      message: /turned was trained on other descriptors: descriptor 2 of its dataset is "angle", here it is "b"/,
    },
  ],
  [
    'a sweep without a result',
    [{ sweep: 'empty', best: 3 }],
    { code: 'spec-invalid', path: 'from', message: /empty has no completed configuration of ednn\/2, nnca\/2/ },
  ],
  [
    'a sampler that does not learn',
    [{ sweep: 'found', best: 3 }, { sampler: { random: { trials: 80 } } }],
    { code: 'spec-invalid', path: 'from', message: /random does not learn/ },
  ],
];
for (const [name, spec, expected] of FAULTS) {
  test(`refused: ${name}`, async () => {
    await assert.rejects(check(...spec), expected);
  });
}
