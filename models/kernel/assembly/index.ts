/**
 * The fused training kernel: gather, forward, loss, backward and Adam of whole mini-batches without leaving WebAssembly.
 *
 * A network is a block of 32-bit words that the host lays out (see ../layout.ts, the only other place that knows it):
 *   header: LAYERS, THETA, GRADIENT, FIRST, SECOND (parameters and Adam's moments, COUNT floats each, a multiple of 8),
 *           X, X_STRIDE, Y, Y_STRIDE (the data set, rows padded to 8 columns), OUTPUTS (before padding),
 *           DELTA_A, DELTA_B, TRANSPOSED (scratch), INPUT (the mini-batch), BETA1, BETA2, EPSILON (float32), BATCH
 *   then per layer: IN, OUT (padded), INPUTS, UNITS (before padding), ACTIVATION, HAS_BIAS, WEIGHTS, BIAS (offsets into the parameters),
 *           OUTPUT, DERIVATIVE
 *
 * Rows of a mini-batch are padded to a multiple of 4 with rows whose error is set to zero, so that they change no gradient.
 */
import { activate, multiplyByDerivative } from './activation';
import { gemm, transpose, ZEROS } from './gemm';
import { exp4, fma } from './lanes';

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
const HEADER: usize = 76;

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
const LAYER: usize = 40;

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
      v128.store(to + at, a);
      v128.store(to + at, b, 16);
    }
    to += stride;
  }
  memory.fill(to, 0, <usize>(paddedRows(n) - n) * stride);
}

/** Runs the mini-batch in INPUT through all layers; n rows. */
export function forward(net: usize, n: i32): void {
  const rows = paddedRows(n);
  const layers = <i32>word(net, LAYERS);
  const theta = word(net, THETA);
  let a = word(net, INPUT);
  for (let l = 0; l < layers; l++) {
    const layer = layerAt(net, l);
    const inputs = <i32>word(layer, IN);
    const outputs = <i32>word(layer, OUT);
    const output = word(layer, OUTPUT);
    const bias = word(layer, HAS_BIAS) ? theta + word(layer, BIAS) : ZEROS;
    const lda = <usize>inputs * 4;
    const ldw = <usize>outputs * 4;
    gemm(a, lda, 4, theta + word(layer, WEIGHTS), ldw, output, ldw, rows, outputs, <i32>word(layer, INPUTS), bias);
    activate(<i32>word(layer, ACTIVATION), output, word(layer, DERIVATIVE), rows * outputs);
    a = output;
  }
}

/** Bytes of a row whose squares are summed in float32 before the sum goes on in float64: 8 additions in each lane at most. */
const SUMMED_IN_FLOAT32: usize = 8 * 32;

/** Sum of squared errors of the mini-batch, in float64; leaves DELTA_A = scale (yhat - y), zero in padded rows. */
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
        v128.store(delta, f32x4.mul(e0, factor));
        v128.store(delta, f32x4.mul(e1, factor), 16);
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
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
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
    v128.store(to, s0);
    v128.store(to, s1, 16);
  }
}

/**
 * Walks back from DELTA_A (d loss / d output) through the layers. Fills GRADIENT where `parameters`; where `inputs`, goes on to
 * d loss / d input. Returns the address of the last delta.
 */
function backward(net: usize, n: i32, parameters: bool, inputs: bool): usize {
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
    multiplyByDerivative(<i32>word(layer, ACTIVATION), delta, word(layer, OUTPUT), word(layer, DERIVATIVE), rows * outputs);
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

/** Adam with bias-corrected moments, epsilon outside the root; `step` counts from 1. */
function adam(net: usize, rate: f64, step: f64): void {
  const beta1 = load<f32>(net + BETA1);
  const beta2 = load<f32>(net + BETA2);
  const alpha = f32x4.splat(<f32>(rate / (1 - Math.pow(<f64>beta1, step))));
  const root = f32x4.splat(<f32>(1 / Math.sqrt(1 - Math.pow(<f64>beta2, step))));
  const b1 = f32x4.splat(beta1);
  const b2 = f32x4.splat(beta2);
  const c1 = f32x4.splat(1 - beta1);
  const c2 = f32x4.splat(1 - beta2);
  const epsilon = f32x4.splat(load<f32>(net + EPSILON));
  let theta = word(net, THETA);
  let g = word(net, GRADIENT);
  let m = word(net, FIRST);
  let v = word(net, SECOND);
  const end = theta + word(net, COUNT) * 4;
  for (; theta < end; theta += 32) {
    const g0 = v128.load(g);
    const g1 = v128.load(g, 16);
    const m0 = fma(b1, v128.load(m), f32x4.mul(c1, g0));
    const m1 = fma(b1, v128.load(m, 16), f32x4.mul(c1, g1));
    const v0 = fma(b2, v128.load(v), f32x4.mul(c2, f32x4.mul(g0, g0)));
    const v1 = fma(b2, v128.load(v, 16), f32x4.mul(c2, f32x4.mul(g1, g1)));
    const t0 = v128.load(theta);
    const t1 = v128.load(theta, 16);
    v128.store(m, m0);
    v128.store(m, m1, 16);
    v128.store(v, v0);
    v128.store(v, v1, 16);
    v128.store(theta, f32x4.sub(t0, f32x4.div(f32x4.mul(alpha, m0), fma(f32x4.sqrt(v0), root, epsilon))));
    v128.store(theta, f32x4.sub(t1, f32x4.div(f32x4.mul(alpha, m1), fma(f32x4.sqrt(v1), root, epsilon))), 16);
    g += 32;
    m += 32;
    v += 32;
  }
}

/**
 * Mini-batches first .. first + count of `order` (total row numbers), one Adam step each at rates[i]; `step` steps were taken before.
 * Returns the sum of squared errors met on the way.
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
    forward(net, n);
    sum += loss(net, rows, n, 2 / (<f32>n * outputs));
    backward(net, n, true, false);
    adam(net, load<f64>(rates + (<usize>i << 3)), <f64>(step + i + 1));
  }
  return sum;
}

/** Gathers n rows (at most BATCH), runs them forward, and returns their sum of squared errors. */
export function evaluate(net: usize, order: usize, n: i32): f64 {
  gather(net, order, n);
  forward(net, n);
  return loss(net, order, n, 0);
}

/** Gathers n rows (at most BATCH) and fills GRADIENT with d loss / d parameters; returns the sum of squared errors. No step. */
export function parameterGradient(net: usize, order: usize, n: i32): f64 {
  gather(net, order, n);
  forward(net, n);
  const sum = loss(net, order, n, 2 / (<f32>n * <f32>word(net, OUTPUTS)));
  backward(net, n, true, false);
  return sum;
}

let gradientAt: usize = 0;

/** For the n inputs in INPUT and the targets of the rows in `order`: d loss / d input, left at inputGradientAt(); loss = scale / 2 times the returned sum of squares. */
export function inputGradient(net: usize, order: usize, n: i32, scale: f32): f64 {
  forward(net, n);
  const sum = loss(net, order, n, scale);
  gradientAt = backward(net, n, false, true);
  return sum;
}

export function inputGradientAt(): usize {
  return gradientAt;
}

/** First address that the host may use: static data lies below. */
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
    v128.store(p, a);
    v128.store(p, b, 16);
  }
}
