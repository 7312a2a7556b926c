/**
 * The training loop of all methods: addressed shuffles, scheduled learning rate, validation after
 * every epoch, best weights kept. A checkpoint holds its whole state exactly.
 */

import { coveredVarianceFromSums, coveredVarianceOfRows, sharedTotalSquares } from '../evaluation/covered-variance.ts';
import { multiplyAdds } from '../networks/architecture.ts';
import type { NetworkShape, Optimiser, OptimiserState, Parameters } from '../networks/network.ts';
import { shuffle } from '../random.ts';
import { DEFAULTS, type TrialConfiguration } from './configuration.ts';
import { type Computation, call } from './network-calls.ts';
import type { LearningCurve } from './report.ts';
import { learningRateAt } from './schedule.ts';
import type { PackData } from './task.ts';

/**
 * Returns settings for short one-cycle trainings: the second moment decays fast. The first beta of
 * Adam is 0.9, that of sgd its momentum.
 */
export function optimiserSettings({
  optimiser,
  weightDecay,
  momentum = DEFAULTS.momentum,
}: Pick<TrialConfiguration, 'optimiser' | 'weightDecay' | 'momentum'>): Optimiser {
  return { name: optimiser, beta1: optimiser === 'sgd' ? momentum : 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay };
}

/** Multiply-adds between two checks for a stop: well below a tenth of a second on any machine. */
const WORK_BETWEEN_STOPS = 2e8;

/** Thrown by a trial when hooks.stop() returns true. */
export class Stopped extends Error {
  constructor() {
    super('the trial was stopped');
    this.name = 'Stopped';
  }
}

export interface TrainingHooks {
  /** Polled about every 100 ms of work at the latest; true makes the training throw Stopped. */
  stop(): boolean;
  /** After every epoch. */
  progress(epoch: number, validation: number): void;
  /** The state after an epoch, about every `checkpointSeconds`. */
  checkpoint(state: TrainingState): void;
  /** Seconds, from any origin. */
  now(): number;
  readonly checkpointSeconds: number;
}

/** Everything that the next epoch depends on. */
export interface TrainingState {
  /** Epochs done. */
  readonly epoch: number;
  readonly parameters: Parameters;
  readonly optimiserState: OptimiserState;
  readonly best: { readonly epoch: number; readonly validation: number; readonly parameters: Parameters };
  readonly curve: Omit<LearningCurve, 'best'>;
}

export type TrainingEnd =
  /** All epochs done, or patience at its end. */
  | { readonly kind: 'finished'; readonly state: TrainingState }
  | { readonly kind: 'rung'; readonly state: TrainingState }
  | { readonly kind: 'diverged'; readonly epoch: number; readonly message: string; readonly curve: LearningCurve };

export function initialTrainingState(parameters: Parameters, zero: Parameters): TrainingState {
  return {
    epoch: 0,
    parameters,
    optimiserState: { step: 0, first: zero, second: zero },
    best: { epoch: -1, validation: Number.NEGATIVE_INFINITY, parameters },
    curve: { train: [], validation: [] },
  };
}

/** Trains a network from `start` up to `untilEpoch`; the schedule spans configuration.epochs. */
export function* trainNetwork(
  shape: NetworkShape,
  data: PackData,
  configuration: TrialConfiguration,
  seed: number,
  untilEpoch: number,
  start: TrainingState,
  hooks: TrainingHooks,
): Computation<TrainingEnd> {
  const { batch, epochs, learningRate, patience, schedule, warmUp = DEFAULTS.warmUp } = configuration;
  const { train, validation } = data.rows;
  const batches = Math.ceil(train.length / batch);
  const steps = batches * epochs;
  const chunk = Math.max(1, Math.floor(WORK_BETWEEN_STOPS / (batch * multiplyAdds(shape))));
  const trainTotal = sharedTotalSquares(data.y, train);
  const curve = { train: [...start.curve.train], validation: [...start.curve.validation] };
  let best = start.best;
  let checkpointed = hooks.now();
  const learningCurve = (): LearningCurve => ({ ...curve, best: Math.max(0, best.epoch) });

  yield* call('setParameters', start.parameters);
  yield* call('setOptimiserState', start.optimiserState);
  for (let epoch = start.epoch; epoch < untilEpoch; epoch++) {
    if (patience > 0 && best.epoch >= 0 && epoch - 1 - best.epoch >= patience) break;
    const order = shuffle(train, seed, 'mini-batches', epoch);
    let squaredError = 0;
    for (let first = 0; first < batches; first += chunk) {
      if (hooks.stop()) throw new Stopped();
      const rates = Float64Array.from({ length: Math.min(chunk, batches - first) }, (_, i) =>
        learningRateAt(schedule, epoch * batches + first + i, steps, learningRate, warmUp),
      );
      squaredError += yield* call('train', order, first, rates);
    }
    const running = coveredVarianceFromSums(squaredError, trainTotal);
    const score = coveredVarianceOfRows(data.y, validation, yield* call('squaredErrors', validation));
    if (!Number.isFinite(running) || !Number.isFinite(score)) {
      const message = `the loss is no longer finite in epoch ${epoch + 1} of ${epochs}, at a peak learning rate of ${learningRate}`;
      return { kind: 'diverged', epoch, message, curve: learningCurve() };
    }
    curve.train.push(running);
    curve.validation.push(score);
    if (score > best.validation) best = { epoch, validation: score, parameters: yield* call('parameters') };
    hooks.progress(epoch + 1, best.validation);
    if (hooks.now() - checkpointed >= hooks.checkpointSeconds && epoch + 1 < untilEpoch) {
      checkpointed = hooks.now();
      hooks.checkpoint(yield* snapshot(epoch + 1, best, curve));
    }
  }
  const state = yield* snapshot(curve.validation.length, best, curve);
  const stoppedEarly = state.epoch < untilEpoch;
  return { kind: untilEpoch < epochs && !stoppedEarly ? 'rung' : 'finished', state };
}

function* snapshot(epoch: number, best: TrainingState['best'], curve: TrainingState['curve']): Computation<TrainingState> {
  return {
    epoch,
    parameters: yield* call('parameters'),
    optimiserState: yield* call('optimiserState'),
    best,
    curve: { train: [...curve.train], validation: [...curve.validation] },
  };
}

/** Returns the layers' weights, biases, gains and shifts, one after another. */
export function flatten(parameters: Parameters): Float32Array {
  const blocks = parameters.flatMap(({ weights, bias, gain, shift }) =>
    gain && shift ? [weights, bias, gain, shift] : [weights, bias],
  );
  const flat = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    flat.set(block, at);
    at += block.length;
  }
  return flat;
}

/** The inverse of flatten. Throws RangeError where the length does not fit the shape. */
export function unflatten(shape: NetworkShape, flat: Float32Array): Parameters {
  let at = 0;
  const next = (length: number) => {
    at += length;
    return flat.slice(at - length, at);
  };
  const parameters = shape.map(({ inputs, outputs, normalised }) => ({
    weights: next(inputs * outputs),
    bias: next(outputs),
    ...(normalised && { gain: next(outputs), shift: next(outputs) }),
  }));
  if (at !== flat.length) throw new RangeError(`${flat.length} parameters for a network of ${at}`);
  return parameters;
}
