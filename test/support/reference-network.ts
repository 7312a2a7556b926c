/** A Network in float64, the plain way: what the fused kernel is checked against. Slow, and proven by finite differences. */
import { activationAt } from '../../models/forward.ts';
import type {
  AdamSettings,
  AdamState,
  LayerParameters,
  Network,
  NetworkRuntime,
  NetworkShape,
  Parameters,
  TrainingData,
} from '../../models/network.ts';

interface Layer64 {
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

const wide = (parameters: Parameters): Layer64[] =>
  parameters.map(({ weights, bias }) => ({ weights: Float64Array.from(weights), bias: Float64Array.from(bias) }));
const narrow = (layers: readonly Layer64[]): LayerParameters[] =>
  layers.map(({ weights, bias }) => ({ weights: Float32Array.from(weights), bias: Float32Array.from(bias) }));
const zeros = (shape: NetworkShape): Layer64[] =>
  shape.map(({ inputs, outputs }) => ({ weights: new Float64Array(inputs * outputs), bias: new Float64Array(outputs) }));

export function referenceRuntime(data: TrainingData): NetworkRuntime {
  return { data, createNetwork: (shape, batch, adam) => new ReferenceNetwork(data, shape, batch, adam) };
}

/** Forward and backward through all layers for one row: loss gradient `delta` at the output -> gradients of parameters and input. */
export function rowGradient(
  shape: NetworkShape,
  layers: readonly Layer64[],
  x: ArrayLike<number>,
  deltaAtOutput: (output: Float64Array) => Float64Array,
  into: readonly Layer64[] | null,
): { output: Float64Array; input: Float64Array } {
  const inputs: Float64Array[] = [];
  const slopes: Float64Array[] = [];
  let a: Float64Array = Float64Array.from(x);
  shape.forEach(({ outputs, activation }, l) => {
    const { weights, bias } = layers[l] as Layer64;
    inputs.push(a);
    const z = Float64Array.from(bias);
    for (let i = 0; i < a.length; i++)
      for (let j = 0; j < outputs; j++) z[j] = (z[j] as number) + (a[i] as number) * (weights[i * outputs + j] as number);
    slopes.push(z.map((value) => activationAt(activation, value).derivative));
    a = z.map((value) => activationAt(activation, value).value);
  });
  let delta = deltaAtOutput(a);
  for (let l = shape.length - 1; l >= 0; l--) {
    const { weights } = layers[l] as Layer64;
    const input = inputs[l] as Float64Array;
    const outputs = delta.length;
    delta = delta.map((value, j) => value * (slopes[l]?.[j] as number));
    const gradient = into?.[l];
    if (gradient) {
      for (let j = 0; j < outputs; j++)
        if (shape[l]?.bias) gradient.bias[j] = (gradient.bias[j] as number) + (delta[j] as number);
      for (let i = 0; i < input.length; i++) {
        for (let j = 0; j < outputs; j++) {
          const at = i * outputs + j;
          gradient.weights[at] = (gradient.weights[at] as number) + (input[i] as number) * (delta[j] as number);
        }
      }
    }
    const down = new Float64Array(input.length);
    for (let i = 0; i < input.length; i++)
      for (let j = 0; j < outputs; j++)
        down[i] = (down[i] as number) + (delta[j] as number) * (weights[i * outputs + j] as number);
    delta = down;
  }
  return { output: a, input: delta };
}

export class ReferenceNetwork implements Network {
  readonly shape: NetworkShape;
  readonly #data: TrainingData;
  readonly #batch: number;
  readonly #settings: AdamSettings;
  layers: Layer64[];
  #first: Layer64[];
  #second: Layer64[];
  #step = 0;

  constructor(data: TrainingData, shape: NetworkShape, batch: number, settings: AdamSettings) {
    this.#data = data;
    this.shape = shape;
    this.#batch = batch;
    this.#settings = settings;
    this.layers = zeros(shape);
    this.#first = zeros(shape);
    this.#second = zeros(shape);
  }

  setParameters(parameters: Parameters): void {
    this.layers = wide(parameters);
  }
  parameters(): Parameters {
    return narrow(this.layers);
  }
  setAdam(state: AdamState): void {
    this.#step = state.step;
    this.#first = wide(state.first);
    this.#second = wide(state.second);
  }
  adam(): AdamState {
    return { step: this.#step, first: narrow(this.#first), second: narrow(this.#second) };
  }

  /** Sum of squared errors of the rows, and the gradient of the mean squared error. */
  gradient(rows: Uint32Array): { squaredError: number; gradient: Layer64[] } {
    const gradient = zeros(this.shape);
    let squaredError = 0;
    const scale = 2 / (rows.length * this.#data.y.columns);
    for (const row of rows) {
      rowGradient(
        this.shape,
        this.layers,
        this.#x(row),
        (output) =>
          this.#errors(output, row, (sum) => {
            squaredError += sum;
          }).map((error) => error * scale),
        gradient,
      );
    }
    return { squaredError, gradient };
  }

  train(order: Uint32Array, first: number, rates: Float64Array): number {
    let sum = 0;
    const { beta1, beta2, epsilon } = this.#settings;
    rates.forEach((rate, i) => {
      const rows = order.subarray((first + i) * this.#batch, (first + i + 1) * this.#batch);
      const { squaredError, gradient } = this.gradient(rows);
      sum += squaredError;
      this.#step++;
      for (const part of ['weights', 'bias'] as const) {
        gradient.forEach((layer, l) => {
          const m = this.#first[l]?.[part] as Float64Array;
          const v = this.#second[l]?.[part] as Float64Array;
          const theta = this.layers[l]?.[part] as Float64Array;
          layer[part].forEach((g, at) => {
            m[at] = beta1 * (m[at] as number) + (1 - beta1) * g;
            v[at] = beta2 * (v[at] as number) + (1 - beta2) * g * g;
            const mean = (m[at] as number) / (1 - beta1 ** this.#step);
            const root = Math.sqrt((v[at] as number) / (1 - beta2 ** this.#step));
            theta[at] = (theta[at] as number) - (rate * mean) / (root + epsilon);
          });
        });
      }
    });
    return sum;
  }

  squaredError(rows: Uint32Array): number {
    return this.gradient(rows).squaredError;
  }

  activations(rows: Uint32Array, layer: number): Float32Array {
    const shape = this.shape.slice(0, layer + 1);
    const outputs = [...rows].map((row) => rowGradient(shape, this.layers, this.#x(row), (output) => output, null).output);
    return Float32Array.from(outputs.flatMap((output) => [...output]));
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

  #errors(output: Float64Array, row: number, add: (sum: number) => void): Float64Array {
    const errors = output.map((value, e) => value - (this.#data.y.data[row * output.length + e] as number));
    add(errors.reduce((sum, error) => sum + error * error, 0));
    return errors;
  }
}
