/**
 * The fused training kernel: gather, forward, loss, backward and optimiser of whole mini-batches
 * without leaving WebAssembly.
 *
 * A network is a block of 32-bit words that the host lays out (see ../layout.ts, the only other
 * place that knows it):
 *   header: LAYERS, THETA, GRADIENT, FIRST, SECOND (parameters and Adam's moments, COUNT floats
 *           each, a multiple of 8), X, X_STRIDE, Y, Y_STRIDE (the data set, rows padded to 8
 *           columns), OUTPUTS (before padding), DELTA_A, DELTA_B, TRANSPOSED (scratch), INPUT (the
 *           mini-batch), BETA1, BETA2, EPSILON (float32), BATCH, OPTIMISER, WEIGHT_DECAY (float32),
 *           SEED
 *   then per layer: IN, OUT (padded), INPUTS, UNITS (before padding), ACTIVATION, HAS_BIAS,
 *           WEIGHTS, BIAS (offsets into the parameters), OUTPUT, DERIVATIVE, NORMALISED, INVERSES
 *           (buffers; 0 where the layer is not normalised), GAIN (offset; the shift follows),
 *           DROPOUT (threshold), DROPOUT_SCALE
 *
 * Rows of a mini-batch are padded to a multiple of 4 with rows whose error is set to zero, so that
 * they change no gradient.
 */
import { activate, keepsDerivative, multiply, multiplyByDerivative } from './activation';
import { dropOut, dropoutKey } from './dropout';
import { gemm, transpose, ZEROS } from './gemm';
import { exp4, fma, store16, store8 } from './lanes';
import { denormaliseDelta, gainGradient, normalise } from './normalise';
import { adam, sgd } from './optimiser';

const LAYERS: usize = 0;
const THETA: usize = 4;
const GRADIENT: usize = 8;
const FIRST: usize = 12;
const SECOND: usize = 16;
const COUNT: usize = 20;
const X: usize = 24;
const X_STRIDE: usize = 28;
const Y: usize = 32;
const Y_STRIDE: usize = 36;
const OUTPUTS: usize = 40;
const DELTA_A: usize = 44;
const DELTA_B: usize = 48;
const TRANSPOSED: usize = 52;
const INPUT: usize = 56;
const BETA1: usize = 60;
const BETA2: usize = 64;
const EPSILON: usize = 68;
const BATCH: usize = 72;
const OPTIMISER: usize = 76;
const WEIGHT_DECAY: usize = 80;
const SEED: usize = 84;
const HEADER: usize = 88;

const ADAMW: i32 = 1;
const SGD: i32 = 2;

const IN: usize = 0;
const OUT: usize = 4;
const INPUTS: usize = 8;
const UNITS: usize = 12;
const ACTIVATION: usize = 16;
const HAS_BIAS: usize = 20;
const WEIGHTS: usize = 24;
const BIAS: usize = 28;
const OUTPUT: usize = 32;
const DERIVATIVE: usize = 36;
const NORMALISED: usize = 40;
const INVERSES: usize = 44;
const GAIN: usize = 48;
const DROPOUT: usize = 52;
const DROPOUT_SCALE: usize = 56;
const LAYER: usize = 60;

// @ts-ignore: decorator
@inline
function word(p: usize, offset: usize): usize {
  return <usize>load<u32>(p + offset);
}

// @ts-ignore: decorator
@inline
function layerAt(net: usize, index: i32): usize {
  return net + HEADER + <usize>index * LAYER;
}

// @ts-ignore: decorator
@inline
function paddedRows(n: i32): i32 {
  return (n + 3) & ~3;
}

/** Copies the rows' descriptors into the mini-batch. */
function gather(net: usize, order: usize, n: i32): void {
  const x = word(net, X);
  const stride = word(net, X_STRIDE);
  let to = word(net, INPUT);
  for (let i = 0; i < n; i++) {
    const from = x + <usize>load<u32>(order + (<usize>i << 2)) * stride;
    for (let at: usize = 0; at < stride; at += 32) {
      const a = v128.load(from + at);
      const b = v128.load(from + at, 16);
      store8(to + at, a, b);
    }
    to += stride;
  }
  memory.fill(to, 0, <usize>(paddedRows(n) - n) * stride);
}

/** Runs n rows in INPUT through all layers; drops units in training (`step` not negative). */
function forward(net: usize, n: i32, step: i32): void {
  const rows = paddedRows(n);
  const layers = <i32>word(net, LAYERS);
  const theta = word(net, THETA);
  let a = word(net, INPUT);
  for (let l = 0; l < layers; l++) {
    const layer = layerAt(net, l);
    const inputs = <i32>word(layer, IN);
    const outputs = <i32>word(layer, OUT);
    const output = word(layer, OUTPUT);
    const derivative = word(layer, DERIVATIVE);
    const normalised = word(layer, NORMALISED);
    const kind = <i32>word(layer, ACTIVATION);
    const bias = word(layer, HAS_BIAS) ? theta + word(layer, BIAS) : ZEROS;
    const lda = <usize>inputs * 4;
    const ldw = <usize>outputs * 4;
    const weights = theta + word(layer, WEIGHTS);
    gemm(a, lda, 4, weights, ldw, output, ldw, rows, outputs, <i32>word(layer, INPUTS), bias);
    if (normalised) {
      const gain = theta + word(layer, GAIN);
      normalise(output, normalised, word(layer, INVERSES), rows, <i32>word(layer, UNITS), outputs, gain, gain + ldw);
    }
    activate(kind, output, derivative, rows * outputs);
    const threshold = <i32>word(layer, DROPOUT);
    if (step >= 0 && threshold) {
      if (!keepsDerivative(kind)) {
        fillOnes(derivative, rows * outputs);
        multiplyByDerivative(kind, derivative, output, 0, rows * outputs);
      }
      const key = dropoutKey(<u32>word(net, SEED), step, l);
      dropOut(output, derivative, rows, outputs, key, threshold, load<f32>(layer + DROPOUT_SCALE));
    }
    a = output;
  }
}

function fillOnes(p: usize, n: i32): void {
  const end = p + <usize>n * 4;
  for (; p < end; p += 16) v128.store(p, f32x4.splat(1));
}

/**
 * Bytes of a row whose squares are summed in float32 before the sum continues in float64: 8
 * additions in each lane at most.
 */
const SUMMED_IN_FLOAT32: usize = 8 * 32;

/** Returns the sum of squared errors, in float64; DELTA_A = scale (yhat - y), 0 in padded rows. */
function loss(net: usize, order: usize, n: i32, scale: f32): f64 {
  const last = layerAt(net, <i32>word(net, LAYERS) - 1);
  const rowBytes = word(last, OUT) * 4;
  const targets = word(net, Y);
  const stride = word(net, Y_STRIDE);
  const factor = f32x4.splat(scale);
  let yhat = word(last, OUTPUT);
  let delta = word(net, DELTA_A);
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) {
    let y = targets + <usize>load<u32>(order + (<usize>i << 2)) * stride;
    const end = yhat + rowBytes;
    while (yhat < end) {
      const stop = min(end, yhat + SUMMED_IN_FLOAT32);
      let low = f32x4.splat(0);
      let high = f32x4.splat(0);
      for (; yhat < stop; yhat += 32) {
        const e0 = f32x4.sub(v128.load(yhat), v128.load(y));
        const e1 = f32x4.sub(v128.load(yhat, 16), v128.load(y, 16));
        low = fma(e0, e0, low);
        high = fma(e1, e1, high);
        store8(delta, f32x4.mul(e0, factor), f32x4.mul(e1, factor));
        y += 32;
        delta += 32;
      }
      const wide = f64x2.add(
        f64x2.add(f64x2.promote_low_f32x4(low), f64x2.promote_low_f32x4(v128.shuffle<f64>(low, low, 1, 0))),
        f64x2.add(f64x2.promote_low_f32x4(high), f64x2.promote_low_f32x4(v128.shuffle<f64>(high, high, 1, 0))),
      );
      sum += f64x2.extract_lane(wide, 0) + f64x2.extract_lane(wide, 1);
    }
  }
  memory.fill(delta, 0, <usize>(paddedRows(n) - n) * rowBytes);
  return sum;
}

/** sums [N] = column sums of delta [n, N]; N a multiple of 8. */
function columnSums(delta: usize, n: i32, N: i32, sums: usize): void {
  const stride = <usize>N * 4;
  let j = 0;
  for (; j + 16 <= N; j += 16) {
    let p = delta + <usize>j * 4;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let i = 0; i < n; i++) {
      s0 = f32x4.add(s0, v128.load(p));
      s1 = f32x4.add(s1, v128.load(p, 16));
      s2 = f32x4.add(s2, v128.load(p, 32));
      s3 = f32x4.add(s3, v128.load(p, 48));
      p += stride;
    }
    const to = sums + <usize>j * 4;
    store16(to, s0, s1, s2, s3);
  }
  if (j < N) {
    let p = delta + <usize>j * 4;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    for (let i = 0; i < n; i++) {
      s0 = f32x4.add(s0, v128.load(p));
      s1 = f32x4.add(s1, v128.load(p, 16));
      p += stride;
    }
    const to = sums + <usize>j * 4;
    store8(to, s0, s1);
  }
}

/**
 * Walks back from DELTA_A (d loss / d output) through the layers. Fills GRADIENT where
 * `parameters`; where `inputs`, continues to d loss / d input. Returns the address of the last
 * delta. `training` as in the forward pass before it.
 */
function backward(net: usize, n: i32, training: bool, parameters: bool, inputs: bool): usize {
  const rows = paddedRows(n);
  const theta = word(net, THETA);
  const gradient = word(net, GRADIENT);
  const transposed = word(net, TRANSPOSED);
  let delta = word(net, DELTA_A);
  let other = word(net, DELTA_B);
  for (let l = <i32>word(net, LAYERS) - 1; l >= 0; l--) {
    const layer = layerAt(net, l);
    const width = <i32>word(layer, IN);
    const outputs = <i32>word(layer, OUT);
    const ldd = <usize>outputs * 4;
    const lda = <usize>width * 4;
    const kind = <i32>word(layer, ACTIVATION);
    const derivative = word(layer, DERIVATIVE);
    if (training && word(layer, DROPOUT)) multiply(delta, derivative, rows * outputs);
    else multiplyByDerivative(kind, delta, word(layer, OUTPUT), derivative, rows * outputs);
    const normalised = word(layer, NORMALISED);
    if (normalised) {
      if (parameters) {
        gainGradient(delta, normalised, n, outputs, gradient + word(layer, GAIN));
        columnSums(delta, n, outputs, gradient + word(layer, GAIN) + ldd);
      }
      denormaliseDelta(delta, normalised, word(layer, INVERSES), rows, <i32>word(layer, UNITS), outputs, theta + word(layer, GAIN));
    }
    if (parameters) {
      const a = l == 0 ? word(net, INPUT) : word(layerAt(net, l - 1), OUTPUT);
      gemm(a, 4, lda, delta, ldd, gradient + word(layer, WEIGHTS), ldd, paddedRows(<i32>word(layer, INPUTS)), outputs, n, ZEROS);
      if (word(layer, HAS_BIAS)) columnSums(delta, n, outputs, gradient + word(layer, BIAS));
    }
    if (l > 0 || inputs) {
      transpose(theta + word(layer, WEIGHTS), transposed, width, outputs);
      gemm(delta, ldd, 4, transposed, lda, other, lda, rows, width, <i32>word(layer, UNITS), ZEROS);
      const swap = delta;
      delta = other;
      other = swap;
    }
  }
  return delta;
}

/** A step at this rate; `step` counts from 1. Weights decay, biases, gains and shifts do not. */
function update(net: usize, rate: f64, step: f64): void {
  const kind = <i32>word(net, OPTIMISER);
  const beta1 = load<f32>(net + BETA1);
  const beta2 = load<f32>(net + BETA2);
  const epsilon = load<f32>(net + EPSILON);
  const decay = load<f32>(net + WEIGHT_DECAY);
  const alpha = <f32>(rate / (1 - Math.pow(<f64>beta1, step)));
  const root = <f32>(1 / Math.sqrt(1 - Math.pow(<f64>beta2, step)));
  const shrink: f32 = kind == ADAMW ? <f32>(1 - rate * <f64>decay) : 1;
  const coupled: f32 = kind == ADAMW ? 0 : decay;
  const theta = word(net, THETA);
  const g = word(net, GRADIENT);
  const m = word(net, FIRST);
  const v = word(net, SECOND);
  const layers = <i32>word(net, LAYERS);
  for (let l = 0; l < layers; l++) {
    const layer = layerAt(net, l);
    const at = word(layer, WEIGHTS);
    const after = word(layer, BIAS);
    const weights = <i32>((after - at) >> 2);
    // The bias, and the gain and the shift behind it.
    const others = <i32>word(layer, OUT) * (word(layer, NORMALISED) ? 3 : 1);
    if (kind == SGD) {
      sgd(theta + at, g + at, m + at, weights, beta1, <f32>rate, decay);
      sgd(theta + after, g + after, m + after, others, beta1, <f32>rate, 0);
    } else {
      adam(theta + at, g + at, m + at, v + at, weights, beta1, beta2, epsilon, alpha, root, shrink, coupled);
      adam(theta + after, g + after, m + after, v + after, others, beta1, beta2, epsilon, alpha, root, 1, 0);
    }
  }
}

/**
 * Mini-batches first .. first + count of `order` (total row numbers), one step of the optimiser
 * each at rates[i]; `step` steps were taken before. Returns the sum of squared errors met on the
 * way.
 */
export function train(net: usize, order: usize, total: i32, first: i32, count: i32, rates: usize, step: i32): f64 {
  const batch = <i32>word(net, BATCH);
  const outputs = <f32>word(net, OUTPUTS);
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) {
    const from = (first + i) * batch;
    const n = min(batch, total - from);
    if (n <= 0) break;
    const rows = order + (<usize>from << 2);
    gather(net, rows, n);
    forward(net, n, step + i);
    sum += loss(net, rows, n, 2 / (<f32>n * outputs));
    backward(net, n, true, true, false);
    update(net, load<f64>(rates + (<usize>i << 3)), <f64>(step + i + 1));
  }
  return sum;
}

/** Gathers n rows (at most BATCH), runs them forward, and returns their sum of squared errors. */
export function evaluate(net: usize, order: usize, n: i32): f64 {
  gather(net, order, n);
  forward(net, n, -1);
  return loss(net, order, n, 0);
}

/**
 * Gathers n rows (at most BATCH) and fills GRADIENT with d loss / d parameters; returns the sum of
 * squared errors. No step is taken; `step` addresses the dropout, negative: none.
 */
export function parameterGradient(net: usize, order: usize, n: i32, step: i32): f64 {
  gather(net, order, n);
  forward(net, n, step);
  const sum = loss(net, order, n, 2 / (<f32>n * <f32>word(net, OUTPUTS)));
  backward(net, n, step >= 0, true, false);
  return sum;
}

let gradientAt: usize = 0;

/**
 * For the n inputs in INPUT and the targets of the rows in `order`: d loss / d input, left at
 * inputGradientAt(); loss = scale / 2 times the returned sum of squares.
 */
export function inputGradient(net: usize, order: usize, n: i32, scale: f32): f64 {
  forward(net, n, -1);
  const sum = loss(net, order, n, scale);
  gradientAt = backward(net, n, false, false, true);
  return sum;
}

export function inputGradientAt(): usize {
  return gradientAt;
}

/** First address that the host may use: static data is below it. */
export function heapBase(): usize {
  return __heap_base;
}

/** exp of n floats (a multiple of 8) in place; exported so that its stated error can be tested. */
export function exponentials(p: usize, n: i32): void {
  const end = p + <usize>n * 4;
  for (; p < end; p += 32) {
    const x = v128.load(p);
    const y = v128.load(p, 16);
    const a = exp4(x);
    const b = exp4(y);
    store8(p, a, b);
  }
}
