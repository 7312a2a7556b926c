/**
 * Activations in place, and their derivatives. Every activation maps 0 to 0, so that padded units
 * stay zero. elu, relu and tanh have derivatives in terms of their own output; silu and gelu keep
 * theirs from the forward pass.
 */
import { constant, exp4, fma, GELU_CUBIC, GELU_ROOT, GELU_SLOPE, HALF, ONE } from './lanes';
import { SATURATED, store8, TANH_NEAR, TANH_SERIES, TWO } from './lanes';

export const LINEAR: i32 = 0;
export const RELU: i32 = 1;
export const ELU: i32 = 2;
export const TANH: i32 = 3;
export const SILU: i32 = 4;
export const GELU: i32 = 5;

/** tanh(u) = 1 - 2 / (exp(2u) + 1); near zero, where that cancels, u - u^3/3 + 2u^5/15. */
// @ts-ignore: decorator
@inline
function tanh4(u: v128): v128 {
  const one = constant(ONE);
  const e = exp4(f32x4.add(u, u));
  const far = f32x4.sub(one, f32x4.div(constant(TWO), f32x4.add(e, one)));
  const u2 = f32x4.mul(u, u);
  let near = fma(u2, constant(TANH_SERIES), constant(TANH_SERIES + 4));
  near = fma(u2, near, constant(TANH_SERIES + 8));
  near = fma(f32x4.mul(u2, u), near, u);
  return v128.bitselect(near, far, f32x4.lt(f32x4.abs(u), constant(TANH_NEAR)));
}

// @ts-ignore: decorator
@inline
function elu4(x: v128): v128 {
  const zero = f32x4.splat(0);
  // exp(x) - 1 loses digits only where x itself is far below float32's step at 1; harmless for
  // training and exact at 0.
  return f32x4.add(f32x4.pmax(x, zero), f32x4.sub(exp4(f32x4.pmin(x, zero)), constant(ONE)));
}

// @ts-ignore: decorator
@inline
function sigmoid4(x: v128): v128 {
  const one = constant(ONE);
  // Beyond -30 it vanishes against 1; further down its products would leave float32's normal range,
  // where arithmetic is slow.
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.pmin(f32x4.neg(x), constant(SATURATED)))));
}

/** The slope of silu from its value and the sigmoid. */
function siluSlope4(value: v128, sigmoid: v128): v128 {
  return f32x4.add(sigmoid, f32x4.mul(value, f32x4.sub(constant(ONE), sigmoid)));
}

/** The tanh inside gelu: its tanh form of Hendrycks and Gimpel 2016, arXiv 1606.08415. */
// @ts-ignore: decorator
@inline
function geluTanh4(x: v128): v128 {
  const cubic = fma(constant(GELU_CUBIC), f32x4.mul(x, x), constant(ONE));
  return tanh4(f32x4.mul(constant(GELU_ROOT), f32x4.mul(x, cubic)));
}

function geluGate4(t: v128): v128 {
  return f32x4.mul(constant(HALF), f32x4.add(constant(ONE), t));
}

// @ts-ignore: decorator
@inline
function geluSlope4(x: v128, t: v128): v128 {
  const one = constant(ONE);
  const slope = f32x4.mul(constant(GELU_ROOT), fma(constant(GELU_SLOPE), f32x4.mul(x, x), one));
  const sech2 = f32x4.sub(one, f32x4.mul(t, t));
  return fma(f32x4.mul(constant(HALF), f32x4.mul(x, sech2)), slope, geluGate4(t));
}

/**
 * Applies the activation to n values (a multiple of 8) in place; silu and gelu also write their
 * derivatives. Both halves of an eight are computed before either is stored: nothing may separate
 * two stores that the compiler is to join.
 */
export function activate(kind: i32, z: usize, derivative: usize, n: i32): void {
  const end = z + <usize>n * 4;
  const zero = f32x4.splat(0);
  if (kind == RELU) {
    for (; z < end; z += 32) {
      const x = v128.load(z);
      const y = v128.load(z, 16);
      v128.store(z, f32x4.pmax(x, zero));
      v128.store(z, f32x4.pmax(y, zero), 16);
    }
  } else if (kind == ELU) {
    for (; z < end; z += 32) {
      store8(z, elu4(v128.load(z)), elu4(v128.load(z, 16)));
    }
  } else if (kind == TANH) {
    for (; z < end; z += 32) {
      store8(z, tanh4(v128.load(z)), tanh4(v128.load(z, 16)));
    }
  } else if (kind == SILU) {
    for (; z < end; z += 32) {
      const x = v128.load(z);
      const y = v128.load(z, 16);
      const sx = sigmoid4(x);
      const sy = sigmoid4(y);
      const vx = f32x4.mul(x, sx);
      const vy = f32x4.mul(y, sy);
      const dx = siluSlope4(vx, sx);
      const dy = siluSlope4(vy, sy);
      store8(z, vx, vy);
      store8(derivative, dx, dy);
      derivative += 32;
    }
  } else if (kind == GELU) {
    for (; z < end; z += 32) {
      const x = v128.load(z);
      const y = v128.load(z, 16);
      const tx = geluTanh4(x);
      const ty = geluTanh4(y);
      const vx = f32x4.mul(x, geluGate4(tx));
      const vy = f32x4.mul(y, geluGate4(ty));
      const dx = geluSlope4(x, tx);
      const dy = geluSlope4(y, ty);
      v128.store(z, vx);
      v128.store(z, vy, 16);
      store8(derivative, dx, dy);
      derivative += 32;
    }
  }
}

/** delta *= activation'(.), n values (a multiple of 8), from the output or the kept derivative. */
export function multiplyByDerivative(kind: i32, delta: usize, output: usize, derivative: usize, n: i32): void {
  const end = delta + <usize>n * 4;
  const zero = f32x4.splat(0);
  const one = constant(ONE);
  if (kind == RELU) {
    for (; delta < end; delta += 32) {
      const d = v128.load(delta);
      const e = v128.load(delta, 16);
      const a = v128.load(output);
      const b = v128.load(output, 16);
      store8(delta, v128.and(d, f32x4.gt(a, zero)), v128.and(e, f32x4.gt(b, zero)));
      output += 32;
    }
  } else if (kind == ELU) {
    for (; delta < end; delta += 32) {
      const d = v128.load(delta);
      const e = v128.load(delta, 16);
      const a = v128.load(output);
      const b = v128.load(output, 16);
      // a > 0: 1; else exp(x) = a + 1.
      store8(delta, f32x4.mul(d, f32x4.add(f32x4.pmin(a, zero), one)), f32x4.mul(e, f32x4.add(f32x4.pmin(b, zero), one)));
      output += 32;
    }
  } else if (kind == TANH) {
    for (; delta < end; delta += 32) {
      const d = v128.load(delta);
      const e = v128.load(delta, 16);
      const a = v128.load(output);
      const b = v128.load(output, 16);
      store8(delta, f32x4.mul(d, f32x4.sub(one, f32x4.mul(a, a))), f32x4.mul(e, f32x4.sub(one, f32x4.mul(b, b))));
      output += 32;
    }
  } else if (keepsDerivative(kind)) {
    multiply(delta, derivative, n);
  }
}

/** silu and gelu keep their derivative from the forward pass. */
export function keepsDerivative(kind: i32): bool {
  return kind == SILU || kind == GELU;
}

/** a *= b, n values (a multiple of 8). */
export function multiply(p: usize, q: usize, n: i32): void {
  const end = p + <usize>n * 4;
  for (; p < end; p += 32) {
    store8(p, f32x4.mul(v128.load(p), v128.load(q)), f32x4.mul(v128.load(p, 16), v128.load(q, 16)));
    q += 32;
  }
}
