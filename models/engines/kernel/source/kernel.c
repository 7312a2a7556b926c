/**
 * The fused training kernel: gather, forward, loss, backward and optimiser of whole mini-batches
 * without returning to the host. Rows of a mini-batch are padded to a multiple of 4 with rows whose
 * error is set to zero, so that they change no gradient. It keeps no state but that in memory, and
 * needs no library.
 */
#include "kernel.h"

#include "activation.h"
#include "dropout.h"
#include "gemm.h"
#include "multiply_adds.h"
#include "network.h"
#include "normalise.h"
#include "optimiser.h"

static_assert(2 * LANES <= PANEL_COLUMNS, "the panel has the columns of the widest tile");

/** The value at an offset from the start of the memory. */
INLINE float *at(uintptr_t base, uint32_t offset) { return (float *)(base + offset); }
INLINE const uint32_t *rows_at(uintptr_t base, uint32_t offset) { return (const uint32_t *)(base + offset); }
INLINE const struct header *network_at(uintptr_t base, uint32_t offset) { return (const struct header *)(base + offset); }

INLINE const struct layer *layer_of(const struct header *net, uint32_t index) { return (const struct layer *)(net + 1) + index; }

INLINE int padded_rows(int n) { return (n + 3) & ~3; }

static void clear(float *p, size_t n) {
  for (size_t i = 0; i < n; i += 8) store_eight(p + i, 0.0f);
}

/**
 * Has one of `parts` equal parts of n rows of the data brought near the processor: a hint, as it
 * cannot guess rows in no order. Many at once would stop it until some have come, so that the parts
 * are spread over other work.
 */
static void fetch_part(const float *data, size_t stride, const uint32_t *order, int n, int part, int parts) {
  if (WASM) return;
  for (int i = n * part / parts; i < n * (part + 1) / parts; i++) {
    const float *row = data + order[i] * stride;
    for (size_t j = 0; j < stride; j += 16) __builtin_prefetch(row + j, 0, 2);
  }
}

/** Copies the rows' descriptors into the mini-batch. */
static void gather(uintptr_t base, const struct header *net, const uint32_t *order, int n) {
  const size_t stride = net->x_stride / 4;
  const float *x = at(base, net->x);
  float *to = at(base, net->input);
  for (int i = 0; i < n; i++) {
    const float *from = x + order[i] * stride;
    for (size_t j = 0; j < stride; j += 8) store_eight(to + j, load_eight(from + j));
    to += stride;
  }
  clear(to, (size_t)(padded_rows(n) - n) * stride);
}

/**
 * Runs n rows of the mini-batch through the layers; drops units where `step` is not negative, and
 * keeps what backward needs where `derives`. Meanwhile the targets of these rows are fetched, and
 * the descriptors of the `next` rows that follow in the order.
 */
static void forward(uintptr_t base, const struct header *net, const uint32_t *order, int n, int next, int step, int derives) {
  const int rows = padded_rows(n);
  const float *a = at(base, net->input);
  const float *theta = at(base, net->theta);
  const uint32_t layers = net->layers;
  for (uint32_t l = 0; l < layers; l++) {
    const struct layer *layer = layer_of(net, l);
    const size_t values = (size_t)rows * layer->out;
    float *output = at(base, layer->output);
    float *derivative = at(base, layer->derivative);
    const float *bias = layer->has_bias ? theta + layer->bias / 4 : NULL;
    fetch_part(at(base, net->y), net->y_stride / 4, order, n, (int)l, (int)layers);
    fetch_part(at(base, net->x), net->x_stride / 4, order + n, next, (int)l, (int)layers);
    gemm(a, layer->in, 1, theta + layer->weights / 4, layer->out, output, layer->out, rows, (int)layer->out, (int)layer->inputs,
         bias, NULL);
    if (layer->normalised) {
      const float *gain = theta + layer->gain / 4;
      normalise(output, at(base, layer->normalised), at(base, layer->inverses), rows, (int)layer->units, (int)layer->out, gain,
                gain + layer->out);
    }
    const int kind = (int)layer->activation;
    activate(kind, output, derives ? derivative : NULL, values);
    if (step >= 0 && layer->dropout) {
      if (!keeps_derivative(layer->activation)) {
        for (size_t i = 0; i < values; i += LANES) store(derivative + i, 1.0f);
        multiply_by_derivative(kind, derivative, output, NULL, values);
      }
      const uint32_t key = dropout_key(net->seed, step, (int)l);
      drop_out(output, derivative, rows, (int)layer->out, key, layer->dropout, layer->dropout_scale);
    }
    a = output;
  }
}

/** Sum of the lanes in float64. */
INLINE double wide_sum(eight v) {
  typedef double four_doubles __attribute__((ext_vector_type(4)));
  const four_doubles sums = __builtin_convertvector(v.lo, four_doubles) + __builtin_convertvector(v.hi, four_doubles);
  return (sums.x + sums.z) + (sums.y + sums.w);
}

/** Values of a row summed in float32 before the sum continues in float64: 8 additions a lane. */
#define SUMMED_IN_FLOAT32 64

/**
 * Fills `errors` with the squared error of each row and returns their sum; DELTA_A = scale (yhat -
 * y), 0 in padded rows.
 */
static double loss(uintptr_t base, const struct header *net, const uint32_t *order, int n, float scale) {
  const struct layer *last = layer_of(net, net->layers - 1);
  const float *targets = at(base, net->y);
  const size_t stride = net->y_stride / 4;
  const float *yhat = at(base, last->output);
  float *delta = at(base, net->delta_a);
  double *errors = (double *)at(base, net->errors);
  double sum = 0;
  const uint32_t width = last->out;
  for (int i = 0; i < n; i++) {
    const float *y = targets + order[i] * stride;
    double error = 0;
    for (uint32_t from = 0; from < width; from += SUMMED_IN_FLOAT32) {
      const uint32_t to = from + SUMMED_IN_FLOAT32 < width ? from + SUMMED_IN_FLOAT32 : width;
      eight squares = 0.0f;
      for (uint32_t j = from; j < to; j += 8) {
        const eight difference = load_eight(yhat + j) - load_eight(y + j);
        squares = multiply_add(difference, difference, squares);
        store_eight(delta + j, difference * scale);
      }
      error += wide_sum(squares);
    }
    errors[i] = error;
    sum += error;
    yhat += width;
    delta += width;
  }
  clear(delta, (size_t)(padded_rows(n) - n) * width);
  return sum;
}

/** Column sums of delta [n, N] for `vectors` eights from column j on; a constant where called. */
INLINE void sum_columns(const int vectors, const float *delta, int n, int N, int j, float *sums) {
  eight totals[8];
  UNROLL for (int i = 0; i < vectors; i++) totals[i] = 0.0f;
  const float *p = delta + j;
  for (int row = 0; row < n; row++) {
    UNROLL for (int i = 0; i < vectors; i++) totals[i] += load_eight(p + 8 * i);
    p += N;
  }
  UNROLL for (int i = 0; i < vectors; i++) store_eight(sums + j + 8 * i, totals[i]);
}

/** sums [N] = column sums of delta [n, N]; N a multiple of 8. */
static void column_sums(const float *delta, int n, int N, float *sums) {
  int j = 0;
  for (; j + 64 <= N; j += 64) sum_columns(8, delta, n, N, j, sums);
  for (; j + 16 <= N; j += 16) sum_columns(2, delta, n, N, j, sums);
  if (j < N) sum_columns(1, delta, n, N, j, sums);
}

/** base^exponent by repeated squaring. */
static double power(double base, int exponent) {
  double result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result *= base;
    base *= base;
  }
  return result;
}

/** A step of one layer at this rate; `step` counts from 1. Weights decay, the others do not. */
static void update(uintptr_t base, const struct header *net, const struct layer *layer, double rate, int step) {
  const int kind = (int)net->optimiser;
  float *theta = at(base, net->theta);
  const float *g = at(base, net->gradient);
  float *m = at(base, net->first);
  float *v = at(base, net->second);
  struct step weights = {.beta1 = net->beta1, .beta2 = net->beta2, .epsilon = net->epsilon, .shrink = 1};
  if (kind == SGD) {
    weights.rate = (float)rate;
  } else {
    weights.rate = (float)(rate / (1 - power((double)net->beta1, step)));
    weights.root = (float)(1 / __builtin_sqrt(1 - power((double)net->beta2, step)));
  }
  struct step others = weights;
  if (kind == ADAMW) weights.shrink = (float)(1 - rate * (double)net->weight_decay);
  else weights.decay = net->weight_decay;
  const size_t from = layer->weights / 4;
  const size_t after = layer->bias / 4;
  // The bias, and the gain and the shift behind it.
  const size_t rest = layer->out * (layer->normalised ? 3u : 1u);
  if (kind == SGD) {
    sgd(theta + from, g + from, m + from, after - from, weights);
    sgd(theta + after, g + after, m + after, rest, others);
  } else {
    adam(theta + from, g + from, m + from, v + from, after - from, weights);
    adam(theta + after, g + after, m + after, v + after, rest, others);
  }
}

/**
 * Walks back from DELTA_A (d loss / d output) through the layers. Fills the gradient where
 * `parameters`; where `inputs`, continues to d loss / d input, in place of the mini-batch.
 * `training` as in the forward pass before it. Takes step number `step` at this rate, each layer
 * while its gradient is in the cache; step 0: none.
 */
static void backward(uintptr_t base, const struct header *net, int n, int training, int parameters, int inputs, double rate,
                     int step) {
  const int rows = padded_rows(n);
  const float *theta = at(base, net->theta);
  float *gradient = at(base, net->gradient);
  float *delta = at(base, net->delta_a);
  float *other = at(base, net->delta_b);
  for (int l = (int)net->layers - 1; l >= 0; l--) {
    const struct layer *layer = layer_of(net, (uint32_t)l);
    const size_t values = (size_t)rows * layer->out;
    const int outputs = (int)layer->out;
    const float *derivative = at(base, layer->derivative);
    if (training && layer->dropout) multiply(delta, derivative, values);
    else multiply_by_derivative((int)layer->activation, delta, at(base, layer->output), derivative, values);
    if (layer->normalised) {
      const float *normalised = at(base, layer->normalised);
      const uint32_t gain = layer->gain / 4;
      if (parameters) {
        gain_gradient(delta, normalised, n, outputs, gradient + gain);
        column_sums(delta, n, outputs, gradient + gain + outputs);
      }
      denormalise_delta(delta, normalised, at(base, layer->inverses), rows, (int)layer->units, outputs, theta + gain);
    }
    if (parameters) {
      const float *a = at(base, l == 0 ? net->input : layer_of(net, (uint32_t)l - 1)->output);
      gemm(a, 1, layer->in, delta, layer->out, gradient + layer->weights / 4, layer->out, padded_rows((int)layer->inputs), outputs,
           n, NULL, NULL);
      if (layer->has_bias) column_sums(delta, n, outputs, gradient + layer->bias / 4);
    }
    if (l > 0 || inputs) {
      float *next = l > 0 ? other : at(base, net->input);
      gemm(delta, layer->out, 1, theta + layer->weights / 4, layer->out, next, layer->in, rows, (int)layer->in,
           (int)layer->units, NULL, at(base, net->panel));
      other = delta;
      delta = next;
    }
    if (step > 0) update(base, net, layer, rate, step);
  }
}

/**
 * Mini-batches first .. first + count of `order` (total row numbers), one step of the optimiser
 * each at rates[i]; `step` steps were taken before. Returns the sum of squared errors met on the
 * way.
 */
double kernel_train(uintptr_t base, uint32_t net_at, uint32_t order, int total, int first, int count, uint32_t rates, int step) {
  const struct header *net = network_at(base, net_at);
  const int batch = (int)net->batch;
  const double *rate = (const double *)(base + rates);
  double sum = 0;
  for (int i = 0; i < count; i++) {
    const int from = (first + i) * batch;
    const int n = batch < total - from ? batch : total - from;
    if (n <= 0) break;
    const uint32_t *rows = rows_at(base, order) + from;
    gather(base, net, rows, n);
    const int left = total - from - n;
    forward(base, net, rows, n, left < batch ? left : batch, step + i, 1);
    sum += loss(base, net, rows, n, 2 / ((float)n * (float)net->outputs));
    backward(base, net, n, 1, 1, 0, rate[i], step + i + 1);
  }
  return sum;
}

/** Gathers n rows (at most a batch), runs them forward, and fills `errors`. */
void kernel_evaluate(uintptr_t base, uint32_t net, uint32_t order, int n) {
  gather(base, network_at(base, net), rows_at(base, order), n);
  kernel_evaluate_input(base, net, order, n);
}

/** Runs the n inputs in the mini-batch forward; fills `errors` from the targets of the rows. */
void kernel_evaluate_input(uintptr_t base, uint32_t net_at, uint32_t order, int n) {
  const struct header *net = network_at(base, net_at);
  const uint32_t *rows = rows_at(base, order);
  forward(base, net, rows, n, 0, -1, 0);
  loss(base, net, rows, n, 0);
}

/**
 * Gathers n rows (at most a batch) and fills the gradient with d loss / d parameters; returns the
 * sum of squared errors. No step is taken; `step` addresses the dropout, negative: none.
 */
double kernel_parameter_gradient(uintptr_t base, uint32_t net_at, uint32_t order, int n, int step) {
  const struct header *net = network_at(base, net_at);
  const uint32_t *rows = rows_at(base, order);
  gather(base, net, rows, n);
  forward(base, net, rows, n, 0, step, 1);
  const double sum = loss(base, net, rows, n, 2 / ((float)n * (float)net->outputs));
  backward(base, net, n, step >= 0, 1, 0, 0, 0);
  return sum;
}

/**
 * For the n inputs in the mini-batch and the targets of the rows in `order`: d loss / d input, in
 * place of the mini-batch; loss = scale / 2 times the returned sum of squares.
 */
double kernel_input_gradient(uintptr_t base, uint32_t net_at, uint32_t order, int n, float scale) {
  const struct header *net = network_at(base, net_at);
  const uint32_t *rows = rows_at(base, order);
  forward(base, net, rows, n, 0, -1, 1);
  const double sum = loss(base, net, rows, n, scale);
  backward(base, net, n, 0, 0, 1, 0, 0);
  return sum;
}

/** 2^y of n floats (a multiple of 32) in place; offered so that its stated error can be tested. */
void kernel_powers_of_two(uintptr_t base, uint32_t values, int n) {
  float *p = at(base, values);
  for (int i = 0; i < n; i += LANES) store(p + i, power_of_two(load(p + i)));
}

/** Multiply-adds on 12 vectors at `values`, for benchmarks; returns the operations. */
double kernel_multiply_adds(uintptr_t base, uint32_t values, int rounds) { return multiply_adds(at(base, values), rounds); }
