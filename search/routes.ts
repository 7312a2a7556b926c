/** Routes: which trainers the trials of each method of a sweep go to. */
import { cellName, type Method } from '../models/methods/catalogue.ts';
import { trainedPointsPerCell } from './limits/limits.ts';
import { cellsOf, trialsOf } from './space.ts';
import type { ByMethod, SweepSpec } from './spec.ts';
import { DEFAULT_CLASS, type EngineName } from './trainer-classes.ts';

/** Trainers that trials ask for. */
export interface Resources {
  readonly class: string;
  /** Null: any engine, as the trainer has it. */
  readonly engine: EngineName | null;
}

/** Methods of a sweep whose trials go to the same trainers. */
export interface Route extends Resources {
  readonly methods: readonly Method[];
}

/** The part of a spec that its routes follow from. */
type Routed = Pick<SweepSpec, 'methods' | 'class' | 'engine'>;

/** Returns the routes of a sweep, in the order of its methods. */
export function routesOf(spec: Routed): readonly Route[] {
  const resourcesOf = (method: Method): Resources => ({
    class: valueFor(spec.class, method) ?? DEFAULT_CLASS,
    engine: valueFor(spec.engine, method) ?? null,
  });
  const groups = Map.groupBy(spec.methods, (method) => JSON.stringify(resourcesOf(method)));
  return [...groups.values()].map((methods) => ({ ...resourcesOf(methods[0] as Method), methods }));
}

/** A route with what its packs follow from, as the row of its sweep has it. */
export interface PlannedRoute extends Route {
  /** Trials of the space that go this way. */
  readonly planned: number;
  /** Positions of its cells among those of the sweep, rising. */
  readonly cells: readonly number[];
  /** Their names. */
  readonly names: readonly string[];
  /** Points that each trains, unless the sweep limits it. */
  readonly points: readonly number[];
}

/** Returns the routes of a sweep with their trials, in the order of its methods. */
export function plannedRoutesOf(spec: SweepSpec): readonly PlannedRoute[] {
  const cells = cellsOf(spec);
  const points = trainedPointsPerCell(spec, null);
  return routesOf(spec).map((route) => {
    const own = cells.flatMap((cell, position) => (route.methods.includes(cell.method) ? [{ cell, position }] : []));
    return {
      ...route,
      planned: trialsOf(spec, route.methods).count,
      cells: own.map(({ position }) => position),
      names: own.map(({ cell }) => cellName(cell)),
      points: own.map(({ position }) => points[position] as number),
    };
  });
}

const valueFor = <T extends string>(stated: T | ByMethod<T> | undefined, method: Method): T | undefined =>
  typeof stated === 'object' ? stated[method] : stated;

/** Whether every trial goes where those of a sweep go that asks for no trainers. */
export function isDefaultRoute(routes: readonly Route[]): boolean {
  const [first, ...others] = routes;
  return others.length === 0 && first?.class === DEFAULT_CLASS && first.engine === null;
}

/**
 * Returns the shortest form of the class and the engine that a spec asks for: without defaults and
 * methods that it does not train, and a single name where all methods have the same.
 */
export function shortenResources({ methods, class: named, engine }: Routed): Pick<SweepSpec, 'class' | 'engine'> {
  const shortClass = shorten(methods, (method) => {
    const own = valueFor(named, method);
    return own === DEFAULT_CLASS ? undefined : own;
  });
  const shortEngine = shorten(methods, (method) => valueFor(engine, method));
  return { ...(shortClass && { class: shortClass }), ...(shortEngine && { engine: shortEngine }) };
}

function shorten<T extends string>(
  methods: readonly Method[],
  read: (method: Method) => T | undefined,
): T | ByMethod<T> | undefined {
  const values = methods.map(read);
  if (values.every((value) => value === values[0])) return values[0];
  const stated = methods.flatMap((method, i) => (values[i] === undefined ? [] : [[method, values[i]] as const]));
  return Object.fromEntries(stated) as ByMethod<T>;
}

/** Trainers at work that are of one class and train with the same engines. */
export interface TrainerGroup {
  readonly class: string;
  /** Engines that a sweep can ask them for. */
  readonly engines: readonly string[];
  readonly trainers: number;
  /** Packs that they train at a time. */
  readonly slots: number;
}

/** Whether trainers take the trials that go this way. */
export const serves = (trainers: Pick<TrainerGroup, 'class' | 'engines'>, route: Resources): boolean =>
  trainers.class === route.class && (route.engine === null || trainers.engines.includes(route.engine));

const sumServing = (groups: readonly TrainerGroup[], route: Resources, key: 'trainers' | 'slots'): number =>
  groups.filter((group) => serves(group, route)).reduce((sum, group) => sum + group[key], 0);

/** Returns the packs that trainers train at a time of those that go this way. */
export const slotsFor = (groups: readonly TrainerGroup[], route: Resources): number => sumServing(groups, route, 'slots');

/** Returns the number of trainers that take trials which go this way. */
export const trainersFor = (groups: readonly TrainerGroup[], route: Resources): number => sumServing(groups, route, 'trainers');

/** Returns the routes at whose end no trainer is at work. */
export const unservedRoutes = (spec: Routed, groups: readonly TrainerGroup[]): readonly Route[] =>
  routesOf(spec).filter((route) => !groups.some((group) => serves(group, route)));
