import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARAMETERS } from '../../../search/parameters.ts';
import { SOBOL_DIMENSIONS, scramble, sobolCoordinate } from '../../../search/samplers/sobol-sequence.ts';

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Points of qmc.Sobol(16, scramble=False) of scipy 1.17, in units of 1/64, by number. */
const SCIPY: Readonly<Record<number, readonly number[]>> = {
  0: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  1: [32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32],
  2: [48, 16, 16, 16, 48, 48, 16, 48, 48, 48, 48, 48, 16, 16, 48, 16],
  3: [16, 48, 48, 48, 16, 16, 48, 16, 16, 16, 16, 16, 48, 48, 16, 48],
  5: [56, 56, 8, 24, 56, 40, 56, 24, 24, 8, 24, 56, 56, 8, 56, 24],
  13: [52, 44, 52, 4, 28, 60, 36, 36, 36, 28, 52, 60, 4, 52, 12, 36],
  29: [50, 50, 42, 46, 14, 2, 6, 18, 58, 22, 50, 38, 46, 30, 26, 38],
  47: [7, 45, 9, 55, 37, 55, 7, 63, 43, 47, 29, 49, 9, 27, 3, 51],
  63: [1, 51, 23, 29, 55, 9, 37, 9, 53, 37, 27, 43, 35, 49, 21, 49],
};

test('the sequence is that of another implementation', () => {
  const coordinates = range(SOBOL_DIMENSIONS).map(sobolCoordinate);
  for (const [number, expected] of Object.entries(SCIPY)) {
    assert.deepEqual(
      coordinates.map((at) => at(Number(number)) / 2 ** 26),
      expected,
    );
  }
});

test('there are direction numbers for every parameter, and none beyond', () => {
  assert.ok(PARAMETERS.length <= SOBOL_DIMENSIONS);
  assert.throws(() => sobolCoordinate(SOBOL_DIMENSIONS), RangeError);
});

/** Counts the points in each box of sides 2^-bits[d]. */
function countInBoxes(points: readonly (readonly number[])[], bits: readonly number[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const point of points) {
    const box = point.map((coordinate, d) => Math.floor(coordinate / 2 ** (32 - (bits[d] as number)))).join();
    counts.set(box, (counts.get(box) ?? 0) + 1);
  }
  return counts;
}

for (const key of [null, 1, 0xdeadbeef, 2 ** 32 - 1]) {
  const name = key === null ? 'unscrambled' : `scrambled by ${key}`;
  const at = (dimension: number) => {
    const coordinate = sobolCoordinate(dimension);
    return (number: number) =>
      key === null ? coordinate(number) : scramble(coordinate(number), (key + dimension * 0x9e3779b9) >>> 0);
  };

  test(`${name}: 2^m points have one in each interval of 2^-m, in every dimension`, () => {
    for (const dimension of range(SOBOL_DIMENSIONS)) {
      for (const m of [1, 3, 6, 10]) {
        const counts = countInBoxes(
          range(2 ** m).map((number) => [at(dimension)(number)]),
          [m],
        );
        assert.deepEqual(new Set(counts.values()), new Set([1]), `dimension ${dimension}`);
        assert.equal(counts.size, 2 ** m);
      }
    }
  });

  test(`${name}: any 256 points in a row have one in each box of 1/256 of the first two dimensions`, () => {
    for (const start of [0, 256, 512 * 77]) {
      const points = range(256).map((i) => [at(0)(start + i), at(1)(start + i)]);
      for (const first of range(9)) assert.equal(countInBoxes(points, [first, 8 - first]).size, 256);
    }
  });
}

test('keys give different scramblings, and each maps the integers one to one', () => {
  const scrambled = [1, 2, 3].map((key) => range(4096).map((i) => scramble(i * 2 ** 20, key)));
  for (const values of scrambled) assert.equal(new Set(values).size, 4096);
  assert.equal(new Set(scrambled.map((values) => values.join())).size, 3);
});
