/**
 * Dropped units as a function of (seed, step, layer, row of the mini-batch, unit) alone. The kernel
 * computes the same in models/engines/kernel/source/dropout.h; two rounds of a 32-bit integer
 * hash are enough for masks.
 */

/** A bijection of 32-bit words that mixes all bits (C. Wellons' "lowbias32"). */
export function mix(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The seed as a word: seeds may be larger than 32 bits. */
export const seedWord = (seed: number): number => mix((seed ^ mix(Math.floor(seed / 2 ** 32))) >>> 0);

/** Key of one layer in one step (counted from 0). */
export const dropoutKey = (seed: number, step: number, layer: number): number =>
  mix(seedWord(seed) ^ mix((Math.imul(step, 64) + layer) >>> 0));

/** Returns the bound below which the upper 31 bits of a word mean a dropped unit. */
export const dropoutThreshold = (share: number): number => Math.round(share * 2 ** 31);

/** Whether this unit is dropped in this row of the mini-batch. */
export function isDropped(key: number, row: number, unit: number, share: number): boolean {
  return mix((key ^ (Math.imul(row, 65536) + unit)) >>> 0) >>> 1 < dropoutThreshold(share);
}
