import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparisonReport, comparisonText } from '../../../cli/output/comparison.ts';
import type { Comparison, ComparisonRow, Contrast } from '../../../models/evaluation/comparison.ts';
import { METHODS } from '../../../models/methods/catalogue.ts';

const interval = (mean: number) => ({
  ...{ mean, low: mean - 0.0123, high: mean + 0.0123 },
  parts: { seeds: 0.0021, rows: 0.0119, partitions: null },
  units: { kind: 'groups', count: 12_345 } as const,
});

const row = (method: ComparisonRow['method'], k: number): ComparisonRow => ({
  ...{ method, k, trials: 10, configurationHash: 'a', otherOptimum: [3, 4] },
  coveredVariance: { ...interval(0.98765), best: 0.99, median: 0.98712 },
  structureCoveredVariance: { ...interval(0.51234), best: 0.52, median: 0.5 },
});

const contrast = (resolved: boolean): Contrast => ({
  ...{ k: 16, a: 'ednn', b: 'nnca', difference: interval(-0.1234), pairs: 10, p: 0.1, adjustedP: 0.3, resolved },
});

const comparison: Comparison = {
  ...{ sweeps: ['s'], dataset: 'water@0ace65259f64', target: 'xes' },
  rows: METHODS.flatMap((method) => [row(method, 1), row(method, 16)]),
  contrasts: [contrast(true), contrast(false)],
  baselines: [{ name: 'emulator', k: null, coveredVariance: 0.999, estimate: interval(0.999) }],
};

test('a comparison fits 80 columns, with every metric of its cells', () => {
  const lines = comparisonText(comparison).split('\n');
  assert.deepEqual(
    lines.filter(({ length }) => length > 80),
    [],
  );
  assert.match(lines.find((line) => line.includes('median')) ?? '', /structure side +median +± seeds +± rows +units/);
  assert.ok(lines.some((line) => /1 +EDNN +0\.5123 +0\.9871 +0\.0021 +0\.0119 +12345 +2$/.test(line)));
  assert.equal(lines.filter((line) => line.includes('(not resolved)')).length, 1);
});

test('where the emulator has learnt nothing, no number is compared', () => {
  const failed = { ...comparison, baselines: [{ name: 'emulator', k: null, coveredVariance: -40 }] };
  assert.match(comparisonReport(failed), /^The full emulator covers −4000\.0 % .* it has learnt nothing .*$/);
  assert.match(comparisonReport(comparison), /EDNN/);
});
