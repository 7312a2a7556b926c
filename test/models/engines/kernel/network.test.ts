import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type BuildName, loadKernel, runnableBuilds } from '../../../../models/engines/kernel/loader.ts';
import { createKernelMemory } from '../../../../models/engines/kernel/memory.ts';
import { createKernelRuntime } from '../../../../models/engines/kernel/network.ts';
import { ACTIVATION_DEFINITIONS, ACTIVATIONS, type Activation } from '../../../../models/networks/activations.ts';
import { initialParameters, zeroParameters } from '../../../../models/networks/initial.ts';
import {
  type DenseLayer,
  type Network,
  type NetworkShape,
  OPTIMISERS,
  type Optimiser,
  type Parameters,
  type TrainingData,
} from '../../../../models/networks/network.ts';
import { matrixOf, noise } from '../../../support/data.ts';
import { ReferenceNetwork } from '../../../support/reference-network.ts';

const ADAM: Optimiser = { name: 'adam', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 };

function shapeOf(widths: readonly number[], activation: Activation, extras: Partial<DenseLayer> = {}): NetworkShape {
  return widths.slice(1).map((outputs, i) => ({
    inputs: widths[i] as number,
    outputs,
    activation: i === widths.length - 2 ? 'linear' : activation,
    bias: i !== 1,
    // Hidden layers alone; the one without a bias represents a projection.
    ...(i !== 1 && i !== widths.length - 2 && extras),
  }));
}

interface Changes {
  readonly rows?: number;
  readonly extras?: Partial<DenseLayer>;
  readonly optimiser?: Optimiser;
}

function stand(
  build: BuildName,
  widths: readonly number[],
  activation: Activation,
  batch: number,
  { rows = 23, extras = {}, optimiser = ADAM }: Changes = {},
) {
  const data: TrainingData = { x: noise(rows, widths[0] as number, 'x'), y: noise(rows, widths.at(-1) as number, 'y') };
  const shape = shapeOf(widths, activation, extras);
  const training = { batch, optimiser, seed: 5 };
  const { module } = loadKernel(build);
  const kernel = createKernelRuntime({ module, memory: createKernelMemory(), data }).createNetwork(shape, training);
  const reference = new ReferenceNetwork(data, shape, training);
  const start = initialParameters(shape, 7);
  for (const network of [kernel, reference]) {
    network.setParameters(start);
    network.setOptimiserState({ step: 0, first: zeroParameters(shape), second: zeroParameters(shape) });
  }
  return { data, kernel, reference, shape, start };
}

function farthest(a: Parameters, b: Parameters): number {
  let most = 0;
  a.forEach((layer, l) => {
    for (const part of ['weights', 'bias', 'gain', 'shift'] as const)
      layer[part]?.forEach((value, i) => {
        most = Math.max(most, Math.abs(value - (b[l]?.[part]?.[i] as number)));
      });
  });
  return most;
}

const everyRow = (rows: number) => Uint32Array.from({ length: rows }, (_, i) => i);
/** Ragged widths: below, at and above the tiles of 4 and 8 columns. */
const WIDTHS = [3, 17, 5, 2, 1, 12, 9];

for (const build of runnableBuilds()) {
  describe(build, () => {
    for (const activation of ACTIVATIONS) {
      test(`${activation}: gradients equal the float64 reference`, () => {
        const { kernel, reference } = stand(build, WIDTHS, activation, 23);
        const rows = everyRow(23);
        const own = kernel.parameterGradient(rows);
        const { gradient } = reference.gradient(rows);
        const scale = Math.max(
          ...gradient
            .flatMap(({ weights, bias, gain = [], shift = [] }) => [...weights, ...bias, ...gain, ...shift])
            .map(Math.abs),
        );
        assert.ok(farthest(own, gradient as unknown as Parameters) < 2e-5 * scale);
      });

      test(`${activation}: 100 steps of Adam agree with the float64 reference`, () => {
        const { kernel, reference } = stand(build, [3, 16, 2, 16, 9], activation, 8);
        const order = everyRow(23);
        let own = 0;
        let other = 0;
        for (let epoch = 0; epoch < 34; epoch++) {
          const rates = new Float64Array(3).fill(0.003);
          own = kernel.train(order, 0, rates);
          other = reference.train(order, 0, rates);
        }
        assert.ok(Math.abs(own - other) < 2e-3 * other, `${own} against ${other}`);
        assert.ok(farthest(kernel.parameters(), reference.parameters()) < 0.01);
      });
    }

    const extras = { normalised: true, dropout: 0.25 };
    for (const activation of ACTIVATIONS) {
      test(`${activation}, normalised layers and dropout: gradients equal the float64 reference`, () => {
        const { kernel, reference } = stand(build, [3, 17, 5, 12, 9], activation, 23, { extras });
        const rows = everyRow(23);
        for (const step of [-1, 0, 7]) {
          const { gradient } = reference.gradient(rows, step);
          const scale = Math.max(
            ...gradient
              .flatMap(({ weights, bias, gain = [], shift = [] }) => [...weights, ...bias, ...gain, ...shift])
              .map(Math.abs),
          );
          const far = farthest(kernel.parameterGradient(rows, step), gradient as unknown as Parameters);
          assert.ok(far < 1e-4 * scale, `step ${step}: ${far / scale}`);
        }
        const inputs = reference.inputGradient(noise(23, 3, 'z').data, rows).gradient;
        const own = kernel.inputGradient(noise(23, 3, 'z').data, rows).gradient;
        const scale = Math.max(...inputs.map(Math.abs));
        own.forEach((value, i) => {
          assert.ok(Math.abs(value - (inputs[i] as number)) < 1e-4 * scale);
        });
      });
    }

    const optimisers = [
      ...OPTIMISERS.map((name) => ({ name, beta1: 0.9 })),
      ...[0, 0.5].map((beta1) => ({ name: 'sgd' as const, beta1 })),
    ];
    for (const { name, beta1 } of optimisers) {
      test(`100 steps of ${name} (${beta1}) with weight decay, normalised layers and dropout agree with the float64 reference`, () => {
        const optimiser = { ...ADAM, name, beta1, weightDecay: 0.02 };
        const { kernel, reference } = stand(build, [3, 16, 2, 16, 9], 'tanh', 8, { extras, optimiser });
        const order = everyRow(23);
        let own = 0;
        let other = 0;
        for (let epoch = 0; epoch < 34; epoch++) {
          const rates = new Float64Array(3).fill(name === 'sgd' ? 0.05 : 0.003);
          own = kernel.train(order, 0, rates);
          other = reference.train(order, 0, rates);
        }
        assert.ok(Math.abs(own - other) < 2e-3 * other, `${own} against ${other}`);
        assert.ok(farthest(kernel.parameters(), reference.parameters()) < 0.01);
      });
    }

    test('errors, activations and input gradients equal the reference, in batches with a remainder', () => {
      const { kernel, reference, data } = stand(build, WIDTHS, 'elu', 8);
      const rows = Uint32Array.of(5, 3, 20, 1, 7, 22, 0, 11, 19, 2, 4);
      const errors = reference.squaredErrors(rows);
      kernel.squaredErrors(rows).forEach((value, i) => {
        assert.ok(Math.abs(value / (errors[i] as number) - 1) < 1e-4);
      });
      const { errors: together, activations: own } = kernel.evaluate(rows, 3);
      assert.deepEqual(together, kernel.squaredErrors(rows));
      const other = reference.evaluate(rows, 3).activations;
      assert.equal(own.length, 11 * 1);
      own.forEach((value, i) => {
        assert.ok(Math.abs(value - (other[i] as number)) < 1e-5);
      });
      const inputs = data.x.data.slice(0, 11 * 3);
      const projected = reference.squaredErrors(rows, inputs);
      kernel.squaredErrors(rows, inputs).forEach((value, i) => {
        assert.ok(Math.abs(value / (projected[i] as number) - 1) < 1e-4);
      });
      const [a, b] = [kernel.inputGradient(inputs, rows), reference.inputGradient(inputs, rows)];
      assert.ok(Math.abs(a.loss / b.loss - 1) < 1e-5);
      const scale = Math.max(...b.gradient.map(Math.abs));
      a.gradient.forEach((value, i) => {
        assert.ok(Math.abs(value - (b.gradient[i] as number)) < 2e-5 * scale);
      });
    });

    for (const activation of ACTIVATIONS) {
      test(`${activation}: values and derivatives are those of its definition, far from 0 and near it`, () => {
        const positive = Array.from({ length: 400 }, (_, i) => 1e-6 * 1.05 ** i);
        const x = Float32Array.from([0, ...positive, ...positive.map((value) => -value)]);
        // Far from every output, so that their difference does not vanish.
        const target = 1e4;
        const matrix = (data: Float32Array) => ({ rows: x.length, columns: 1, data });
        const data = { x: matrix(x), y: matrix(new Float32Array(x.length).fill(target)) };
        const runtime = createKernelRuntime({ module: loadKernel(build).module, memory: createKernelMemory(), data });
        const shape: NetworkShape = [{ inputs: 1, outputs: 1, activation, bias: false }];
        const network = runtime.createNetwork(shape, { batch: 64, optimiser: ADAM, seed: 1 });
        network.setParameters([{ weights: Float32Array.of(1), bias: Float32Array.of(0) }]);
        const rows = everyRow(x.length);
        const { activations } = network.evaluate(rows, 0);
        const { gradient } = network.inputGradient(x, rows);
        for (const [i, value] of activations.entries()) {
          const at = x[i] as number;
          const exact = ACTIVATION_DEFINITIONS[activation].at(at);
          const derivative = ((gradient[i] as number) * x.length) / 2 / (value - target);
          // silu and gelu are x times a factor, and as exact near 0; elu is exp(x) - 1 there.
          const scale = activation === 'silu' || activation === 'gelu' ? Math.abs(at) : Math.max(1, Math.abs(at));
          assert.ok(Math.abs(value - exact.value) <= 4e-7 * scale, `${activation}(${at}) = ${value}, not ${exact.value}`);
          assert.ok(
            Math.abs(derivative - exact.derivative) <= 2.5e-6,
            `the derivative of ${activation} at ${at} is ${derivative}, not ${exact.derivative}`,
          );
        }
      });
    }

    test('weights and optimiser state are copied out and in exactly, and training continues with the same bits', () => {
      const { kernel, data, shape } = stand(build, [3, 17, 2, 9], 'gelu', 8);
      const order = everyRow(23);
      kernel.train(order, 0, new Float64Array([0.01, 0.01]));
      const again = createKernelRuntime({ module: loadKernel(build).module, memory: createKernelMemory(), data }).createNetwork(
        shape,
        { batch: 8, optimiser: ADAM, seed: 5 },
      );
      again.setParameters(kernel.parameters());
      again.setOptimiserState(kernel.optimiserState());
      assert.equal(kernel.train(order, 2, new Float64Array([0.01])), again.train(order, 2, new Float64Array([0.01])));
      assert.equal(farthest(kernel.parameters(), again.parameters()), 0);
    });

    test('the bias of layers without one stays zero', () => {
      const { kernel } = stand(build, [3, 8, 4, 9], 'tanh', 8);
      kernel.train(everyRow(23), 0, new Float64Array(3).fill(0.01));
      assert.ok(kernel.parameters()[1]?.bias.every((value) => value === 0));
    });

    test('powers of two are within their documented error', () => {
      const runtime = createKernelRuntime({
        module: loadKernel(build).module,
        memory: createKernelMemory(),
        data: { x: noise(4, 1, 'x'), y: noise(4, 1, 'y') },
      });
      const count = 4000;
      const at = runtime.arena.allocate(count * 4);
      const inputs = Float32Array.from({ length: count }, (_, i) => -126 + (253 * i) / count);
      runtime.arena.floats(at, count).set(inputs);
      runtime.kernel.powersOfTwo(at, count);
      runtime.arena.floats(at, count).forEach((value, i) => {
        const y = inputs[i] as number;
        assert.ok(Math.abs(value / 2 ** y - 1) < 2e-7, `2^${y} = ${value}`);
      });
    });
  });
}

test('the gradient of the reference equals central finite differences in float64', () => {
  for (const activation of ACTIVATIONS) {
    const { reference } = stand('wasm-simd', [3, 5, 2, 6, 4], activation, 23, { extras: { normalised: true, dropout: 0.25 } });
    const rows = everyRow(23);
    const { gradient } = reference.gradient(rows, 3);
    const loss = () => reference.gradient(rows, 3).squaredError / (23 * 4);
    reference.layers.forEach((layer, l) => {
      for (const part of ['weights', 'bias', 'gain', 'shift'] as const) {
        const values = layer[part];
        if (!values || (part === 'bias' && l === 1)) continue; // this layer has none
        values.forEach((value, i) => {
          const step = 1e-5;
          values[i] = value + step;
          const above = loss();
          values[i] = value - step;
          const below = loss();
          values[i] = value;
          const numerical = (above - below) / (2 * step);
          assert.ok(Math.abs(numerical - (gradient[l]?.[part]?.[i] as number)) < 1e-6, `${activation}, layer ${l}, ${part} ${i}`);
        });
      }
    });
  }
});

test('a network that does not fit its data is rejected', () => {
  const data = { x: noise(4, 3, 'x'), y: noise(4, 2, 'y') };
  const runtime = createKernelRuntime({ module: loadKernel().module, memory: createKernelMemory(), data });
  const training = { batch: 4, optimiser: ADAM, seed: 1 };
  assert.throws(() => runtime.createNetwork(shapeOf([4, 2], 'elu'), training), /takes 4 inputs, the data have 3 descriptors/);
  assert.throws(() => runtime.createNetwork(shapeOf([3, 5], 'elu'), training), /has 5 outputs, the data have 2 targets/);
});

test('a network with target scales trains bit for bit as one on scaled targets, and gives its memory back', () => {
  const [rows, D, E] = [2000, 4, 64];
  const [x, y] = [noise(rows, D, 'x'), noise(rows, E, 'y')];
  const targetScales = Float64Array.from({ length: E }, (_, e) => 0.1 + e);
  const scaled = matrixOf(rows, E, (row, e) => (y.data[row * E + e] as number) * (targetScales[e] as number));
  const shape = shapeOf([D, 8, E], 'tanh');
  const training = { batch: 32, optimiser: ADAM, seed: 5 };
  const { module } = loadKernel();
  const order = Uint32Array.from({ length: rows }, (_, i) => (i * 7) % rows);
  const zero = { step: 0, first: zeroParameters(shape), second: zeroParameters(shape) };
  const trained = (network: Network) => {
    network.setParameters(initialParameters(shape, 7));
    network.setOptimiserState(zero);
    const sum = network.train(order, 0, new Float64Array(20).fill(0.01));
    return { sum, parameters: network.parameters(), state: network.optimiserState() };
  };
  const plain = createKernelRuntime({ module, memory: createKernelMemory(), data: { x, y: scaled } });
  const expected = trained(plain.createNetwork(shape, training));
  const memory = createKernelMemory();
  const runtime = createKernelRuntime({ module, memory, data: { x, y } });
  const sizes = Array.from({ length: 6 }, () => {
    const network = runtime.createNetwork(shape, { ...training, targetScales });
    assert.deepEqual(trained(network), expected);
    network.dispose();
    return memory.buffer.byteLength;
  });
  assert.equal(new Set(sizes).size, 1, sizes.join());
});
