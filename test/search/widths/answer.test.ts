import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell } from '../../../models/methods/catalogue.ts';
import { answerWidths, type SeedScore, type WidthScores } from '../../../search/widths/answer.ts';

/** Deviations of five seeds from their mean, 0. */
const NOISE = [-2, -1, 0, 1, 2];

const seeds = (mean: number, noise: number): SeedScore[] =>
  NOISE.map((deviation, i) => ({ seed: i + 1, validation: mean + noise * deviation }));

/** Scores of EDNN at these widths, each with noise of its own, beside an emulator at 0.95. */
function scoresOf(means: Readonly<Record<number, number>>, noise = 0.0001): WidthScores {
  const cells = Object.entries(means).map(([k, mean], i) => ({
    ...{ method: 'ednn' as const, k: Number(k) },
    scores: seeds(mean, i % 2 === 0 ? noise : -noise),
  }));
  return { emulator: seeds(0.95, 0), cells };
}

const ednn = (...widths: readonly number[]): Cell[] => widths.map((k) => ({ method: 'ednn', k }));

function answerOf(scores: WidthScores, cells: readonly Cell[], max = 16) {
  const [answer] = answerWidths({ margin: 0.01, max, cells }, scores);
  assert.ok(answer);
  return answer;
}

test('the answer names the width, its score, the emulator, the margin and what was tried', () => {
  const answer = answerOf(scoresOf({ 1: 0.5, 2: 0.8, 4: 0.949, 3: 0.945 }), ednn(1, 2, 4, 3));
  const { coveredVariance, full, tried, ...rest } = answer;
  assert.deepEqual(rest, { method: 'ednn', k: 3, low: 3, high: 3, margin: 0.01, max: 16 });
  assert.ok(Math.abs((coveredVariance ?? 0) - 0.945) < 1e-12);
  assert.ok(Math.abs((full ?? 0) - 0.95) < 1e-12);
  assert.deepEqual(
    tried.map(({ k }) => k),
    [1, 2, 3, 4],
  );
});

const intervals: readonly (readonly [string, Readonly<Record<number, number>>, number, number | null, number, number | null])[] =
  [
    ['clear scores leave one width', { 1: 0.5, 2: 0.945 }, 0.0001, 2, 2, 2],
    ['widths that were not tried are within', { 1: 0.5, 2: 0.6, 4: 0.7, 8: 0.945, 6: 0.9399 }, 0.0005, 8, 5, 8],
    ['a doubtful width below the answer', { 1: 0.5, 2: 0.9399, 4: 0.949, 3: 0.949 }, 0.0005, 3, 2, 3],
    ['a doubtful answer, and nothing wider to be sure of', { 1: 0.5, 2: 0.9401 }, 0.0005, 2, 2, null],
    ['a doubtful answer, and a clear wider one', { 1: 0.5, 2: 0.7, 4: 0.949, 3: 0.9401 }, 0.0005, 3, 3, 4],
    ['the first suffices', { 1: 0.949 }, 0.0001, 1, 1, 1],
    ['none suffices', { 1: 0.5, 2: 0.6 }, 0.0001, null, 3, null],
    ['none suffices, but not clearly', { 1: 0.5, 2: 0.9399 }, 0.0005, null, 2, null],
    ['noise: a wider one falls short', { 1: 0.5, 2: 0.945, 3: 0.9 }, 0.0001, 2, 2, null],
  ];
for (const [what, means, noise, k, low, high] of intervals) {
  test(`interval: ${what}`, () => {
    const answer = answerOf(scoresOf(means, noise), ednn(...Object.keys(means).map(Number)));
    assert.deepEqual([answer.k, answer.low, answer.high], [k, low, high]);
  });
}

test('the interval holds the answer, whatever the scores', () => {
  for (let draw = 0; draw < 2000; draw++) {
    const value = (i: number) => 0.93 + 0.02 * Math.abs(Math.sin(draw * 12.9898 + i * 78.233));
    const cells = ednn(1, 2, 3, 4).map((cell) => ({
      ...cell,
      // Some have lost seeds.
      scores: NOISE.slice(draw % 3).map((_, i) => ({ seed: i + 1, validation: value(10 * cell.k + i) })),
    }));
    const emulator = NOISE.map((_, i) => ({ seed: i + 1, validation: value(i) }));
    const { k, low, high } = answerOf({ emulator, cells }, ednn(1, 2, 3, 4));
    if (k === null) assert.equal(high, null);
    else assert.ok(low <= k && k <= (high ?? Infinity), `${low} <= ${k} <= ${high}`);
  }
});

test('what a seed does to both networks widens no interval', () => {
  const shared = [-0.02, 0.01, 0, 0.03, -0.02];
  const shifted = (mean: number) => shared.map((shift, i) => ({ seed: i, validation: mean + shift + 1e-5 * (NOISE[i] ?? 0) }));
  const cells = [
    { method: 'ednn' as const, k: 1, scores: shifted(0.5) },
    { method: 'ednn' as const, k: 2, scores: shifted(0.945) },
  ];
  const { low, high } = answerOf(
    { emulator: shared.map((shift, seed) => ({ seed, validation: 0.95 + shift })), cells },
    ednn(1, 2),
  );
  assert.deepEqual([low, high], [2, 2]);
});

test('one seed has an answer, and an interval that excludes nothing', () => {
  const one = (validation: number) => [{ seed: 1, validation }];
  const cells = [1, 2].map((k) => ({ method: 'ednn' as const, k, scores: one(k === 1 ? 0.5 : 0.95) }));
  const { k, low, high } = answerOf({ emulator: one(0.95), cells }, ednn(1, 2));
  assert.deepEqual([k, low, high], [2, 1, null]);
});

test('the ranks of ECA are read off one fit', () => {
  const scores = {
    ...scoresOf({}),
    cells: [1, 2, 3, 4].map((k) => ({ method: 'eca' as const, k, scores: seeds(0.93 + k / 200, 0.0001) })),
  };
  const answer = answerOf(scores, [{ method: 'eca', k: 4 }], 4);
  assert.deepEqual([answer.method, answer.k, answer.tried.length], ['eca', 2, 4]);
});

test('widths whose trials all diverged have no score, and do not suffice', () => {
  const answer = answerOf(scoresOf({ 1: 0.5, 4: 0.949 }), ednn(1, 2, 4));
  assert.deepEqual(
    answer.tried.map(({ coveredVariance }) => coveredVariance === null),
    [false, true, false],
  );
  assert.deepEqual([answer.k, answer.low, answer.high], [4, 2, 4]);
});

test('without an emulator there is no answer', () => {
  const answer = answerOf({ ...scoresOf({ 1: 0.5, 2: 0.949 }), emulator: [] }, ednn(1, 2));
  const { k, low, high, coveredVariance, full } = answer;
  assert.deepEqual({ k, low, high, coveredVariance, full }, { k: null, low: 1, high: null, coveredVariance: null, full: null });
});

test('each method has an answer of its own, in the order of its cells', () => {
  const cells: Cell[] = [...ednn(1), { method: 'eca', k: 2 }, { method: 'nnca', k: 1 }, ...ednn(2)];
  const methods = answerWidths({ margin: 0.01, max: 2, cells }, scoresOf({ 1: 0.5, 2: 0.945 })).map(({ method, k }) => [
    method,
    k,
  ]);
  assert.deepEqual(methods, [
    ['ednn', 2],
    ['eca', null],
    ['nnca', null],
  ]);
});
