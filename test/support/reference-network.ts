/** Straightforward float64 networks, the reference for tests of the fused kernel. */
import { ACTIVATION_DEFINITIONS } from '../../models/networks/activations.ts';
import { dropoutKey, isDropped } from '../../models/networks/dropout.ts';
import { normalise, normalisedTangent } from '../../models/networks/forward.ts';
import type {
  LayerParameters,
  Network,
  NetworkRuntime,
  NetworkShape,
  NetworkTraining,
  OptimiserState,
  Parameters,
  TrainingData,
} from '../../models/networks/network.ts';

interface Layer64 {
  readonly weights: Float64Array;
  readonly bias: Float64Array;
  readonly gain?: Float64Array;
  readonly shift?: Float64Array;
}

const toFloat64 = (parameters: Parameters): Layer64[] =>
  parameters.map(({ weights, bias, gain, shift }) => ({
    weights: Float64Array.from(weights),
    bias: Float64Array.from(bias),
    ...(gain && shift && { gain: Float64Array.from(gain), shift: Float64Array.from(shift) }),
  }));
const toFloat32 = (layers: readonly Layer64[]): LayerParameters[] =>
  layers.map(({ weights, bias, gain, shift }) => ({
    weights: Float32Array.from(weights),
    bias: Float32Array.from(bias),
    ...(gain && shift && { gain: Float32Array.from(gain), shift: Float32Array.from(shift) }),
  }));
const zeros = (shape: NetworkShape): Layer64[] =>
  shape.map(({ inputs, outputs, normalised }) => ({
    weights: new Float64Array(inputs * outputs),
    bias: new Float64Array(outputs),
    ...(normalised && { gain: new Float64Array(outputs), shift: new Float64Array(outputs) }),
  }));

export function referenceRuntime(data: TrainingData): NetworkRuntime {
  return { data, createNetwork: (shape, training) => new ReferenceNetwork(data, shape, training) };
}

const add = (into: Float64Array, at: number, value: number): void => {
  into[at] = (into[at] as number) + value;
};

/**
 * Runs the forward and backward pass of one row, from the loss gradient at the output to the
 * gradients of parameters (added to `into`) and input. `factors(layer)` are the dropout factors of
 * the layer's outputs.
 */
export function rowGradient(
  shape: NetworkShape,
  layers: readonly Layer64[],
  x: ArrayLike<number>,
  deltaAtOutput: (output: Float64Array) => Float64Array,
  into: readonly Layer64[] | null,
  factors: (layer: number) => Float64Array | null = () => null,
): { output: Float64Array; input: Float64Array } {
  const passes: { input: Float64Array; slopes: Float64Array; norm: ReturnType<typeof normalise> | null }[] = [];
  let a: Float64Array = Float64Array.from(x);
  shape.forEach(({ outputs, activation }, l) => {
    const { weights, bias, gain, shift } = layers[l] as Layer64;
    const product = Float64Array.from(bias);
    for (let i = 0; i < a.length; i++)
      for (let j = 0; j < outputs; j++) add(product, j, (a[i] as number) * (weights[i * outputs + j] as number));
    const norm = gain ? normalise(product) : null;
    const z = (norm?.normalised ?? product).map((value, j) => value * (gain?.[j] ?? 1) + (shift?.[j] ?? 0));
    const factor = factors(l);
    const times = (value: number, j: number) => value * (factor?.[j] ?? 1);
    passes.push({ input: a, slopes: z.map((value) => ACTIVATION_DEFINITIONS[activation].at(value).derivative).map(times), norm });
    a = z.map((value) => ACTIVATION_DEFINITIONS[activation].at(value).value).map(times);
  });
  let delta = deltaAtOutput(a);
  for (let l = shape.length - 1; l >= 0; l--) {
    const { weights, gain } = layers[l] as Layer64;
    const { input, slopes, norm } = passes[l] as (typeof passes)[number];
    const outputs = delta.length;
    delta = delta.map((value, j) => value * (slopes[j] as number));
    const gradient = into?.[l];
    if (norm && gain) {
      const { normalised, deviation } = norm;
      for (let j = 0; j < outputs; j++) {
        if (gradient?.gain) add(gradient.gain, j, (delta[j] as number) * (normalised[j] as number));
        if (gradient?.shift) add(gradient.shift, j, delta[j] as number);
      }
      delta = normalisedTangent(
        delta.map((value, j) => value * (gain[j] as number)),
        normalised,
        deviation,
      );
    }
    if (gradient && shape[l]?.bias) for (let j = 0; j < outputs; j++) add(gradient.bias, j, delta[j] as number);
    if (gradient) {
      for (let i = 0; i < input.length; i++)
        for (let j = 0; j < outputs; j++) add(gradient.weights, i * outputs + j, (input[i] as number) * (delta[j] as number));
    }
    const down = new Float64Array(input.length);
    for (let i = 0; i < input.length; i++)
      for (let j = 0; j < outputs; j++) add(down, i, (delta[j] as number) * (weights[i * outputs + j] as number));
    delta = down;
  }
  return { output: a, input: delta };
}

export class ReferenceNetwork implements Network {
  readonly shape: NetworkShape;
  readonly #data: TrainingData;
  readonly #training: NetworkTraining;
  layers: Layer64[];
  #first: Layer64[];
  #second: Layer64[];
  #step = 0;

  constructor(data: TrainingData, shape: NetworkShape, training: NetworkTraining) {
    this.#data = data;
    this.shape = shape;
    this.#training = training;
    this.layers = zeros(shape);
    this.#first = zeros(shape);
    this.#second = zeros(shape);
  }

  setParameters(parameters: Parameters): void {
    this.layers = toFloat64(parameters);
  }
  parameters(): Parameters {
    return toFloat32(this.layers);
  }
  setOptimiserState({ step, first, second }: OptimiserState): void {
    this.#step = step;
    this.#first = toFloat64(first);
    this.#second = toFloat64(second);
  }
  optimiserState(): OptimiserState {
    return { step: this.#step, first: toFloat32(this.#first), second: toFloat32(this.#second) };
  }

  /**
   * Returns the sum of squared errors of the rows and the gradient of the mean squared error, with
   * the dropout of `step` (negative: none).
   */
  gradient(rows: Uint32Array, step = -1): { squaredError: number; gradient: Layer64[] } {
    const gradient = zeros(this.shape);
    let squaredError = 0;
    const scale = 2 / (rows.length * this.#data.y.columns);
    rows.forEach((row, position) => {
      rowGradient(
        this.shape,
        this.layers,
        this.#x(row),
        (output) =>
          this.#errors(output, row, (sum) => {
            squaredError += sum;
          }).map((error) => error * scale),
        gradient,
        (layer) => (step < 0 ? null : this.#dropoutFactors(step, layer, position)),
      );
    });
    return { squaredError, gradient };
  }

  train(order: Uint32Array, first: number, rates: Float64Array): number {
    let sum = 0;
    const { batch } = this.#training;
    rates.forEach((rate, i) => {
      const rows = order.subarray((first + i) * batch, (first + i + 1) * batch);
      const { squaredError, gradient } = this.gradient(rows, this.#step);
      sum += squaredError;
      this.#step++;
      for (const part of ['weights', 'bias', 'gain', 'shift'] as const)
        gradient.forEach((layer, l) => {
          if (layer[part]) this.#update(l, part, layer[part], rate);
        });
    });
    return sum;
  }

  #update(l: number, part: keyof Layer64, gradient: Float64Array, rate: number): void {
    const { name, beta1, beta2, epsilon, weightDecay } = this.#training.optimiser;
    const decay = part === 'weights' ? weightDecay : 0;
    const m = this.#first[l]?.[part] as Float64Array;
    const v = this.#second[l]?.[part] as Float64Array;
    const theta = this.layers[l]?.[part] as Float64Array;
    gradient.forEach((value, at) => {
      const before = theta[at] as number;
      const g = name === 'adamw' ? value : value + decay * before;
      if (name === 'sgd') {
        m[at] = beta1 * (m[at] as number) + g;
        theta[at] = before - rate * (m[at] as number);
        return;
      }
      m[at] = beta1 * (m[at] as number) + (1 - beta1) * g;
      v[at] = beta2 * (v[at] as number) + (1 - beta2) * g * g;
      const mean = (m[at] as number) / (1 - beta1 ** this.#step);
      const root = Math.sqrt((v[at] as number) / (1 - beta2 ** this.#step));
      theta[at] = (name === 'adamw' ? before * (1 - rate * decay) : before) - (rate * mean) / (root + epsilon);
    });
  }

  /** Returns 0 for the units that dropout drops from a row, 1 / (1 - rate) for the others. */
  #dropoutFactors(step: number, layer: number, row: number): Float64Array | null {
    const { outputs, dropout = 0 } = this.shape[layer] as NetworkShape[number];
    if (dropout === 0) return null;
    const key = dropoutKey(this.#training.seed, step, layer);
    return Float64Array.from({ length: outputs }, (_, unit) => (isDropped(key, row, unit, dropout) ? 0 : 1 / (1 - dropout)));
  }

  squaredErrors(rows: Uint32Array, inputs?: Float32Array): Float64Array {
    const D = this.#data.x.columns;
    return Float64Array.from(rows, (row, i) => {
      const x = inputs ? inputs.subarray(i * D, (i + 1) * D) : this.#x(row);
      const { output } = rowGradient(this.shape, this.layers, x, (output) => output, null);
      return output.reduce((sum, value, e) => sum + (value - (this.#data.y.data[row * output.length + e] as number)) ** 2, 0);
    });
  }

  evaluate(rows: Uint32Array, layer: number): { errors: Float64Array; activations: Float32Array } {
    const shape = this.shape.slice(0, layer + 1);
    const outputs = [...rows].map((row) => rowGradient(shape, this.layers, this.#x(row), (output) => output, null).output);
    return { errors: this.squaredErrors(rows), activations: Float32Array.from(outputs.flatMap((output) => [...output])) };
  }

  inputGradient(inputs: Float32Array, rows: Uint32Array): { loss: number; gradient: Float32Array } {
    const D = this.#data.x.columns;
    const scale = 2 / (rows.length * this.#data.y.columns);
    let sum = 0;
    const gradient = new Float32Array(inputs.length);
    rows.forEach((row, i) => {
      const x = inputs.subarray(i * D, (i + 1) * D);
      const { input } = rowGradient(
        this.shape,
        this.layers,
        x,
        (output) =>
          this.#errors(output, row, (one) => {
            sum += one;
          }).map((error) => error * scale),
        null,
      );
      gradient.set(input, i * D);
    });
    return { loss: (sum * scale) / 2, gradient };
  }

  dispose(): void {}

  #x(row: number): Float32Array {
    const D = this.#data.x.columns;
    return this.#data.x.data.subarray(row * D, (row + 1) * D);
  }

  #errors(output: Float64Array, row: number, onSum: (sum: number) => void): Float64Array {
    const errors = output.map((value, e) => value - (this.#data.y.data[row * output.length + e] as number));
    onSum(errors.reduce((sum, error) => sum + error * error, 0));
    return errors;
  }
}
