/** Cases of the engine benchmark, on the synthetic problem of peers/problem.py. */

import { ednn } from '../../models/methods/ednn.ts';
import { multiplyAdds } from '../../models/networks/architecture.ts';
import { stream } from '../../models/random.ts';
import { fitScaling, standardize } from '../../models/standardisation.ts';
import type { TrialConfiguration } from '../../models/training/configuration.ts';
import type { PackData, TrialTask } from '../../models/training/task.ts';

export const ROWS = 5632;
/** Rows of validation and of test: few, since the peers have neither. */
const HELD_OUT = 64;

export interface Case {
  readonly inputs: number;
  readonly width: number;
  readonly k: number;
  readonly outputs: number;
  readonly batch: number;
  readonly trials: number;
  /** Epochs of narrows, enough to make its work per trial (metrics, latents, model) negligible. */
  readonly epochs: number;
  /** Epochs of a peer, for which only the steps are timed. */
  readonly peerEpochs: number;
}

const problem =
  (inputs: number, width: number, k: number, outputs: number, epochs: number, peerEpochs: number) => (batch: number) => ({
    ...{ inputs, width, k, outputs, batch, epochs, peerEpochs },
    trials: 64,
  });
const wideInputs = problem(64, 64, 4, 128, 32, 3);
const water = problem(3, 64, 2, 121, 32, 3);
const narrow = problem(64, 16, 4, 128, 48, 6);
const wide = problem(64, 256, 4, 128, 8, 1);

/** The case of the water data's shape. */
export const WATER = water(256);

export const CASES: readonly Case[] = [
  ...[wideInputs(64), wideInputs(256), water(64), WATER],
  ...[narrow(64), narrow(256), wide(64), wide(256)],
];
/** The cases of `--quick`. */
export const QUICK_CASES: readonly Case[] = [wideInputs(256), water(64), WATER];

/** The four cases of the geometric mean. */
export const isReference = ({ width }: Case): boolean => width === 64;

export const widths = ({ inputs, width, k, outputs }: Case): number[] => [inputs, width, width, k, width, width, outputs];
export const shapeName = (workload: Case): string => widths(workload).join('-');
/** Mini-batches per epoch: the same for all, since each batch size divides the rows. */
export const stepsPerEpoch = ({ batch }: Case): number => ROWS / batch;

export const configurationOf = ({ k, width, batch, epochs }: Case): TrialConfiguration => ({
  method: 'ednn',
  k,
  hidden: [width, width],
  activation: 'elu',
  layerNorm: false,
  dropout: 0,
  optimiser: 'adam',
  weightDecay: 0,
  learningRate: 1e-3,
  schedule: 'one-cycle',
  epochs,
  batch,
  patience: 0,
});

/** Floating-point operations per row: forward pass, gradients of the weights and of the inputs. */
export const operationsPerRow = (workload: Case): number =>
  6 * multiplyAdds(ednn.layers(workload.inputs, workload.outputs, configurationOf(workload)));

export function tasksOf(configuration: TrialConfiguration, count: number): TrialTask[] {
  return Array.from({ length: count }, (_, i) => ({
    trialId: String(i),
    configuration,
    seed: i,
    untilEpoch: configuration.epochs,
    checkpoint: null,
    initial: null,
  }));
}

/** X [rows, inputs] is standard normal; Y [rows, outputs] is smooth in X, like spectra. */
export function syntheticData(inputs: number, outputs: number, trainingRows = ROWS): PackData {
  const { normal } = stream(1, 'bench');
  const rows = trainingRows + 2 * HELD_OUT;
  const x = { rows, columns: inputs, data: Float32Array.from({ length: rows * inputs }, normal) };
  const y = { rows, columns: outputs, data: new Float32Array(rows * outputs) };
  for (let i = 0; i < y.data.length; i++) {
    const row = Math.floor(i / outputs) * inputs;
    const e = (i % outputs) / 20;
    y.data[i] =
      Math.sin((x.data[row] as number) + e) +
      0.5 * (x.data[row + 1] as number) * Math.cos(e) +
      0.1 * (x.data[row + 2] as number) ** 2;
  }
  const numbers = (from: number, count: number) => Uint32Array.from({ length: count }, (_, i) => from + i);
  const parts = {
    train: numbers(0, trainingRows),
    validation: numbers(trainingRows, HELD_OUT),
    test: numbers(trainingRows + HELD_OUT, HELD_OUT),
  };
  const scaling = fitScaling(x, y, parts.train, { x: 'zscore', y: 'centre' });
  return { x: standardize(x, scaling.x), y: standardize(y, scaling.y), rows: parts, scaling };
}
