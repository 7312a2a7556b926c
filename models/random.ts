/**
 * Addressed randomness for the numerics. Philox4x32-10, Salmon et al. 2011,
 * doi:10.1145/2063384.2063405: a counter-based generator in 32-bit integer arithmetic, the same
 * bits on every machine. A stream is named by (seed, name, counter): any epoch or restart
 * reproduces alone.
 */
import { swap } from './vectors.ts';

export type Four = readonly [number, number, number, number];

/** Ten rounds on a counter of four 32-bit words under a key of two; words are taken modulo 2^32. */
export function philox(counter: Four, key: readonly [number, number]): Four {
  let c0 = counter[0] >>> 0;
  let c1 = counter[1] >>> 0;
  let c2 = counter[2] >>> 0;
  let c3 = counter[3] >>> 0;
  let k0 = key[0] >>> 0;
  let k1 = key[1] >>> 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
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

/** FNV-1a, 32 bits: a name as a word of a generator's key. */
export function nameHash(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A sequence of draws at one address. */
export interface Stream {
  /** A uniform 32-bit word. */
  word(): number;
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Standard normal, by Box and Muller. */
  normal(): number;
}

export function stream(seed: number, name: string, counter = 0): Stream {
  const key = [seed >>> 0, nameHash(name)] as const;
  let block = 0;
  let words: Four = [0, 0, 0, 0];
  let used = 4;
  const word = (): number => {
    if (used === 4) {
      words = philox([block++, counter, Math.floor(seed / 2 ** 32), 1], key);
      used = 0;
    }
    return words[used++] as number;
  };
  const uniform = () => word() / 2 ** 32;
  return {
    word,
    uniform,
    normal: () => Math.sqrt(-2 * Math.log((word() + 0.5) / 2 ** 32)) * Math.cos(2 * Math.PI * uniform()),
  };
}

/** Returns the values in an order drawn at (seed, name, counter), by Fisher and Yates. */
export function shuffle(values: Uint32Array, seed: number, name: string, counter = 0): Uint32Array {
  const result = Uint32Array.from(values);
  const { word } = stream(seed, name, counter);
  for (let i = result.length - 1; i > 0; i--) {
    swap(result, i, Math.floor((word() / 2 ** 32) * (i + 1)));
  }
  return result;
}
