import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CellEffort } from '../../models/evaluation/comparison.ts';
import { describeEfforts, describeTuning, warnOfUnequalTuning } from '../../text/effort.ts';

const effort = (method: CellEffort['method'], k: number, configurations: number, coreSeconds?: number): CellEffort => ({
  method,
  k,
  configurations,
  trials: 5 * configurations,
  epochs: 100,
  ...(coreSeconds !== undefined && { coreSeconds }),
});

const row = (...[method, k, configurations]: Parameters<typeof effort>) => ({
  method,
  k,
  effort: effort(method, k, configurations),
});

test('effort is described by method, with its widths', () => {
  const efforts = [effort('nnca', 2, 1, 1.2), effort('ednn', 1, 20, 400.4), effort('ednn', 2, 21, 412)];
  assert.deepEqual(describeEfforts(efforts), [
    'EDNN: 41 configurations, 205 trials, 812 core-seconds (k = 1: 20 configurations, 100 trials, 400 core-seconds; k = 2: 21 configurations, 105 trials, 412 core-seconds).',
    'NNCA: 1 configuration, 5 trials, 1 core-second.',
  ]);
  assert.deepEqual(describeEfforts([effort('eca', 2, 4)]), [], 'an older comparison does not know the time');
});

test('a method with more than one and a half times the configurations of another is warned of', () => {
  const warned = (ednn: number, eca: number) => warnOfUnequalTuning([row('ednn', 1, ednn), row('eca', 1, eca), row('eca', 2, 9)]);
  assert.deepEqual(warned(10, 16), [
    'Tuned unequally with one number: EDNN from 10, ECA from 16 configurations. More choice favours a method.',
  ]);
  assert.deepEqual([warned(10, 15), warned(10, 10), warned(1, 2)], [[], [], []]);
  assert.match(
    describeTuning([row('ednn', 1, 10), row('eca', 1, 15)]).join(),
    /^Tuned unequally/,
    'a smaller difference is said',
  );
});

test('rows of comparisons that know no effort are not warned of', () => {
  assert.deepEqual(warnOfUnequalTuning([{ method: 'ednn', k: 1 }, row('eca', 1, 50)]), []);
  assert.deepEqual(describeTuning([]), []);
});
