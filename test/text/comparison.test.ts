import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComparisonRow, Contrast, Sufficiency } from '../../models/evaluation/comparison.ts';
import type { Method } from '../../models/methods/catalogue.ts';
import { describeComparison } from '../../text/comparison.ts';
import { describeParts } from '../../text/intervals.ts';

const interval = (mean: number, half = 0.018) => ({
  ...{ mean, low: mean - half, high: mean + half },
  parts: { seeds: 0.002, rows: 0.017, partitions: null },
  units: { kind: 'rows', count: 1200 } as const,
});

const row = (method: Method, mean: number, changes: Partial<ComparisonRow> = {}): ComparisonRow => ({
  ...{ method, k: 1, trials: 7, configurationHash: '', structureCoveredVariance: null, otherOptimum: [] },
  coveredVariance: { ...interval(mean), best: mean, median: mean },
  ...changes,
});

const contrast = (a: Method, b: Method, resolved: boolean): Contrast => ({
  ...{ k: 1, a, b, pairs: 7, p: 0.01, adjustedP: 0.03, resolved },
  difference: interval(0.1),
});

const cell = (method: Method, k: number, shortfall: number, enough: boolean): Sufficiency => ({
  ...{ method, k, reference: 'emulator', margin: 0.01, adjustedP: enough ? 0.01 : 0.3, enough },
  shortfall: interval(shortfall, 0.01),
});

const emulator = (mean: number, half = 0.01) => ({
  name: 'emulator',
  k: null,
  coveredVariance: mean,
  estimate: interval(mean, half),
});
const rows = [row('ednn', 0.81), row('eca', 0.53), row('nnca', 0.63)];

test('an order is clear where every contrast of neighbours is resolved', () => {
  const all = { target: 'xes', rows, baselines: [], sufficiency: [] };
  const clear = [contrast('ednn', 'nnca', true), contrast('eca', 'nnca', true)];
  assert.match(describeComparison({ ...all, contrasts: clear }), /EDNN 81.0 %, NNCA 63.0 %, ECA 53.0 % \(the order is clear\)/);
  const half = [contrast('ednn', 'nnca', true), contrast('eca', 'nnca', false)];
  assert.match(describeComparison({ ...all, contrasts: half }), /\(the order is not clear between NNCA and ECA\)/);
  const none = [contrast('ednn', 'nnca', false), contrast('eca', 'nnca', false)];
  assert.match(
    describeComparison({ ...all, contrasts: none }),
    /\(no order is clear between EDNN and NNCA, nor between NNCA and ECA\)/,
  );
  assert.match(
    describeComparison({ ...all, contrasts: [contrast('ednn', 'nnca', false)] }),
    /\(the order is not clear between EDNN and NNCA; not compared: NNCA and ECA, which have no seed in common\)/,
  );
});

test('a width is enough only where that is certain', () => {
  const all = { target: 'xes', rows, contrasts: [], baselines: [emulator(0.82)] };
  const said = (sufficiency: readonly Sufficiency[]) => describeComparison({ ...all, sufficiency });
  assert.match(
    said([cell('ednn', 2, 0.001, true), cell('nnca', 2, 0.008, false), cell('nnca', 3, 0, true)]),
    /^2 numbers are enough: less than 1 percentage point short of the full emulator \(EDNN\)\.$/m,
  );
  assert.match(
    said([cell('ednn', 1, 0.2, false), cell('nnca', 2, 0.008, false)]),
    /^2 numbers are possibly enough, .* is not certain: NNCA is short by 0\.8 \[−0\.2, 1\.8\] percentage points\.$/m,
  );
  assert.match(said([cell('ednn', 1, 0.2, false)]), /No width of this sweep comes within 1 percentage point/);
  assert.match(said([]), /^No width can be compared with the full emulator: they have no seed in common\.$/m);
});

test('where the emulator learns nothing, that is all', () => {
  for (const found of [emulator(0.02), emulator(-40), emulator(0.1, 0.2)]) {
    const text = describeComparison({ target: 'xes', rows, contrasts: [], baselines: [found], sufficiency: [] });
    assert.match(text, /^The full emulator covers .* it has learnt nothing from these descriptors/);
    assert.equal(text.split('\n').length, 1);
  }
});

test('sentences say what intervals cover, and name seeds in another optimum', () => {
  const about = { target: 'xes', contrasts: [], baselines: [], sufficiency: [] };
  const said = (one: ComparisonRow) =>
    describeComparison({ ...about, rows: [one] })
      .split('\n')
      .slice(-2);
  assert.deepEqual(said(row('nnca', 0.6, { otherOptimum: [3, 5] })), [
    'NNCA, k = 1: 2 of 7 seeds ended in another optimum (seeds 3, 5).',
    'Intervals (95 %) are over 7 seeds and 1,200 test rows.',
  ]);
  const seedsAlone = {
    mean: 0.6,
    low: 0.5,
    high: 0.7,
    best: 0.6,
    parts: { seeds: 0.1, rows: null, partitions: null },
    units: null,
  };
  assert.match(
    said(row('nnca', 0.6, { coveredVariance: seedsAlone }))[1] ?? '',
    /over 7 seeds alone: another choice of test rows/,
  );
  const rowsAlone = { ...row('nnca', 0.6).coveredVariance, parts: { seeds: null, rows: 0.017, partitions: null } };
  assert.equal(
    said(row('nnca', 0.6, { trials: 1, coveredVariance: rowsAlone }))[1],
    'Intervals (95 %) are over 1,200 test rows; with a single seed no order is called clear.',
  );
  const bare = { mean: 0.6, low: 0.6, high: 0.6, best: 0.6, parts: { seeds: null, rows: null, partitions: null }, units: null };
  assert.equal(said(row('nnca', 0.6, { trials: 1, coveredVariance: bare }))[1], 'A single seed has no interval, and no verdict.');
});

test('the parts of an interval are shown with their sources', () => {
  assert.equal(describeParts(interval(0.8)), '±0.018: rows 0.017, seeds 0.002');
  assert.equal(describeParts({ mean: 0.8, low: 0.7, high: 0.9 }), null);
  const groups = { ...interval(0.8), units: { kind: 'groups', count: 20 } as const };
  assert.equal(describeParts(groups), '±0.018: groups 0.017, seeds 0.002');
});

test('sentences say how many configurations methods were chosen from, and where that is unequal', () => {
  const about = { target: 'xes', contrasts: [], baselines: [], sufficiency: [] };
  const tried = (method: Method, k: number, configurations: number) =>
    row(method, 0.5, { k, effort: { configurations, trials: 5 * configurations, epochs: 100 } });
  const said = (...tested: ComparisonRow[]) => describeComparison({ ...about, rows: tested });
  assert.match(
    said(tried('ednn', 1, 12), tried('nnca', 1, 12)),
    /^Each method was chosen from 12 configurations at every width\.$/m,
  );
  assert.match(
    said(tried('ednn', 1, 13), tried('nnca', 1, 12)),
    /^Each method was chosen from 12 to 13 configurations at every width\.$/m,
  );
  assert.match(
    said(tried('ednn', 1, 12), tried('ednn', 2, 40), tried('nnca', 2, 12)),
    /^Tuned unequally with 2 numbers: EDNN from 40, NNCA from 12 configurations\. More choice favours a method\.$/m,
  );
  assert.doesNotMatch(said(tried('ednn', 1, 1), tried('nnca', 1, 1)), /configuration/);
});
