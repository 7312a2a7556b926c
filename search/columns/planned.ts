/** Columns of a sweep's plan: arithmetic on the spec alone, no trial needs to have started. */
import { cellName, METHODS } from '../../models/methods/catalogue.ts';
import { isAbsent, PARAMETERS, type ParameterName, valuesOf } from '../parameters.ts';
import { type ProposedPoint, trialsOfPoint } from '../proposals.ts';
import {
  cellsOf,
  isPartial,
  plannedPoints,
  pointCount,
  sweptDimension,
  trainedValue,
  trialCount,
  trialsPerPartition,
} from '../space.ts';
import { partitionCount, type SweepSpec } from '../spec.ts';
import { type ColumnData, categoryArray, missingIn } from './column.ts';
import { columnOf, isNumeric, type PlannedParameter, parameterOf } from './trial-columns.ts';
import { formatHidden } from './where.ts';

export interface PlannedColumn extends ColumnData {
  readonly name: 'method' | 'k' | 'seed' | 'partition' | PlannedParameter;
}

/** Points between two pauses of the generator. */
const POINTS_AT_ONCE = 2000;

/**
 * Returns the parameters that take more than one value, or that some trials do not have, in the
 * order of PARAMETERS.
 */
export function varyingParameters(spec: SweepSpec): ParameterName[] {
  return PARAMETERS.filter((name) => {
    const dimension = sweptDimension(spec, name);
    const isVarying = dimension.kind === 'choice' ? dimension.values.length > 1 : dimension.kind !== 'constant';
    return isVarying || isPartial(spec, name);
  });
}

/** Returns a parameter's value as columns hold it: [64, 64] -> '64-64', true -> 'true'. */
export function parameterValue(value: unknown): string | number {
  if (typeof value === 'number') return value;
  return Array.isArray(value) ? formatHidden(value as number[]) : String(value);
}

/**
 * Returns method, k, seed, every parameter that varies, and the partition where there are several,
 * of all planned trials. Parameters that do not exist at a point are missing, and all those of
 * points that are proposed. Yields now and then, so that a server can answer others in between: a
 * space may hold millions of trials.
 */
export function* plannedColumns(spec: SweepSpec): Generator<void, PlannedColumn[]> {
  const trials = trialCount(spec);
  const perPartition = trialsPerPartition(spec);
  const partitions = partitionCount(spec);
  const seeds = spec.seeds.length;
  const cells = cellsOf(spec);
  const pointAt = plannedPoints(spec);
  const parameters = varyingParameters(spec).map((name) => {
    const dimension = sweptDimension(spec, name);
    const isNumber = isNumeric(columnOf(name));
    const words = isNumber ? [] : valuesOf(dimension).map((value) => String(parameterValue(value)));
    const values = isNumber ? new Float64Array(trials) : categoryArray(trials, words.length);
    if (pointAt === null) values.fill(missingIn(values));
    return { parameter: name, name: columnOf(name), values, categories: isNumber ? null : words };
  });
  const method = new Uint8Array(trials);
  const k = new Uint16Array(trials);
  const seed = spec.seeds.every((one) => one < 0xffffffff) ? new Uint32Array(trials) : new Float64Array(trials);
  for (const [i, value] of spec.seeds.entries()) for (let index = i; index < perPartition; index += seeds) seed[index] = value;
  const perPoint = cells.length * seeds;
  for (let point = 0; point < pointCount(spec); point++) {
    const first = point * perPoint;
    if (pointAt !== null) {
      // Every cell has the same.
      const at = pointAt(0, point);
      const last = Math.min(perPartition, first + perPoint);
      for (const column of parameters) column.values.fill(entryOf(column, trainedValue(spec, column.parameter, at)), first, last);
    }
    for (const [i, cell] of cells.entries()) {
      method.fill(METHODS.indexOf(cell.method), first + i * seeds, first + (i + 1) * seeds);
      k.fill(cell.k, first + i * seeds, first + (i + 1) * seeds);
    }
    if (point % POINTS_AT_ONCE === POINTS_AT_ONCE - 1) yield;
  }
  const columns: PlannedColumn[] = [
    { name: 'method', values: method, categories: METHODS },
    { name: 'k', values: k, categories: null },
    { name: 'seed', values: seed, categories: null },
    ...parameters.map(({ parameter: _, ...column }): PlannedColumn => column),
  ];
  if (partitions === 1) return columns;
  const partition = new Uint16Array(trials);
  for (let number = 1; number < partitions; number++) {
    for (const { values } of columns) values.copyWithin(number * perPartition, 0, perPartition);
    partition.fill(number, number * perPartition, (number + 1) * perPartition);
  }
  return [...columns, { name: 'partition', values: partition, categories: null }];
}

/** Returns the entry of a column that means this value of its parameter; undefined: it has none. */
function entryOf({ values, categories }: ColumnData, value: unknown): number {
  if (value === undefined) return missingIn(values);
  const shown = parameterValue(value);
  return categories ? categories.indexOf(String(shown)) : Number(shown);
}

/** Writes the values of proposed points into the columns of parameters, in place. */
export function writePoints(spec: SweepSpec, columns: readonly PlannedColumn[], points: readonly ProposedPoint[]): void {
  const trialsOf = trialsOfPoint(spec, partitionCount(spec));
  const written = points.map((point) => ({ value: point.value, trials: trialsOf(point) }));
  for (const name of varyingParameters(spec)) {
    const column = columns.find((one) => one.name === columnOf(name));
    if (!column) continue;
    for (const { value, trials } of written) {
      const entry = entryOf(column, trainedValue(spec, name, value));
      for (const trial of trials) column.values[trial] = entry;
    }
  }
}

/**
 * Returns the column of a parameter, or of the partition, with one value in all planned trials, or
 * with none.
 */
export function constantColumn(spec: SweepSpec, name: PlannedParameter | 'partition'): ColumnData {
  if (name === 'partition') return { values: new Uint16Array(trialCount(spec)), categories: null };
  const dimension = sweptDimension(spec, parameterOf(name));
  if (dimension.kind !== 'constant') throw new RangeError(`${name} varies`);
  const trials = trialCount(spec);
  if (isAbsent(dimension)) return { values: new Float64Array(trials).fill(Number.NaN), categories: null };
  const value = parameterValue(dimension.value);
  return typeof value === 'number'
    ? { values: new Float64Array(trials).fill(value), categories: null }
    : { values: new Uint8Array(trials), categories: [value] };
}

/** Returns the trial from whose weights each planned trial starts; `start`: the column `start`. */
export function warmColumn(spec: SweepSpec, start: ColumnData): ColumnData {
  const models = cellsOf(spec).map((cell) => spec.warm?.[cellName(cell)]);
  const categories = [...new Set(models.filter((model) => model !== undefined))];
  const values = categoryArray(start.values.length, categories.length);
  const missing = missingIn(values);
  const positions = models.map((model) => (model === undefined ? missing : categories.indexOf(model)));
  const warm = start.categories?.indexOf('warm');
  const perPartition = trialsPerPartition(spec);
  for (const [index, own] of start.values.entries()) {
    const cell = Math.floor((index % perPartition) / spec.seeds.length) % models.length;
    values[index] = own === warm ? (positions[cell] ?? missing) : missing;
  }
  return { values, categories };
}
