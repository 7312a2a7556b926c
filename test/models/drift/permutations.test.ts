import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adjustByPermutations, shareFrom, standardised } from '../../../models/drift/permutations.ts';
import { stream } from '../../../models/random.ts';

test('shares count the observed statistic and those equal to it', () => {
  assert.equal(shareFrom(Float64Array.of(2, 1, 2, 3), 2), 0.75);
  assert.equal(shareFrom(Float64Array.of(5, 1, 2, 3), 5), 0.25);
});

test('statistics that do not vary are standardised to 0', () => {
  assert.deepEqual([...standardised(Float64Array.of(4, 4, 4))], [0, 0, 0]);
  assert.deepEqual([...standardised(Float64Array.of(1, 3))], [-1, 1]);
});

// By hand, four assignments: probabilities of the first test 1/4, 2/4, 3/4, 1, of the second
// 2/4, 1/4, 1, 3/4. Smallest of both: 1/4, 1/4, 3/4, 3/4, of which 2 are 1/4 or less.
test('the smallest probability is compared with the smallest of each permutation', () => {
  assert.deepEqual(adjustByPermutations([Float64Array.of(9, 8, 7, 6), Float64Array.of(8, 9, 1, 2)]), [0.5, 0.5]);
  assert.deepEqual(adjustByPermutations([Float64Array.of(9, 8, 7, 6)]), [0.25]);
});

test('equal tests cost nothing, independent ones as much as their number', () => {
  const { normal } = stream(1, 'permuted statistics');
  const draw = () => Float64Array.from({ length: 5000 }, (_, i) => (i === 0 ? 2.326 : normal()));
  const one = draw();
  const [alone = 0] = adjustByPermutations([one]);
  const [same = 0] = adjustByPermutations([one, one, one]);
  assert.equal(same, alone);
  const [adjusted = 0] = adjustByPermutations([one, draw(), draw()]);
  assert.ok(Math.abs(adjusted / alone - 3) < 0.5, `${adjusted} and ${alone}`);
});
