/** Dropout: the masks of models/networks/dropout.ts, eight units at a time. */
#pragma once
#include "vectors.h"

/** A bijection of 32-bit words that mixes all bits. */
#define DEFINE_MIX(name, type)          \
  INLINE type name(type x) {            \
    x = (x ^ (x >> 16)) * 0x7feb352du;  \
    x = (x ^ (x >> 15)) * 0x846ca68bu;  \
    return x ^ (x >> 16);               \
  }
DEFINE_MIX(mix, uint32_t)
DEFINE_MIX(mix_eight, eight_words)

/** Key of one layer in one step. */
INLINE uint32_t dropout_key(uint32_t seed, int step, int layer) { return mix(seed ^ mix((uint32_t)(step * 64 + layer))); }

/**
 * Drops units of output [rows, units] and of its derivative: 0 where the upper 31 bits of the word
 * are below `threshold`, times `scale` elsewhere. `units` is the padded width.
 */
static void drop_out(float *output, float *derivative, int rows, int units, uint32_t key, uint32_t threshold, float scale) {
  const eight_words lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  for (int row = 0; row < rows; row++) {
    for (int unit = 0; unit < units; unit += 8) {
      const eight_words word = mix_eight(key ^ (lanes + (uint32_t)(row * 65536 + unit))) >> 1;
      const eight factor = word < threshold ? (eight)0.0f : (eight)scale;
      store_eight(output, load_eight(output) * factor);
      store_eight(derivative, load_eight(derivative) * factor);
      output += 8;
      derivative += 8;
    }
  }
}
