import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextWidth, smallestSufficient, type TriedWidth } from '../../../search/widths/search.ts';

const LEAST = 0.9;

/** Searches among widths with these scores, the first of which is that of width 1. */
function searchAmong(scores: readonly (number | null)[]) {
  const tried: TriedWidth[] = [];
  for (;;) {
    const k = nextWidth(tried, { least: LEAST, max: scores.length });
    if (k === null) break;
    assert.ok(!tried.some((one) => one.k === k), `width ${k} is tried once`);
    tried.push({ k, coveredVariance: scores[k - 1] as number | null });
  }
  return { tried: tried.map(({ k }) => k), found: smallestSufficient(tried, LEAST)?.k ?? null };
}

const rising = (sufficient: number, max: number) => Array.from({ length: max }, (_, i) => (i + 1 >= sufficient ? 0.95 : 0.5));

const cases: readonly (readonly [string, readonly (number | null)[], readonly number[], number | null])[] = [
  ['the first suffices', rising(1, 16), [1], 1],
  ['the second suffices', rising(2, 16), [1, 2], 2],
  ['between powers of two', rising(5, 16), [1, 2, 4, 8, 6, 5], 5],
  ['the widest alone suffices', rising(16, 16), [1, 2, 4, 8, 16, 12, 14, 15], 16],
  ['a widest that is no power of two', rising(6, 6), [1, 2, 4, 6, 5], 6],
  ['none suffices', rising(9, 8), [1, 2, 4, 8], null],
  ['one width alone, which does not suffice', [0.5], [1], null],
  ['just enough is enough', [0.5, 0.9], [1, 2], 2],
  ['a width without a score does not suffice', [0.5, null, 0.95, 0.95], [1, 2, 4, 3], 3],
  ['no width has a score', [null, null, null], [1, 2, 3], null],
  // Noise: 3 covers less than 2, which is never doubted.
  ['a wider one that falls short does not count', [0.5, 0.95, 0.5, 0.95], [1, 2], 2],
  // Noise: 2 suffices with luck on its side only where it is looked at.
  ['noise below the answer stays unseen', [0.95, 0.5, 0.5, 0.95], [1], 1],
];
for (const [what, scores, tried, found] of cases) {
  test(`widths: ${what}`, () => {
    assert.deepEqual(searchAmong(scores), { tried, found });
  });
}

test('where coverage rises, the answer is that of trying all, with few widths', () => {
  for (let max = 1; max <= 64; max++) {
    for (let sufficient = 1; sufficient <= max + 1; sufficient++) {
      const { tried, found } = searchAmong(rising(sufficient, max));
      assert.equal(found, sufficient > max ? null : sufficient);
      assert.ok(tried.length <= 2 * Math.ceil(Math.log2(max + 1)) + 1, `${tried.length} of ${max}`);
    }
  }
});

test('a score that changes afterwards, as after a retry, goes on from what was tried', () => {
  const tried = [1, 2, 4].map((k) => ({ k, coveredVariance: 0.5 }));
  const changed = [...tried, { k: 8, coveredVariance: 0.5 }];
  assert.equal(nextWidth(changed, { least: LEAST, max: 8 }), null);
  changed[3] = { k: 8, coveredVariance: 0.95 };
  assert.equal(nextWidth(changed, { least: LEAST, max: 8 }), 6);
  changed[0] = { k: 1, coveredVariance: 0.95 };
  assert.equal(nextWidth(changed, { least: LEAST, max: 8 }), null);
});
