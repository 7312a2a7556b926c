/** Checks of warm starts: every cell needs a model to start from, and the model must fit. */
import { cellName, METHOD_DEFINITIONS } from '../models/methods/catalogue.ts';
import type { TrialConfiguration } from '../models/training/configuration.ts';
import { type SpecFault, specFault, suggestNearest } from './fault.ts';
import { dimensionOf, valuesOf } from './parameters.ts';
import { cellsOf, dimensionsOf, listedPoints } from './space.ts';
import { partitionCount, type SweepSpec } from './spec.ts';

/** Yields the faults of `warm`: a model for every cell where trials start warm, else nothing. */
export function* checkWarmStarts(spec: SweepSpec): Generator<SpecFault> {
  const named = Object.keys(spec.warm ?? {});
  const known = cellsOf(spec).map(cellName);
  const unknown = named.filter((cell) => !known.includes(cell));
  for (const cell of unknown) yield specFault(`warm.${cell}`, `the sweep trains no "${cell}"`, suggestNearest(cell, known));
  // An unknown cell may be a slip for a known one: whether models are missing cannot be said.
  if (unknown.length > 0) return;
  const starting = findWarmStart(spec);
  if (starting !== null && partitionCount(spec) > 1) {
    const path = spec.split.folds ? 'split.folds' : 'split.repeats';
    const message = `${starting} starts warm, from weights that may have been trained on rows that a partition tests`;
    yield specFault(path, message, 'start from scratch, or train on one partition');
    return;
  }
  if (starting === null) {
    if (spec.warm === undefined) return;
    const fix = 'add "start: warm" to the space, or to a listed point; or leave warm out';
    yield specFault('warm', 'no trial of the sweep starts warm', fix);
    return;
  }
  const missing = known.find((cell) => !named.includes(cell));
  if (missing === undefined) return;
  const fix = `add "${missing}: TRIAL" under warm, see "narrows model ls SWEEP" for trials whose weights are kept; or train fewer methods and widths`;
  yield specFault(spec.warm ? `warm.${missing}` : 'warm', `${starting} starts warm, and no model is named for ${missing}`, fix);
}

/** Returns the path of the first part of the spec that starts warm, null where none does. */
function findWarmStart(spec: SweepSpec): string | null {
  const listed = listedPoints(spec);
  if (listed) return listed.find(({ point }) => point.start === 'warm')?.path ?? null;
  return valuesOf(dimensionOf(dimensionsOf(spec), 'start')).includes('warm') ? 'space.start' : null;
}

interface TrainingData {
  /** Names of the columns of X, constant ones among them. */
  readonly descriptors: readonly string[];
  /** Columns of Y. */
  readonly targets: number;
}

/** A kept model with the data that it was trained on: whether trials can start from it. */
export interface WarmModel extends TrainingData {
  readonly configuration: TrialConfiguration;
}

const LAYERS = ['hidden', 'activation', 'layerNorm'] as const;

/** Yields where a trial cannot start from the model named for its cell; `data`: the sweep's own. */
export function* checkWarmModels(
  spec: SweepSpec,
  models: ReadonlyMap<string, WarmModel>,
  data: TrainingData,
): Generator<SpecFault> {
  for (const cell of cellsOf(spec)) {
    const name = cellName(cell);
    const model = models.get(name);
    if (model === undefined) continue;
    const { method, k } = model.configuration;
    // A method that covers all ranks starts from a model of any rank.
    if (method !== cell.method || (!METHOD_DEFINITIONS[method].coversAllRanks && k !== cell.k)) {
      yield specFault(`warm.${name}`, `the model is of ${cellName({ method, k })}`, `name a trial of ${name}`);
      continue;
    }
    yield* checkData(`warm.${name}`, model, data);
    for (const { path, parameter, values } of warmLayers(spec)) {
      const own = JSON.stringify(model.configuration[parameter]);
      const other = values.map((value) => JSON.stringify(value)).find((value) => value !== own);
      if (other === undefined) continue;
      const message = `${other} cannot start from the model of ${name}, whose ${parameter} is ${own}`;
      yield specFault(path, message, `use ${own} where a trial starts warm`);
    }
  }
}

/** Returns how the descriptors of another dataset differ from one's own; null: not at all. */
export function findOtherDescriptors(theirs: readonly string[], own: readonly string[]): string | null {
  if (theirs.length !== own.length) return `its dataset has ${theirs.length} descriptors, this one ${own.length}`;
  const other = theirs.findIndex((name, i) => name !== own[i]);
  return other < 0 ? null : `descriptor ${other + 1} of its dataset is "${theirs[other]}", here it is "${own[other]}"`;
}

function* checkData(path: string, { descriptors, targets }: TrainingData, data: TrainingData): Generator<SpecFault> {
  const other = findOtherDescriptors(descriptors, data.descriptors);
  if (other !== null)
    yield specFault(path, `the model is of other descriptors: ${other}`, 'name a model of the same descriptors');
  if (targets !== data.targets) {
    const message = `the model has ${targets} target columns, this target has ${data.targets}`;
    yield specFault(path, message, 'name a model of this target');
  }
}

/** Returns the values that layers of warm trials may have, each with the part of the spec. */
function warmLayers(spec: SweepSpec) {
  const layersAt = (path: string, valuesAt: (parameter: (typeof LAYERS)[number]) => readonly unknown[]) =>
    LAYERS.map((parameter) => ({ path: `${path}.${parameter}`, parameter, values: valuesAt(parameter) }));
  const listed = listedPoints(spec);
  if (listed === null) return layersAt('space', (parameter) => valuesOf<unknown>(spec.space[parameter]));
  const warm = listed.filter(({ point }) => point.start === 'warm');
  return warm.flatMap(({ path, point }) => layersAt(path, (parameter) => [point[parameter]]));
}
