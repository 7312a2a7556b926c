/** One trial: details, learning curve, latents, spectra and model file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { Curve, Spectra, TrialDetail } from '../../../../dashboards/contract/trials.ts';
import { loadModelBytes } from '../../../../db/queries/trials/models.ts';
import { findTrial } from '../../../../db/queries/trials/trial-pages.ts';
import { coveredVariance } from '../../../../models/evaluation/covered-variance.ts';
import { physicalPart } from '../../../../models/standardisation.ts';
import { loadModel } from '../../../../models/stored/model.ts';
import { specsOf, trialAt } from '../../../search/specs.ts';
import { DATASET_VERSION } from '../seed-sweeps.ts';
import { useFinishedSweeps } from './finished-sweeps.ts';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

const { get, json, columns, expectProblem, harness, sweep } = useFinishedSweeps();

/** Returns a completed trial of this method with or without stored weights. */
async function trialWith(method: string, kept: boolean, sweepId = 'sfirst'): Promise<string> {
  const [row] = await harness().db.sql<{ id: string }[]>`
    select t.id from trials t left join models m on m.trial_id = t.id
    where t.sweep_id = ${sweepId} and t.method = ${method} and t.outcome = 'completed' and (m.trial_id is not null) = ${kept}
    order by t.k desc, t.index limit 1`;
  assert.ok(row, `no such ${method} trial`);
  return row.id;
}

test('a trial has its configuration, provenance and scores', async () => {
  const id = await trialWith('nnca', true);
  const detail = await json<TrialDetail>(`/trials/${id}`);
  const { configuration, configurationHash, seed } = trialAt(sweep().spec, detail.index);
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
  // Components are over the varying descriptors.
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

test('an ECA trial has scores at every rank', async () => {
  const detail = await json<TrialDetail>(`/trials/${await trialWith('eca', true)}`);
  assert.deepEqual(
    detail.figures.filter(({ split }) => split === 'test').map(({ k }) => k),
    [1, 2],
  );
});

test('test scores are included once the sweep has finished', async () => {
  const detail = await json<TrialDetail>('/trials/srun-0');
  assert.deepEqual(
    detail.figures.map(({ split }) => split),
    ['train', 'validation'],
  );
  await expectProblem('/trials/srun-0/spectra?split=test', 409, 'sweep-running');
  await expectProblem('/trials/srun-0/latents?split=test', 409, 'sweep-running');
  assert.equal((await json<Spectra>(`/trials/${await trialWith('ednn', true, 'srun')}/spectra`)).split, 'validation');
});

for (const index of [0, 12, 37, 99]) {
  test(`trial ${index} has a spec that reproduces its configuration, seed, data and scaling`, async () => {
    const { reproduce, configurationHash, seed } = await json<TrialDetail>(`/trials/sfirst-${index}`);
    const [spec, ...others] = specsOf(parse(reproduce));
    assert.ok(spec);
    assert.deepEqual(others, []);
    const alone = trialAt(spec, 0);
    assert.deepEqual([alone.configurationHash, alone.seed], [configurationHash, seed]);
    assert.throws(() => trialAt(spec, 1), RangeError);
    assert.equal(spec.dataset, `little@${DATASET_VERSION.slice(0, 12)}`);
    assert.deepEqual([spec.target, spec.split, spec.scale], [sweep().spec.target, sweep().spec.split, sweep().spec.scale]);
  });
}

test('a failed trial has a message and no model, curve or latents', async () => {
  const detail = await json<TrialDetail>('/trials/sfirst-3');
  assert.deepEqual(
    [detail.outcome, detail.failureCode, detail.message, detail.validation, detail.hasModel, detail.figures, detail.components],
    ['failed', 'EngineLost', 'gone', null, false, [], null],
  );
  assert.equal(detail.hasCurve, false);
  await expectProblem('/trials/sfirst-3/curve', 404, 'curve-missing');
  await expectProblem('/trials/sfirst-3/latents', 404, 'latents-missing');
  await expectProblem('/trials/sfirst-3/spectra', 404, 'weights-dropped');
  await expectProblem('/trials/sfirst-3/model', 404, 'weights-dropped');
});

test('an unknown trial is 404 on every route', async () => {
  for (const id of ['sfirst-1000', 'nothing', 'none-0'])
    for (const rest of ['', '/curve', '/latents', '/spectra', '/model'])
      await expectProblem(`/trials/${id}${rest}`, 404, 'trial-unknown');
});

test('a learning curve has null for non-finite losses', async () => {
  assert.equal((await json<TrialDetail>('/trials/sfirst-5')).hasCurve, true);
  assert.deepEqual(await json<Curve>('/trials/sfirst-5/curve'), {
    trialId: 'sfirst-5',
    train: [0.1, null],
    validation: [0.1, null],
    best: 0,
  });
});

test('latents come with descriptors in physical units', async () => {
  const id = await trialWith('eca', true);
  const { index } = await findTrial(harness().db.sql, id);
  const { pack } = sweep();
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
  const repeated = await columns(`/trials/${id}/latents?descriptors=${'c,'.repeat(4000)}c`);
  assert.deepEqual(
    repeated.columns.map(({ name }) => name).filter((name) => name === 'c'),
    ['c'],
  );
  const narrow = await columns(`/trials/${id}/latents?split=validation&k=1&descriptors=c`);
  assert.deepEqual(
    narrow.columns.map(({ name }) => name),
    ['row', 't1', 'c'],
  );
  assert.equal(narrow.rows, pack.rows.validation.length);
  assert.match((await expectProblem(`/trials/${id}/latents?descriptors=d`, 422, 'descriptor-unknown')).fix ?? '', /a, b, c/);
  await expectProblem(`/trials/${id}/latents?descriptors=still`, 422, 'descriptor-unknown');
  await expectProblem(`/trials/${id}/latents?k=3`, 422, 'k-not-in-model');
  await expectProblem(`/trials/${id}/latents?split=none`, 422, 'parameter-invalid');
});

for (const [method, k] of [
  ['ednn', undefined],
  ['nnca', undefined],
  ['eca', 1],
] as const) {
  test(`spectra of an ${method} trial are predictions of its model: best, median and worst`, async () => {
    const id = await trialWith(method, true);
    const { k: own } = await findTrial(harness().db.sql, id);
    const { x, y } = physicalPart(sweep().pack, 'test');
    const predicted = loadModel(await loadModelBytes(harness().db.sql, id), { k: k ?? own }).predict(x);
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
      assert.equal(row, sweep().pack.rows.test[place]);
      assert.equal(name, `frame ${row}`);
      assert.deepEqual(known, [...y.data.subarray(place * 5, place * 5 + 5)]);
      assert.deepEqual(told, [...predicted.data.subarray(place * 5, place * 5 + 5)]);
      assert.ok(Math.abs(off - error(place)) < 1e-9);
    });
  });
}

test('the model file is immutable; deleted weights are an error', async () => {
  const id = await trialWith('nnca', true);
  const response = await get(`/trials/${id}/model`);
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), await loadModelBytes(harness().db.sql, id));
  assert.equal(response.headers.get('content-type'), 'application/octet-stream');
  assert.match(response.headers.get('cache-control') ?? '', /immutable/);
  const again = await get(`/trials/${id}/model`, { 'if-none-match': response.headers.get('etag') as string });
  assert.equal(again.status, 304);
  const dropped = await trialWith('nnca', false);
  assert.equal((await json<TrialDetail>(`/trials/${dropped}`)).hasModel, false);
  await expectProblem(`/trials/${dropped}/model`, 404, 'weights-dropped');
  await expectProblem(`/trials/${dropped}/spectra`, 404, 'weights-dropped');
});
