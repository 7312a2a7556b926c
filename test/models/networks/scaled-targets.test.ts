import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forward } from '../../../models/networks/forward.ts';
import { initialParameters, zeroParameters } from '../../../models/networks/initial.ts';
import type { Network, NetworkTraining } from '../../../models/networks/network.ts';
import { scaleOutputs, scoreUnscaled, unscaleOutputs } from '../../../models/networks/scaled-targets.ts';
import { matrixOf, noise } from '../../support/data.ts';
import { referenceRuntime } from '../../support/reference-network.ts';

const SHAPE = [
  { inputs: 3, outputs: 5, activation: 'tanh', bias: true },
  { inputs: 5, outputs: 4, activation: 'linear', bias: true },
] as const;
const SCALES = Float64Array.of(0.5, 2, 1, 30);
const PARAMETERS = initialParameters(SHAPE, 1);

test('the outputs of folded parameters are scaled, and unfolding undoes it', () => {
  const x = noise(1, 3, 'x').data;
  const plain = forward(SHAPE, PARAMETERS, x).at(-1) as ArrayLike<number>;
  const scaled = forward(SHAPE, scaleOutputs(PARAMETERS, SCALES), x).at(-1) as ArrayLike<number>;
  SCALES.forEach((scale, j) => {
    assert.ok(Math.abs((scaled[j] as number) / (plain[j] as number) / scale - 1) < 1e-6);
  });
  const back = unscaleOutputs(scaleOutputs(PARAMETERS, SCALES), SCALES);
  back.forEach(({ weights, bias }, l) => {
    weights.forEach((value, i) => {
      assert.ok(Math.abs(value - (PARAMETERS[l]?.weights[i] as number)) < 1e-6);
    });
    bias.forEach((value, i) => {
      assert.ok(Math.abs(value - (PARAMETERS[l]?.bias[i] as number)) < 1e-6);
    });
  });
});

test('errors are those of the targets as they are, after every change of the parameters', () => {
  const [x, y] = [noise(20, 3, 'x'), noise(20, 4, 'y')];
  const scaledY = matrixOf(20, 4, (row, e) => (y.data[row * 4 + e] as number) * (SCALES[e] as number));
  const optimiser = { name: 'adam', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 } as const;
  const training: NetworkTraining = { batch: 10, optimiser, seed: 1 };
  const create = (targets: typeof y) => referenceRuntime({ x, y: targets }).createNetwork(SHAPE, training);
  const trainer = create(scaledY);
  const noErrors = () => assert.fail('the trainer computes no errors');
  const bare: Network = {
    shape: SHAPE,
    parameters: () => trainer.parameters(),
    setParameters: (parameters) => trainer.setParameters(parameters),
    setOptimiserState: (state) => trainer.setOptimiserState(state),
    optimiserState: () => trainer.optimiserState(),
    train: (...args) => trainer.train(...args),
    ...{ squaredErrors: noErrors, evaluate: noErrors, inputGradient: noErrors, dispose: () => {} },
  };
  const network = scoreUnscaled(bare, create(y), SCALES);
  const rows = Uint32Array.from({ length: 20 }, (_, row) => row);
  /** Returns the squared error of each row, from the outputs themselves. */
  const expected = () =>
    Array.from(rows, (row) => {
      const output = forward(SHAPE, network.parameters(), x.data.subarray(row * 3, row * 3 + 3)).at(-1) as ArrayLike<number>;
      return SCALES.reduce((sum, scale, e) => sum + ((output[e] as number) / scale - (y.data[row * 4 + e] as number)) ** 2, 0);
    });
  const agree = () => {
    const errors = expected();
    const near = (value: number, i: number) => assert.ok(Math.abs(value / (errors[i] as number) - 1) < 1e-4, `row ${i}`);
    network.squaredErrors(rows).forEach(near);
    network.evaluate(rows, 0).errors.forEach(near);
    const { loss } = network.inputGradient(x.data, rows);
    near(((loss * 20 * 4) / errors.reduce((sum, error) => sum + error, 0)) * (errors[0] as number), 0);
  };
  network.setParameters(PARAMETERS);
  network.setOptimiserState({ step: 0, first: zeroParameters(SHAPE), second: zeroParameters(SHAPE) });
  agree();
  for (let step = 0; step < 3; step++) {
    network.train(rows, 0, Float64Array.of(0.05, 0.05));
    agree();
  }
  network.setParameters(PARAMETERS);
  agree();
});
