/**
 * Objectives of configurations that a Pareto front weighs against each other, and the front of a
 * sweep's configurations with its hypervolume: docs/decisions/0061-pareto-fronts.md.
 */
import { didYouMean, NarrowsError } from '../../errors.ts';
import { METHODS, type Method } from '../methods/catalogue.ts';
import { hypervolume, paretoRanks } from './pareto.ts';

/** `share`: of a variance, at best 1; `count`: whole numbers from 1; `cost`: by its logarithm. */
type ObjectiveKind = 'share' | 'count' | 'cost';

export interface Objective {
  readonly label: string;
  readonly unit: string | null;
  readonly direction: 'maximize' | 'minimize';
  readonly kind: ObjectiveKind;
}

const OBJECTIVES = {
  coveredVariance: { label: 'covered variance', unit: null, direction: 'maximize', kind: 'share' },
  k: { label: 'bottleneck width k', unit: null, direction: 'minimize', kind: 'count' },
  parameters: { label: 'parameters', unit: null, direction: 'minimize', kind: 'cost' },
  seconds: { label: 'training time', unit: 's', direction: 'minimize', kind: 'cost' },
  structureCoveredVariance: { label: 'covered variance of the structure', unit: null, direction: 'maximize', kind: 'share' },
} as const satisfies Readonly<Record<string, Objective>>;

export type ObjectiveName = keyof typeof OBJECTIVES;

/** Covered variance first. */
export const OBJECTIVE_NAMES = Object.keys(OBJECTIVES) as readonly ObjectiveName[];

export const objectiveOf = (name: ObjectiveName): Objective => OBJECTIVES[name];

/** More objectives leave hardly any configuration that another one dominates. */
const MOST_OBJECTIVES = 3;

/**
 * Parses objectives separated by commas; covered variance is always the first of them. Throws
 * NarrowsError `objective-unknown`, `objectives-invalid`.
 */
export function parseObjectives(text: string): readonly ObjectiveName[] {
  const named = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const objectives = [...new Set<ObjectiveName>(['coveredVariance', ...named.map(parseObjective)])];
  if (objectives.length >= 2 && objectives.length <= MOST_OBJECTIVES) return objectives;
  const known = OBJECTIVE_NAMES.slice(1).join(', ');
  const [message, fix] =
    objectives.length < 2
      ? ['a Pareto front needs another objective than covered variance', `name one or two of ${known}`]
      : [
          `${objectives.length} objectives are more than ${MOST_OBJECTIVES}`,
          `name one or two of ${known}; covered variance is always one`,
        ];
  throw new NarrowsError('objectives-invalid', message, { path: 'objectives', fix });
}

function parseObjective(name: string): ObjectiveName {
  const objective = OBJECTIVE_NAMES.find((one) => one === name);
  if (objective) return objective;
  throw new NarrowsError('objective-unknown', `"${name}" is not an objective`, {
    path: 'objectives',
    fix: `${didYouMean(name, OBJECTIVE_NAMES)} Objectives are ${OBJECTIVE_NAMES.join(', ')}`,
  });
}

/** A configuration at a width or rank, with a value for each objective; null: it has none. */
export interface Candidate extends Readonly<Record<ObjectiveName, number | null>> {
  readonly method: Method;
}

/** An objective with the ends of its side of the box that hypervolumes are shares of. */
export interface BoundedObjective {
  readonly name: ObjectiveName;
  readonly direction: Objective['direction'];
  /** Null where no configuration has a value. */
  readonly best: number | null;
  readonly reference: number | null;
}

export interface Hypervolume {
  /** Null: all methods together. */
  readonly method: Method | null;
  /** Configurations on the front of the method alone, or of all methods. */
  readonly front: number;
  /** Share of the box from the reference point to the best values, 0 to 1. */
  readonly hypervolume: number;
}

export interface Front {
  readonly objectives: readonly BoundedObjective[];
  /** By candidate, among all methods; 1: on the front; null: it lacks an objective. */
  readonly ranks: readonly (number | null)[];
  /** The same among the candidates of its own method. */
  readonly ranksInMethod: readonly (number | null)[];
  /** Methods in their order, then all together; empty without candidates. */
  readonly hypervolumes: readonly Hypervolume[];
}

/** Ranks candidates by these objectives, the same box for all methods. */
export function computeFront(candidates: readonly Candidate[], names: readonly ObjectiveName[]): Front {
  const compared = candidates.flatMap((candidate, at) => {
    const values = names.flatMap((name) => candidate[name] ?? []);
    return values.length === names.length ? [{ at, method: candidate.method, values }] : [];
  });
  const sides = names.map((name, i) =>
    boundsOf(
      name,
      compared.map(({ values }) => values[i] as number),
    ),
  );
  const ranks = new Array<number | null>(candidates.length).fill(null);
  const ranksInMethod = [...ranks];
  const rank = (own: typeof compared, into: (number | null)[], method: Method | null): Hypervolume => {
    const found = paretoRanks(own.map(({ values }) => values.map((value, i) => oriented(names[i] as ObjectiveName, value))));
    own.forEach(({ at }, i) => {
      into[at] = found[i] as number;
    });
    const front = own.filter((_, i) => found[i] === 1);
    const points = front.map(({ values }) => values.map((value, i) => (sides[i] as Side).heightOf(value)));
    return { method, front: front.length, hypervolume: hypervolume(points) };
  };
  const methods = METHODS.filter((method) => compared.some((one) => one.method === method));
  const ofMethods = methods.map((method) =>
    rank(
      compared.filter((one) => one.method === method),
      ranksInMethod,
      method,
    ),
  );
  const objectives = sides.map(({ name, best, reference }) => ({
    name,
    direction: objectiveOf(name).direction,
    best,
    reference,
  }));
  return {
    objectives,
    ranks,
    ranksInMethod,
    hypervolumes: compared.length === 0 ? [] : [...ofMethods, rank(compared, ranks, null)],
  };
}

/** Returns the value as one to maximise. */
const oriented = (name: ObjectiveName, value: number): number => (objectiveOf(name).direction === 'maximize' ? value : -value);

/** A side of the box: `heightOf` is 0 at the reference point or beyond, 1 at the best value. */
interface Side extends Omit<BoundedObjective, 'direction'> {
  readonly heightOf: (value: number) => number;
}

/** Distance of the reference point beyond the worst cost, as a share of the range of costs. */
const BEYOND = 0.1;
/** Lower costs count as this one: a time below the resolution of clocks has no logarithm. */
const LEAST_COST = 1e-3;

function boundsOf(name: ObjectiveName, values: readonly number[]): Side {
  const { kind } = objectiveOf(name);
  if (kind === 'share') return { name, best: 1, reference: 0, heightOf: (value) => Math.max(0, value) };
  if (values.length === 0) return { name, best: null, reference: null, heightOf: () => 0 };
  const floored = kind === 'cost' ? (value: number) => Math.max(LEAST_COST, value) : (value: number) => value;
  const [best, worst] = values.reduce(
    ([low, high], value) => [Math.min(low, floored(value)), Math.max(high, floored(value))] as const,
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] as const,
  );
  // A width more than the widest: the area is the mean over widths of what each covers at most.
  if (kind === 'count') {
    const reference = worst + 1;
    return { name, best, reference, heightOf: (value) => (reference - value) / (reference - best) };
  }
  const reference = worst * (worst / best) ** BEYOND;
  const span = Math.log(reference / best);
  return { name, best, reference, heightOf: (value) => (span === 0 ? 1 : Math.log(reference / floored(value)) / span) };
}
