/** One step of the optimiser on n parameters, a multiple of 8. */
#pragma once
#include "vectors.h"

enum { ADAM = 0, ADAMW = 1, SGD = 2 };

/**
 * Below this a moment counts as zero. Those of units at rest decay below float32's normal range and
 * stay there: arithmetic on such numbers is a hundred times slower, and the step that they make is
 * nothing.
 */
CONSTANT(NOTHING, 1e-18f);
/** The least second moment, for the same reason; its root is nothing next to epsilon. */
CONSTANT(NOTHING_SQUARED, 1e-36f);

/** Written so that NaN stays: a divergence is to be seen. */
INLINE floats cleared(floats value, float bound) {
  return __builtin_elementwise_abs(value) <= bound ? (floats)0.0f : value;
}

/** Settings and state of a step, apart from the parameters. */
struct step {
  float beta1, beta2, epsilon;
  /** rate / (1 - beta1^step), the bias correction included; for sgd the rate. */
  float rate;
  /** 1 / sqrt(1 - beta2^step), the other bias correction. */
  float root;
  /** 1 - rate decay (adamw), else 1. */
  float shrink;
  /** Decay as L2 (adam and sgd), else 0. */
  float decay;
};

/** Parameters are multiples of 8: where vectors are wider, the last one may be a half. */
INLINE floats load_last(const float *p) {
#if LANES == 16
  return __builtin_shufflevector(load_eight(p), (eight)0.0f, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#else
  return load(p);
#endif
}

INLINE void store_last(float *p, floats value) {
#if LANES == 16
  store_eight(p, value.lo);
#else
  store(p, value);
#endif
}

INLINE void adam_step(floats *theta, floats g, floats *m, floats *v, const struct step *by) {
  g = multiply_add((floats)by->decay, *theta, g);
  *m = cleared(multiply_add((floats)(1.0f - by->beta1), g - *m, *m), NOTHING);
  // Fused where the processor can: rounded on its own, the square of a small gradient would leave
  // the normal range.
  const floats growth = multiply_add(g, g, -*v);
  *v = higher(multiply_add((floats)(1.0f - by->beta2), growth, *v), (floats)NOTHING_SQUARED);
  const floats deviation = multiply_add(__builtin_elementwise_sqrt(*v), (floats)by->root, (floats)by->epsilon);
  *theta = by->shrink * *theta - (by->rate * *m) / deviation;
}

INLINE void adam(float *theta, const float *g, float *m, float *v, size_t n, struct step by) {
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    floats t = load(theta + i), first = load(m + i), second = load(v + i);
    adam_step(&t, load(g + i), &first, &second, &by);
    store(m + i, first);
    store(v + i, second);
    store(theta + i, t);
  }
  if (i < n) {
    floats t = load_last(theta + i), first = load_last(m + i), second = load_last(v + i);
    adam_step(&t, load_last(g + i), &first, &second, &by);
    store_last(m + i, first);
    store_last(v + i, second);
    store_last(theta + i, t);
  }
}

/** velocity = momentum velocity + gradient + decay theta; theta -= rate velocity. */
INLINE void sgd(float *theta, const float *g, float *velocity, size_t n, struct step by) {
  for (size_t i = 0; i < n; i += 8) {
    const eight t = load_eight(theta + i);
    const eight decayed = multiply_add((eight)by.decay, t, load_eight(g + i));
    eight v = multiply_add((eight)by.beta1, load_eight(velocity + i), decayed);
    v = __builtin_elementwise_abs(v) <= NOTHING ? (eight)0.0f : v;
    store_eight(velocity + i, v);
    store_eight(theta + i, t - by.rate * v);
  }
}
