/** Checks of warm starts: every cell needs a model to start from, and the model must fit. */
import { cellName, METHOD_DEFINITIONS } from '../models/methods/catalogue.ts';
import type { TrialConfiguration } from '../models/training/configuration.ts';
import { type SpecFault, specFault, suggestNearest } from './fault.ts';
import { dimensionOf, type Point, valuesOf } from './parameters.ts';
import { cellsOf, listedPoints } from './space.ts';
import type { SweepSpec } from './spec.ts';

/**
 * Yields the faults of `warm`: with warm starts it names a model for every cell, each of which
 * trains every point; without, it must be left out.
 */
export function* checkWarmStarts(spec: SweepSpec): Generator<SpecFault> {
  const named = Object.keys(spec.warm ?? {});
  const known = cellsOf(spec).map(cellName);
  const unknown = named.filter((cell) => !known.includes(cell));
  for (const cell of unknown) yield specFault(`warm.${cell}`, `the sweep trains no "${cell}"`, suggestNearest(cell, known));
  // An unknown cell may be a slip for a known one: whether models are missing cannot be said.
  if (unknown.length > 0) return;
  const starting = findWarmStart(spec);
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
  return valuesOf(dimensionOf(spec, 'start')).includes('warm') ? 'space.start' : null;
}

/** A kept model with the data that it was trained on: whether trials can start from it. */
export interface WarmModel {
  readonly configuration: TrialConfiguration;
  /** Names of the columns of X, constant ones among them. */
  readonly descriptors: readonly string[];
  /** Columns of Y. */
  readonly targets: number;
}

type Layers = Pick<Point, 'hidden' | 'activation' | 'layerNorm'>;
const LAYERS = ['hidden', 'activation', 'layerNorm'] as const satisfies readonly (keyof Layers)[];

/** Yields where a trial cannot start from the model named for its cell; `data`: the sweep's own. */
export function* checkWarmModels(
  spec: SweepSpec,
  models: ReadonlyMap<string, WarmModel>,
  data: Pick<WarmModel, 'descriptors' | 'targets'>,
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
    for (const { path, layers } of warmLayers(spec)) {
      for (const parameter of LAYERS) {
        const own = model.configuration[parameter];
        const other = layers[parameter].find((value) => JSON.stringify(value) !== JSON.stringify(own));
        if (other === undefined) continue;
        const says = `${JSON.stringify(other)} cannot start from the model of ${name}, whose ${parameter} is ${JSON.stringify(own)}`;
        yield specFault(`${path}.${parameter}`, says, `use ${JSON.stringify(own)} where a trial starts warm`);
      }
    }
  }
}

function* checkData(
  path: string,
  { descriptors, targets }: WarmModel,
  data: Pick<WarmModel, 'descriptors' | 'targets'>,
): Generator<SpecFault> {
  const other = descriptors.findIndex((name, i) => name !== data.descriptors[i]);
  if (descriptors.length !== data.descriptors.length || other >= 0) {
    const what =
      descriptors.length === data.descriptors.length
        ? `descriptor ${other + 1} of its dataset is "${descriptors[other]}", here it is "${data.descriptors[other]}"`
        : `its dataset has ${descriptors.length} descriptors, this one ${data.descriptors.length}`;
    yield specFault(path, `the model is of other descriptors: ${what}`, 'name a model of the same descriptors');
  }
  if (targets !== data.targets) {
    yield specFault(
      path,
      `the model has ${targets} target columns, this target has ${data.targets}`,
      'name a model of this target',
    );
  }
}

/** Returns the layers that a warm trial may have, with the part of the spec that says so. */
function warmLayers(
  spec: SweepSpec,
): { readonly path: string; readonly layers: { readonly [Name in keyof Layers]: readonly Layers[Name][] } }[] {
  const listed = listedPoints(spec);
  if (listed === null) {
    const { hidden, activation, layerNorm } = spec.space;
    const layers = { hidden: valuesOf(hidden), activation: valuesOf(activation), layerNorm: valuesOf(layerNorm) };
    return [{ path: 'space', layers }];
  }
  return listed
    .filter(({ point }) => point.start === 'warm')
    .map(({ path, point: { hidden, activation, layerNorm } }) => ({
      path,
      layers: { hidden: [hidden], activation: [activation], layerNorm: [layerNorm] },
    }));
}
