import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WidthAnswer } from '../../search/widths/answer.ts';
import { describeWidthSearch, describeWidths } from '../../text/widths.ts';

const ANSWER: WidthAnswer = {
  ...{ method: 'ednn', k: 2, low: 2, high: 3, coveredVariance: 0.987, full: 0.99, margin: 0.01, max: 16 },
  tried: [
    { k: 1, coveredVariance: 0.7 },
    { k: 2, coveredVariance: 0.987 },
  ],
};

const describe = (changes: Partial<WidthAnswer>, isFinished = true) => describeWidths([{ ...ANSWER, ...changes }], isFinished)[0];

test('an answer is one sentence', () => {
  assert.equal(
    describe({}),
    'EDNN: 2 numbers are enough (95 % interval: 2 to 3), with 98.7 % of the variance of validation rows covered and 99.0 % by the full emulator, within 1 percentage point; tried k = 1, 2.',
  );
});

test('a plan of stated widths says nothing of a search', () => {
  assert.equal(describeWidthSearch({ k: [1, 2] }), null);
  assert.match(describeWidthSearch({ k: [1, 2], auto: { margin: 0.01 } }) ?? '', /^searches 1 to 2 .* at most these trials$/);
});

test('intervals', () => {
  assert.match(describe({ high: 2 }) ?? '', /\(95 % interval: 2 alone\)/);
  assert.match(describe({ k: 1, low: 1, high: null }) ?? '', /one number is enough \(95 % interval: 1 or more\)/);
});

test('a search that goes on says so', () => {
  assert.match(describe({}, false) ?? '', /^EDNN: so far, 2 numbers are enough/);
});

test('no width is enough', () => {
  assert.equal(
    describe({ method: 'nnca', k: null, low: 3, high: null, coveredVariance: null, max: 2, margin: 0.002 }),
    'NNCA: no width up to 2 is enough (95 % interval: 3 or more): at most 98.7 % of the variance of validation rows covered, with k = 2, and 99.0 % by the full emulator, not within 0.2 percentage points; tried k = 1, 2.',
  );
});

test('nothing is known', () => {
  const none = { k: null, low: 1, high: null, coveredVariance: null };
  const tried = [{ k: 1, coveredVariance: null }];
  assert.equal(describe({ ...none, tried }), 'EDNN: no trial completed, so that no width is known to be enough; tried k = 1.');
  assert.equal(
    describe({ ...none, full: null }),
    'EDNN: no width can be judged without a score of the full emulator, which ECA trains; tried k = 1, 2.',
  );
});
