/** Comparison of several sweeps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Compare } from '../../../../dashboards/contract/compare.ts';
import { findComparison } from '../../../../db/queries/sweeps/comparison.ts';
import { compareSweeps } from '../../../../operations/compare.ts';
import { DATASET_VERSION } from '../seed-sweeps.ts';
import { OTHER_VERSION, useFinishedSweeps } from './finished-sweeps.ts';

const { json, expectProblem, harness } = useFinishedSweeps();

test('sweeps scored on the same rows are pooled and compared for agreement', async () => {
  const found = await json<Compare>('/compare?sweeps=first,twin');
  assert.deepEqual(
    found.comparisons.map(({ sweep: { sweepId }, reason }) => [sweepId, reason]),
    [
      ['sfirst', null],
      ['stwin', null],
    ],
  );
  assert.deepEqual(found.comparisons[0]?.comparison, await findComparison(harness().db.sql, 'sfirst'));
  const pooled = await compareSweeps(harness().db, ['sfirst', 'stwin']);
  assert.deepEqual(found.pooled, JSON.parse(JSON.stringify(pooled)));
  assert.deepEqual([found.reason, found.contrasts, found.warnings], [null, found.pooled?.contrasts, []]);
  assert.deepEqual(found.pooled?.rows[0]?.engines, { kernel: found.pooled?.rows[0]?.trials });
  assert.deepEqual(
    found.figures.map(({ method, k, sweeps }) => [method, k, sweeps.map(({ sweepId }) => sweepId)]),
    ['ednn', 'eca', 'nnca'].flatMap((method) => [1, 2].map((k) => [method, k, ['sfirst', 'stwin']])),
  );
  const [pair] = found.agreement;
  assert.deepEqual([pair?.sweeps, pair?.reason, pair?.cells.length], [['sfirst', 'stwin'], null, 6]);
  // Components of the seeded ECA models are the first descriptors.
  for (const cell of pair?.cells ?? []) {
    if (cell.method === 'eca')
      assert.ok(cell.agreement.kind === 'principal-angles' && cell.agreement.angles.every((angle) => angle < 0.1));
    if (cell.method === 'ednn') assert.equal(cell.agreement.kind, 'latents');
  }
});

test('rows count their trials by engine, and a mean over several engines is warned of', async () => {
  await harness().db.sql`update trials set engine = 'tfjs' where sweep_id = 'stwin' and method = 'ednn'`;
  const found = await json<Compare>('/compare?sweeps=twin,first');
  const engines = new Map(found.pooled?.rows.map((row) => [`${row.method}/${row.k}`, row.engines]));
  const { kernel = 0, tfjs = 0 } = engines.get('ednn/1') ?? {};
  assert.ok(kernel > 0 && tfjs > 0);
  assert.deepEqual(Object.keys(engines.get('nnca/1') ?? {}), ['kernel']);
  assert.equal(
    found.warnings[0],
    `EDNN, k = 1 mixes engines (trials: ${kernel} by kernel, ${tfjs} by tfjs): its interval includes differences between them.`,
  );
  assert.deepEqual(
    found.warnings.map((warning) => warning.slice(0, 11)),
    ['EDNN, k = 1', 'EDNN, k = 2'],
  );
});

test('sweeps on other data are not pooled; a running one has no comparison yet', async () => {
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
  await expectProblem('/compare?sweeps=sfirst,none', 404, 'sweep-unknown');
  await expectProblem('/compare?sweeps=,', 422, 'parameter-invalid');
  const many = Array.from({ length: 13 }, (_, i) => `unknown${i}`).join();
  await expectProblem(`/compare?sweeps=${many}`, 422, 'parameter-invalid');
  await expectProblem('/compare', 422, 'parameter-invalid');
});
