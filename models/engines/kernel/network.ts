/** Networks on the kernel: the host's side of one thread. Nothing is allocated while training. */
import type {
  DenseLayer,
  Network,
  NetworkRuntime,
  NetworkShape,
  NetworkTraining,
  Parameters,
  TrainingData,
} from '../../networks/network.ts';
import { scoreUnscaled } from '../../networks/scaled-targets.ts';
import { copyRows } from '../../vectors.ts';
import {
  allocateNetwork,
  copyDataIn,
  copyMatrixIn,
  type DataAddresses,
  layOutNetwork,
  padColumns,
  padRows,
  readParameters,
  writeParameters,
} from './layout.ts';
import { instantiate, type KernelExports, type KernelModule } from './loader.ts';
import { Arena } from './memory.ts';

/** The kernel as a NetworkRuntime of the calling thread. */
export interface KernelRuntime extends NetworkRuntime {
  readonly arena: Arena;
  readonly kernel: KernelExports;
  createNetwork(shape: NetworkShape, training: NetworkTraining): KernelNetwork;
}

export interface KernelNetwork extends Network {
  /**
   * Returns d loss / d parameters of the rows, at most a batch of them, with the dropout of `step`
   * (negative, the default: none): for checks of the gradient.
   */
  parameterGradient(rows: Uint32Array, step?: number): Parameters;
}

/** `placed`: addresses of the data; without them, the data are copied in. */
export function createKernelRuntime(options: {
  module: KernelModule;
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
    createNetwork(shape, training) {
      const { targetScales } = training;
      const create = (own: DataAddresses) => createKernelNetwork(kernel, arena, data, own, shape, training);
      if (targetScales === undefined) return create(placed);
      const scaled = { x: placed.x, y: copyMatrixIn(arena, data.y, targetScales) };
      const network = scoreUnscaled(create(scaled), create(placed), targetScales);
      return {
        ...network,
        dispose() {
          network.dispose();
          arena.release(scaled.y);
        },
      };
    },
  };
}

function createKernelNetwork(
  kernel: KernelExports,
  arena: Arena,
  data: TrainingData,
  placed: DataAddresses,
  shape: NetworkShape,
  training: NetworkTraining,
): KernelNetwork {
  const columns = data.x.columns;
  const inputs = shape[0]?.inputs;
  const outputs = shape.at(-1)?.outputs;
  if (inputs !== columns) throw new RangeError(`the network takes ${inputs} inputs, the data have ${columns} descriptors`);
  if (outputs !== data.y.columns) {
    throw new RangeError(`the network has ${outputs} outputs, the data have ${data.y.columns} targets`);
  }
  const { batch } = training;
  if (!(Number.isInteger(batch) && batch >= 1)) throw new RangeError(`a batch has at least one row, not ${batch}`);
  const layout = layOutNetwork(shape);
  const at = allocateNetwork(arena, layout, training, data, placed);
  let order = { address: 0, capacity: 0 };
  let rates = { address: 0, capacity: 0 };
  let step = 0;

  /** Returns memory for `bytes`, kept from call to call. */
  const roomFor = (bytes: number, room: typeof order): typeof order => {
    if (room.capacity >= bytes) return room;
    arena.release(room.address);
    return { address: arena.allocate(bytes), capacity: bytes };
  };
  const writeOrder = (rows: Uint32Array): number => {
    order = roomFor(rows.byteLength, order);
    arena.words(order.address, rows.length).set(rows);
    return order.address;
  };
  /** Yields the rows in mini-batches: position of the first, its address, and their number. */
  function* batches(rows: Uint32Array): Generator<{ from: number; address: number; n: number }> {
    const address = writeOrder(rows);
    for (let from = 0; from < rows.length; from += batch) {
      yield { from, address: address + from * 4, n: Math.min(batch, rows.length - from) };
    }
  }
  const requireInputs = (inputs: Float32Array, rows: Uint32Array) => {
    const needed = rows.length * columns;
    if (inputs.length === needed) return;
    throw new RangeError(`inputs hold ${inputs.length} numbers, ${rows.length} rows of ${columns} need ${needed}`);
  };
  /** Writes n inputs, from number `from` on, in place of a mini-batch. */
  const writeInputs = (inputs: Float32Array, from: number, n: number) => {
    const stride = padColumns(columns);
    const input = arena.floats(at.input, padRows(n) * stride);
    input.fill(0);
    copyRows({ data: inputs.subarray(from * columns), stride: columns }, { data: input, stride }, n, columns);
  };
  const write = (base: number, parameters: Parameters) => writeParameters(arena.floats(base, layout.count), layout, parameters);
  const read = (base: number): Parameters => readParameters(arena.floats(base, layout.count), layout);

  return {
    shape,
    setParameters: (parameters) => write(at.theta, parameters),
    parameters: () => read(at.theta),
    setOptimiserState(state) {
      step = state.step;
      write(at.first, state.first);
      write(at.second, state.second);
    },
    optimiserState: () => ({ step, first: read(at.first), second: read(at.second) }),
    train(rows, first, values) {
      const address = writeOrder(rows);
      rates = roomFor(values.byteLength, rates);
      arena.doubles(rates.address, values.length).set(values);
      const sum = kernel.train(at.net, address, rows.length, first, values.length, rates.address, step);
      step += values.length;
      return sum;
    },
    squaredErrors(rows, inputs) {
      if (inputs) requireInputs(inputs, rows);
      const errors = new Float64Array(rows.length);
      for (const { from, address, n } of batches(rows)) {
        if (inputs) {
          writeInputs(inputs, from, n);
          kernel.evaluateInput(at.net, address, n);
        } else kernel.evaluate(at.net, address, n);
        errors.set(arena.doubles(at.errors, n), from);
      }
      return errors;
    },
    evaluate(rows, layer) {
      const output = at.outputs[layer];
      if (output === undefined) throw new RangeError(`${layer} is not a layer of this network`);
      const { outputs: width } = shape[layer] as DenseLayer;
      const stride = padColumns(width);
      const errors = new Float64Array(rows.length);
      const activations = new Float32Array(rows.length * width);
      for (const { from, address, n } of batches(rows)) {
        kernel.evaluate(at.net, address, n);
        errors.set(arena.doubles(at.errors, n), from);
        const values = { data: arena.floats(output, n * stride), stride };
        copyRows(values, { data: activations.subarray(from * width), stride: width }, n, width);
      }
      return { errors, activations };
    },
    parameterGradient(rows, dropoutStep = -1) {
      if (rows.length > batch) throw new RangeError(`at most ${batch} rows at once, not ${rows.length}`);
      kernel.parameterGradient(at.net, writeOrder(rows), rows.length, dropoutStep);
      return read(at.gradient);
    },
    inputGradient(values, rows) {
      requireInputs(values, rows);
      const stride = padColumns(columns);
      const gradient = new Float32Array(values.length);
      const scale = 2 / (rows.length * data.y.columns);
      let sum = 0;
      for (const { from, address, n } of batches(rows)) {
        writeInputs(values, from, n);
        sum += kernel.inputGradient(at.net, address, n, scale);
        const found = { data: arena.floats(at.input, n * stride), stride };
        copyRows(found, { data: gradient.subarray(from * columns), stride: columns }, n, columns);
      }
      return { loss: (sum * scale) / 2, gradient };
    },
    dispose() {
      for (const block of [...at.blocks, order.address, rates.address]) arena.release(block);
    },
  };
}
