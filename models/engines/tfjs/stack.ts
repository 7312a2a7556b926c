/**
 * Networks of one architecture, stacked on a leading axis: W [K, inputs, outputs]. Each step of all
 * K is one chain of batched products. Where widths differ, the narrower ones are padded: padding
 * starts at zero, meets only zeros, and so stays zero.
 */
import type { Tensor, Tensor3D } from '@tensorflow/tfjs';
import { dropoutKey, dropoutThreshold, mix } from '../../networks/dropout.ts';
import type {
  DenseLayer,
  NetworkShape,
  NetworkTraining,
  OptimiserState,
  Parameters,
  TrainingData,
} from '../../networks/network.ts';
import type { Answer, Arguments, CallKind } from '../../training/network-calls.ts';
import { copyRows, increment } from '../../vectors.ts';
import {
  backward,
  forward,
  type LayerTensors,
  mapParts,
  outputOf,
  type Passed,
  type PerPart,
  type Stack,
  type State,
  tensorOperations,
  type Units,
  update,
} from './layers.ts';
import type { Tf } from './load.ts';

export interface Member {
  readonly shape: NetworkShape;
  readonly training: NetworkTraining;
}

/** Data on the device: X [N, D], Y [N, E]. */
export interface DeviceData {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** The methods of Network for several members at once; a call and an answer for each of them. */
type StackedCalls = {
  [Kind in CallKind]: (
    members: readonly number[],
    calls: readonly Arguments<Kind>[],
  ) => Answer<Kind> extends void ? void : Answer<Kind>[];
};

/** Rows per forward pass outside training. */
const ROWS_AT_ONCE = 1024;

/**
 * Members must agree in everything but widths, dropout, decay, the momentum of sgd, target scales
 * and seed: see lockstep.ts.
 */
export class StackedNetworks implements StackedCalls {
  readonly #tf: Tf;
  readonly #stack: Pick<Stack, 'tf' | 'operations' | 'layers'>;
  readonly #data: DeviceData;
  readonly #members: readonly Member[];
  readonly #steps: number[];
  /** Rows and columns of each part. */
  readonly #sizes: PerPart<readonly [rows: number, columns: number]>;
  readonly #units: Units[];
  /** Factors of the members' targets in training, [K, 1, E]; null where all of them are 1. */
  readonly #targetScales: Tensor | null;
  #state: State;

  constructor(tf: Tf, data: DeviceData, members: readonly Member[]) {
    const K = members.length;
    const [first] = members;
    if (first === undefined) throw new RangeError('a stack needs at least one network');
    const layers = first.shape.map((layer, l): DenseLayer => {
      const own = members.map(({ shape }) => shape[l] as DenseLayer);
      const widest = (side: 'inputs' | 'outputs') => Math.max(...own.map((one) => one[side]));
      return { ...layer, inputs: widest('inputs'), outputs: widest('outputs') };
    });
    this.#tf = tf;
    this.#stack = { tf, operations: tensorOperations(tf), layers };
    this.#data = data;
    this.#members = members;
    this.#steps = members.map(() => 0);
    this.#sizes = layers.map(({ inputs, outputs, normalised }) => ({
      weights: [inputs, outputs],
      bias: [1, outputs],
      ...(normalised && { gain: [1, outputs], shift: [1, outputs] }),
    }));
    this.#units = layers.map(({ outputs }, l) => {
      const widths = members.map((_, member) => this.#layerOf(member, l).outputs);
      const mask = new Float32Array(K * outputs);
      for (const [member, width] of widths.entries()) mask.fill(1, member * outputs, member * outputs + width);
      return { mask: tf.tensor(mask, [K, 1, outputs]), count: tf.tensor(widths, [K, 1, 1], 'float32') };
    });
    this.#targetScales = stackScales(tf, members, data.y.shape[1] as number);
    const zeros = () => mapParts(this.#sizes, ([rows, columns]): Tensor => tf.zeros([K, rows, columns]));
    this.#state = { parameters: zeros(), first: zeros(), second: zeros() };
  }

  setParameters(members: readonly number[], calls: readonly Arguments<'setParameters'>[]): void {
    this.#write('parameters', members, (k) => (calls[k] as Arguments<'setParameters'>)[0]);
  }

  setOptimiserState(members: readonly number[], calls: readonly Arguments<'setOptimiserState'>[]): void {
    const stateOf = (k: number) => (calls[k] as Arguments<'setOptimiserState'>)[0];
    for (const [k, member] of members.entries()) this.#steps[member] = stateOf(k).step;
    this.#write('first', members, (k) => stateOf(k).first);
    this.#write('second', members, (k) => stateOf(k).second);
  }

  parameters(members: readonly number[]): Parameters[] {
    return this.#read('parameters', members);
  }

  optimiserState(members: readonly number[]): OptimiserState[] {
    const [first, second] = [this.#read('first', members), this.#read('second', members)];
    return members.map((member, k) => ({
      step: this.#steps[member] as number,
      first: first[k] as Parameters,
      second: second[k] as Parameters,
    }));
  }

  /** Steps of equally many rates and rows, from the same mini-batch on. */
  train(members: readonly number[], calls: readonly Arguments<'train'>[]): number[] {
    const tf = this.#tf;
    const K = members.length;
    const trainings = members.map((member) => (this.#members[member] as Member).training);
    const [{ batch }] = trainings as [NetworkTraining];
    const [[{ length: total }, firstBatch, { length: count }]] = calls as [Arguments<'train'>];
    const stack = this.#stackOf(members, true);
    let state: State = {
      parameters: this.#select('parameters', members),
      first: this.#select('first', members),
      second: this.#select('second', members),
    };
    const errors: { readonly squared: Tensor; readonly n: number }[] = [];
    for (let i = 0; i < count; i++) {
      const from = (firstBatch + i) * batch;
      const n = Math.min(batch, total - from);
      const { next, squared } = tf.tidy(() => {
        const rows = new Int32Array(K * n);
        for (const [k, [order]] of calls.entries()) rows.set(order.subarray(from, from + n), k * n);
        const picked = tf.tensor1d(rows, 'int32');
        const gather = (values: Tensor) => tf.gather(values, picked).reshape([K, n, values.shape[1] as number]);
        const passed = forward(stack, state.parameters, gather(this.#data.x));
        const error = tf.sub(outputOf(passed), this.#scaled(gather(this.#data.y), members));
        const delta = tf.mul(error, 2 / (n * (error.shape[2] as number)));
        const { gradient } = backward(stack, state.parameters, passed, delta, 'parameters');
        const own = members.map((member, k) => ({
          optimiser: (trainings[k] as NetworkTraining).optimiser,
          step: (this.#steps[member] as number) + 1,
          rate: (calls[k] as Arguments<'train'>)[2][i] as number,
        }));
        return { next: update(tf, state, gradient, own), squared: tf.sum(tf.square(error), 2) };
      });
      errors.push({ squared, n });
      tf.dispose(state);
      state = next;
      if (this.#isWhole(members)) this.#state = next;
      for (const member of members) this.#steps[member] = (this.#steps[member] as number) + 1;
    }
    if (!this.#isWhole(members)) {
      for (const kind of ['parameters', 'first', 'second'] as const) this.#replace(kind, members, state[kind]);
    }
    // Read after all steps are queued, so that the device does not wait for this thread.
    const sums = members.map(() => 0);
    for (const { squared, n } of errors) addRows(sums, squared, n);
    tf.dispose(errors.map(({ squared }) => squared));
    return sums;
  }

  /** The rows are the same for every member; either all of them bring inputs, or none. */
  squaredErrors(members: readonly number[], calls: readonly Arguments<'squaredErrors'>[]): Float64Array[] {
    const [[rows, own]] = calls as [Arguments<'squaredErrors'>];
    const inputs = own && calls.map(([, values]) => values as Float32Array);
    return this.#squaredErrors(members, rows, inputs);
  }

  /** Layer and rows are the same for every member. */
  evaluate(members: readonly number[], calls: readonly Arguments<'evaluate'>[]): Answer<'evaluate'>[] {
    const [[rows, layer]] = calls as [Arguments<'evaluate'>];
    const widths = members.map((member) => this.#layerOf(member, layer).outputs);
    const activations = widths.map((width) => new Float32Array(rows.length * width));
    const errors = this.#squaredErrors(members, rows, undefined, (passed, n, from) => {
      const { output } = passed[layer] as Passed;
      const stride = output.shape[2] as number;
      const values = output.dataSync() as Float32Array;
      for (const [k, width] of widths.entries()) {
        const to = (activations[k] as Float32Array).subarray(from * width);
        copyRows({ data: values.subarray(k * n * stride), stride }, { data: to, stride: width }, n, width);
      }
    });
    return errors.map((own, k) => ({ errors: own, activations: activations[k] as Float32Array }));
  }

  /** The number of rows is the same for every member. */
  inputGradient(members: readonly number[], calls: readonly Arguments<'inputGradient'>[]): Answer<'inputGradient'>[] {
    const tf = this.#tf;
    const K = members.length;
    const [[, { length: total }]] = calls as [Arguments<'inputGradient'>];
    const [D, E] = [this.#data.x.shape[1] as number, this.#data.y.shape[1] as number];
    const scale = 2 / (total * E);
    const sums = members.map(() => 0);
    const gradients = members.map(() => new Float32Array(total * D));
    const stack = this.#stackOf(members, false);
    this.#inChunks(members, total, (parameters, from, n) => {
      const inputs = calls.map(([x]) => x);
      const rows = new Int32Array(K * n);
      for (const [k, [, own]] of calls.entries()) rows.set(own.subarray(from, from + n), k * n);
      const passed = forward(stack, parameters, this.#stackInputs(inputs, from, n));
      const y = tf.gather(this.#data.y, tf.tensor1d(rows, 'int32')).reshape([K, n, E]);
      const error = tf.sub(this.#unscaled(outputOf(passed), members), y);
      const delta = this.#unscaled(tf.mul(error, scale), members);
      const { input } = backward(stack, parameters, passed, delta, 'input');
      addRows(sums, tf.sum(tf.square(error), 2), n);
      const values = input.dataSync() as Float32Array;
      for (const [k, gradient] of gradients.entries()) gradient.set(values.subarray(k * n * D, (k + 1) * n * D), from * D);
    });
    return sums.map((sum, k) => ({ loss: (sum * scale) / 2, gradient: gradients[k] as Float32Array }));
  }

  dispose(): void {
    this.#tf.dispose([this.#state, this.#units, ...(this.#targetScales ? [this.#targetScales] : [])]);
  }

  #layerOf(member: number, layer: number): DenseLayer {
    return (this.#members[member] as Member).shape[layer] as DenseLayer;
  }

  /** Returns inputs `from` to from + n of every member, [K, n, D]. */
  #stackInputs(inputs: readonly Float32Array[], from: number, n: number): Tensor3D {
    const D = this.#data.x.shape[1] as number;
    const values = new Float32Array(inputs.length * n * D);
    for (const [k, own] of inputs.entries()) values.set(own.subarray(from * D, (from + n) * D), k * n * D);
    return this.#tf.tensor3d(values, [inputs.length, n, D]);
  }

  /**
   * Returns the squared errors of the same rows, or of inputs in their place, for each member;
   * `onPassed` receives what some rows at a time gave in the layers.
   */
  #squaredErrors(
    members: readonly number[],
    rows: Uint32Array,
    inputs?: readonly Float32Array[],
    onPassed: (passed: readonly Passed[], n: number, from: number) => void = () => {},
  ): Float64Array[] {
    const tf = this.#tf;
    const stack = this.#stackOf(members, false);
    const errors = members.map(() => new Float64Array(rows.length));
    this.#inChunks(members, rows.length, (parameters, from, n) => {
      const picked = tf.tensor1d(Int32Array.from(rows.subarray(from, from + n)), 'int32');
      const x = inputs
        ? this.#stackInputs(inputs, from, n)
        : tf.tile(tf.expandDims(tf.gather(this.#data.x, picked), 0), [members.length, 1, 1]);
      const y = tf.expandDims(tf.gather(this.#data.y, picked), 0);
      const passed = forward(stack, parameters, x);
      const perRow = tf.sum(tf.square(tf.sub(this.#unscaled(outputOf(passed), members), y)), 2).dataSync() as Float32Array;
      for (const [k, found] of errors.entries()) found.set(perRow.subarray(k * n, (k + 1) * n), from);
      onPassed(passed, n, from);
    });
    return errors;
  }

  /** Calls `work` with the members' parameters for some of the rows at a time, within tf.tidy. */
  #inChunks(members: readonly number[], total: number, work: (parameters: LayerTensors, from: number, n: number) => void): void {
    const parameters = this.#select('parameters', members);
    for (let from = 0; from < total; from += ROWS_AT_ONCE) {
      this.#tf.tidy(() => work(parameters, from, Math.min(ROWS_AT_ONCE, total - from)));
    }
    if (!this.#isWhole(members)) this.#tf.dispose(parameters);
  }

  #stackOf(members: readonly number[], training: boolean): Stack {
    return {
      ...this.#stack,
      units: (l) => {
        const { mask, count } = this.#units[l] as Units;
        return { mask: this.#pick(mask, members), count: this.#pick(count, members) };
      },
      kept: (l, shape) => (training ? this.#kept(l, members, shape as [number, number, number]) : null),
    };
  }

  #kept(l: number, members: readonly number[], [count, rows, outputs]: [number, number, number]): Tensor | null {
    const shares = members.map((member) => this.#layerOf(member, l).dropout ?? 0);
    if (shares.every((share) => share === 0)) return null;
    const values = new Float32Array(count * rows * outputs);
    for (const [k, member] of members.entries()) {
      const share = shares[k] as number;
      const key = dropoutKey((this.#members[member] as Member).training.seed, this.#steps[member] as number, l);
      const threshold = dropoutThreshold(share);
      const kept = 1 / (1 - share);
      let at = k * rows * outputs;
      for (let row = 0; row < rows; row++) {
        const base = Math.imul(row, 65536);
        for (let unit = 0; unit < outputs; unit++) values[at++] = mix((key ^ (base + unit)) >>> 0) >>> 1 < threshold ? 0 : kept;
      }
    }
    return this.#tf.tensor3d(values, [count, rows, outputs]);
  }

  /** Returns targets [K, n, E] as the members are trained on them. */
  #scaled(targets: Tensor, members: readonly number[]): Tensor {
    return this.#targetScales ? this.#tf.mul(targets, this.#pick(this.#targetScales, members)) : targets;
  }

  /** Returns outputs [K, n, E], or a derivative by them, in the units of the targets. */
  #unscaled(outputs: Tensor, members: readonly number[]): Tensor {
    return this.#targetScales ? this.#tf.div(outputs, this.#pick(this.#targetScales, members)) : outputs;
  }

  #isWhole(members: readonly number[]): boolean {
    return members.length === this.#members.length;
  }

  /** Returns the members' part of a tensor; the tensor itself where all are meant. */
  #pick(tensor: Tensor, members: readonly number[]): Tensor {
    return this.#isWhole(members) ? tensor : this.#tf.gather(tensor, [...members]);
  }

  #select(kind: keyof State, members: readonly number[]): LayerTensors {
    return mapParts(this.#state[kind], (tensor) => this.#pick(tensor, members));
  }

  /** Puts the members' tensors among those of the others. */
  #replace(kind: keyof State, members: readonly number[], own: LayerTensors): void {
    const tf = this.#tf;
    const sources = this.#members.map((_, member) => {
      const at = members.indexOf(member);
      return at < 0 ? member : this.#members.length + at;
    });
    const before = this.#state[kind];
    this.#state[kind] = mapParts(before, (tensor, l, part) =>
      tf.tidy(() => tf.gather(tf.concat([tensor, own[l]?.[part] as Tensor], 0), sources)),
    );
    tf.dispose([before, own]);
  }

  #write(kind: keyof State, members: readonly number[], parametersOf: (k: number) => Parameters): void {
    const parameters = members.map((_, k) => parametersOf(k));
    const own = mapParts(this.#sizes, ([rows, columns], l, part): Tensor => {
      const values = new Float32Array(members.length * rows * columns);
      for (const [k, member] of members.entries()) {
        const width = this.#layerOf(member, l).outputs;
        const data = parameters[k]?.[l]?.[part] as Float32Array;
        const to = { data: values.subarray(k * rows * columns), stride: columns };
        copyRows({ data, stride: width }, to, data.length / width, width);
      }
      return this.#tf.tensor3d(values, [members.length, rows, columns]);
    });
    this.#replace(kind, members, own);
  }

  #read(kind: keyof State, members: readonly number[]): Parameters[] {
    const values = mapParts(this.#state[kind], (tensor) => tensor.dataSync() as Float32Array);
    return members.map((member) =>
      mapParts(this.#sizes, ([rows, columns], l, part) => {
        const { inputs, outputs } = this.#layerOf(member, l);
        const own = new Float32Array((part === 'weights' ? inputs : 1) * outputs);
        const data = values[l]?.[part] as Float32Array;
        const from = { data: data.subarray(member * rows * columns), stride: columns };
        copyRows(from, { data: own, stride: outputs }, own.length / outputs, outputs);
        return own;
      }),
    );
  }
}

/** Returns the factors of the members' targets, [K, 1, E]; null where all of them are 1. */
function stackScales(tf: Tf, members: readonly Member[], E: number): Tensor | null {
  if (members.every(({ training }) => training.targetScales === undefined)) return null;
  const scales = new Float32Array(members.length * E).fill(1);
  for (const [member, { training }] of members.entries()) scales.set(training.targetScales ?? [], member * E);
  return tf.tensor3d(scales, [members.length, 1, E]);
}

/** Copies a data set to the device. */
export function copyToDevice(tf: Tf, { x, y }: TrainingData): DeviceData {
  return {
    x: tf.tensor2d(Float32Array.from(x.data), [x.rows, x.columns]),
    y: tf.tensor2d(Float32Array.from(y.data), [y.rows, y.columns]),
  };
}

/** Adds sums per row [K, n] to those of the members, in float64. */
function addRows(sums: number[], perRow: Tensor, n: number): void {
  (perRow.dataSync() as Float32Array).forEach((value, at) => {
    increment(sums, Math.floor(at / n), value);
  });
}
