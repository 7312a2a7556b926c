/**
 * Activations in place, and their derivatives. Every activation maps 0 to 0, so that padded units
 * stay zero. elu, relu and tanh have derivatives in terms of their own output; silu and gelu keep
 * theirs from the forward pass. Buffers hold n values, a multiple of 32: whole rows.
 */
#pragma once
#include "network.h"
#include "vectors.h"

CONSTANT(TWO, 2);
CONSTANT(LOG2_E, 1.4426950408889634f);
CONSTANT(TWICE_LOG2_E, 2.8853900817779268f);
/** tanh near zero. */
CONSTANT(TANH_5, -0.05396825396825397f);
CONSTANT(TANH_4, 0.13333333333333333f);
CONSTANT(TANH_3, -0.3333333333333333f);
CONSTANT(TANH_NEAR, 0.12f);
/** 2^-y vanishes against 1 from here on; further on, its products would leave the normal range. */
CONSTANT(SATURATED, 43);
/**
 * gelu's tanh form (Hendrycks and Gimpel 2016, arXiv 1606.08415), x (1 + tanh(u)) / 2 with u =
 * sqrt(2 / pi) (x + 0.044715 x^3), is x / (1 + exp(-2u)). In powers of two, -2u = x (GELU_1 +
 * GELU_3 x^2); 2 du/dx = GELU_SLOPE_0 + GELU_SLOPE_2 x^2.
 */
CONSTANT(GELU_1, -2.302208198144325f);
CONSTANT(GELU_3, -0.10294323958002349f);
CONSTANT(GELU_SLOPE_0, 1.5957691216057308f);
CONSTANT(GELU_SLOPE_2, 0.21406444881780076f);
/** Below this gelu is 0 within 1e-12. */
CONSTANT(GELU_LOWEST, -6.5f);

/** tanh(u) = 1 - 2 / (exp(2u) + 1); near zero, where that cancels, u - u^3/3 + 2u^5/15. */
INLINE floats tangent(floats u) {
  const floats y = higher(u * (floats)TWICE_LOG2_E, (floats)LOWEST_POWER);
  const floats far = ONE - TWO / (power_of_two(lower(y, (floats)HIGHEST_POWER)) + ONE);
  const floats u2 = u * u;
  floats near = multiply_add(u2, (floats)TANH_5, (floats)TANH_4);
  near = multiply_add(u2, near, (floats)TANH_3);
  near = multiply_add(u2 * u, near, u);
  return __builtin_elementwise_abs(u) < TANH_NEAR ? near : far;
}

/**
 * Stores a choice between what is at p and another value. The compiler may not know the address:
 * it would store the other value through a mask, which is slow with AVX2.
 */
INLINE void store_choice(float *p, floats value) {
  __asm__("" : "+r"(p));
  store(p, value);
}

INLINE floats elu(floats x) {
  // exp(x) - 1 loses digits only where x itself is far below float32's step at 1; harmless for
  // training and exact at 0.
  const floats below = power_of_two(higher(x * (floats)LOG2_E, (floats)LOWEST_POWER)) - ONE;
  return x > 0.0f ? x : below;
}

/** 1 / (1 + 2^y), y at most SATURATED. */
INLINE floats gate_of(floats y) { return ONE / (ONE + power_of_two(higher(y, (floats)LOWEST_POWER))); }

/** silu of x = x sigmoid(x), and its derivative. */
INLINE floats silu(floats x, floats *derivative) {
  const floats gate = gate_of(lower(-LOG2_E * x, (floats)SATURATED));
  const floats value = x * gate;
  *derivative = multiply_add(value, ONE - gate, gate);
  return value;
}

/** gelu of x, and its derivative. */
INLINE floats gelu(floats x, floats *derivative) {
  x = higher(x, (floats)GELU_LOWEST);
  const floats x2 = x * x;
  const floats gate = gate_of(x * multiply_add(x2, (floats)GELU_3, (floats)GELU_1));
  const floats value = x * gate;
  const floats slope = multiply_add(x2, (floats)GELU_SLOPE_2, (floats)GELU_SLOPE_0);
  *derivative = multiply_add(value * (ONE - gate), slope, gate);
  return value;
}

/** Applies an activation, a constant where called, that keeps its derivative; NULL: none. */
INLINE void apply(floats (*const activation)(floats, floats *), float *z, float *derivative, size_t n) {
  for (size_t i = 0; i < n; i += LANES) {
    floats derived;
    store(z + i, activation(load(z + i), &derived));
    if (derivative) store(derivative + i, derived);
  }
}

/**
 * Applies the activation to n values in place; silu and gelu also write their derivatives, unless
 * `derivative` is NULL.
 */
static void activate(int kind, float *z, float *derivative, size_t n) {
  if (kind == RELU) {
    for (size_t i = 0; i < n; i += LANES) store_choice(z + i, higher(load(z + i), (floats)0.0f));
  } else if (kind == ELU) {
    for (size_t i = 0; i < n; i += LANES) store_choice(z + i, elu(load(z + i)));
  } else if (kind == TANH) {
    for (size_t i = 0; i < n; i += LANES) store(z + i, tangent(load(z + i)));
  } else if (kind == SILU) {
    if (derivative) apply(silu, z, derivative, n);
    else apply(silu, z, NULL, n);
  } else if (kind == GELU) {
    if (derivative) apply(gelu, z, derivative, n);
    else apply(gelu, z, NULL, n);
  }
}

/** a *= b. */
static void multiply(float *a, const float *b, size_t n) {
  for (size_t i = 0; i < n; i += LANES) store(a + i, load(a + i) * load(b + i));
}

/** delta *= activation'(.) of n values, from the output or the kept derivative. */
static void multiply_by_derivative(int kind, float *delta, const float *output, const float *derivative, size_t n) {
  if (kind == RELU) {
    for (size_t i = 0; i < n; i += LANES) store_choice(delta + i, load(output + i) > 0.0f ? load(delta + i) : (floats)0.0f);
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
