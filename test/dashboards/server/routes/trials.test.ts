import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { parse } from 'yaml';
import type { Compare } from '../../../../dashboards/contract/compare.ts';
import type { DatasetDetail, DatasetVersion } from '../../../../dashboards/contract/datasets.ts';
import type { SweepDetail } from '../../../../dashboards/contract/sweeps.ts';
import type { Curve, Spectra, TrialDetail } from '../../../../dashboards/contract/trials.ts';
import { findComparison, saveComparison } from '../../../../db/queries/sweeps/comparison.ts';
import { saveInterpretation } from '../../../../db/queries/sweeps/interpretation.ts';
import { setSweepState } from '../../../../db/queries/sweeps/sweeps.ts';
import { dropWorseModels, loadModelBytes } from '../../../../db/queries/trials/models.ts';
import { findTrial } from '../../../../db/queries/trials/trial-pages.ts';
import { coveredVariance } from '../../../../models/evaluation/covered-variance.ts';
import { physicalPart } from '../../../../models/standardisation.ts';
import { loadModel } from '../../../../models/stored/model.ts';
import { compareSweeps } from '../../../../operations/compare.ts';
import { parseSweepSpec } from '../../../../search/schemas/spec.ts';
import { trialAt } from '../../../../search/space.ts';
import { asking } from '../api-client.ts';
import { type ApiStand, startApiStand } from '../harness.ts';
import { DATASET_VERSION, littleSpec, type PlantedSweep, plantDataset, plantSweep } from '../seed-sweeps.ts';

let stand: ApiStand;
let app: OpenAPIHono;
/** Ended; its twin has the same rows and other seeds; `running` goes on. */
let sweep: PlantedSweep;
let running: PlantedSweep;

const OTHER_VERSION = 'decade'.padEnd(64, '0');
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

before(async () => {
  stand = await startApiStand();
  app = stand.app();
  const { sql } = stand.db;
  const { blobs } = stand.parts;
  await plantDataset(sql, blobs, OTHER_VERSION);
  await plantDataset(sql, blobs);
  sweep = await plantSweep(sql, blobs, 'sfirst', littleSpec({ name: 'first' }));
  const twin = await plantSweep(sql, blobs, 'stwin', littleSpec({ name: 'twin', seeds: [6, 7, 8, 9, 10] }));
  const elsewhere = await plantSweep(sql, blobs, 'selse', littleSpec({ name: 'elsewhere' }), OTHER_VERSION);
  for (const one of [sweep, twin, elsewhere]) {
    await one.record(...range(0, 100));
    await dropWorseModels(sql, one.id);
    await saveComparison(sql, one.id, await compareSweeps({ sql }, [one.id]));
    await setSweepState(sql, one.id, 'completed');
  }
  running = await plantSweep(sql, blobs, 'srun', littleSpec({ name: 'run' }));
  await running.record(...range(0, 40));
});
after(async () => {
  await stand?.[Symbol.asyncDispose]();
});

const { get, json, columns, refused } = asking(() => app);

/** A completed trial of this method whose weights are kept, or were dropped. */
async function trialWith(method: string, kept: boolean, sweepId = 'sfirst'): Promise<string> {
  const [row] = await stand.db.sql<{ id: string }[]>`
    select t.id from trials t left join models m on m.trial_id = t.id
    where t.sweep_id = ${sweepId} and t.method = ${method} and t.outcome = 'completed' and (m.trial_id is not null) = ${kept}
    order by t.k desc, t.index limit 1`;
  assert.ok(row, `no such ${method} trial`);
  return row.id;
}

// ---- one trial

test('a trial: what is known of it, and its figures', async () => {
  const id = await trialWith('nnca', true);
  const detail = await json<TrialDetail>(`/trials/${id}`);
  const { configuration, configurationHash, seed } = trialAt(sweep.spec, detail.index);
  assert.deepEqual([detail.config, detail.configurationHash, detail.seed], [configuration, configurationHash, seed]);
  assert.deepEqual(
    [
      detail.sweepId,
      detail.sweepName,
      detail.dataset,
      detail.target,
      detail.engine,
      detail.engineBuild,
      detail.host,
      detail.hasModel,
    ],
    ['sfirst', 'first', { name: 'little', version: DATASET_VERSION }, 'xes', 'kernel', 'wasm/1', 'here', true],
  );
  assert.deepEqual(
    detail.figures.map(({ split, k }) => [split, k]),
    ['train', 'validation', 'test'].map((split) => [split, configuration.k]),
  );
  assert.equal(detail.figures.find(({ split }) => split === 'validation')?.coveredVariance, detail.validation);
  // Components are over the descriptors that vary.
  assert.deepEqual(detail.descriptors, [
    { name: 'a', unit: '' },
    { name: 'b', unit: 'angstrom' },
    { name: 'c', unit: '' },
  ]);
  assert.deepEqual(detail.dropped, ['still']);
  assert.deepEqual(
    detail.components,
    range(0, configuration.k).map((j) => range(0, 3).map((d) => (d === j ? 1 : 0))),
  );
  assert.equal((await json<TrialDetail>(`/trials/${await trialWith('ednn', true)}`)).components, null);
});

test('an ECA trial has figures at every rank', async () => {
  const detail = await json<TrialDetail>(`/trials/${await trialWith('eca', true)}`);
  assert.deepEqual(
    detail.figures.filter(({ split }) => split === 'test').map(({ k }) => k),
    [1, 2],
  );
});

test('test figures are shown once the sweep has ended', async () => {
  const detail = await json<TrialDetail>('/trials/srun-0');
  assert.deepEqual(
    detail.figures.map(({ split }) => split),
    ['train', 'validation'],
  );
  await refused('/trials/srun-0/spectra?split=test', 409, 'sweep-running');
  await refused('/trials/srun-0/latents?split=test', 409, 'sweep-running');
  assert.equal((await json<Spectra>(`/trials/${await trialWith('ednn', true, 'srun')}/spectra`)).split, 'validation');
});

for (const index of [0, 12, 37, 99]) {
  test(`trial ${index} can be started anew from what is shown: the same configuration, seed, data and scaling`, async () => {
    const { reproduce, configurationHash, seed } = await json<TrialDetail>(`/trials/sfirst-${index}`);
    const [spec, ...others] = parseSweepSpec(parse(reproduce));
    assert.ok(spec);
    assert.deepEqual(others, []);
    const alone = trialAt(spec, 0);
    assert.deepEqual([alone.configurationHash, alone.seed], [configurationHash, seed]);
    assert.throws(() => trialAt(spec, 1), RangeError);
    assert.equal(spec.dataset, `little@${DATASET_VERSION.slice(0, 12)}`);
    assert.deepEqual([spec.target, spec.split, spec.scale], [sweep.spec.target, sweep.spec.split, sweep.spec.scale]);
  });
}

test('a failed trial: why, and what it does not have', async () => {
  const detail = await json<TrialDetail>('/trials/sfirst-3');
  assert.deepEqual(
    [detail.outcome, detail.failureCode, detail.message, detail.validation, detail.hasModel, detail.figures, detail.components],
    ['failed', 'EngineLost', 'gone', null, false, [], null],
  );
  assert.equal(detail.hasCurve, false);
  await refused('/trials/sfirst-3/curve', 404, 'curve-missing');
  await refused('/trials/sfirst-3/latents', 404, 'latents-missing');
  await refused('/trials/sfirst-3/spectra', 404, 'weights-dropped');
  await refused('/trials/sfirst-3/model', 404, 'weights-dropped');
});

test('an unknown trial is 404 on every route', async () => {
  for (const id of ['sfirst-1000', 'nothing', 'none-0'])
    for (const rest of ['', '/curve', '/latents', '/spectra', '/model'])
      await refused(`/trials/${id}${rest}`, 404, 'trial-unknown');
});

test('a learning curve; figures that are none are null', async () => {
  assert.equal((await json<TrialDetail>('/trials/sfirst-5')).hasCurve, true);
  assert.deepEqual(await json<Curve>('/trials/sfirst-5/curve'), {
    trialId: 'sfirst-5',
    train: [0.1, null],
    validation: [0.1, null],
    best: 0,
  });
});

test('latents beside descriptors in physical units', async () => {
  const id = await trialWith('eca', true);
  const { index } = await findTrial(stand.db.sql, id);
  const { pack } = sweep;
  const found = await columns(`/trials/${id}/latents?descriptors=*`);
  const rows = [...pack.rows.test];
  const names = found.columns.map(({ name }) => name);
  assert.deepEqual(names, ['row', 't1', 't2', 'a', 'b', 'c']);
  assert.equal(found.columns.find(({ name }) => name === 'b')?.unit, 'angstrom');
  assert.deepEqual([...(found.columns[0]?.values ?? [])], rows);
  assert.deepEqual(
    [...(found.columns[2]?.values ?? [])],
    rows.map((_, i) => 2 * i + 1 + index),
  );
  const { x } = physicalPart(pack, 'test');
  const [a, , c] = [3, 4, 5].map((at) => found.columns[at]?.values ?? []) as [ArrayLike<number>, unknown, ArrayLike<number>];
  rows.forEach((_, i) => {
    assert.equal(a[i], x.data[i * x.columns]);
    assert.equal(c[i], x.data[i * x.columns + 3]);
  });
  const narrow = await columns(`/trials/${id}/latents?split=validation&k=1&descriptors=c`);
  assert.deepEqual(
    narrow.columns.map(({ name }) => name),
    ['row', 't1', 'c'],
  );
  assert.equal(narrow.rows, pack.rows.validation.length);
  assert.match((await refused(`/trials/${id}/latents?descriptors=d`, 422, 'descriptor-unknown')).fix ?? '', /a, b, c/);
  await refused(`/trials/${id}/latents?descriptors=still`, 422, 'descriptor-unknown');
  await refused(`/trials/${id}/latents?k=3`, 422, 'k-not-in-model');
  await refused(`/trials/${id}/latents?split=none`, 422, 'parameter-invalid');
});

for (const [method, k] of [
  ['ednn', undefined],
  ['nnca', undefined],
  ['eca', 1],
] as const) {
  test(`spectra of an ${method} trial are what its model predicts: best, median and worst`, async () => {
    const id = await trialWith(method, true);
    const { k: own } = await findTrial(stand.db.sql, id);
    const { x, y } = physicalPart(sweep.pack, 'test');
    const predicted = loadModel(await loadModelBytes(stand.db.sql, id), { k: k ?? own }).predict(x);
    const error = (row: number) =>
      Math.sqrt(
        range(0, 5).reduce(
          (sum, e) => sum + ((y.data[row * 5 + e] as number) - (predicted.data[row * 5 + e] as number)) ** 2,
          0,
        ) / 5,
      );
    const order = range(0, y.rows).toSorted((a, b) => error(a) - error(b));
    const found = await json<Spectra>(`/trials/${id}/spectra?split=test${k ? `&k=${k}` : ''}`);
    assert.deepEqual([found.k, found.rows, found.unit, found.energyUnit], [k ?? own, y.rows, 'counts', 'eV']);
    assert.deepEqual([found.energies, found.columns], [[10, 11, 12, 13, 14], null]);
    assert.ok(Math.abs(found.coveredVariance - coveredVariance(y, predicted)) < 1e-12);
    assert.equal(found.coveredVarianceByEnergy.length, 5);
    const places = [order[0], order[Math.floor((order.length - 1) / 2)], order.at(-1)] as number[];
    found.shown.forEach(({ which, row, id: name, known, predicted: told, error: off }, i) => {
      const place = places[i] as number;
      assert.equal(which, ['best', 'median', 'worst'][i]);
      assert.equal(row, sweep.pack.rows.test[place]);
      assert.equal(name, `frame ${row}`);
      assert.deepEqual(known, [...y.data.subarray(place * 5, place * 5 + 5)]);
      assert.deepEqual(told, [...predicted.data.subarray(place * 5, place * 5 + 5)]);
      assert.ok(Math.abs(off - error(place)) < 1e-9);
    });
  });
}

test('weights: the stored file, for ever the same; those that were dropped say so', async () => {
  const id = await trialWith('nnca', true);
  const response = await get(`/trials/${id}/model`);
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), await loadModelBytes(stand.db.sql, id));
  assert.equal(response.headers.get('content-type'), 'application/octet-stream');
  assert.match(response.headers.get('cache-control') ?? '', /immutable/);
  const again = await get(`/trials/${id}/model`, { 'if-none-match': response.headers.get('etag') as string });
  assert.equal(again.status, 304);
  const dropped = await trialWith('nnca', false);
  assert.equal((await json<TrialDetail>(`/trials/${dropped}`)).hasModel, false);
  await refused(`/trials/${dropped}/model`, 404, 'weights-dropped');
  await refused(`/trials/${dropped}/spectra`, 404, 'weights-dropped');
});

// ---- interpretation

test('an interpretation as it was stored, with the names of its fields, and these as columns', async () => {
  const isThere = async () => (await json<SweepDetail>('/sweeps/sfirst')).hasInterpretation;
  assert.equal(await isThere(), false);
  assert.match((await refused('/sweeps/sfirst/interpretation', 404, 'interpretation-missing')).fix ?? '', /narrows report/);
  await refused('/sweeps/sfirst/fields/sensitivity', 404, 'field-missing');
  const axis = (name: string) => ({ name, unit: '', from: 0, to: 1, points: 2 });
  const axes = [axis('a'), axis('b'), axis('c')] as const;
  await saveInterpretation(stand.db.sql, 'sfirst', {
    result: { format: 1, cells: [{ k: 2 }] },
    codeVersion: '1',
    fields: [{ name: 'sensitivity', axes, values: Float32Array.from([1, 2, 3, Number.NaN, 5, 6, 7, 8]) }],
  });
  assert.equal(await isThere(), true);
  assert.deepEqual(await json('/sweeps/sfirst/interpretation'), { format: 1, cells: [{ k: 2 }], fields: ['sensitivity'] });
  const field = await columns('/sweeps/sfirst/fields/sensitivity');
  assert.deepEqual([...(field.columns[0]?.values ?? [])], [1, 2, 3, Number.NaN, 5, 6, 7, 8]);
  assert.deepEqual(
    [0, 1, 2].map((i) => JSON.parse(String(field.about[`axes${i}`]))),
    axes,
  );
  await refused('/sweeps/sfirst/fields/other', 404, 'field-missing');
});

// ---- datasets

test('datasets: newest first, what each version holds, and how many sweeps are on it', async () => {
  const { items } = await json<{ items: DatasetVersion[] }>('/datasets');
  assert.deepEqual(
    items.map(({ version, newest, sweeps }) => [version, newest, sweeps]),
    [
      [DATASET_VERSION, true, 3],
      [OTHER_VERSION, false, 1],
    ],
  );
  const { importedAt, ...first } = items[0] as DatasetVersion;
  assert.ok(Date.parse(importedAt) > 0);
  assert.deepEqual(first, {
    name: 'little',
    version: DATASET_VERSION,
    parent: null,
    newest: true,
    title: 'A little dataset',
    rows: 80,
    added: 80,
    descriptors: 4,
    varying: 3,
    groups: null,
    targets: [
      { name: 'other', columns: 5, unit: '1' },
      { name: 'xes', columns: 5, unit: 'counts' },
    ],
    sweeps: 3,
  });
  const detail = await json<DatasetDetail>('/datasets/little/newest');
  assert.deepEqual(detail, await json(`/datasets/little/${DATASET_VERSION}`));
  assert.deepEqual(detail, await json(`/datasets/little/${DATASET_VERSION.slice(0, 12)}`));
  assert.deepEqual(
    [detail.licence, detail.source, detail.series, detail.columns.length, detail.files],
    ['MIT', 'made up', null, 4, { 'X.npy': 'ab'.repeat(32) }],
  );
  assert.deepEqual(detail.energies, { xes: { from: 10, to: 14, unit: 'eV', points: 5 } });
  assert.equal((await json<DatasetDetail>(`/datasets/little/${OTHER_VERSION.slice(0, 12)}`)).newest, false);
  await refused('/datasets/nothing/newest', 404, 'dataset-missing');
  await refused('/datasets/little/ffffffffffff', 404, 'dataset-missing');
  await refused('/datasets/little/abc', 422, 'parameter-invalid');
});

// ---- comparison

test('sweeps scored on the same rows are pooled, and found to agree with themselves', async () => {
  const found = await json<Compare>('/compare?sweeps=first,twin');
  assert.deepEqual(
    found.comparisons.map(({ sweep: { sweepId }, reason }) => [sweepId, reason]),
    [
      ['sfirst', null],
      ['stwin', null],
    ],
  );
  assert.deepEqual(found.comparisons[0]?.comparison, await findComparison(stand.db.sql, 'sfirst'));
  const pooled = await compareSweeps(stand.db, ['sfirst', 'stwin']);
  assert.deepEqual(found.pooled, JSON.parse(JSON.stringify(pooled)));
  assert.deepEqual([found.reason, found.contrasts], [null, found.pooled?.contrasts]);
  assert.deepEqual(
    found.figures.map(({ method, k, sweeps }) => [method, k, sweeps.map(({ sweepId }) => sweepId)]),
    ['ednn', 'eca', 'nnca'].flatMap((method) => [1, 2].map((k) => [method, k, ['sfirst', 'stwin']])),
  );
  const [pair] = found.agreement;
  assert.deepEqual([pair?.sweeps, pair?.reason, pair?.cells.length], [['sfirst', 'stwin'], null, 6]);
  // Made-up ECA models all look along the first descriptors.
  for (const cell of pair?.cells ?? []) {
    if (cell.method === 'eca')
      assert.ok(cell.agreement.kind === 'principal-angles' && cell.agreement.angles.every((angle) => angle < 0.1));
    if (cell.method === 'ednn') assert.equal(cell.agreement.kind, 'latents');
  }
});

test('sweeps on other data stand side by side, unpooled; one that runs has no comparison yet', async () => {
  const found = await json<Compare>('/compare?sweeps=sfirst,selse,srun');
  assert.equal(found.pooled, null);
  assert.match(found.reason ?? '', /run is running/);
  assert.equal(found.comparisons[2]?.comparison, null);
  assert.match(found.comparisons[2]?.reason ?? '', /running/);
  const apart = await json<Compare>('/compare?sweeps=sfirst,selse');
  assert.match(apart.reason ?? '', /differ in dataset version/);
  assert.deepEqual(apart.contrasts, []);
  assert.deepEqual(
    apart.figures[0]?.sweeps.map(({ dataset }) => dataset),
    [DATASET_VERSION, OTHER_VERSION].map((version) => `little@${version.slice(0, 12)}`),
  );
  assert.equal(apart.agreement[0]?.cells.length, 6);
  const alone = await json<Compare>('/compare?sweeps=sfirst,first');
  assert.deepEqual([alone.comparisons.length, alone.agreement, alone.reason], [1, [], null]);
  await refused('/compare?sweeps=sfirst,none', 404, 'sweep-unknown');
  await refused('/compare?sweeps=,', 422, 'parameter-invalid');
  await refused('/compare', 422, 'parameter-invalid');
});

test('nothing of this was a fault of the server', () => {
  assert.deepEqual(stand.logged, []);
});
