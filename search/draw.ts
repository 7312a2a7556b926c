/** Addressed randomness (Philox): draws depend on seed, trial and parameter only, in any order. */
import { nameHash, philox } from '../models/random.ts';

/** Returns a uniform draw in [0, 1) with 53 bits. `trial` is a whole number below 2^53. */
export function draw(seed: number, trial: number, parameter: string): number {
  const [high, low] = philox([trial, trial / 2 ** 32, seed / 2 ** 32, 0], [seed, nameHash(parameter)]);
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}

/**
 * Returns the position of `index` in a shuffle of 0..size-1, without a list: a keyed permutation
 * (Feistel network of six rounds), repeated until it falls into the range (Black and Rogaway 2002,
 * doi:10.1007/3-540-45760-7_9). Throws RangeError where the index is outside.
 */
export function shuffledIndex(seed: number, index: number, parameter: string, size: number): number {
  // From outside, the repetition may never come to the range.
  if (index < 0 || index >= size) throw new RangeError(`a shuffle of ${size} has no position ${index}`);
  const half = Math.max(1, Math.ceil(Math.log2(size) / 2));
  const key = nameHash(parameter);
  let value = index;
  do {
    let left = Math.floor(value / 2 ** half);
    let right = value % 2 ** half;
    for (let round = 0; round < 6; round++) {
      const [word] = philox([right, seed / 2 ** 32, round, half], [seed, key]);
      [left, right] = [right, (left ^ (word & (2 ** half - 1))) >>> 0];
    }
    value = left * 2 ** half + right;
  } while (value >= size);
  return value;
}
