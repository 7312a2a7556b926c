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
  /** The data set, padded to 8 columns, strides in bytes; `outputs`: columns before padding. */
  uint32_t rows, x, x_stride, y, y_stride, outputs;
  /** Scratch; `errors`: the squared error of each row of the mini-batch, in float64. */
  uint32_t delta_a, delta_b, panel;
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

/** The most columns of transposed weights that a product needs at once, whatever the vectors. */
#define PANEL_COLUMNS 32

enum { LINEAR = 0, RELU = 1, ELU = 2, TANH = 3, SILU = 4, GELU = 5 };

/** silu and gelu keep their derivative from the forward pass. */
static inline int keeps_derivative(uint32_t activation) { return activation == SILU || activation == GELU; }
