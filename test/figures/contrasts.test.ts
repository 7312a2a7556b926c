import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contrastSentence, contrastsFigure, isResolved } from '../../figures/contrasts.ts';
import type { Contrast } from '../../models/evaluation/comparison.ts';

const contrast = (mean: number, low: number, high: number, pairs = 5): Contrast => ({
  k: 2,
  a: 'ednn',
  b: 'eca',
  difference: { mean, low, high },
  pairs,
});

describe('differences between methods', () => {
  it('name the method that covers more only where the interval does not hold nothing', () => {
    assert.equal(
      contrastSentence(contrast(-0.05, -0.06, -0.04)),
      'k = 2: ECA covers 5 percentage points more than EDNN (EDNN − ECA [−6, −4], 5 pairs of seeds).',
    );
    assert.match(contrastSentence(contrast(0.01, -0.01, 0.03)), /the difference between EDNN and ECA is not resolved/);
    assert.match(contrastSentence(contrast(0.01, 0.01, 0.01, 1)), /the only pair of seeds: not resolved/);
    assert.equal(isResolved(contrast(0.01, 0.01, 0.01, 1)), false);
    assert.equal(isResolved(contrast(0.01, 0, 0.02)), false);
  });

  it('are drawn from the top, filled where they are resolved', () => {
    const { panels, table } = contrastsFigure([contrast(-0.05, -0.06, -0.04), { ...contrast(0.01, -0.01, 0.03), k: 3 }], 'all');
    const [panel] = panels;
    assert.deepEqual(panel?.y.names, ['k = 3: EDNN − ECA', 'k = 2: EDNN − ECA']);
    assert.deepEqual(
      panel?.marks.flatMap((mark) => (mark.kind === 'points' ? [mark.fill] : [])),
      ['empty', 'full'],
    );
    assert.deepEqual(
      table().rows.map((row) => row.at(-1)),
      ['resolved', 'not resolved'],
    );
  });
});
