/** Datasets and their versions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatasetDetail, DatasetVersion } from '../../../../dashboards/contract/datasets.ts';
import { DATASET_VERSION } from '../seed-sweeps.ts';
import { OTHER_VERSION, useFinishedSweeps } from './finished-sweeps.ts';

const { json, expectProblem } = useFinishedSweeps();

test('dataset versions are listed newest first, with contents and number of sweeps', async () => {
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
  await expectProblem('/datasets/nothing/newest', 404, 'dataset-missing');
  await expectProblem('/datasets/little/ffffffffffff', 404, 'dataset-missing');
  await expectProblem('/datasets/little/abc', 422, 'parameter-invalid');
});
