/** The layout of the kernel's memory, which only this file and source/network.h know. */
import type { Matrix } from '../../axes.ts';
import { ACTIVATION_DEFINITIONS } from '../../networks/activations.ts';
import { dropoutThreshold, seedWord } from '../../networks/dropout.ts';
import type {
  DenseLayer,
  NetworkShape,
  NetworkTraining,
  OptimiserName,
  Parameters,
  TrainingData,
} from '../../networks/network.ts';
import { copyRows } from '../../vectors.ts';
import type { Arena } from './memory.ts';

export const OPTIMISER_CODES: Record<OptimiserName, number> = { adam: 0, adamw: 1, sgd: 2 };

/** Words of a network's header, in order; source/network.h has the same names. */
export const HEADER_WORDS = [
  ...(['LAYERS', 'THETA', 'GRADIENT', 'FIRST', 'SECOND', 'COUNT', 'ROWS', 'X', 'X_STRIDE', 'Y', 'Y_STRIDE', 'OUTPUTS'] as const),
  ...(['DELTA_A', 'DELTA_B', 'PANEL', 'INPUT', 'ERRORS', 'BETA1', 'BETA2', 'EPSILON', 'BATCH'] as const),
  ...(['OPTIMISER', 'WEIGHT_DECAY', 'SEED'] as const),
] as const;

/** Words of each layer, after the header. */
export const LAYER_WORDS = [
  ...(['IN', 'OUT', 'INPUTS', 'UNITS', 'ACTIVATION', 'HAS_BIAS', 'WEIGHTS', 'BIAS', 'OUTPUT', 'DERIVATIVE'] as const),
  ...(['NORMALISED', 'INVERSES', 'GAIN', 'DROPOUT', 'DROPOUT_SCALE'] as const),
] as const;

/** Words that hold a float32; the others hold an integer. */
export const FLOATS: readonly string[] = ['BETA1', 'BETA2', 'EPSILON', 'WEIGHT_DECAY', 'DROPOUT_SCALE'];

/** Rows come in fours, columns in eights: two vectors, which may be joined into one of 256 bits. */
export const padRows = (n: number): number => (n + 3) & ~3;
export const padColumns = (n: number): number => (n + 7) & ~7;

/** Columns of transposed weights that the kernel needs at once, as in source/network.h. */
export const PANEL_COLUMNS = 32;

/** Addresses of a data set, rows padded to a multiple of 8 columns; valid in every thread. */
export interface DataAddresses {
  readonly x: number;
  readonly y: number;
}

/** Copies a data set into the kernel's memory, once for all threads. */
export function copyDataIn(arena: Arena, data: TrainingData): DataAddresses {
  return { x: copyMatrixIn(arena, data.x), y: copyMatrixIn(arena, data.y) };
}

/** Returns the address of a copy of a matrix, its columns times `factors` where they are given. */
export function copyMatrixIn(arena: Arena, { rows, columns, data }: Matrix, factors?: Float64Array): number {
  const stride = padColumns(columns);
  const address = arena.allocate(rows * stride * 4);
  const copy = arena.floats(address, rows * stride);
  copyRows({ data, stride: columns }, { data: copy, stride }, rows, columns);
  if (factors === undefined) return address;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * stride + column;
      copy[at] = (copy[at] as number) * (factors[column] as number);
    }
  }
  return address;
}

export function releaseData(arena: Arena, placed: DataAddresses): void {
  arena.release(placed.x);
  arena.release(placed.y);
}

/** One layer in floats: padded widths, and offsets among the parameters. */
export interface LayerLayout {
  readonly layer: DenseLayer;
  readonly paddedInputs: number;
  readonly paddedOutputs: number;
  readonly weights: number;
  readonly bias: number;
  /** Offset of the gain, which the shift follows; null where the layer is not normalised. */
  readonly gain: number | null;
}

export interface NetworkLayout {
  readonly layers: readonly LayerLayout[];
  /** Floats of all parameters, padding included. */
  readonly count: number;
  /** The widest padded layer, the input included. */
  readonly widest: number;
}

/** Throws RangeError where the layers do not fit each other. */
export function layOutNetwork(shape: NetworkShape): NetworkLayout {
  let count = 0;
  let widest = 0;
  const layers = shape.map((layer, index) => {
    const before = shape[index - 1];
    if (before !== undefined && before.outputs !== layer.inputs) {
      throw new RangeError(`layer ${index} takes ${layer.inputs} inputs, the layer before it has ${before.outputs} outputs`);
    }
    const paddedInputs = padColumns(layer.inputs);
    const paddedOutputs = padColumns(layer.outputs);
    const weights = count;
    count += paddedInputs * paddedOutputs;
    const bias = count;
    count += paddedOutputs;
    const gain = layer.normalised ? count : null;
    if (gain !== null) count += 2 * paddedOutputs;
    widest = Math.max(widest, paddedInputs, paddedOutputs);
    return { layer, paddedInputs, paddedOutputs, weights, bias, gain };
  });
  if (layers.length === 0) throw new RangeError('a network needs at least one layer');
  return { layers, count, widest };
}

/** Addresses of a network: header, parameters, optimiser state, and buffers that the host uses. */
export interface NetworkAddresses {
  readonly net: number;
  readonly theta: number;
  readonly gradient: number;
  readonly first: number;
  readonly second: number;
  /** The mini-batch, or the gradient of the inputs. */
  readonly input: number;
  /** The squared error of each row of the mini-batch, in float64. */
  readonly errors: number;
  /** The outputs of each layer. */
  readonly outputs: readonly number[];
  readonly blocks: readonly number[];
}

/** Allocates a network and writes its header. */
export function allocateNetwork(
  arena: Arena,
  { layers, count, widest }: NetworkLayout,
  { batch, optimiser, seed }: NetworkTraining,
  data: TrainingData,
  placed: DataAddresses,
): NetworkAddresses {
  const blocks: number[] = [];
  const floats = (length: number) => {
    const address = arena.allocate(length * 4);
    blocks.push(address);
    return address;
  };
  const rows = padRows(batch);
  const [theta, gradient, first, second] = [floats(count), floats(count), floats(count), floats(count)];
  const [deltaA, deltaB, panel] = [floats(rows * widest), floats(rows * widest), floats(PANEL_COLUMNS * widest)];
  const input = floats(rows * padColumns(data.x.columns));
  const errors = floats(2 * rows);
  const net = floats(HEADER_WORDS.length + LAYER_WORDS.length * layers.length);
  const outputs = layers.map(({ paddedOutputs }) => floats(rows * paddedOutputs));
  writeWords(arena, net, HEADER_WORDS, {
    ...{ LAYERS: layers.length, THETA: theta, GRADIENT: gradient, FIRST: first, SECOND: second, COUNT: count },
    ...{
      ROWS: data.x.rows,
      X: placed.x,
      X_STRIDE: padColumns(data.x.columns) * 4,
      Y: placed.y,
      Y_STRIDE: padColumns(data.y.columns) * 4,
    },
    ...{ OUTPUTS: data.y.columns, DELTA_A: deltaA, DELTA_B: deltaB, PANEL: panel, INPUT: input, ERRORS: errors },
    ...{ BETA1: optimiser.beta1, BETA2: optimiser.beta2, EPSILON: optimiser.epsilon, BATCH: batch },
    ...{ OPTIMISER: OPTIMISER_CODES[optimiser.name], WEIGHT_DECAY: optimiser.weightDecay, SEED: seedWord(seed) },
  });
  for (const [index, { layer, paddedInputs, paddedOutputs, gain, ...at }] of layers.entries()) {
    const { inputs, outputs: units, activation, bias, dropout = 0 } = layer;
    const { code, keepsDerivative } = ACTIVATION_DEFINITIONS[activation].kernel;
    const buffer = (needed: boolean, length: number) => (needed ? floats(length) : 0);
    writeWords(arena, net + (HEADER_WORDS.length + index * LAYER_WORDS.length) * 4, LAYER_WORDS, {
      ...{ IN: paddedInputs, OUT: paddedOutputs, INPUTS: inputs, UNITS: units },
      ...{ ACTIVATION: code, HAS_BIAS: bias ? 1 : 0, WEIGHTS: at.weights * 4, BIAS: at.bias * 4 },
      OUTPUT: outputs[index] ?? 0,
      // Once units are dropped, the derivative no longer follows from the output.
      DERIVATIVE: buffer(keepsDerivative || dropout > 0, rows * paddedOutputs),
      NORMALISED: buffer(gain !== null, rows * paddedOutputs),
      INVERSES: buffer(gain !== null, rows),
      ...{ GAIN: (gain ?? 0) * 4, DROPOUT: dropoutThreshold(dropout), DROPOUT_SCALE: 1 / (1 - dropout) },
    });
  }
  return { net, theta, gradient, first, second, input, errors, outputs, blocks };
}

function writeWords<Name extends string>(
  arena: Arena,
  address: number,
  names: readonly Name[],
  values: Readonly<Record<Name, number>>,
): void {
  for (const [at, name] of names.entries()) {
    const target = FLOATS.includes(name) ? arena.floats(address + at * 4, 1) : arena.words(address + at * 4, 1);
    target[0] = values[name];
  }
}

/** Copies parameters into `to`; padding becomes zero. Throws RangeError where they do not fit. */
export function writeParameters(to: Float32Array, { layers }: NetworkLayout, parameters: Parameters): void {
  if (parameters.length !== layers.length) {
    throw new RangeError(`parameters of ${parameters.length} layers for a network of ${layers.length}`);
  }
  to.fill(0);
  for (const [index, { weights, bias, gain, shift }] of parameters.entries()) {
    const { layer, paddedOutputs, ...at } = layers[index] as LayerLayout;
    const { inputs, outputs } = layer;
    if (
      weights.length !== inputs * outputs ||
      bias.length !== outputs ||
      (at.gain !== null && (gain?.length !== outputs || shift?.length !== outputs))
    ) {
      throw new RangeError(`parameters of layer ${index} do not fit [${inputs}, ${outputs}]`);
    }
    const placed = { data: to.subarray(at.weights), stride: paddedOutputs };
    copyRows({ data: weights, stride: outputs }, placed, inputs, outputs);
    if (layer.bias) to.set(bias, at.bias);
    if (at.gain !== null && gain && shift) {
      to.set(gain, at.gain);
      to.set(shift, at.gain + paddedOutputs);
    }
  }
}

/** Returns a copy of the parameters, without their padding. */
export function readParameters(from: Float32Array, { layers }: NetworkLayout): Parameters {
  return layers.map(({ layer: { inputs, outputs }, paddedOutputs, weights: start, bias, gain }) => {
    const weights = new Float32Array(inputs * outputs);
    const placed = { data: from.subarray(start), stride: paddedOutputs };
    copyRows(placed, { data: weights, stride: outputs }, inputs, outputs);
    const vector = (at: number) => from.slice(at, at + outputs);
    return { weights, bias: vector(bias), ...(gain !== null && { gain: vector(gain), shift: vector(gain + paddedOutputs) }) };
  });
}
