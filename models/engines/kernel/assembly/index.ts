/**
 * The fused training kernel: gather, forward, loss, backward and optimiser of whole mini-batches
 * without leaving WebAssembly.
 *
 * A network is a block of 32-bit words that the host lays out (see ../layout.ts, the only other
 * place that knows it). Rows of a mini-batch are padded to a multiple of 4 with rows whose error is
 * set to zero, so that they change no gradient.
 */
import { activate, keepsDerivative, multiply, multiplyByDerivative } from './activation';
import { dropOut, dropoutKey } from './dropout';
import { gemm, transpose, ZEROS } from './gemm';
import { exp4, fma, store16, store8 } from './lanes';
import { denormaliseDelta, gainGradient, normalise } from './normalise';
import { adam, sgd } from './optimiser';

/** Words of a network's header, in the order of HEADER_WORDS of ../layout.ts. */
const enum Header {
  LAYERS,
  // The parameters, their gradient and Adam's moments: COUNT floats each, a multiple of 8.
  THETA, GRADIENT, FIRST, SECOND, COUNT,
  // The data set, rows padded to 8 columns; OUTPUTS: before padding.
  X, X_STRIDE, Y, Y_STRIDE, OUTPUTS,
  // Scratch; INPUT: the mini-batch; ERRORS: the squared error of each of its rows, in float64.
  DELTA_A, DELTA_B, TRANSPOSED, INPUT, ERRORS,
  // The betas, EPSILON and WEIGHT_DECAY are float32.
  BETA1, BETA2, EPSILON, BATCH, OPTIMISER, WEIGHT_DECAY, SEED,
  END,
}

/** Words of each layer, which follow the header, in the order of LAYER_WORDS. */
const enum Layer {
  // Widths: IN and OUT padded, INPUTS and UNITS before padding.
  IN, OUT, INPUTS, UNITS, ACTIVATION, HAS_BIAS,
  // Offsets into the parameters, then buffers; the last two are 0 without normalisation.
  WEIGHTS, BIAS, OUTPUT, DERIVATIVE, NORMALISED, INVERSES,
  // GAIN: offset, the shift follows; DROPOUT: threshold; DROPOUT_SCALE: float32.
  GAIN, DROPOUT, DROPOUT_SCALE,
  END,
}

const ADAMW: i32 = 1;
const SGD: i32 = 2;

function word(p: usize, index: i32): usize {
  return <usize>load<u32>(p + (<usize>index << 2));
}

function float(p: usize, index: i32): f32 {
  return load<f32>(p + (<usize>index << 2));
}

function layerAt(net: usize, index: i32): usize {
  return net + (<usize>Header.END << 2) + <usize>index * (<usize>Layer.END << 2);
}

function paddedRows(n: i32): i32 {
  return (n + 3) & ~3;
}

/** Copies the rows' descriptors into the mini-batch. */
function gather(net: usize, order: usize, n: i32): void {
  const x = word(net, Header.X);
  const stride = word(net, Header.X_STRIDE);
  let to = word(net, Header.INPUT);
  for (let i = 0; i < n; i++) {
    const from = x + <usize>load<u32>(order + (<usize>i << 2)) * stride;
    for (let at: usize = 0; at < stride; at += 32) {
      store8(to + at, v128.load(from + at), v128.load(from + at, 16));
    }
    to += stride;
  }
  memory.fill(to, 0, <usize>(paddedRows(n) - n) * stride);
}

/** Runs n rows in INPUT through all layers; drops units in training (`step` not negative). */
function forward(net: usize, n: i32, step: i32): void {
  const rows = paddedRows(n);
  const layers = <i32>word(net, Header.LAYERS);
  const theta = word(net, Header.THETA);
  let a = word(net, Header.INPUT);
  for (let l = 0; l < layers; l++) {
    const layer = layerAt(net, l);
    const inputs = <i32>word(layer, Layer.IN);
    const outputs = <i32>word(layer, Layer.OUT);
    const output = word(layer, Layer.OUTPUT);
    const derivative = word(layer, Layer.DERIVATIVE);
    const normalised = word(layer, Layer.NORMALISED);
    const kind = <i32>word(layer, Layer.ACTIVATION);
    const bias = word(layer, Layer.HAS_BIAS) ? theta + word(layer, Layer.BIAS) : ZEROS;
    const lda = <usize>inputs * 4;
    const ldw = <usize>outputs * 4;
    const weights = theta + word(layer, Layer.WEIGHTS);
    gemm(a, lda, 4, weights, ldw, output, ldw, rows, outputs, <i32>word(layer, Layer.INPUTS), bias);
    if (normalised) {
      const gain = theta + word(layer, Layer.GAIN);
      normalise(output, normalised, word(layer, Layer.INVERSES), rows, <i32>word(layer, Layer.UNITS), outputs, gain, gain + ldw);
    }
    activate(kind, output, derivative, rows * outputs);
    const threshold = <i32>word(layer, Layer.DROPOUT);
    if (step >= 0 && threshold) {
      if (!keepsDerivative(kind)) {
        fillOnes(derivative, rows * outputs);
        multiplyByDerivative(kind, derivative, output, 0, rows * outputs);
      }
      const key = dropoutKey(<u32>word(net, Header.SEED), step, l);
      dropOut(output, derivative, rows, outputs, key, threshold, float(layer, Layer.DROPOUT_SCALE));
    }
    a = output;
  }
}

function fillOnes(p: usize, n: i32): void {
  const end = p + <usize>n * 4;
  for (; p < end; p += 16) v128.store(p, f32x4.splat(1));
}

/** Bytes of a row summed in float32 before the sum continues in float64: 8 additions a lane. */
const SUMMED_IN_FLOAT32: usize = 8 * 32;

/**
 * Fills ERRORS with the squared error of each row and returns their sum; DELTA_A = scale (yhat - y),
 * 0 in padded rows.
 */
function loss(net: usize, order: usize, n: i32, scale: f32): f64 {
  const last = layerAt(net, <i32>word(net, Header.LAYERS) - 1);
  const rowBytes = word(last, Layer.OUT) * 4;
  const targets = word(net, Header.Y);
  const stride = word(net, Header.Y_STRIDE);
  const factor = f32x4.splat(scale);
  let yhat = word(last, Layer.OUTPUT);
  let delta = word(net, Header.DELTA_A);
  let errors = word(net, Header.ERRORS);
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) {
    let y = targets + <usize>load<u32>(order + (<usize>i << 2)) * stride;
    const end = yhat + rowBytes;
    let error: f64 = 0;
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
      error += f64x2.extract_lane(wide, 0) + f64x2.extract_lane(wide, 1);
    }
    store<f64>(errors, error);
    errors += 8;
    sum += error;
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
    store16(sums + <usize>j * 4, s0, s1, s2, s3);
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
    store8(sums + <usize>j * 4, s0, s1);
  }
}

/**
 * Walks back from DELTA_A (d loss / d output) through the layers. Fills GRADIENT where
 * `parameters`; where `inputs`, continues to d loss / d input. Returns the address of the last
 * delta. `training` as in the forward pass before it.
 */
function backward(net: usize, n: i32, training: bool, parameters: bool, inputs: bool): usize {
  const rows = paddedRows(n);
  const theta = word(net, Header.THETA);
  const gradient = word(net, Header.GRADIENT);
  const transposed = word(net, Header.TRANSPOSED);
  let delta = word(net, Header.DELTA_A);
  let other = word(net, Header.DELTA_B);
  for (let l = <i32>word(net, Header.LAYERS) - 1; l >= 0; l--) {
    const layer = layerAt(net, l);
    const width = <i32>word(layer, Layer.IN);
    const outputs = <i32>word(layer, Layer.OUT);
    const ldd = <usize>outputs * 4;
    const lda = <usize>width * 4;
    const kind = <i32>word(layer, Layer.ACTIVATION);
    const derivative = word(layer, Layer.DERIVATIVE);
    if (training && word(layer, Layer.DROPOUT)) multiply(delta, derivative, rows * outputs);
    else multiplyByDerivative(kind, delta, word(layer, Layer.OUTPUT), derivative, rows * outputs);
    const normalised = word(layer, Layer.NORMALISED);
    if (normalised) {
      if (parameters) {
        gainGradient(delta, normalised, n, outputs, gradient + word(layer, Layer.GAIN));
        columnSums(delta, n, outputs, gradient + word(layer, Layer.GAIN) + ldd);
      }
      denormaliseDelta(delta, normalised, word(layer, Layer.INVERSES), rows, <i32>word(layer, Layer.UNITS), outputs, theta + word(layer, Layer.GAIN));
    }
    if (parameters) {
      const a = l == 0 ? word(net, Header.INPUT) : word(layerAt(net, l - 1), Layer.OUTPUT);
      gemm(a, 4, lda, delta, ldd, gradient + word(layer, Layer.WEIGHTS), ldd, paddedRows(<i32>word(layer, Layer.INPUTS)), outputs, n, ZEROS);
      if (word(layer, Layer.HAS_BIAS)) columnSums(delta, n, outputs, gradient + word(layer, Layer.BIAS));
    }
    if (l > 0 || inputs) {
      transpose(theta + word(layer, Layer.WEIGHTS), transposed, width, outputs);
      gemm(delta, ldd, 4, transposed, lda, other, lda, rows, width, <i32>word(layer, Layer.UNITS), ZEROS);
      const swap = delta;
      delta = other;
      other = swap;
    }
  }
  return delta;
}

/** A step at this rate; `step` counts from 1. Weights decay, biases, gains and shifts do not. */
function update(net: usize, rate: f64, step: f64): void {
  const kind = <i32>word(net, Header.OPTIMISER);
  const beta1 = float(net, Header.BETA1);
  const beta2 = float(net, Header.BETA2);
  const epsilon = float(net, Header.EPSILON);
  const decay = float(net, Header.WEIGHT_DECAY);
  const alpha = <f32>(rate / (1 - Math.pow(<f64>beta1, step)));
  const root = <f32>(1 / Math.sqrt(1 - Math.pow(<f64>beta2, step)));
  const shrink: f32 = kind == ADAMW ? <f32>(1 - rate * <f64>decay) : 1;
  const coupled: f32 = kind == ADAMW ? 0 : decay;
  const theta = word(net, Header.THETA);
  const g = word(net, Header.GRADIENT);
  const m = word(net, Header.FIRST);
  const v = word(net, Header.SECOND);
  const layers = <i32>word(net, Header.LAYERS);
  for (let l = 0; l < layers; l++) {
    const layer = layerAt(net, l);
    const at = word(layer, Layer.WEIGHTS);
    const after = word(layer, Layer.BIAS);
    const weights = <i32>((after - at) >> 2);
    // The bias, and the gain and the shift behind it.
    const others = <i32>word(layer, Layer.OUT) * (word(layer, Layer.NORMALISED) ? 3 : 1);
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
  const batch = <i32>word(net, Header.BATCH);
  const outputs = <f32>word(net, Header.OUTPUTS);
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

/** Gathers n rows (at most BATCH), runs them forward, and fills ERRORS. */
export function evaluate(net: usize, order: usize, n: i32): void {
  gather(net, order, n);
  evaluateInput(net, order, n);
}

/** Runs the n inputs in INPUT forward, and fills ERRORS with those from the targets of the rows. */
export function evaluateInput(net: usize, order: usize, n: i32): void {
  forward(net, n, -1);
  loss(net, order, n, 0);
}

/**
 * Gathers n rows (at most BATCH) and fills GRADIENT with d loss / d parameters; returns the sum of
 * squared errors. No step is taken; `step` addresses the dropout, negative: none.
 */
export function parameterGradient(net: usize, order: usize, n: i32, step: i32): f64 {
  gather(net, order, n);
  forward(net, n, step);
  const sum = loss(net, order, n, 2 / (<f32>n * <f32>word(net, Header.OUTPUTS)));
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
    store8(p, exp4(v128.load(p)), exp4(v128.load(p, 16)));
  }
}
