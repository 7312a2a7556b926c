/**
 * Tests false alarms and detection on the shipped data; `npm run soak:drift` draws more samples.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectDrift } from '../../../models/drift/drift.ts';
import { stream } from '../../../models/random.ts';
import { matrixOf } from '../../support/data.ts';
import { detectDriftBetween, detectDriftWithin, loadSample } from '../../support/drift-samples.ts';
import { simulateDrift } from '../../support/simulations/verdicts.ts';

/** Half of those of the soak, at a quarter of the time: the effort grows with their square. */
const [ROWS, FRESH] = [600, 100];

test('false alarms are rare, and the drift of hotter water is always detected', async () => {
  const [water, hot] = await Promise.all([loadSample('water', ROWS), loadSample('water-hot', ROWS)]);
  const draws = Array.from({ length: 12 }, (_, draw) => draw);
  const alarms = draws.filter((draw) => detectDriftWithin(water, draw, FRESH).verdict !== 'none').length;
  assert.ok(alarms <= 3, `${alarms} false alarms of ${draws.length}`);
  for (const draw of draws.slice(0, 3)) {
    const drift = detectDriftBetween(water, hot, draw, FRESH);
    assert.notEqual(drift.verdict, 'none');
    if (draw === 0)
      assert.deepEqual(detectDriftBetween(water, hot, draw, FRESH), drift, 'the same samples give the same numbers');
  }
});

test('groups are the unit: rows that share one do not raise the rate of false alarms', () => {
  for (const correlation of [0.05, 0.2]) {
    const shape = { rowsPerGroup: 20, correlation };
    const draws = Array.from({ length: 50 }, (_, draw) => simulateDrift({ ...shape, groups: 12 }, { ...shape, groups: 8 }, draw));
    const alarms = draws.filter((verdict) => verdict !== 'none').length;
    // 7 or more of 50 have a probability of 1 % at a rate of 5 %.
    assert.ok(alarms <= 6, `${alarms} false alarms of ${draws.length} at a correlation of ${correlation}`);
  }
});

test('a shift of all groups is detected; with too few groups there is no verdict', () => {
  const { normal } = stream(1, 'shifted groups');
  const sampleOf = (groups: number, shift: number) => {
    const means = Array.from({ length: groups }, () => shift + 0.3 * normal());
    const x = matrixOf(20 * groups, 2, (row) => (means[Math.floor(row / 20)] as number) + normal());
    const units = Int32Array.from({ length: x.rows }, (_, row) => Math.floor(row / 20));
    return {
      x,
      y: x,
      prediction: matrixOf(x.rows, 2, (row, c) => (x.data[2 * row + c] as number) + 0.1 * normal()),
      groups: { units, strata: null },
    };
  };
  const options = { alpha: 0.05, fewestGroups: 6, seed: 1 };
  const drift = detectDrift(sampleOf(12, 0), sampleOf(8, 1), options);
  assert.deepEqual([drift.verdict, drift.groups], ['inputs', { reference: 12, fresh: 8 }]);
  assert.ok(drift.descriptors.every(({ shifted, rate, probability }) => shifted && rate >= probability));
  const few = detectDrift(sampleOf(12, 0), sampleOf(5, 3), options);
  assert.deepEqual([few.verdict, few.inputs.found, few.marginal.found], ['undecided', false, false]);
  assert.deepEqual(
    few.descriptors.map(({ shifted }) => shifted),
    [false, false],
  );
});

test('with more rows than the tests compare, a shift of one descriptor is found', () => {
  const sampleOf = (rows: number, shift: number, name: string) => {
    const { normal } = stream(1, name);
    const x = matrixOf(rows, 2, (_, column) => normal() + (column === 0 ? shift : 0));
    const prediction = matrixOf(rows, 2, (row, c) => (x.data[2 * row + c] as number) + 0.1 * normal());
    return { x, y: x, prediction, groups: null };
  };
  const options = { alpha: 0.05, fewestGroups: 6, seed: 1 };
  assert.equal(detectDrift(sampleOf(2100, 0, 'a'), sampleOf(100, 0, 'b'), options).verdict, 'none');
  const drift = detectDrift(sampleOf(2100, 0, 'a'), sampleOf(100, 0.6, 'b'), options);
  assert.equal(drift.verdict, 'inputs');
  assert.deepEqual(
    drift.descriptors.map(({ shifted }) => shifted),
    [true, false],
  );
});
