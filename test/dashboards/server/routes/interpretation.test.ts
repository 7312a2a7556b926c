/** The stored interpretation of a sweep and its fields. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SweepDetail } from '../../../../dashboards/contract/sweeps.ts';
import { saveInterpretation } from '../../../../db/queries/sweeps/interpretation.ts';
import { useFinishedSweeps } from './finished-sweeps.ts';

const { json, columns, expectProblem, harness } = useFinishedSweeps();

test('the interpretation is served as stored, and its fields as columns', async () => {
  const isThere = async () => (await json<SweepDetail>('/sweeps/sfirst')).hasInterpretation;
  assert.equal(await isThere(), false);
  assert.match((await expectProblem('/sweeps/sfirst/interpretation', 404, 'interpretation-missing')).fix ?? '', /narrows report/);
  await expectProblem('/sweeps/sfirst/fields/sensitivity', 404, 'field-missing');
  const axis = (name: string) => ({ name, unit: '', from: 0, to: 1, points: 2 });
  const axes = [axis('a'), axis('b'), axis('c')] as const;
  await saveInterpretation(harness().db.sql, 'sfirst', {
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
  await expectProblem('/sweeps/sfirst/fields/other', 404, 'field-missing');
});
