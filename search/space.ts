import { canonicalJson } from '../models/canonical-json.ts';
import { type Cell, cellName, METHOD_DEFINITIONS } from '../models/methods/catalogue.ts';
import type { TrialConfiguration } from '../models/training/configuration.ts';
import { sha256 } from './hash.ts';
import { gridSampler } from './samplers/grid.ts';
import { listSampler } from './samplers/list.ts';
import { randomSampler } from './samplers/random.ts';
import type { Sampler } from './samplers/sampler.ts';
import { type Dimension, dimensionOf, type ParameterName, type Point, type SweepSpec } from './spec.ts';

/** One configuration and seed: number `index` of the sweep's space. */
export interface Trial {
  readonly index: number;
  readonly configuration: TrialConfiguration;
  /** 16 hexadecimal characters: equal configurations, equal hashes, in any sweep. */
  readonly configurationHash: string;
  readonly seed: number;
  /** Of cellName; trials are ranked within their cell. */
  readonly cell: string;
}

/**
 * Cells in the order in which configurations are dealt: widths rising, methods in turn within a width.
 * A method that covers all ranks has one cell, at the highest.
 */
export function cellsOf(spec: SweepSpec): readonly Cell[] {
  const highest = Math.max(...spec.space.k);
  return spec.space.k.flatMap((k) =>
    spec.methods.flatMap((method): Cell[] => {
      if (METHOD_DEFINITIONS[method].coversAllRanks && k !== highest) return [];
      return [{ method, k }];
    }),
  );
}

/** Configurations of the sweep, over all cells. */
export function configurationCount(spec: SweepSpec): number {
  return createSampler(spec).configurations;
}

/** Trials of the sweep: configurations times seeds. */
export function trialCount(spec: SweepSpec): number {
  return configurationCount(spec) * spec.seeds.length;
}

/**
 * Trial number `index`, 0 <= index < trialCount(spec). Seeds turn fastest, then cells, then points: a range of neighbours holds whole
 * configurations of every method, so that packs cost about the same and equal shapes lie side by side.
 * Throws RangeError outside the space.
 */
export function trialAt(spec: SweepSpec, index: number): Trial {
  return trialsAt(spec, [index])[0] as Trial;
}

/** Trials with these numbers. */
export function trialsAt(spec: SweepSpec, indices: readonly number[]): Trial[] {
  const sampler = createSampler(spec);
  const dealt = cellsOf(spec);
  const hashes = new Map<number, Pick<Trial, 'configuration' | 'configurationHash' | 'cell'>>();
  return indices.map((index) => {
    const number = Math.floor(index / spec.seeds.length);
    if (!Number.isInteger(index) || index < 0 || number >= sampler.configurations) {
      throw new RangeError(`trial ${index} lies outside the sweep's ${sampler.configurations * spec.seeds.length} trials`);
    }
    let shared = hashes.get(number);
    if (!shared) {
      const cell = dealt[number % dealt.length] as Cell;
      const configuration = configurationOf(spec, cell, sampler.pointAt(Math.floor(number / dealt.length)));
      shared = { configuration, configurationHash: configurationHash(configuration), cell: cellName(cell) };
      hashes.set(number, shared);
    }
    return { index, seed: spec.seeds[index % spec.seeds.length] as number, ...shared };
  });
}

/** A configuration that starts from scratch says nothing of it: it hashes as it did before there were warm starts. */
function configurationOf({ training, warm }: SweepSpec, cell: Cell, { start, ...point }: Point): TrialConfiguration {
  const configuration = { ...cell, ...point, ...training };
  return start === 'warm' ? { ...configuration, start, warm: warm?.[cellName(cell)] as string } : configuration;
}

/** What a parameter takes in this sweep: as the space says, or of listed points the values that they name. */
export function sweptDimension(spec: SweepSpec, name: ParameterName): Dimension<unknown> {
  const stated = dimensionOf(spec, name);
  if (spec.sampler.kind !== 'list' || stated.kind !== 'constant') return stated;
  const values = new Map(
    spec.sampler.points.map((point) => {
      const value: unknown = point[name] ?? stated.value;
      return [JSON.stringify(value), value];
    }),
  );
  return values.size === 1
    ? { kind: 'constant', value: [...values.values()][0] }
    : { kind: 'choice', values: [...values.values()] };
}

/** The points of the space in order: configuration n belongs to cell n mod C and stands at point floor(n / C), C = cells(spec).length. */
export function pointsOf(spec: SweepSpec): { readonly count: number; readonly at: (point: number) => Point } {
  const sampler = createSampler(spec);
  return { count: Math.ceil(sampler.configurations / cellsOf(spec).length), at: sampler.pointAt };
}

/** First 16 hexadecimal characters of the SHA-256 of the canonical JSON. */
export function configurationHash(configuration: TrialConfiguration): string {
  return sha256(canonicalJson(configuration)).slice(0, 16);
}

/** Id of trial number `index` of a sweep. */
export function trialId(sweepId: string, index: number): string {
  return `${sweepId}-${index}`;
}

/** Id of the sweep that a trial belongs to; '' of what is no id of a trial. */
export function sweepOfTrial(trial: string): string {
  return trial.slice(0, Math.max(0, trial.lastIndexOf('-')));
}

function createSampler(spec: SweepSpec): Sampler {
  const count = cellsOf(spec).length;
  switch (spec.sampler.kind) {
    case 'grid':
      return gridSampler(spec, count, spec.sampler.steps);
    case 'random':
      return randomSampler(spec, spec.sampler.trials, spec.sampler.seed);
    case 'list':
      return listSampler(spec, count, spec.sampler.points);
  }
}
