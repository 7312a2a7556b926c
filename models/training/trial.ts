/** One trial from start to end, on one thread: the three methods over one training loop. Works on any NetworkRuntime. */
import { NarrowsError } from '../../errors.ts';
import { SPLITS, type SplitName } from '../axes.ts';
import { coveredVarianceFromSums, sharedTotalSquares } from '../evaluation/covered-variance.ts';
import { findComponents, project } from '../methods/eca.ts';
import { orthonormalEncoder } from '../methods/nnca.ts';
import { projectRow } from '../methods/projection.ts';
import { initialParameters, zeroParameters } from '../networks/initial.ts';
import type { NetworkRuntime, NetworkShape, NetworkTraining, Parameters } from '../networks/network.ts';
import { ednnLatentLayer, ednnShape, emulatorShape, NNCA_LATENT_LAYER, nncaShape } from '../networks/shapes.ts';
import { packContainer, unpackContainer } from '../stored/container.ts';
import { packModel, unpackModel } from '../stored/model-file.ts';
import type { CoveredVarianceRow, LatentBlock, LearningCurve, TrialReport } from './report.ts';
import { ask, drive, type Steps } from './steps.ts';
import type { PackData, TrialTask } from './task.ts';
import { flatten, optimiserOf, Stopped, startOfTraining, type TrainingState, trainNetwork, unflatten } from './training.ts';
import { type WarmStart, warmStart } from './warm-start.ts';

export { Stopped };

export interface TrialHooks {
  /** Polled about every 100 ms of work; true makes runTrial throw Stopped. */
  stop(): boolean;
  progress(epoch: number, validation: number): void;
  checkpoint(epoch: number, bytes: Uint8Array): void;
  /** Seconds, from any origin. */
  now(): number;
  readonly checkpointSeconds: number;
}

/** A trial between two epochs, or between two of ECA's components. */
interface Position {
  readonly training: TrainingState;
  /** [found, D]: ECA's components so far. */
  readonly components: Float32Array;
}

/** What a method's finished training comes to. */
interface Finished {
  readonly parameters: Parameters;
  readonly figures: readonly CoveredVarianceRow[];
  readonly emulator: readonly { readonly split: SplitName; readonly coveredVariance: number }[];
  readonly latents: readonly LatentBlock[];
  /** ECA: what the model file keeps beside the emulator. */
  readonly components: Float32Array;
  /** V [k, D]; null where the encoder is no projection. */
  readonly basis: Float32Array | null;
}

/** The network that a trial trains: D, E and the number of training rows come from the data. */
export function networkOf(data: PackData, task: TrialTask): { readonly shape: NetworkShape; readonly training: NetworkTraining } {
  const { configuration, seed } = task;
  const batch = Math.min(configuration.batch, data.rows.train.length);
  return { shape: shapeOf(data, task), training: { batch, optimiser: optimiserOf(configuration), seed } };
}

/** Runs a trial alone, on a network of its own. Throws as trialSteps does. */
export function runTrial(runtime: NetworkRuntime, data: PackData, task: TrialTask, hooks: TrialHooks): TrialReport {
  const { shape, training } = networkOf(data, task);
  const network = runtime.createNetwork(shape, training);
  try {
    return drive(network, trialSteps(data, task, hooks));
  } finally {
    network.dispose();
  }
}

/**
 * Trains a trial up to task.untilEpoch on a network of networkOf(data, task). Bits depend on (configuration, seed, data) alone: not on rungs, checkpoints
 * or the thread; a configuration that starts warm names the model whose bytes the task brings. Throws Stopped; a checkpoint that does not fit throws NarrowsError `model-damaged`.
 */
export function* trialSteps(data: PackData, task: TrialTask, hooks: TrialHooks): Steps<TrialReport> {
  const { configuration, seed, trialId } = task;
  const begun = hooks.now();
  const seconds = () => hooks.now() - begun;
  const shape = shapeOf(data, task);
  const warm = warmOf(shape, data, task);
  if (warm instanceof NarrowsError) {
    const { code, message } = warm;
    return { trialId, outcome: 'failed', code, message, epochs: 0, seconds: seconds() };
  }
  const start = task.checkpoint
    ? readCheckpoint(shape, task.checkpoint)
    : {
        training: startOfTraining(warm?.parameters ?? initialParameters(shape, seed), zeroParameters(shape)),
        components: new Float32Array(0),
      };
  const end = yield* trainNetwork(shape, data, configuration, seed, task.untilEpoch, start.training, {
    ...hooks,
    checkpoint: (training) => hooks.checkpoint(training.epoch, writeCheckpoint({ training, components: new Float32Array(0) })),
  });
  if (end.kind === 'diverged') {
    return { trialId, outcome: 'diverged', message: end.message, curve: end.curve, epochs: end.epoch, seconds: seconds() };
  }
  const { state } = end;
  const curve: LearningCurve = { ...state.curve, best: Math.max(0, state.best.epoch) };
  if (end.kind === 'rung') {
    const checkpoint = writeCheckpoint({ training: state, components: new Float32Array(0) });
    const validation = state.best.validation;
    return { trialId, outcome: 'rung', validation, checkpoint, curve, epochs: state.epoch, seconds: seconds() };
  }
  const found = { components: start.components, warm: warm?.components ?? new Float32Array(0) };
  const finished = yield* finish(shape, data, task, state, found, hooks);
  const { figures, emulator, latents } = finished;
  const model = packModel({
    method: configuration.method,
    k: configuration.k,
    shape,
    parameters: finished.parameters,
    components: finished.components,
    scaling: data.scaling,
    latentRange: latentRange(latents),
  });
  const ended = { epochs: state.epoch, seconds: seconds() };
  return { trialId, outcome: 'completed', figures, emulator, latents, components: finished.basis, curve, model, ...ended };
}

/** What a warm start gives; null: the trial starts from scratch. A model that does not fit, or is damaged, is the trial's ending. */
function warmOf(
  shape: NetworkShape,
  { scaling }: PackData,
  { configuration, initial }: TrialTask,
): WarmStart | NarrowsError | null {
  const { start, warm, method } = configuration;
  if (start !== 'warm') return null;
  if (initial === null) throw new RangeError(`the trial starts from the model of ${warm}, which it was not given`);
  try {
    return warmStart(unpackModel(initial), { method, shape, scaling });
  } catch (error) {
    if (error instanceof NarrowsError) return error;
    throw error;
  }
}

function shapeOf(data: PackData, { configuration }: TrialTask): NetworkShape {
  const D = data.x.columns;
  const E = data.y.columns;
  switch (configuration.method) {
    case 'ednn':
      return ednnShape(D, E, configuration);
    case 'nnca':
      requireRank(configuration.k, D);
      return nncaShape(D, E, configuration);
    case 'eca':
      requireRank(configuration.k, D);
      return emulatorShape(D, E, configuration);
  }
}

function requireRank(k: number, D: number): void {
  if (k > D) throw new RangeError(`k = ${k} is more than the ${D} descriptors that vary: a projection has at most that rank`);
}

function* finish(
  shape: NetworkShape,
  data: PackData,
  task: TrialTask,
  training: TrainingState,
  known: { readonly components: Float32Array; readonly warm: Float32Array },
  hooks: TrialHooks,
): Steps<Finished> {
  const { method, k } = task.configuration;
  const none = { emulator: [], components: new Float32Array(0), basis: null };
  const best = training.best.parameters;
  switch (method) {
    case 'ednn': {
      yield* ask.setParameters(best);
      const latents = yield* latentsOf(data, ednnLatentLayer(task.configuration), k);
      return { ...none, parameters: best, latents, figures: yield* figuresOf(data, k, () => null) };
    }
    case 'nnca': {
      const parameters = orthonormalEncoder(shape, best, data);
      yield* ask.setParameters(parameters);
      const V = transposed((parameters[0] as Parameters[number]).weights, data.x.columns, k);
      const latents = yield* latentsOf(data, NNCA_LATENT_LAYER, k);
      return {
        ...none,
        parameters,
        latents,
        basis: V,
        figures: yield* figuresOf(data, k, (split) => structureOf(data, split, V)),
      };
    }
    case 'eca': {
      yield* ask.setParameters(best);
      const emulator: { split: SplitName; coveredVariance: number }[] = [];
      for (const split of SPLITS) emulator.push({ split, coveredVariance: yield* scoreOf(data, split) });
      let saved = hooks.now();
      const found = (soFar: Float32Array, rank: number) => {
        hooks.progress(training.epoch, training.best.validation);
        if (rank === k || hooks.now() - saved < hooks.checkpointSeconds) return;
        saved = hooks.now();
        hooks.checkpoint(training.epoch, writeCheckpoint({ training, components: soFar }));
      };
      const components = yield* findComponents(data, task.seed, k, known.components, { stop: hooks.stop, found }, known.warm);
      const figures: CoveredVarianceRow[] = [];
      for (const split of SPLITS) figures.push(...(yield* ranksOf(data, split, components)));
      const latents = SPLITS.map((split) => scores(data, split, components));
      return { parameters: best, emulator, components, basis: components, figures, latents };
    }
  }
}

/** Covered variance of the network as it stands on one split. */
function* scoreOf(data: PackData, split: SplitName): Steps<number> {
  const rows = data.rows[split];
  return coveredVarianceFromSums(yield* ask.squaredError(rows), sharedTotalSquares(data.y, rows));
}

function* figuresOf(data: PackData, k: number, structure: (split: SplitName) => number | null): Steps<CoveredVarianceRow[]> {
  const figures: CoveredVarianceRow[] = [];
  for (const split of SPLITS) {
    const coveredVariance = yield* scoreOf(data, split);
    figures.push({ split, k, coveredVariance, structureCoveredVariance: structure(split) });
  }
  return figures;
}

/** ECA's cumulative figures: one row per rank. */
function* ranksOf(data: PackData, split: SplitName, components: Float32Array): Steps<CoveredVarianceRow[]> {
  const D = data.x.columns;
  const rows = data.rows[split];
  const total = sharedTotalSquares(data.y, rows);
  const figures: CoveredVarianceRow[] = [];
  for (let k = 1; k <= components.length / D; k++) {
    const V = components.subarray(0, k * D);
    const { loss } = yield* ask.inputGradient(project(data, rows, V), rows);
    const coveredVariance = coveredVarianceFromSums(loss * rows.length * data.y.columns, total);
    figures.push({ split, k, coveredVariance, structureCoveredVariance: structureOf(data, split, V) });
  }
  return figures;
}

/** Structure-side covered variance of the expansion x V'V in standardised descriptors. */
function structureOf(data: PackData, split: SplitName, V: Float32Array): number {
  const D = data.x.columns;
  const rows = data.rows[split];
  const expanded = project(data, rows, V);
  let error = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let d = 0; d < D; d++)
      error += ((data.x.data[(rows[i] as number) * D + d] as number) - (expanded[i * D + d] as number)) ** 2;
  }
  return coveredVarianceFromSums(error, sharedTotalSquares(data.x, rows));
}

function* latentsOf(data: PackData, layer: number, k: number): Steps<LatentBlock[]> {
  const blocks: LatentBlock[] = [];
  for (const split of SPLITS) {
    const rows = data.rows[split];
    blocks.push({ split, k, rows: rows.length, data: yield* ask.activations(rows, layer) });
  }
  return blocks;
}

/** ECA's scores t = x V' of one split. */
function scores(data: PackData, split: SplitName, components: Float32Array): LatentBlock {
  const D = data.x.columns;
  const k = components.length / D;
  const rows = data.rows[split];
  const t = new Float32Array(rows.length * k);
  rows.forEach((row, i) => {
    t.set(projectRow(data.x.data.subarray(row * D, (row + 1) * D), components), i * k);
  });
  return { split, k, rows: rows.length, data: t };
}

/** Smallest and largest latent over the training rows, per unit: the bounds of the inverse. */
function latentRange(latents: readonly LatentBlock[]): [number, number][] {
  const train = latents.find(({ split }) => split === 'train');
  if (train === undefined) return [];
  return Array.from({ length: train.k }, (_, unit) => {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = unit; i < train.data.length; i += train.k) {
      low = Math.min(low, train.data[i] as number);
      high = Math.max(high, train.data[i] as number);
    }
    return [low, high];
  });
}

/** [rows, columns] -> [columns, rows]. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: values.length }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] as number);
}

interface CheckpointHeader {
  readonly epoch: number;
  readonly step: number;
  readonly best: { readonly epoch: number; readonly validation: number | null };
  readonly curve: TrainingState['curve'];
}

function writeCheckpoint({ training, components }: Position): Uint8Array {
  const { epoch, parameters, moments, best, curve } = training;
  // JSON knows no -Infinity: null stands for "no score yet".
  const validation = Number.isFinite(best.validation) ? best.validation : null;
  const header: CheckpointHeader = { epoch, step: moments.step, best: { epoch: best.epoch, validation }, curve };
  return packContainer({
    kind: 'checkpoint',
    header,
    blocks: {
      parameters: flatten(parameters),
      first: flatten(moments.first),
      second: flatten(moments.second),
      best: flatten(best.parameters),
      components,
    },
  });
}

function readCheckpoint(shape: NetworkShape, bytes: Uint8Array): Position {
  const { header, blocks } = unpackContainer<CheckpointHeader>(bytes, 'checkpoint');
  const parameters = (name: string) => unflatten(shape, blocks[name] ?? new Float32Array(0));
  return {
    training: {
      epoch: header.epoch,
      parameters: parameters('parameters'),
      moments: { step: header.step, first: parameters('first'), second: parameters('second') },
      best: {
        epoch: header.best.epoch,
        validation: header.best.validation ?? Number.NEGATIVE_INFINITY,
        parameters: parameters('best'),
      },
      curve: header.curve,
    },
    components: blocks.components ?? new Float32Array(0),
  };
}
