/** Expected improvement, in logarithms: Ament et al. 2023, arXiv 2310.20708. */
import { normalCdf } from '../normal.ts';

/** A value and its derivative. */
export interface Sloped {
  readonly value: number;
  readonly slope: number;
}

const LOG_ROOT = Math.log(2 * Math.PI) / 2;

/** Below, the two terms of the formula nearly cancel. */
const TAIL = -1.5;
/** Terms of the continued fraction, which give it 9 digits at the beginning of the tail. */
const TERMS = 60;

/**
 * Returns log(φ(z) + z Φ(z)), with its derivative by z: the logarithm of the improvement on 0 that
 * is expected of a normal distribution with mean z and variance 1.
 */
export function logImprovement(z: number): Sloped {
  if (z > TAIL) {
    const share = normalCdf(z);
    const expected = Math.exp((-z * z) / 2 - LOG_ROOT) + z * share;
    return { value: Math.log(expected), slope: share / expected };
  }
  // With Mills' ratio Φ(-t) / φ(t) = 1 / (t + q), q = 1 / (t + 2 / (t + 3 / (t + ...))), the sum
  // φ(t) - t Φ(-t) is φ(t) q / (t + q).
  const t = -z;
  let rest = t;
  for (let k = TERMS; k > 1; k--) rest = t + k / rest;
  const q = 1 / rest;
  return { value: (-t * t) / 2 - LOG_ROOT + Math.log(q / (t + q)), slope: rest };
}
