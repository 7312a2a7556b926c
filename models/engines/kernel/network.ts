/** Networks on the kernel: the host's side of one thread. Nothing is allocated while training. */
import type {
  Network,
  NetworkRuntime,
  NetworkShape,
  NetworkTraining,
  OptimiserState,
  Parameters,
  TrainingData,
} from '../../networks/network.ts';
import { copyRows } from '../../vectors.ts';
import {
  allocateNetwork,
  copyDataIn,
  type DataAddresses,
  layOutNetwork,
  type NetworkAddresses,
  type NetworkLayout,
  padColumns,
  padRows,
  readParameters,
  writeParameters,
} from './layout.ts';
import { instantiate, type KernelExports } from './loader.ts';
import { Arena } from './memory.ts';

/** The kernel as a NetworkRuntime of the calling thread. */
export interface KernelRuntime extends NetworkRuntime {
  readonly arena: Arena;
  readonly kernel: KernelExports;
}

/** `placed`: addresses of the data; without them, the data are copied in. */
export function createKernelRuntime(options: {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  data: TrainingData;
  placed?: DataAddresses;
  arena?: Arena;
}): KernelRuntime {
  const { module, memory, data } = options;
  const kernel = instantiate(module, memory);
  const arena = options.arena ?? new Arena(memory, kernel.heapBase());
  const placed = options.placed ?? copyDataIn(arena, data);
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
  readonly #place: NetworkLayout;
  readonly #at: NetworkAddresses;
  readonly #batch: number;
  #order = { address: 0, capacity: 0 };
  #rates = { address: 0, capacity: 0 };
  #step = 0;

  constructor(
    kernel: KernelExports,
    arena: Arena,
    data: TrainingData,
    placed: DataAddresses,
    shape: NetworkShape,
    training: NetworkTraining,
  ) {
    const first = shape[0];
    const last = shape.at(-1);
    if (first?.inputs !== data.x.columns) {
      throw new RangeError(`the network takes ${first?.inputs} inputs, the data have ${data.x.columns} descriptors`);
    }
    if (last?.outputs !== data.y.columns) {
      throw new RangeError(`the network has ${last?.outputs} outputs, the data have ${data.y.columns} targets`);
    }
    const { batch } = training;
    if (!(Number.isInteger(batch) && batch >= 1)) throw new RangeError(`a batch has at least one row, not ${batch}`);
    this.shape = shape;
    this.#kernel = kernel;
    this.#arena = arena;
    this.#data = data;
    this.#batch = batch;
    this.#place = layOutNetwork(shape);
    this.#at = allocateNetwork(arena, this.#place, training, data, placed);
  }

  setParameters(parameters: Parameters): void {
    this.#write(this.#at.theta, parameters);
  }

  parameters(): Parameters {
    return this.#read(this.#at.theta);
  }

  setOptimiserState({ step, first, second }: OptimiserState): void {
    this.#step = step;
    this.#write(this.#at.first, first);
    this.#write(this.#at.second, second);
  }

  optimiserState(): OptimiserState {
    return { step: this.#step, first: this.#read(this.#at.first), second: this.#read(this.#at.second) };
  }

  train(order: Uint32Array, first: number, rates: Float64Array): number {
    const at = this.#writeOrder(order);
    this.#rates = this.#room(this.#rates, rates.byteLength);
    this.#arena.doubles(this.#rates.address, rates.length).set(rates);
    const sum = this.#kernel.train(this.#at.net, at, order.length, first, rates.length, this.#rates.address, this.#step);
    this.#step += rates.length;
    return sum;
  }

  squaredError(rows: Uint32Array): number {
    let sum = 0;
    for (const { address, n } of this.#batches(rows)) sum += this.#kernel.evaluate(this.#at.net, address, n);
    return sum;
  }

  activations(rows: Uint32Array, layer: number): Float32Array {
    const placed = this.#place.layers[layer];
    const output = this.#at.outputs[layer];
    if (placed === undefined || output === undefined) throw new RangeError(`${layer} is not a layer of this network`);
    const { outputs, paddedOutputs } = placed;
    const result = new Float32Array(rows.length * outputs);
    for (const { from, address, n } of this.#batches(rows)) {
      this.#kernel.evaluate(this.#at.net, address, n);
      const values = { data: this.#arena.floats(output, n * paddedOutputs), stride: paddedOutputs };
      copyRows(values, { data: result.subarray(from * outputs), stride: outputs }, n, outputs);
    }
    return result;
  }

  /**
   * Returns d loss / d parameters of the rows, at most a batch of them, with the dropout of `step`
   * (negative: none): for checks of the gradient.
   */
  parameterGradient(rows: Uint32Array, step = -1): Parameters {
    if (rows.length > this.#batch) throw new RangeError(`at most ${this.#batch} rows at once, not ${rows.length}`);
    this.#kernel.parameterGradient(this.#at.net, this.#writeOrder(rows), rows.length, step);
    return this.#read(this.#at.gradient);
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
    let sum = 0;
    for (const { from, address, n } of this.#batches(rows)) {
      const input = this.#arena.floats(this.#at.input, padRows(n) * stride);
      input.fill(0);
      copyRows({ data: inputs.subarray(from * columns), stride: columns }, { data: input, stride }, n, columns);
      sum += this.#kernel.inputGradient(this.#at.net, address, n, scale);
      const values = { data: this.#arena.floats(this.#kernel.inputGradientAt(), n * stride), stride };
      copyRows(values, { data: gradient.subarray(from * columns), stride: columns }, n, columns);
    }
    return { loss: (sum * scale) / 2, gradient };
  }

  dispose(): void {
    for (const block of this.#at.blocks) this.#arena.release(block);
    this.#arena.release(this.#order.address);
    this.#arena.release(this.#rates.address);
  }

  /** Yields the rows in mini-batches: position of the first, its address, and their number. */
  *#batches(rows: Uint32Array): Generator<{ from: number; address: number; n: number }> {
    const at = this.#writeOrder(rows);
    for (let from = 0; from < rows.length; from += this.#batch) {
      yield { from, address: at + from * 4, n: Math.min(this.#batch, rows.length - from) };
    }
  }

  /** Returns memory for `bytes`, kept from call to call. */
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
    writeParameters(this.#arena.floats(base, this.#place.count), this.#place, parameters);
  }

  #read(base: number): Parameters {
    return readParameters(this.#arena.floats(base, this.#place.count), this.#place);
  }
}

export type { KernelNetwork };
