/**
 * Layer normalisation of rows, and its way back. `units` is the width before padding, `padded` a
 * multiple of 8; padding stays zero.
 */
#pragma once
#include "vectors.h"

/** Added to the variance under the root. */
#define NORMALISATION_EPSILON 1e-5f

/** Sum of the lanes, in a fixed order. */
INLINE float sum_of(eight v) {
  const float low = (v.s0 + v.s1) + (v.s2 + v.s3);
  const float high = (v.s4 + v.s5) + (v.s6 + v.s7);
  return low + high;
}

/** z [rows, padded] -> gain * normalised + shift, in place; `inverses`: 1 / deviation of rows. */
static void normalise(float *z, float *normalised, float *inverses, int rows, int units, int padded, const float *gain,
                      const float *shift) {
  const float count = (float)units;
  for (int row = 0; row < rows; row++) {
    eight sum = 0.0f;
    for (int j = 0; j < padded; j += 8) sum += load_eight(z + j);
    const float mean = sum_of(sum) / count;
    for (int j = 0; j < padded; j += 8) store_eight(normalised + j, load_eight(z + j) - mean);
    for (int j = units; j < padded; j++) normalised[j] = 0;
    eight squares = 0.0f;
    for (int j = 0; j < padded; j += 8) {
      const eight centred = load_eight(normalised + j);
      squares += centred * centred;
    }
    const float inverse = 1.0f / __builtin_sqrtf(sum_of(squares) / count + NORMALISATION_EPSILON);
    inverses[row] = inverse;
    for (int j = 0; j < padded; j += 8) {
      const eight value = load_eight(normalised + j) * inverse;
      store_eight(normalised + j, value);
      store_eight(z + j, value * load_eight(gain + j) + load_eight(shift + j));
    }
    z += padded;
    normalised += padded;
  }
}

/** gradient [padded] = sums over the rows of delta * normalised: d loss / d gain. */
static void gain_gradient(const float *delta, const float *normalised, int rows, int padded, float *gradient) {
  for (int j = 0; j < padded; j += 8) {
    eight sum = 0.0f;
    for (int row = 0; row < rows; row++) {
      const size_t at = (size_t)row * padded + j;
      sum += load_eight(delta + at) * load_eight(normalised + at);
    }
    store_eight(gradient + j, sum);
  }
}

/** delta = d loss / d (gain * normalised + shift) -> d loss / d z, in place. */
static void denormalise_delta(float *delta, const float *normalised, const float *inverses, int rows, int units, int padded,
                              const float *gain) {
  const float count = (float)units;
  for (int row = 0; row < rows; row++) {
    eight sum = 0.0f;
    eight along = 0.0f;
    for (int j = 0; j < padded; j += 8) {
      const eight slope = load_eight(delta + j) * load_eight(gain + j);
      store_eight(delta + j, slope);
      sum += slope;
      along += slope * load_eight(normalised + j);
    }
    const float mean = sum_of(sum) / count;
    const float share = sum_of(along) / count;
    for (int j = 0; j < padded; j += 8) {
      const eight rest = load_eight(delta + j) - mean - load_eight(normalised + j) * share;
      store_eight(delta + j, rest * inverses[row]);
    }
    for (int j = units; j < padded; j++) delta[j] = 0;
    delta += padded;
    normalised += padded;
  }
}
