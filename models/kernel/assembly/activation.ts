/**
 * Activations in place, and their derivatives. Every activation maps 0 to 0, so that padded units stay zero.
 * elu, relu and tanh have derivatives in terms of their own output; silu and gelu keep theirs from the forward pass.
 */
import { exp4, fma } from './lanes';

export const LINEAR: i32 = 0;
export const RELU: i32 = 1;
export const ELU: i32 = 2;
export const TANH: i32 = 3;
export const SILU: i32 = 4;
export const GELU: i32 = 5;

/** tanh(u) = 1 - 2 / (exp(2u) + 1); near zero u - u^3/3 + 2u^5/15, where the subtraction would cancel. */
// @ts-ignore: decorator
@inline
function tanh4(u: v128): v128 {
  const one = f32x4.splat(1);
  const e = exp4(f32x4.add(u, u));
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(e, one)));
  const u2 = f32x4.mul(u, u);
  let near = fma(u2, f32x4.splat(-0.05396825396825397), f32x4.splat(0.13333333333333333));
  near = fma(u2, near, f32x4.splat(-0.3333333333333333));
  near = fma(f32x4.mul(u2, u), near, u);
  return v128.bitselect(near, far, f32x4.lt(f32x4.abs(u), f32x4.splat(0.12)));
}

/** Applies the activation to n values (a multiple of 4) in place; silu and gelu also write their derivatives. */
export function activate(kind: i32, z: usize, derivative: usize, n: i32): void {
  const end = z + <usize>n * 4;
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  if (kind == RELU) {
    for (; z < end; z += 16) v128.store(z, f32x4.max(v128.load(z), zero));
  } else if (kind == ELU) {
    for (; z < end; z += 16) {
      const x = v128.load(z);
      // exp(x) - 1 loses digits only where x itself is far below float32's step at 1; harmless for training and exact at 0.
      const negative = f32x4.sub(exp4(f32x4.min(x, zero)), one);
      v128.store(z, f32x4.add(f32x4.max(x, zero), negative));
    }
  } else if (kind == TANH) {
    for (; z < end; z += 16) v128.store(z, tanh4(v128.load(z)));
  } else if (kind == SILU) {
    for (; z < end; z += 16) {
      const x = v128.load(z);
      const sigmoid = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
      const value = f32x4.mul(x, sigmoid);
      v128.store(z, value);
      v128.store(derivative, f32x4.add(sigmoid, f32x4.mul(value, f32x4.sub(one, sigmoid))));
      derivative += 16;
    }
  } else if (kind == GELU) {
    // The tanh form of Hendrycks and Gimpel 2016, arXiv 1606.08415.
    const half = f32x4.splat(0.5);
    const root = f32x4.splat(0.7978845608028654);
    const cubic = f32x4.splat(0.044715);
    for (; z < end; z += 16) {
      const x = v128.load(z);
      const x2 = f32x4.mul(x, x);
      const inner = f32x4.mul(root, f32x4.mul(x, fma(cubic, x2, one)));
      const t = tanh4(inner);
      const gate = f32x4.mul(half, f32x4.add(one, t));
      const slope = f32x4.mul(root, fma(f32x4.splat(0.134145), x2, one));
      v128.store(z, f32x4.mul(x, gate));
      const sech2 = f32x4.sub(one, f32x4.mul(t, t));
      v128.store(derivative, fma(f32x4.mul(half, f32x4.mul(x, sech2)), slope, gate));
      derivative += 16;
    }
  }
}

/** delta *= activation'(.), n values (a multiple of 4), from the activation's output or its kept derivative. */
export function multiplyByDerivative(kind: i32, delta: usize, output: usize, derivative: usize, n: i32): void {
  const end = delta + <usize>n * 4;
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  if (kind == RELU) {
    for (; delta < end; delta += 16) {
      v128.store(delta, v128.and(v128.load(delta), f32x4.gt(v128.load(output), zero)));
      output += 16;
    }
  } else if (kind == ELU) {
    for (; delta < end; delta += 16) {
      // a > 0: 1; else exp(x) = a + 1.
      v128.store(delta, f32x4.mul(v128.load(delta), f32x4.add(f32x4.min(v128.load(output), zero), one)));
      output += 16;
    }
  } else if (kind == TANH) {
    for (; delta < end; delta += 16) {
      const a = v128.load(output);
      v128.store(delta, f32x4.mul(v128.load(delta), f32x4.sub(one, f32x4.mul(a, a))));
      output += 16;
    }
  } else if (kind == SILU || kind == GELU) {
    for (; delta < end; delta += 16) {
      v128.store(delta, f32x4.mul(v128.load(delta), v128.load(derivative)));
      derivative += 16;
    }
  }
}
