import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contrastSentence, contrastsFigure } from '../../figures/contrasts.ts';
import type { Contrast } from '../../models/evaluation/comparison.ts';

const contrast = (mean: number, low: number, high: number, changes: Partial<Contrast> = {}): Contrast => ({
  ...{ k: 2, a: 'ednn', b: 'eca', pairs: 5, p: 0.001, adjustedP: 0.003, resolved: true },
  difference: {
    ...{ mean, low, high, parts: { seeds: 0.001, rows: 0.01, partitions: null }, units: { kind: 'rows', count: 1200 } },
  },
  ...changes,
});
const open = { resolved: false, adjustedP: 0.2 };

describe('differences between methods', () => {
  it('name the method that covers more where that is clear, and what the interval covers', () => {
    assert.equal(
      contrastSentence(contrast(-0.05, -0.06, -0.04)),
      'k = 2: ECA covers 5 percentage points more than EDNN (EDNN − ECA [−6, −4], over 5 seeds and 1,200 test rows).',
    );
    assert.match(contrastSentence(contrast(0.02, -0.001, 0.03, open)), /the difference between EDNN and ECA is not resolved \(/);
    assert.match(
      contrastSentence(contrast(0.02, 0.001, 0.03, open)),
      /is not resolved after adjustment for the number of contrasts/,
    );
    assert.match(contrastSentence(contrast(0.01, 0.01, 0.01, { ...open, pairs: 1 })), /the only pair of seeds: not resolved/);
    // Stored before intervals had parts and verdicts.
    const old: Contrast = { k: 2, a: 'ednn', b: 'eca', difference: { mean: 0.1, low: 0.09, high: 0.11 }, pairs: 5 };
    assert.match(contrastSentence(old), /is not resolved \(EDNN − ECA \[9, 11\] percentage points, 5 pairs of seeds\)/);
  });

  it('are drawn from the top, filled where they are resolved', () => {
    const { panels, table } = contrastsFigure(
      [contrast(-0.05, -0.06, -0.04), contrast(0.01, -0.01, 0.03, { ...open, k: 3 })],
      'all',
    );
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
