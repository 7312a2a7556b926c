/** Trained models on new structures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Applied } from '../../../../dashboards/contract/models.ts';
import { loadModelBytes } from '../../../../db/queries/trials/models.ts';
import { loadModel } from '../../../../models/stored/model.ts';
import { rowOf } from '../../../../models/vectors.ts';
import { useFinishedSweeps } from './finished-sweeps.ts';

const { harness } = useFinishedSweeps();

const post = (path: string, body: unknown) =>
  harness()
    .app()
    .request(`/api${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function keptTrial(): Promise<string> {
  const [row] = await harness().db.sql<{ id: string }[]>`
    select t.id from trials t join models m on m.trial_id = t.id
    where t.sweep_id = 'sfirst' and t.method = 'nnca' and t.k = 2 limit 1`;
  assert.ok(row);
  return row.id;
}

test('predict and encode give what the model gives, with a warning for a row unlike the training rows', async () => {
  const trial = await keptTrial();
  const model = loadModel(await loadModelBytes(harness().db.sql, trial));
  const [usual, strange] = [new Array(model.descriptors).fill(0.5), new Array(model.descriptors).fill(1e6)];
  const x = { rows: 2, columns: model.descriptors, data: Float32Array.from([...usual, ...strange]) };
  for (const operation of ['predict', 'encode'] as const) {
    const response = await post(`/trials/${trial}/${operation}`, { rows: [usual, strange] });
    assert.equal(response.status, 200, await response.clone().text());
    const applied = (await response.json()) as Applied;
    const expected = model[operation](x);
    assert.deepEqual(
      applied.rows,
      [0, 1].map((row) => [...rowOf(expected, row)]),
    );
    assert.deepEqual([applied.trialId, applied.method, applied.k], [trial, 'nnca', 2]);
    assert.ok(applied.warnings.some(({ row, code }) => row === 1 && code === 'structure-far'));
  }
});

test('rows that do not fit are refused', async () => {
  const trial = await keptTrial();
  for (const [body, status, code] of [
    [{ rows: [[1]] }, 422, 'columns-mismatch'],
    [{ rows: [[1, 2], [3]] }, 422, 'request-invalid'],
    [{}, 422, 'request-invalid'],
    [{ structures: '1\n\nH 0 0 0\n' }, 422, 'input-unfit'],
  ] as const) {
    const response = await post(`/trials/${trial}/predict`, body);
    const problem = (await response.json()) as { code: string };
    assert.deepEqual([response.status, problem.code], [status, code], JSON.stringify(problem));
  }
  assert.equal((await post('/trials/sfirst-9999999/predict', { rows: [[1]] })).status, 404);
});
