/**
 * Activations in place, and their derivatives. Every activation maps 0 to 0, so that padded units
 * stay zero. elu, relu and tanh have derivatives in terms of their own output; silu and gelu keep
 * theirs from the forward pass. Buffers hold n values, a multiple of 32: whole rows.
 */
#pragma once
#include "network.h"
#include "vectors.h"

CONSTANT(TWO, 2);
CONSTANT(HALF, 0.5f);
/** tanh near zero. */
CONSTANT(TANH_5, -0.05396825396825397f);
CONSTANT(TANH_4, 0.13333333333333333f);
CONSTANT(TANH_3, -0.3333333333333333f);
CONSTANT(TANH_NEAR, 0.12f);
/** Where sigmoid(-x) vanishes against 1. */
CONSTANT(SATURATED, 30);
/** gelu's tanh form (Hendrycks and Gimpel 2016, arXiv 1606.08415): sqrt(2 / pi), the cubic term. */
CONSTANT(GELU_ROOT, 0.7978845608028654f);
CONSTANT(GELU_CUBIC, 0.044715f);
CONSTANT(GELU_SLOPE, 0.134145f);

/** tanh(u) = 1 - 2 / (exp(2u) + 1); near zero, where that cancels, u - u^3/3 + 2u^5/15. */
INLINE floats tangent(floats u) {
  const floats far = ONE - TWO / (exponential(u + u) + ONE);
  const floats u2 = u * u;
  floats near = multiply_add(u2, (floats)TANH_5, (floats)TANH_4);
  near = multiply_add(u2, near, (floats)TANH_3);
  near = multiply_add(u2 * u, near, u);
  return __builtin_elementwise_abs(u) < TANH_NEAR ? near : far;
}

INLINE floats elu(floats x) {
  // exp(x) - 1 loses digits only where x itself is far below float32's step at 1; harmless for
  // training and exact at 0.
  const floats zero = 0.0f;
  return higher(x, zero) + (exponential_in_range(higher(lower(x, zero), (floats)EXP_LOWEST)) - ONE);
}

INLINE floats sigmoid(floats x) {
  // Further down its products would leave float32's normal range, where arithmetic is slow.
  return ONE / (ONE + exponential(lower(-x, (floats)SATURATED)));
}

/** Applies the activation to n values in place; silu and gelu also write their derivatives. */
static void activate(int kind, float *z, float *derivative, size_t n) {
  if (kind == RELU) {
    for (size_t i = 0; i < n; i += LANES) store(z + i, higher(load(z + i), (floats)0.0f));
  } else if (kind == ELU) {
    for (size_t i = 0; i < n; i += LANES) store(z + i, elu(load(z + i)));
  } else if (kind == TANH) {
    for (size_t i = 0; i < n; i += LANES) store(z + i, tangent(load(z + i)));
  } else if (kind == SILU) {
    for (size_t i = 0; i < n; i += LANES) {
      const floats x = load(z + i);
      const floats gate = sigmoid(x);
      const floats value = x * gate;
      const floats derived = gate + value * (ONE - gate);
      store(z + i, value);
      store(derivative + i, derived);
    }
  } else if (kind == GELU) {
    for (size_t i = 0; i < n; i += LANES) {
      const floats x = load(z + i);
      const floats x2 = x * x;
      const floats t = tangent(GELU_ROOT * (x * multiply_add((floats)GELU_CUBIC, x2, (floats)ONE)));
      const floats gate = HALF * (ONE + t);
      const floats slope = GELU_ROOT * multiply_add((floats)GELU_SLOPE, x2, (floats)ONE);
      const floats derived = multiply_add(HALF * (x * (ONE - t * t)), slope, gate);
      store(z + i, x * gate);
      store(derivative + i, derived);
    }
  }
}

/** a *= b. */
static void multiply(float *a, const float *b, size_t n) {
  for (size_t i = 0; i < n; i += LANES) store(a + i, load(a + i) * load(b + i));
}

/** delta *= activation'(.) of n values, from the output or the kept derivative. */
static void multiply_by_derivative(int kind, float *delta, const float *output, const float *derivative, size_t n) {
  if (kind == RELU) {
    for (size_t i = 0; i < n; i += LANES) store(delta + i, load(output + i) > 0.0f ? load(delta + i) : (floats)0.0f);
  } else if (kind == ELU) {
    for (size_t i = 0; i < n; i += LANES) {
      // a > 0: 1; else exp(x) = a + 1.
      const floats a = load(output + i);
      store(delta + i, load(delta + i) * (lower(a, (floats)0.0f) + ONE));
    }
  } else if (kind == TANH) {
    for (size_t i = 0; i < n; i += LANES) {
      const floats a = load(output + i);
      store(delta + i, load(delta + i) * (ONE - a * a));
    }
  } else if (kind == SILU || kind == GELU) {
    multiply(delta, derivative, n);
  }
}
