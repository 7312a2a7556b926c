/** Networks on the kernel: the host's side of one thread. Nothing is allocated while training. */
import { dropoutThreshold, seedWord } from '../../networks/dropout.ts';
import type {
  Moments,
  Network,
  NetworkRuntime,
  NetworkShape,
  NetworkTraining,
  Parameters,
  TrainingData,
} from '../../networks/network.ts';
import { HEADER_WORDS, LAYER_WORDS, OPTIMISER_CODES, padColumns, padRows, placeNetwork } from './layout.ts';
import { instantiate, type KernelExports } from './loader.ts';
import { Arena } from './memory.ts';

/** A data set in the kernel's memory, rows padded to a multiple of 8 columns; addresses are valid in every thread. */
export interface PlacedData {
  readonly x: number;
  readonly y: number;
}

/** Copies a data set into the kernel's memory, once for all threads. */
export function placeData(arena: Arena, data: TrainingData): PlacedData {
  const place = ({ rows, columns, data: values }: TrainingData['x']) => {
    const stride = padColumns(columns);
    const address = arena.allocate(rows * stride * 4);
    const to = arena.floats(address, rows * stride);
    for (let row = 0; row < rows; row++) to.set(values.subarray(row * columns, (row + 1) * columns), row * stride);
    return address;
  };
  return { x: place(data.x), y: place(data.y) };
}

export function releaseData(arena: Arena, placed: PlacedData): void {
  arena.release(placed.x);
  arena.release(placed.y);
}

/** The kernel as a NetworkRuntime of the calling thread. */
export interface KernelRuntime extends NetworkRuntime {
  readonly arena: Arena;
  readonly kernel: KernelExports;
}

/** `placed`: where the data lie already; left out, they are copied in. */
export function createKernelRuntime(options: {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  data: TrainingData;
  placed?: PlacedData;
  arena?: Arena;
}): KernelRuntime {
  const { module, memory, data } = options;
  const kernel = instantiate(module, memory);
  const arena = options.arena ?? new Arena(memory, kernel.heapBase());
  const placed = options.placed ?? placeData(arena, data);
  return {
    data,
    arena,
    kernel,
    createNetwork: (shape, training) => new KernelNetwork(kernel, arena, data, placed, shape, training),
  };
}

class KernelNetwork implements Network {
  readonly shape: NetworkShape;
  readonly #kernel: KernelExports;
  readonly #arena: Arena;
  readonly #data: TrainingData;
  readonly #place: ReturnType<typeof placeNetwork>;
  readonly #batch: number;
  readonly #blocks: number[] = [];
  readonly #net: number;
  readonly #theta: number;
  readonly #gradient: number;
  readonly #first: number;
  readonly #second: number;
  readonly #input: number;
  readonly #outputs: number[] = [];
  #order = { address: 0, capacity: 0 };
  #rates = { address: 0, capacity: 0 };
  #step = 0;

  constructor(
    kernel: KernelExports,
    arena: Arena,
    data: TrainingData,
    placed: PlacedData,
    shape: NetworkShape,
    { batch, optimiser, seed }: NetworkTraining,
  ) {
    const first = shape[0];
    const last = shape.at(-1);
    if (first?.inputs !== data.x.columns) {
      throw new RangeError(`the network takes ${first?.inputs} inputs, the data have ${data.x.columns} descriptors`);
    }
    if (last?.outputs !== data.y.columns) {
      throw new RangeError(`the network has ${last?.outputs} outputs, the data have ${data.y.columns} targets`);
    }
    if (!(Number.isInteger(batch) && batch >= 1)) throw new RangeError(`a batch has at least one row, not ${batch}`);
    this.shape = shape;
    this.#kernel = kernel;
    this.#arena = arena;
    this.#data = data;
    this.#batch = batch;
    const place = placeNetwork(shape);
    this.#place = place;
    const rows = padRows(batch);
    const floats = (count: number) => this.#take(count * 4);
    this.#theta = floats(place.count);
    this.#gradient = floats(place.count);
    this.#first = floats(place.count);
    this.#second = floats(place.count);
    const deltaA = floats(rows * place.widest);
    const deltaB = floats(rows * place.widest);
    const transposed = floats(place.largest);
    this.#input = floats(rows * padColumns(data.x.columns));
    this.#net = this.#take((HEADER_WORDS + LAYER_WORDS * place.layers.length) * 4);
    const layerWords = place.layers.flatMap((layer) => {
      const output = floats(rows * layer.paddedOutputs);
      this.#outputs.push(output);
      const derivative = layer.keepsDerivative ? floats(rows * layer.paddedOutputs) : 0;
      return [
        ...[layer.paddedInputs, layer.paddedOutputs, layer.inputs, layer.outputs, layer.activation, layer.hasBias ? 1 : 0],
        ...[layer.weights * 4, layer.bias * 4, output, derivative],
        ...(layer.gain === null ? [0, 0, 0] : [floats(rows * layer.paddedOutputs), floats(rows), layer.gain * 4]),
        ...[dropoutThreshold(layer.dropout), 0],
      ];
    });
    const words = arena.words(this.#net, HEADER_WORDS + layerWords.length);
    words.set([
      ...[place.layers.length, this.#theta, this.#gradient, this.#first, this.#second, place.count],
      ...[placed.x, padColumns(data.x.columns) * 4, placed.y, padColumns(data.y.columns) * 4, data.y.columns],
      ...[deltaA, deltaB, transposed, this.#input],
    ]);
    const headerFloats = arena.floats(this.#net, HEADER_WORDS);
    headerFloats.set([optimiser.beta1, optimiser.beta2, optimiser.epsilon], 15);
    words.set([batch, OPTIMISER_CODES[optimiser.name]], 18);
    headerFloats.set([optimiser.weightDecay], 20);
    words.set([seedWord(seed)], 21);
    words.set(layerWords, HEADER_WORDS);
    place.layers.forEach(({ dropout }, index) => {
      const at = this.#net + (HEADER_WORDS + (index + 1) * LAYER_WORDS - 1) * 4;
      arena.floats(at, 1).set([1 / (1 - dropout)]);
    });
  }

  setParameters(parameters: Parameters): void {
    this.#write(this.#theta, parameters);
  }

  parameters(): Parameters {
    return this.#read(this.#theta);
  }

  setMoments({ step, first, second }: Moments): void {
    this.#step = step;
    this.#write(this.#first, first);
    this.#write(this.#second, second);
  }

  moments(): Moments {
    return { step: this.#step, first: this.#read(this.#first), second: this.#read(this.#second) };
  }

  train(order: Uint32Array, first: number, rates: Float64Array): number {
    const at = this.#writeOrder(order);
    this.#rates = this.#room(this.#rates, rates.byteLength);
    this.#arena.doubles(this.#rates.address, rates.length).set(rates);
    const sum = this.#kernel.train(this.#net, at, order.length, first, rates.length, this.#rates.address, this.#step);
    this.#step += rates.length;
    return sum;
  }

  squaredError(rows: Uint32Array): number {
    const at = this.#writeOrder(rows);
    let sum = 0;
    for (let from = 0; from < rows.length; from += this.#batch) {
      sum += this.#kernel.evaluate(this.#net, at + from * 4, Math.min(this.#batch, rows.length - from));
    }
    return sum;
  }

  activations(rows: Uint32Array, layer: number): Float32Array {
    const placed = this.#place.layers[layer];
    const output = this.#outputs[layer];
    if (placed === undefined || output === undefined) throw new RangeError(`there is no layer ${layer}`);
    const { outputs, paddedOutputs } = placed;
    const result = new Float32Array(rows.length * outputs);
    const at = this.#writeOrder(rows);
    for (let from = 0; from < rows.length; from += this.#batch) {
      const n = Math.min(this.#batch, rows.length - from);
      this.#kernel.evaluate(this.#net, at + from * 4, n);
      const values = this.#arena.floats(output, n * paddedOutputs);
      for (let row = 0; row < n; row++) {
        result.set(values.subarray(row * paddedOutputs, row * paddedOutputs + outputs), (from + row) * outputs);
      }
    }
    return result;
  }

  /** d loss / d parameters of the rows, at most a batch of them, with the dropout of `step` (negative: none): for checks of the gradient. */
  parameterGradient(rows: Uint32Array, step = -1): Parameters {
    if (rows.length > this.#batch) throw new RangeError(`at most ${this.#batch} rows at once, not ${rows.length}`);
    this.#kernel.parameterGradient(this.#net, this.#writeOrder(rows), rows.length, step);
    return this.#read(this.#gradient);
  }

  inputGradient(inputs: Float32Array, rows: Uint32Array): { loss: number; gradient: Float32Array } {
    const columns = this.#data.x.columns;
    const stride = padColumns(columns);
    if (inputs.length !== rows.length * columns) {
      throw new RangeError(
        `inputs hold ${inputs.length} numbers, ${rows.length} rows of ${columns} need ${rows.length * columns}`,
      );
    }
    const gradient = new Float32Array(inputs.length);
    const scale = 2 / (rows.length * this.#data.y.columns);
    const at = this.#writeOrder(rows);
    let sum = 0;
    for (let from = 0; from < rows.length; from += this.#batch) {
      const n = Math.min(this.#batch, rows.length - from);
      const input = this.#arena.floats(this.#input, padRows(n) * stride);
      input.fill(0);
      for (let row = 0; row < n; row++) {
        input.set(inputs.subarray((from + row) * columns, (from + row + 1) * columns), row * stride);
      }
      sum += this.#kernel.inputGradient(this.#net, at + from * 4, n, scale);
      const values = this.#arena.floats(this.#kernel.inputGradientAt(), n * stride);
      for (let row = 0; row < n; row++) {
        gradient.set(values.subarray(row * stride, row * stride + columns), (from + row) * columns);
      }
    }
    return { loss: (sum * scale) / 2, gradient };
  }

  dispose(): void {
    for (const block of this.#blocks.splice(0)) this.#arena.release(block);
    this.#arena.release(this.#order.address);
    this.#arena.release(this.#rates.address);
  }

  #take(bytes: number): number {
    const address = this.#arena.allocate(bytes);
    this.#blocks.push(address);
    return address;
  }

  /** Room for `bytes`, kept from call to call. */
  #room(room: { address: number; capacity: number }, bytes: number): { address: number; capacity: number } {
    if (room.capacity >= bytes) return room;
    this.#arena.release(room.address);
    return { address: this.#arena.allocate(bytes), capacity: bytes };
  }

  #writeOrder(rows: Uint32Array): number {
    this.#order = this.#room(this.#order, rows.byteLength);
    this.#arena.words(this.#order.address, rows.length).set(rows);
    return this.#order.address;
  }

  #write(base: number, parameters: Parameters): void {
    if (parameters.length !== this.#place.layers.length) {
      throw new RangeError(`parameters of ${parameters.length} layers for a network of ${this.#place.layers.length}`);
    }
    const to = this.#arena.floats(base, this.#place.count);
    to.fill(0);
    this.#place.layers.forEach((layer, index) => {
      const { weights, bias, gain, shift } = parameters[index] as Parameters[number];
      if (
        weights.length !== layer.inputs * layer.outputs ||
        bias.length !== layer.outputs ||
        (layer.gain !== null && (gain?.length !== layer.outputs || shift?.length !== layer.outputs))
      ) {
        throw new RangeError(`parameters of layer ${index} do not fit [${layer.inputs}, ${layer.outputs}]`);
      }
      for (let i = 0; i < layer.inputs; i++) {
        to.set(weights.subarray(i * layer.outputs, (i + 1) * layer.outputs), layer.weights + i * layer.paddedOutputs);
      }
      if (layer.hasBias) to.set(bias, layer.bias);
      if (layer.gain !== null && gain && shift) {
        to.set(gain, layer.gain);
        to.set(shift, layer.gain + layer.paddedOutputs);
      }
    });
  }

  #read(base: number): Parameters {
    const from = this.#arena.floats(base, this.#place.count);
    return this.#place.layers.map((layer) => {
      const weights = new Float32Array(layer.inputs * layer.outputs);
      for (let i = 0; i < layer.inputs; i++) {
        const start = layer.weights + i * layer.paddedOutputs;
        weights.set(from.subarray(start, start + layer.outputs), i * layer.outputs);
      }
      const vector = (at: number) => from.slice(at, at + layer.outputs);
      const norm = layer.gain !== null && { gain: vector(layer.gain), shift: vector(layer.gain + layer.paddedOutputs) };
      return { weights, bias: vector(layer.bias), ...norm };
    });
  }
}

export type { KernelNetwork };
