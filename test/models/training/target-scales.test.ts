import assert from 'node:assert/strict';
import { test } from 'node:test';
import { totalSquares } from '../../../models/evaluation/covered-variance.ts';
import type { ScaleY } from '../../../models/scaling.ts';
import { fitScaling, standardize } from '../../../models/standardisation.ts';
import { targetScalesOf } from '../../../models/training/target-scales.ts';
import type { PackData } from '../../../models/training/task.ts';
import { matrixOf, noise } from '../../support/data.ts';

/** Deviations of the targets; the third is constant. */
const SIGMAS = [4, 1, 0, 0.05];

function dataOf(y: ScaleY): PackData {
  const [x, drawn] = [noise(400, 2, 'x'), noise(400, SIGMAS.length, 'y')];
  const targets = matrixOf(
    400,
    SIGMAS.length,
    (row, e) => 7 + (SIGMAS[e] as number) * (drawn.data[row * SIGMAS.length + e] ?? 0),
  );
  const every = Uint32Array.from({ length: 400 }, (_, row) => row);
  // Rows that are not trained on do not matter.
  const rows = { train: every.subarray(0, 300), validation: every.subarray(300, 350), test: every.subarray(350) };
  const scaling = fitScaling(x, targets, rows.train, { x: 'zscore', y });
  return { x: standardize(x, scaling.x), y: standardize(targets, scaling.y), rows, scaling };
}

/** Returns the standard deviation of each target over the training rows, in its own units. */
function deviationsOf({ y, rows: { train }, scaling }: PackData): number[] {
  return Array.from({ length: y.columns }, (_, e) => {
    const values = Array.from(train, (row) => (y.data[row * y.columns + e] as number) * (scaling.y.deviation[e] as number));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  });
}

test('targets are not scaled where the loss weighs them as the score does', () => {
  const data = dataOf('centre');
  assert.equal(targetScalesOf(data, {}), undefined);
  assert.equal(targetScalesOf(data, { targetWeighting: 0 }), undefined);
});

for (const scale of ['centre', 'zscore'] as const) {
  for (const p of [-2, -0.5, 1, 2]) {
    test(`${scale}, ${p}: weights are that power of the deviation, and the loss of the mean stays`, () => {
      const data = dataOf(scale);
      const scales = targetScalesOf(data, { targetWeighting: p });
      assert.ok(scales);
      const sigma = deviationsOf(data);
      for (const e of [1, 3]) {
        const ratio = ((scales[e] as number) / (scales[0] as number)) ** 2;
        assert.ok(Math.abs(ratio / ((sigma[e] as number) / (sigma[0] as number)) ** p - 1) < 1e-5, `target ${e}: ${ratio}`);
      }
      assert.equal(scales[2], 1, 'a constant target');
      const scaled = matrixOf(400, 4, (row, e) => (data.y.data[row * 4 + e] as number) * (scales[e] as number));
      const { train } = data.rows;
      assert.ok(Math.abs(totalSquares(scaled, train) / totalSquares(data.y, train) - 1) < 1e-5);
    });
  }
}
