/**
 * Addressed randomness: a draw is a function of (seed, trial, parameter) and nothing else, so that any trial reproduces alone and in
 * any order. Philox4x32-10, Salmon et al. 2011, doi:10.1145/2063384.2063405: a counter-based generator in 32-bit integer arithmetic,
 * the same bits on every machine.
 */

/** Uniform in [0, 1) with 53 bits. `trial` is a whole number below 2^53. */
export function draw(seed: number, trial: number, parameter: string): number {
  const [high, low] = philox([trial, trial / 2 ** 32, 0, 0], [seed, nameHash(parameter)]);
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}

/** A whole number in [0, size). */
export function drawInteger(seed: number, trial: number, parameter: string, size: number): number {
  return Math.floor(draw(seed, trial, parameter) * size);
}

/**
 * Where `index` lands in a shuffle of 0..size-1, without a list: a keyed permutation (Feistel network of six rounds), walked until it
 * falls into the range (Black and Rogaway 2002, doi:10.1007/3-540-45760-7_9).
 */
export function shuffled(seed: number, index: number, parameter: string, size: number): number {
  const half = Math.max(1, Math.ceil(Math.log2(size) / 2));
  const key = nameHash(parameter);
  let value = index;
  do {
    let left = Math.floor(value / 2 ** half);
    let right = value % 2 ** half;
    for (let round = 0; round < 6; round++) {
      const [word] = philox([right, 0, round, half], [seed, key]);
      [left, right] = [right, (left ^ (word & (2 ** half - 1))) >>> 0];
    }
    value = left * 2 ** half + right;
  } while (value >= size);
  return value;
}

type Four = readonly [number, number, number, number];

/** Ten rounds on a counter of four 32-bit words under a key of two; words are taken modulo 2^32. */
export function philox(counter: Four, key: readonly [number, number]): Four {
  let [c0, c1, c2, c3] = counter.map((word) => Math.floor(word) >>> 0) as [number, number, number, number];
  let k0 = key[0] >>> 0;
  let k1 = key[1] >>> 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Upper 32 bits of the 64-bit product of two unsigned words. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/** FNV-1a, 32 bits. */
function nameHash(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
