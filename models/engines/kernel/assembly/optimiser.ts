/** One step of the optimiser on n parameters (a multiple of 8); `decay` is 0 but for weights. */
import { fma, store8 } from './lanes';

/**
 * Below this a gradient or a moment counts as zero. Units that saturate leave gradients whose
 * squares fall below float32's normal range, and moments of units at rest decay into it and stay
 * there: arithmetic on such numbers is a hundred times slower, and the step that they make is
 * nothing.
 */
const NOTHING: f32 = 1e-18;

function cleared(value: v128, bound: v128): v128 {
  // Written so that NaN stays: a divergence is to be seen.
  return v128.andnot(value, f32x4.le(f32x4.abs(value), bound));
}

/**
 * alpha = rate / (1 - beta1^step), root = 1 / sqrt(1 - beta2^step): the bias corrections; shrink =
 * 1 - rate decay (adamw), else 1; decay as L2 (adam), else 0.
 */
export function adam(
  theta: usize,
  g: usize,
  m: usize,
  v: usize,
  n: i32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  alpha: f32,
  root: f32,
  shrink: f32,
  decay: f32,
): void {
  const b1 = f32x4.splat(beta1);
  const b2 = f32x4.splat(beta2);
  const c1 = f32x4.splat(1 - beta1);
  const c2 = f32x4.splat(1 - beta2);
  const alphas = f32x4.splat(alpha);
  const roots = f32x4.splat(root);
  const epsilons = f32x4.splat(epsilon);
  const shrinks = f32x4.splat(shrink);
  const decays = f32x4.splat(decay);
  const bound = f32x4.splat(NOTHING);
  const square = f32x4.splat(NOTHING * NOTHING);
  const end = theta + <usize>n * 4;
  for (; theta < end; theta += 32) {
    const t0 = v128.load(theta);
    const t1 = v128.load(theta, 16);
    const g0 = cleared(fma(decays, t0, v128.load(g)), bound);
    const g1 = cleared(fma(decays, t1, v128.load(g, 16)), bound);
    const m0 = cleared(fma(b1, v128.load(m), f32x4.mul(c1, g0)), bound);
    const m1 = cleared(fma(b1, v128.load(m, 16), f32x4.mul(c1, g1)), bound);
    const v0 = cleared(fma(b2, v128.load(v), f32x4.mul(c2, f32x4.mul(g0, g0))), square);
    const v1 = cleared(fma(b2, v128.load(v, 16), f32x4.mul(c2, f32x4.mul(g1, g1))), square);
    const s0 = f32x4.div(f32x4.mul(alphas, m0), fma(f32x4.sqrt(v0), roots, epsilons));
    const s1 = f32x4.div(f32x4.mul(alphas, m1), fma(f32x4.sqrt(v1), roots, epsilons));
    store8(m, m0, m1);
    store8(v, v0, v1);
    store8(theta, f32x4.sub(f32x4.mul(shrinks, t0), s0), f32x4.sub(f32x4.mul(shrinks, t1), s1));
    g += 32;
    m += 32;
    v += 32;
  }
}

/** velocity = momentum velocity + gradient + decay theta; theta -= rate velocity. */
export function sgd(theta: usize, g: usize, velocity: usize, n: i32, momentum: f32, rate: f32, decay: f32): void {
  const rates = f32x4.splat(rate);
  const momenta = f32x4.splat(momentum);
  const decays = f32x4.splat(decay);
  const bound = f32x4.splat(NOTHING);
  const end = theta + <usize>n * 4;
  for (; theta < end; theta += 32) {
    const t0 = v128.load(theta);
    const t1 = v128.load(theta, 16);
    const v0 = cleared(fma(momenta, v128.load(velocity), fma(decays, t0, v128.load(g))), bound);
    const v1 = cleared(fma(momenta, v128.load(velocity, 16), fma(decays, t1, v128.load(g, 16))), bound);
    store8(velocity, v0, v1);
    store8(theta, f32x4.sub(t0, f32x4.mul(rates, v0)), f32x4.sub(t1, f32x4.mul(rates, v1)));
    g += 32;
    velocity += 32;
  }
}
