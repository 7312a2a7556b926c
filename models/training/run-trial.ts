/** One trial from start to end, on one thread, on any NetworkRuntime. */
import { NarrowsError } from '../../errors.ts';
import { METHOD_DEFINITIONS } from '../methods/catalogue.ts';
import { FINISHERS } from '../methods/finish-training.ts';
import { zeroParameters } from '../networks/initial.ts';
import type { NetworkRuntime, NetworkShape, NetworkTraining } from '../networks/network.ts';
import { scaleOutputs, unscaleOutputs } from '../networks/scaled-targets.ts';
import { packModel, unpackModel } from '../stored/model-file.ts';
import { type Checkpoint, packCheckpoint, unpackCheckpoint } from './checkpoint.ts';
import { type Computation, runOn } from './network-calls.ts';
import type { LatentBlock, LearningCurve, TrialReport } from './report.ts';
import { chooseStart } from './restarts.ts';
import { targetScalesOf } from './target-scales.ts';
import type { PackData, TrialTask } from './task.ts';
import { initialTrainingState, optimiserSettings, Stopped, type TrainingHooks, trainNetwork } from './train-network.ts';
import { startFromModel, type WarmStart } from './warm-start.ts';

export { Stopped };

export interface TrialHooks extends Omit<TrainingHooks, 'checkpoint'> {
  checkpoint(epoch: number, bytes: Uint8Array): void;
}

/** Returns the network that a trial trains on these data. */
export function networkOf(data: PackData, task: TrialTask): { readonly shape: NetworkShape; readonly training: NetworkTraining } {
  const { configuration, seed } = task;
  const batch = Math.min(configuration.batch, data.rows.train.length);
  const targetScales = targetScalesOf(data, configuration);
  const training = { batch, optimiser: optimiserSettings(configuration), seed, ...(targetScales && { targetScales }) };
  return { shape: shapeOf(data, task), training };
}

/** Runs a trial alone, on a network of its own. Throws as trialSteps does. */
export function runTrial(runtime: NetworkRuntime, data: PackData, task: TrialTask, hooks: TrialHooks): TrialReport {
  const { shape, training } = networkOf(data, task);
  const network = runtime.createNetwork(shape, training);
  try {
    return runOn(network, trialSteps(data, task, hooks));
  } finally {
    network.dispose();
  }
}

/**
 * Trains a trial up to task.untilEpoch on a network of networkOf(data, task). Its bits depend on
 * (configuration, seed, data) alone: not on rungs, checkpoints or the thread; a warm start names
 * the model whose bytes the task brings. Throws Stopped.
 */
export function* trialSteps(data: PackData, task: TrialTask, hooks: TrialHooks): Computation<TrialReport> {
  const { configuration, seed, trialId } = task;
  const { method, k } = configuration;
  const begun = hooks.now();
  const seconds = () => hooks.now() - begun;
  const { shape, training } = networkOf(data, task);
  const { targetScales } = training;
  const warm = readWarmStart(shape, targetScales, data, task);
  if (warm instanceof NarrowsError) {
    const { code, message } = warm;
    return { trialId, outcome: 'failed', code, message, epochs: 0, seconds: seconds() };
  }
  const start = readCheckpoint(shape, task) ?? {
    training: initialTrainingState(
      warm?.parameters ?? (yield* chooseStart(shape, data, configuration, seed, hooks)),
      zeroParameters(shape),
    ),
    components: new Float32Array(0),
  };
  const end = yield* trainNetwork(shape, data, configuration, seed, task.untilEpoch, start.training, {
    ...hooks,
    checkpoint: (training) => hooks.checkpoint(training.epoch, packCheckpoint(training)),
  });
  if (end.kind === 'diverged') {
    return { trialId, outcome: 'diverged', message: end.message, curve: end.curve, epochs: end.epoch, seconds: seconds() };
  }
  const { state } = end;
  const { epoch, best } = state;
  const curve: LearningCurve = { ...state.curve, best: Math.max(0, best.epoch) };
  if (end.kind === 'rung') {
    const checkpoint = packCheckpoint(state);
    return { trialId, outcome: 'rung', validation: best.validation, checkpoint, curve, epochs: epoch, seconds: seconds() };
  }
  let saved = hooks.now();
  const found = (components: Float32Array, rank: number) => {
    hooks.progress(epoch, best.validation);
    if (rank === k || hooks.now() - saved < hooks.checkpointSeconds) return;
    saved = hooks.now();
    hooks.checkpoint(epoch, packCheckpoint(state, components));
  };
  const finished = yield* FINISHERS[method]({
    ...{ shape, parameters: best.parameters, data, k, seed },
    ...{ found: start.components, warm: warm?.components ?? new Float32Array(0) },
    hooks: { stop: hooks.stop, found },
  });
  const { scaling } = data;
  const { components, basis, scores, emulator, latents } = finished;
  const parameters = targetScales ? unscaleOutputs(finished.parameters, targetScales) : finished.parameters;
  const model = packModel({ method, k, shape, parameters, components, scaling, latentRange: rangesOfLatents(latents) });
  const ended = { epochs: epoch, seconds: seconds() };
  return { trialId, outcome: 'completed', scores, emulator, latents, components: basis, curve, model, ...ended };
}

/** Returns where to go on; null for the start, as where the checkpoint cannot be read. */
function readCheckpoint(shape: NetworkShape, { checkpoint }: TrialTask): Checkpoint | null {
  if (checkpoint === null) return null;
  try {
    return unpackCheckpoint(shape, checkpoint);
  } catch (error) {
    if (error instanceof NarrowsError || error instanceof RangeError) return null;
    throw error;
  }
}

/** Returns a warm start, null for a start from scratch, or the error that ends the trial. */
function readWarmStart(
  shape: NetworkShape,
  targetScales: Float64Array | undefined,
  { scaling }: PackData,
  { configuration, initial }: TrialTask,
): WarmStart | NarrowsError | null {
  const { start, warm, method } = configuration;
  if (start !== 'warm') return null;
  if (initial === null) throw new RangeError(`the trial starts from the model of ${warm}, which it was not given`);
  try {
    const warmStart = startFromModel(unpackModel(initial), { method, shape, scaling });
    if (targetScales === undefined) return warmStart;
    return { ...warmStart, parameters: scaleOutputs(warmStart.parameters, targetScales) };
  } catch (error) {
    if (error instanceof NarrowsError) return error;
    throw error;
  }
}

/** Throws RangeError where a projection is to have a higher rank than there are descriptors. */
function shapeOf({ x, y }: PackData, { configuration }: TrialTask): NetworkShape {
  const { isProjection, layers } = METHOD_DEFINITIONS[configuration.method];
  const { k } = configuration;
  if (isProjection && k > x.columns) {
    throw new RangeError(`k = ${k} is more than the ${x.columns} descriptors that vary: a projection has at most that rank`);
  }
  return layers(x.columns, y.columns, configuration);
}

/** Returns the range of each latent over the training rows: the bounds of the inverse. */
function rangesOfLatents(latents: readonly LatentBlock[]): [number, number][] {
  const train = latents.find(({ split }) => split === 'train');
  if (train === undefined) return [];
  return Array.from({ length: train.k }, (_, unit) => {
    const values = train.data.filter((_value, i) => i % train.k === unit);
    return [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
  });
}
