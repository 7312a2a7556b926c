/** Whether what a spec starts warm has models to start from, and whether these fit. */
import { cellName, METHOD_DEFINITIONS } from '../models/methods/catalogue.ts';
import type { TrialConfiguration } from '../models/training/configuration.ts';
import { type SpecFault, specFault, suggestNearest } from './fault.ts';
import { completePoint } from './samplers/list.ts';
import { cellsOf } from './space.ts';
import { dimensionOf, type Point, type SweepSpec, valuesOf } from './spec.ts';

/** `warm` names a model for every cell, each of which trains every point, where a point starts warm, and is left out where none does. */
export function* checkWarmStarts(spec: SweepSpec): Generator<SpecFault> {
  const named = Object.keys(spec.warm ?? {});
  const known = cellsOf(spec).map(cellName);
  const unknown = named.filter((cell) => !known.includes(cell));
  for (const cell of unknown) yield specFault(`warm.${cell}`, `the sweep trains no "${cell}"`, suggestNearest(cell, known));
  // Which cell was meant is not known: that another one has no model may be the same slip.
  if (unknown.length > 0) return;
  const starting = startingWarm(spec);
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

/** What starts warm; null: nothing does. */
function startingWarm(spec: SweepSpec): string | null {
  if (spec.sampler.kind === 'list') {
    const at = spec.sampler.points.findIndex((point) => completePoint(spec, point).start === 'warm');
    return at < 0 ? null : `sampler.list[${at}]`;
  }
  return valuesOf(dimensionOf(spec, 'start')).includes('warm') ? 'space.start' : null;
}

/** What of a kept model, and of the data it was trained on, decides whether trials can start from it. */
export interface WarmModel {
  readonly configuration: TrialConfiguration;
  /** Names of the columns of X, constant ones among them. */
  readonly descriptors: readonly string[];
  /** Columns of Y. */
  readonly targets: number;
}

type Layers = Pick<Point, 'hidden' | 'activation' | 'layerNorm'>;
const LAYERS = ['hidden', 'activation', 'layerNorm'] as const satisfies readonly (keyof Layers)[];

/** Where a trial could not start from the model named for its cell. `data`: what the sweep trains on. */
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
    yield* faultsOfData(`warm.${name}`, model, data);
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

function* faultsOfData(
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

/** Values of the layers' parameters that a trial which starts warm may have, and where the spec says so. */
function warmLayers(
  spec: SweepSpec,
): { readonly path: string; readonly layers: { readonly [Name in keyof Layers]: readonly Layers[Name][] } }[] {
  if (spec.sampler.kind === 'list') {
    return spec.sampler.points.flatMap((point, at) => {
      const { start, hidden, activation, layerNorm } = completePoint(spec, point);
      if (start !== 'warm') return [];
      return [{ path: `sampler.list[${at}]`, layers: { hidden: [hidden], activation: [activation], layerNorm: [layerNorm] } }];
    });
  }
  const { hidden, activation, layerNorm } = spec.space;
  return [
    { path: 'space', layers: { hidden: valuesOf(hidden), activation: valuesOf(activation), layerNorm: valuesOf(layerNorm) } },
  ];
}
