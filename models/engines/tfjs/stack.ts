/**
 * Networks of one architecture, stacked on a leading axis: W [K, inputs, outputs]. Each step of all
 * K is one chain of batched products. Where widths differ, the narrower ones are padded: padding
 * starts at zero, meets only zeros, and so stays zero.
 */
import type { Tensor } from '@tensorflow/tfjs';
import { ACTIVATION_DEFINITIONS, type Activation, type DerivativeOperations } from '../../networks/activations.ts';
import { dropoutKey, dropoutThreshold, mix } from '../../networks/dropout.ts';
import { NORM_EPSILON } from '../../networks/forward.ts';
import type { NetworkShape, NetworkTraining, OptimiserState, Parameters, TrainingData } from '../../networks/network.ts';
import type { NetworkCall } from '../../training/network-calls.ts';
import type { Tf } from './load.ts';

export interface Member {
  readonly shape: NetworkShape;
  readonly training: NetworkTraining;
}

type Call<Kind extends NetworkCall['kind']> = Extract<NetworkCall, { kind: Kind }>;

/**
 * Parameters of one layer, or its optimiser state, or its gradient: [K, inputs, outputs], the
 * others [K, 1, outputs].
 */
interface LayerTensors {
  readonly weights: Tensor;
  readonly bias: Tensor;
  readonly gain: Tensor | null;
  readonly shift: Tensor | null;
}

const PARTS = ['weights', 'bias', 'gain', 'shift'] as const;

/** Everything that a step changes. */
interface State {
  readonly parameters: readonly LayerTensors[];
  readonly first: readonly LayerTensors[];
  readonly second: readonly LayerTensors[];
}

const STATES = ['parameters', 'first', 'second'] as const;

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: Activation;
  readonly bias: boolean;
  readonly normalised: boolean;
}

/** Intermediate values of the forward pass that the backward pass needs. */
interface Passed {
  readonly input: Tensor;
  readonly preactivation: Tensor;
  readonly output: Tensor;
  readonly norm: { readonly normalised: Tensor; readonly inverse: Tensor } | null;
  /** Factors by which dropout multiplied the outputs. */
  readonly kept: Tensor | null;
}

/** Rows per forward pass outside training. */
const ROWS_AT_ONCE = 1024;

/** Data on the device: X [N, D], Y [N, E]. */
export interface DeviceData {
  readonly x: Tensor;
  readonly y: Tensor;
}

export class StackedNetworks {
  readonly #tf: Tf;
  readonly #operations: DerivativeOperations<Tensor>;
  readonly #data: DeviceData;
  readonly #members: readonly Member[];
  readonly #layers: readonly Layer[];
  readonly #steps: number[];
  /** By layer: [K, 1, outputs], 1 for units that a member has, and their numbers [K, 1, 1]. */
  readonly #units: readonly { readonly mask: Tensor; readonly count: Tensor }[];
  #state: State;

  /** Members must agree in everything but widths, dropout, decay and seed: see lockstep.ts. */
  constructor(tf: Tf, data: DeviceData, members: readonly Member[]) {
    this.#tf = tf;
    this.#operations = tensorOperations(tf);
    this.#data = data;
    this.#members = members;
    this.#steps = members.map(() => 0);
    const [first] = members;
    if (first === undefined) throw new RangeError('a stack needs at least one network');
    const widest = (l: number, side: 'inputs' | 'outputs') =>
      Math.max(...members.map(({ shape }) => (shape[l] as NetworkShape[number])[side]));
    this.#layers = first.shape.map(({ activation, bias, normalised = false }, l) => ({
      inputs: widest(l, 'inputs'),
      outputs: widest(l, 'outputs'),
      activation,
      bias,
      normalised,
    }));
    this.#units = this.#layers.map(({ outputs }, l) => {
      const widths = members.map(({ shape }) => (shape[l] as NetworkShape[number]).outputs);
      const mask = new Float32Array(members.length * outputs);
      widths.forEach((width, member) => {
        mask.fill(1, member * outputs, member * outputs + width);
      });
      return { mask: tf.tensor(mask, [members.length, 1, outputs]), count: tf.tensor(widths, [members.length, 1, 1], 'float32') };
    });
    const zeros = () =>
      this.#layers.map(
        ({ inputs, outputs, normalised }): LayerTensors => ({
          weights: tf.zeros([members.length, inputs, outputs]),
          bias: tf.zeros([members.length, 1, outputs]),
          gain: normalised ? tf.zeros([members.length, 1, outputs]) : null,
          shift: normalised ? tf.zeros([members.length, 1, outputs]) : null,
        }),
      );
    this.#state = { parameters: zeros(), first: zeros(), second: zeros() };
  }

  /** Several members' parameters at once. */
  setParameters(entries: readonly { readonly member: number; readonly parameters: Parameters }[]): void {
    this.#write('parameters', entries);
  }

  setOptimiserState(entries: readonly { readonly member: number; readonly optimiserState: OptimiserState }[]): void {
    for (const { member, optimiserState } of entries) this.#steps[member] = optimiserState.step;
    this.#write(
      'first',
      entries.map(({ member, optimiserState }) => ({ member, parameters: optimiserState.first })),
    );
    this.#write(
      'second',
      entries.map(({ member, optimiserState }) => ({ member, parameters: optimiserState.second })),
    );
  }

  parameters(members: readonly number[]): Parameters[] {
    return this.#read('parameters', members);
  }

  optimiserState(members: readonly number[]): OptimiserState[] {
    const first = this.#read('first', members);
    const second = this.#read('second', members);
    return members.map((member, i) => ({
      step: this.#steps[member] as number,
      first: first[i] as Parameters,
      second: second[i] as Parameters,
    }));
  }

  /** Steps of equally many rates and rows. Returns the sums of squared errors along the way. */
  train(members: readonly number[], calls: readonly Call<'train'>[]): number[] {
    const tf = this.#tf;
    const { batch } = (this.#members[0] as Member).training;
    const steps = calls[0]?.rates.length ?? 0;
    const total = calls[0]?.order.length ?? 0;
    let state = this.#select(members);
    const whole = members.length === this.#members.length;
    const sums = members.map(() => 0);
    const errors: { readonly squared: Tensor; readonly n: number }[] = [];
    for (let i = 0; i < steps; i++) {
      const n = Math.min(batch, total - ((calls[0] as Call<'train'>).first + i) * batch);
      const { next, squared } = tidy(tf, () => {
        const rows = new Int32Array(members.length * n);
        calls.forEach(({ order, first }, k) => {
          rows.set(order.subarray((first + i) * batch, (first + i) * batch + n), k * n);
        });
        const picked = tf.tensor1d(rows, 'int32');
        const gather = (values: Tensor) => tf.gather(values, picked).reshape([members.length, n, values.shape[1] as number]);
        const x = gather(this.#data.x);
        const passed = this.#forward(state.parameters, x, members, true);
        const error = tf.sub((passed.at(-1) as Passed).output, gather(this.#data.y));
        const delta = tf.mul(error, 2 / (n * (error.shape[2] as number)));
        const { gradient } = this.#backward(state.parameters, passed, delta, members, true, false);
        const next = this.#update(
          state,
          gradient as LayerTensors[],
          members,
          calls.map(({ rates }) => rates[i] as number),
        );
        return { next, squared: tf.sum(tf.square(error), 2) };
      });
      errors.push({ squared, n });
      disposeState(state);
      state = next;
      if (whole) this.#state = next;
      for (const member of members) this.#steps[member] = (this.#steps[member] as number) + 1;
    }
    if (!whole) this.#merge(members, state);
    // Read after all steps are queued, so that the device does not wait for this thread.
    for (const { squared, n } of errors) addRows(sums, squared, n);
    return sums;
  }

  /** Sums of squared errors over the same rows. */
  squaredError(members: readonly number[], rows: Uint32Array): number[] {
    const sums = members.map(() => 0);
    this.#pass(members, rows, (output, y, n) => {
      addRows(sums, this.#tf.sum(this.#tf.square(this.#tf.sub(output, y)), 2), n);
    });
    return sums;
  }

  /** Outputs of one layer for the same rows, [rows, units] of each member. */
  activations(members: readonly number[], rows: Uint32Array, layer: number): Float32Array[] {
    const results = members.map((member) => new Float32Array(rows.length * this.#width(member, layer)));
    let done = 0;
    this.#pass(
      members,
      rows,
      (output, _y, n) => {
        const stride = output.shape[2] as number;
        const values = output.dataSync();
        members.forEach((member, k) => {
          const width = this.#width(member, layer);
          for (let row = 0; row < n; row++) {
            const from = (k * n + row) * stride;
            (results[k] as Float32Array).set(values.subarray(from, from + width), (done + row) * width);
          }
        });
        done += n;
      },
      layer,
    );
    return results;
  }

  /** As Network.inputGradient, for as many rows in each call. */
  inputGradient(members: readonly number[], calls: readonly Call<'inputGradient'>[]): { loss: number; gradient: Float32Array }[] {
    const tf = this.#tf;
    const total = calls[0]?.rows.length ?? 0;
    const D = this.#data.x.shape[1] as number;
    const E = this.#data.y.shape[1] as number;
    const scale = 2 / (total * E);
    const sums = members.map(() => 0);
    const gradients = members.map(() => new Float32Array(total * D));
    const state = this.#select(members);
    for (let from = 0; from < total; from += ROWS_AT_ONCE) {
      const n = Math.min(ROWS_AT_ONCE, total - from);
      const { squared, input } = tidy(tf, () => {
        const inputs = new Float32Array(members.length * n * D);
        const rows = new Int32Array(members.length * n);
        calls.forEach((call, k) => {
          inputs.set(call.inputs.subarray(from * D, (from + n) * D), k * n * D);
          rows.set(call.rows.subarray(from, from + n), k * n);
        });
        const x = tf.tensor3d(inputs, [members.length, n, D]);
        const passed = this.#forward(state.parameters, x, members, false);
        const y = tf.gather(this.#data.y, tf.tensor1d(rows, 'int32')).reshape([members.length, n, E]);
        const error = tf.sub((passed.at(-1) as Passed).output, y);
        const { input } = this.#backward(state.parameters, passed, tf.mul(error, scale), members, false, true);
        return { squared: tf.sum(tf.square(error), 2), input: input as Tensor };
      });
      addRows(sums, squared, n);
      const values = input.dataSync() as Float32Array;
      gradients.forEach((gradient, k) => {
        gradient.set(values.subarray(k * n * D, (k + 1) * n * D), from * D);
      });
      input.dispose();
    }
    if (state !== this.#state) disposeState(state);
    return sums.map((sum, k) => ({ loss: (sum * scale) / 2, gradient: gradients[k] as Float32Array }));
  }

  dispose(): void {
    disposeState(this.#state);
    for (const { mask, count } of this.#units) this.#tf.dispose([mask, count]);
  }

  #width(member: number, layer: number): number {
    const { shape } = this.#members[member] as Member;
    return (shape[layer] as NetworkShape[number]).outputs;
  }

  /** Passes the same rows through the members, some at a time. */
  #pass(
    members: readonly number[],
    rows: Uint32Array,
    take: (output: Tensor, y: Tensor, n: number) => void,
    layer = this.#layers.length - 1,
  ): void {
    const tf = this.#tf;
    const state = this.#select(members);
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      tf.tidy(() => {
        const picked = tf.tensor1d(Int32Array.from(rows.subarray(from, from + ROWS_AT_ONCE)), 'int32');
        const n = picked.shape[0] as number;
        const x = tf.tile(tf.expandDims(tf.gather(this.#data.x, picked), 0), [members.length, 1, 1]);
        const y = tf.expandDims(tf.gather(this.#data.y, picked), 0);
        const passed = this.#forward(state.parameters, x, members, false, layer);
        take((passed[layer] as Passed).output, y, n);
      });
    }
    if (state !== this.#state) disposeState(state);
  }

  #forward(
    parameters: readonly LayerTensors[],
    x: Tensor,
    members: readonly number[],
    training: boolean,
    last = Infinity,
  ): Passed[] {
    const tf = this.#tf;
    const passed: Passed[] = [];
    let a = x;
    this.#layers.slice(0, last + 1).forEach(({ activation, normalised }, l) => {
      const { weights, bias, gain, shift } = parameters[l] as LayerTensors;
      const input = a;
      let z: Tensor = tf.add(tf.matMul(input, weights), bias);
      let norm: Passed['norm'] = null;
      if (normalised && gain && shift) {
        const { mask, count } = this.#unitsOf(l, members);
        const centred = tf.mul(tf.sub(z, tf.div(tf.sum(z, 2, true), count)), mask);
        const inverse = tf.rsqrt(tf.add(tf.div(tf.sum(tf.square(centred), 2, true), count), NORM_EPSILON));
        norm = { normalised: tf.mul(centred, inverse), inverse };
        z = tf.add(tf.mul(norm.normalised, gain), shift);
      }
      const kept = training ? this.#kept(l, members, z.shape as [number, number, number]) : null;
      const value = ACTIVATION_DEFINITIONS[activation].apply(this.#operations, z);
      a = kept ? tf.mul(value, kept) : value;
      // The derivative is taken before the dropout.
      passed.push({ input, preactivation: z, output: kept ? a : value, norm, kept });
    });
    return passed;
  }

  #backward(
    parameters: readonly LayerTensors[],
    passed: readonly Passed[],
    deltaAtOutput: Tensor,
    members: readonly number[],
    wantsParameters: boolean,
    wantsInput: boolean,
  ): { gradient: LayerTensors[] | null; input: Tensor | null } {
    const tf = this.#tf;
    const gradient: LayerTensors[] = [];
    let delta = deltaAtOutput;
    for (let l = this.#layers.length - 1; l >= 0; l--) {
      const { activation, bias: hasBias, outputs } = this.#layers[l] as Layer;
      const { weights, gain } = parameters[l] as LayerTensors;
      const { input, preactivation, norm, kept } = passed[l] as Passed;
      if (kept) delta = tf.mul(delta, kept);
      if (activation !== 'linear')
        delta = tf.mul(delta, ACTIVATION_DEFINITIONS[activation].derive(this.#operations, preactivation));
      let gainGradient: Tensor | null = null;
      let shiftGradient: Tensor | null = null;
      if (norm && gain) {
        const { mask, count } = this.#unitsOf(l, members);
        if (wantsParameters) {
          gainGradient = tf.sum(tf.mul(delta, norm.normalised), 1, true);
          shiftGradient = tf.sum(delta, 1, true);
        }
        const scaled = tf.mul(delta, gain);
        const mean = tf.div(tf.sum(scaled, 2, true), count);
        const along = tf.div(tf.sum(tf.mul(scaled, norm.normalised), 2, true), count);
        delta = tf.mul(tf.mul(tf.sub(tf.sub(scaled, mean), tf.mul(norm.normalised, along)), norm.inverse), mask);
      }
      if (wantsParameters) {
        gradient[l] = {
          weights: tf.matMul(input, delta, true, false),
          bias: hasBias ? tf.sum(delta, 1, true) : tf.zeros([members.length, 1, outputs]),
          gain: gainGradient,
          shift: shiftGradient,
        };
      }
      if (l > 0 || wantsInput) delta = tf.matMul(delta, weights, false, true);
    }
    return { gradient: wantsParameters ? gradient : null, input: wantsInput ? delta : null };
  }

  #update(state: State, gradient: readonly LayerTensors[], members: readonly number[], rates: readonly number[]): State {
    const tf = this.#tf;
    const trainings = members.map((member) => (this.#members[member] as Member).training);
    const { name, beta1, beta2, epsilon } = (trainings[0] as NetworkTraining).optimiser;
    const column = (values: readonly number[]) => tf.tensor(values as number[], [members.length, 1, 1], 'float32');
    const steps = members.map((member) => (this.#steps[member] as number) + 1);
    const rate = column(rates);
    const alpha = column(rates.map((value, k) => value / (1 - beta1 ** (steps[k] as number))));
    const root = column(steps.map((step) => 1 / Math.sqrt(1 - beta2 ** step)));
    const decays = trainings.map(({ optimiser }) => optimiser.weightDecay);
    const decay = column(decays);
    const shrink = column(decays.map((value, k) => 1 - (rates[k] as number) * value));
    const decaying = decays.some((value) => value > 0);
    const next: Record<(typeof STATES)[number], LayerTensors[]> = { parameters: [], first: [], second: [] };
    gradient.forEach((layer, l) => {
      const changed = { parameters: {}, first: {}, second: {} } as Record<(typeof STATES)[number], Record<string, Tensor | null>>;
      for (const part of PARTS) {
        const theta = state.parameters[l]?.[part] ?? null;
        const m = state.first[l]?.[part] ?? null;
        const v = state.second[l]?.[part] ?? null;
        let g = layer[part];
        if (!theta || !m || !v || !g) {
          for (const kind of STATES) changed[kind][part] = null;
          continue;
        }
        const decays = decaying && part === 'weights';
        if (decays && name !== 'adamw') g = tf.add(g, tf.mul(theta, decay));
        if (name === 'sgd') {
          const velocity = tf.add(tf.mul(m, beta1), g);
          changed.first[part] = velocity;
          changed.second[part] = tf.clone(v);
          changed.parameters[part] = tf.sub(theta, tf.mul(velocity, rate));
          continue;
        }
        const first = tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1));
        const second = tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2));
        const step = tf.div(tf.mul(first, alpha), tf.add(tf.mul(tf.sqrt(second), root), epsilon));
        changed.first[part] = first;
        changed.second[part] = second;
        changed.parameters[part] = tf.sub(decays && name === 'adamw' ? tf.mul(theta, shrink) : theta, step);
      }
      for (const kind of STATES) next[kind].push(changed[kind] as unknown as LayerTensors);
    });
    return next;
  }

  /** [K, rows, outputs]: 0 for dropped units, else 1 / (1 - share); null without dropout. */
  #kept(l: number, members: readonly number[], [count, rows, outputs]: [number, number, number]): Tensor | null {
    const shares = members.map((member) => this.#members[member]?.shape[l]?.dropout ?? 0);
    if (shares.every((share) => share === 0)) return null;
    const values = new Float32Array(count * rows * outputs);
    members.forEach((member, k) => {
      const share = shares[k] as number;
      const { seed } = (this.#members[member] as Member).training;
      const key = dropoutKey(seed, this.#steps[member] as number, l);
      const threshold = dropoutThreshold(share);
      const kept = 1 / (1 - share);
      let at = k * rows * outputs;
      for (let row = 0; row < rows; row++) {
        const base = Math.imul(row, 65536);
        for (let unit = 0; unit < outputs; unit++) values[at++] = mix((key ^ (base + unit)) >>> 0) >>> 1 < threshold ? 0 : kept;
      }
    });
    return this.#tf.tensor3d(values, [count, rows, outputs]);
  }

  #unitsOf(l: number, members: readonly number[]): { mask: Tensor; count: Tensor } {
    const units = this.#units[l] as { mask: Tensor; count: Tensor };
    if (members.length === this.#members.length) return units;
    const picked = this.#tf.tensor1d([...members], 'int32');
    return { mask: this.#tf.gather(units.mask, picked), count: this.#tf.gather(units.count, picked) };
  }

  /** The members' own state; the whole one where all are meant. */
  #select(members: readonly number[]): State {
    if (members.length === this.#members.length) return this.#state;
    const picked = this.#tf.tensor1d([...members], 'int32');
    const state = mapState(this.#state, (tensor) => this.#tf.gather(tensor, picked));
    picked.dispose();
    return state;
  }

  /** Puts the members' state back among the others'. */
  #merge(members: readonly number[], state: State): void {
    const tf = this.#tf;
    const places = this.#members.map((_, member) => {
      const at = members.indexOf(member);
      return at < 0 ? member : this.#members.length + at;
    });
    const picked = tf.tensor1d(places, 'int32');
    const merged = mapState(this.#state, (tensor, kind, l, part) =>
      tf.tidy(() => tf.gather(tf.concat([tensor, state[kind][l]?.[part] as Tensor], 0), picked)),
    );
    picked.dispose();
    disposeState(this.#state);
    disposeState(state);
    this.#state = merged;
  }

  #write(kind: (typeof STATES)[number], entries: readonly { readonly member: number; readonly parameters: Parameters }[]): void {
    if (entries.length === 0) return;
    const tf = this.#tf;
    const count = entries.length;
    const layers = this.#layers.map(({ inputs, outputs, normalised }, l): LayerTensors => {
      const weights = new Float32Array(count * inputs * outputs);
      const bias = new Float32Array(count * outputs);
      const gain = new Float32Array(count * outputs);
      const shift = new Float32Array(count * outputs);
      entries.forEach(({ member, parameters }, k) => {
        const own = parameters[l] as Parameters[number];
        const shape = this.#members[member]?.shape[l] as NetworkShape[number];
        for (let i = 0; i < shape.inputs; i++)
          weights.set(own.weights.subarray(i * shape.outputs, (i + 1) * shape.outputs), (k * inputs + i) * outputs);
        bias.set(own.bias, k * outputs);
        if (own.gain) gain.set(own.gain, k * outputs);
        if (own.shift) shift.set(own.shift, k * outputs);
      });
      return {
        weights: tf.tensor3d(weights, [count, inputs, outputs]),
        bias: tf.tensor3d(bias, [count, 1, outputs]),
        gain: normalised ? tf.tensor3d(gain, [count, 1, outputs]) : null,
        shift: normalised ? tf.tensor3d(shift, [count, 1, outputs]) : null,
      };
    });
    const members = entries.map(({ member }) => member);
    const places = this.#members.map((_, member) => {
      const at = members.lastIndexOf(member);
      return at < 0 ? member : this.#members.length + at;
    });
    const picked = tf.tensor1d(places, 'int32');
    const before = this.#state[kind];
    const after = mapLayers(before, (tensor, l, part) =>
      tf.tidy(() => tf.gather(tf.concat([tensor, layers[l]?.[part] as Tensor], 0), picked)),
    );
    picked.dispose();
    disposeLayers(before);
    disposeLayers(layers);
    this.#state = { ...this.#state, [kind]: after };
  }

  #read(kind: (typeof STATES)[number], members: readonly number[]): Parameters[] {
    const read = (tensor: Tensor | null) => tensor?.dataSync() as Float32Array | undefined;
    const layers = this.#state[kind].map(({ weights, bias, gain, shift }) => ({
      weights: read(weights) as Float32Array,
      bias: read(bias) as Float32Array,
      gain: read(gain),
      shift: read(shift),
    }));
    return members.map((member) =>
      layers.map(({ weights, bias, gain, shift }, l) => {
        const { inputs, outputs } = this.#layers[l] as Layer;
        const shape = this.#members[member]?.shape[l] as NetworkShape[number];
        const own = new Float32Array(shape.inputs * shape.outputs);
        for (let i = 0; i < shape.inputs; i++) {
          const from = (member * inputs + i) * outputs;
          own.set(weights.subarray(from, from + shape.outputs), i * shape.outputs);
        }
        const vector = (values: Float32Array) => values.slice(member * outputs, member * outputs + shape.outputs);
        return { weights: own, bias: vector(bias), ...(gain && shift && { gain: vector(gain), shift: vector(shift) }) };
      }),
    );
  }
}

/** Copies a data set to the device. */
export function copyToDevice(tf: Tf, { x, y }: TrainingData): DeviceData {
  return {
    x: tf.tensor2d(Float32Array.from(x.data), [x.rows, x.columns]),
    y: tf.tensor2d(Float32Array.from(y.data), [y.rows, y.columns]),
  };
}

/** Activations and their derivatives as operations on tensors. */
const tensorOperations = (tf: Tf): DerivativeOperations<Tensor> => ({
  constant: (_, value) => tf.scalar(value),
  add: (a, b) => tf.add(a, b),
  subtract: (a, b) => tf.sub(a, b),
  multiply: (a, b) => tf.mul(a, b),
  relu: (z) => tf.relu(z),
  elu: (z) => tf.elu(z),
  tanh: (z) => tf.tanh(z),
  sigmoid: (z) => tf.sigmoid(z),
  exp: (z) => tf.exp(z),
  negativePart: (z) => tf.minimum(z, 0),
  step: (z) => tf.cast(tf.greater(z, 0), 'float32'),
});

/** Adds sums per row [K, n] to those of the members, in float64, and lets the tensor go. */
function addRows(sums: number[], perRow: Tensor, n: number): void {
  (perRow.dataSync() as Float32Array).forEach((value, at) => {
    const member = Math.floor(at / n);
    sums[member] = (sums[member] as number) + value;
  });
  perRow.dispose();
}

/** tf.tidy for containers of any type. */
function tidy<T>(tf: Tf, work: () => T): T {
  return tf.tidy(work as () => Tensor) as unknown as T;
}

function mapLayers(
  layers: readonly LayerTensors[],
  change: (tensor: Tensor, l: number, part: (typeof PARTS)[number]) => Tensor,
): LayerTensors[] {
  return layers.map(({ weights, bias, gain, shift }, l) => ({
    weights: change(weights, l, 'weights'),
    bias: change(bias, l, 'bias'),
    gain: gain && change(gain, l, 'gain'),
    shift: shift && change(shift, l, 'shift'),
  }));
}

function mapState(
  state: State,
  change: (tensor: Tensor, kind: (typeof STATES)[number], l: number, part: (typeof PARTS)[number]) => Tensor,
): State {
  const of = (kind: (typeof STATES)[number]) => mapLayers(state[kind], (tensor, l, part) => change(tensor, kind, l, part));
  return { parameters: of('parameters'), first: of('first'), second: of('second') };
}

function disposeLayers(layers: readonly LayerTensors[]): void {
  for (const layer of layers) for (const part of PARTS) layer[part]?.dispose();
}

function disposeState(state: State): void {
  for (const kind of STATES) disposeLayers(state[kind]);
}
