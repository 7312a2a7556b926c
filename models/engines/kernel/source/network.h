/**
 * A network in memory, as the host lays it out: a header and its layers, in 32-bit words (see
 * ../layout.ts, the only other place that knows them). Offsets are in bytes from the start of the
 * memory.
 */
#pragma once
#include <stdint.h>

struct header {
  uint32_t layers;
  /** The parameters, their gradient and the optimiser's moments: `count` floats each. */
  uint32_t theta, gradient, first, second, count;
  /** The data set, rows padded to 8 columns, strides in bytes; `outputs`: before padding. */
  uint32_t x, x_stride, y, y_stride, outputs;
  /** Scratch; `errors`: the squared error of each row of the mini-batch, in float64. */
  uint32_t delta_a, delta_b, transposed;
  /** The mini-batch; after a walk back to the inputs, their gradient. */
  uint32_t input, errors;
  float beta1, beta2, epsilon;
  uint32_t batch, optimiser;
  float weight_decay;
  uint32_t seed;
};

struct layer {
  /** Widths: `in` and `out` padded, `inputs` and `units` before padding. */
  uint32_t in, out, inputs, units, activation, has_bias;
  /** Offsets from theta. */
  uint32_t weights, bias;
  /** Buffers; the last two are 0 without normalisation. */
  uint32_t output, derivative, normalised, inverses;
  /** Offset from theta; the shift follows. */
  uint32_t gain;
  /** The threshold of a word, see dropout.h; 0: no dropout. */
  uint32_t dropout;
  float dropout_scale;
};
