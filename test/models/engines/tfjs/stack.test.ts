/** The two engines agree from the same weights and mini-batches, within float32 rounding. */

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { chooseBuild, loadKernel } from '../../../../models/engines/kernel/loader.ts';
import { createKernelMemory } from '../../../../models/engines/kernel/memory.ts';
import { createKernelRuntime } from '../../../../models/engines/kernel/network.ts';
import { loadTensorflow, type Tf } from '../../../../models/engines/tfjs/load.ts';
import { copyToDevice, type Member, StackedNetworks } from '../../../../models/engines/tfjs/stack.ts';
import { ednn } from '../../../../models/methods/ednn.ts';
import { ACTIVATIONS } from '../../../../models/networks/activations.ts';
import { initialParameters, zeroParameters } from '../../../../models/networks/initial.ts';
import { OPTIMISERS, type Parameters } from '../../../../models/networks/network.ts';
import type { Arguments } from '../../../../models/training/network-calls.ts';
import { noise } from '../../../support/data.ts';

const ROWS = 23;
const BATCH = 8;
const data = { x: noise(ROWS, 3, 'x'), y: noise(ROWS, 9, 'y') };
const SCALES = Float64Array.from({ length: 9 }, (_, e) => 0.6 * 1.2 ** (e - 4));
const everyRow = Uint32Array.from({ length: ROWS }, (_, i) => (i * 5) % ROWS);

let tf: Tf;
before(async () => {
  ({ tf } = await loadTensorflow(null));
});

/**
 * Three networks: narrower ones are padded in the stack; the last one drops units and decays, each
 * has a momentum of its own, and the second has scales of the targets.
 */
function members(activation: (typeof ACTIVATIONS)[number], name: (typeof OPTIMISERS)[number], layerNorm: boolean): Member[] {
  return [
    { hidden: [16, 12], k: 2, dropout: 0, weightDecay: 0, momentum: 0.9, seed: 1 },
    { hidden: [9, 12], k: 1, dropout: 0, weightDecay: 0.01, momentum: 0, targetScales: SCALES, seed: 2 },
    { hidden: [16, 5], k: 2, dropout: 0.2, weightDecay: 0.02, momentum: 0.5, seed: 3 },
  ].map(({ weightDecay, momentum, seed, targetScales, ...architecture }) => ({
    shape: ednn.layers(3, 9, { ...architecture, activation, layerNorm }),
    training: {
      batch: BATCH,
      optimiser: { name, beta1: name === 'sgd' ? momentum : 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay },
      seed,
      ...(targetScales && { targetScales }),
    },
  }));
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

function sideBySide(own: readonly Member[]) {
  const runtime = createKernelRuntime({ module: loadKernel(chooseBuild()).module, memory: createKernelMemory(), data });
  const kernels = own.map(({ shape, training }) => runtime.createNetwork(shape, training));
  const device = copyToDevice(tf, data);
  const stack = new StackedNetworks(tf, device, own);
  own.forEach(({ shape, training }, member) => {
    const parameters = initialParameters(shape, training.seed);
    const optimiserState = { step: 0, first: zeroParameters(shape), second: zeroParameters(shape) };
    kernels[member]?.setParameters(parameters);
    kernels[member]?.setOptimiserState(optimiserState);
    stack.setParameters([member], [[parameters]]);
    stack.setOptimiserState([member], [[optimiserState]]);
  });
  const dispose = () => {
    stack.dispose();
    tf.dispose([device.x, device.y]);
  };
  return { kernels, stack, dispose };
}

const all = [0, 1, 2];
const combinations = [
  ...ACTIVATIONS.map((activation) => ({ activation, optimiser: 'adam' as const, layerNorm: false })),
  ...OPTIMISERS.map((optimiser) => ({ activation: 'tanh' as const, optimiser, layerNorm: true })),
];

for (const { activation, optimiser, layerNorm } of combinations) {
  test(`${activation}, ${optimiser}${layerNorm ? ', normalised' : ''}: kernel and tfjs agree over 100 steps`, () => {
    const { kernels, stack, dispose } = sideBySide(members(activation, optimiser, layerNorm));
    for (let step = 0; step < 100; step++) {
      const rates = new Float64Array([optimiser === 'sgd' ? 0.02 : 0.002]);
      const call: Arguments<'train'> = [everyRow, step % 3, rates];
      const sums = stack.train(all, [call, call, call]);
      kernels.forEach((kernel, member) => {
        const sum = kernel.train(...call);
        assert.ok(
          Math.abs((sums[member] as number) / sum - 1) < 1e-4,
          `step ${step}, network ${member}: ${sums[member]} and ${sum}`,
        );
      });
    }
    const after = stack.parameters(all);
    kernels.forEach((kernel, member) => {
      assert.ok(farthest(kernel.parameters(), after[member] as Parameters) < 2e-3, `network ${member}`);
    });
    dispose();
  });
}

test('errors, activations and input gradients agree, also of some members alone', () => {
  const { kernels, stack, dispose } = sideBySide(members('gelu', 'adam', false));
  const call: Arguments<'train'> = [everyRow, 0, new Float64Array(3).fill(0.01)];
  // The first two continue alone: the third does not change.
  stack.train([0, 1], [call, call]);
  for (const kernel of kernels.slice(0, 2)) kernel.train(...call);
  const rows = Uint32Array.of(5, 3, 20, 1, 7, 22, 0, 11, 19, 2, 4);
  const errors = stack.squaredErrors(all, [[rows]]);
  const evaluated = stack.evaluate(all, [[rows, 2]]);
  const inputs = noise(11, 3, 'z').data;
  const gradients = stack.inputGradient(
    [2, 1],
    [
      [inputs, rows],
      [inputs, rows],
    ],
  );
  const projected = stack.squaredErrors(
    [2, 1],
    [
      [rows, inputs],
      [rows, inputs],
    ],
  );
  kernels.forEach((kernel, member) => {
    kernel.squaredErrors(rows).forEach((value, i) => {
      assert.ok(Math.abs((errors[member]?.[i] as number) / value - 1) < 1e-4);
    });
    assert.deepEqual(evaluated[member]?.errors, errors[member]);
    kernel.evaluate(rows, 2).activations.forEach((value, i) => {
      assert.ok(Math.abs(value - (evaluated[member]?.activations[i] as number)) < 1e-5);
    });
  });
  for (const [i, member] of [2, 1].entries()) {
    const kernel = kernels[member];
    assert.ok(kernel);
    kernel.squaredErrors(rows, inputs).forEach((value, at) => {
      assert.ok(Math.abs((projected[i]?.[at] as number) / value - 1) < 1e-4);
    });
    const { loss, gradient } = kernel.inputGradient(inputs, rows);
    assert.ok(Math.abs((gradients[i]?.loss as number) / loss - 1) < 1e-5);
    gradient.forEach((value, at) => {
      assert.ok(Math.abs(value - (gradients[i]?.gradient[at] as number)) < 1e-5);
    });
  }
  assert.equal(stack.optimiserState([2])[0]?.step, 0);
  dispose();
  assert.equal(tf.memory().numTensors, 0, 'nothing is left on the device');
});
