/**
 * Whether everything that a call reads and writes is within the memory: native code has no sandbox.
 * Checked once per call, before any vector is loaded.
 */
#pragma once
#include "network.h"
#include "vectors.h"

/** Bounds of numbers, far above what a network has, so that products fit 64 bits. */
#define MOST_LAYERS 64
#define MOST_WIDTH (1u << 20)
#define MOST_BATCH (1u << 24)

/** Whether `bytes` at an offset, which is aligned for its type, are within `size`. */
INLINE int fits(uint64_t size, uint64_t offset, uint64_t bytes, uint64_t alignment) {
  return offset % alignment == 0 && offset <= size && bytes <= size - offset;
}

INLINE int floats_fit(uint64_t size, uint64_t offset, uint64_t count) { return fits(size, offset, 4 * count, 4); }

/** Whether the parameters of a layer are among the `count` of the network. */
static int parameters_fit(const struct layer *layer, uint64_t count) {
  const uint64_t bytes = 4 * count;
  const uint64_t biases = layer->normalised ? 3 : 1;
  return fits(bytes, layer->weights, 4ull * layer->in * layer->out, 4) && fits(bytes, layer->bias, 4 * biases * layer->out, 4) &&
         layer->bias == layer->weights + 4ull * layer->in * layer->out &&
         (!layer->normalised || fits(bytes, layer->gain, 8ull * layer->out, 4));
}

static int layer_fits(const struct layer *layer, uint64_t size, uint64_t rows, uint64_t count) {
  const uint64_t values = rows * layer->out;
  if (layer->in > MOST_WIDTH || layer->out > MOST_WIDTH || layer->in == 0 || layer->out == 0) return 0;
  if (layer->in % 8 || layer->out % 8 || layer->inputs > layer->in || layer->units > layer->out) return 0;
  if (!parameters_fit(layer, count) || !floats_fit(size, layer->output, values)) return 0;
  const int derives = keeps_derivative(layer->activation) || layer->dropout;
  if (derives && !floats_fit(size, layer->derivative, values)) return 0;
  return !layer->normalised || (floats_fit(size, layer->normalised, values) && floats_fit(size, layer->inverses, rows));
}

/** Whether a network, its buffers and its data are within the memory of `size` bytes. */
static int network_fits(uintptr_t base, uint64_t size, uint32_t net_at) {
  if (!fits(size, net_at, sizeof(struct header), 4)) return 0;
  const struct header *net = (const struct header *)(base + net_at);
  if (net->layers == 0 || net->layers > MOST_LAYERS || net->batch == 0 || net->batch > MOST_BATCH) return 0;
  if (!fits(size, net_at, sizeof(struct header) + net->layers * sizeof(struct layer), 4)) return 0;
  const struct layer *layers = (const struct layer *)(net + 1);
  const uint64_t rows = (net->batch + 3u) & ~3u;
  uint64_t widest = 0;
  for (uint32_t l = 0; l < net->layers; l++) {
    const struct layer *layer = layers + l;
    if (!layer_fits(layer, size, rows, net->count) || (l > 0 && layer->in != layers[l - 1].out)) return 0;
    const uint64_t width = layer->in > layer->out ? layer->in : layer->out;
    if (width > widest) widest = width;
  }
  if (net->x_stride != 4 * layers[0].in || net->y_stride != 4 * layers[net->layers - 1].out) return 0;
  return floats_fit(size, net->theta, net->count) && floats_fit(size, net->gradient, net->count) &&
         floats_fit(size, net->first, net->count) && floats_fit(size, net->second, net->count) &&
         fits(size, net->x, (uint64_t)net->rows * net->x_stride, 4) && fits(size, net->y, (uint64_t)net->rows * net->y_stride, 4) &&
         floats_fit(size, net->delta_a, rows * widest) && floats_fit(size, net->delta_b, rows * widest) &&
         floats_fit(size, net->panel, PANEL_COLUMNS * widest) && fits(size, net->input, rows * net->x_stride, 4) &&
         fits(size, net->errors, 8 * rows, 8);
}

/** Whether `count` row numbers at an offset are within the memory, and each below `rows`. */
static int order_fits(uintptr_t base, uint64_t size, uint32_t offset, int count, uint32_t rows) {
  if (count < 0 || !fits(size, offset, 4ull * (uint32_t)count, 4)) return 0;
  const uint32_t *order = (const uint32_t *)(base + offset);
  uint32_t wrong = 0;
  for (int i = 0; i < count; i++) wrong |= order[i] >= rows;
  return !wrong;
}
