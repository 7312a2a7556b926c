/** Columns of a sweep's plan: arithmetic on the spec alone, no trial needs to have started. */
import { cellName, METHODS } from '../../models/methods/catalogue.ts';
import { PARAMETERS, type ParameterName } from '../parameters.ts';
import { cellsOf, pointsOf, sweptDimension, trialCount, trialsPerPartition } from '../space.ts';
import { partitionCount, type SweepSpec } from '../spec.ts';
import { type ColumnData, categoryArray, missingIn } from './column.ts';
import { isNumeric } from './trial-columns.ts';
import { formatHidden } from './where.ts';

export interface PlannedColumn extends ColumnData {
  readonly name: 'method' | 'k' | 'seed' | 'partition' | ParameterName;
}

/** Points between two pauses of the generator. */
const POINTS_AT_ONCE = 2000;

/** Returns the parameters that take more than one value, in the order of PARAMETERS. */
export function varyingParameters(spec: SweepSpec): ParameterName[] {
  return PARAMETERS.filter((name) => {
    const dimension = sweptDimension(spec, name);
    return dimension.kind === 'choice' ? dimension.values.length > 1 : dimension.kind !== 'constant';
  });
}

/** Returns a parameter's value as columns hold it: [64, 64] -> '64-64', true -> 'true'. */
export function parameterValue(value: unknown): string | number {
  if (typeof value === 'number') return value;
  return Array.isArray(value) ? formatHidden(value as number[]) : String(value);
}

/**
 * Returns method, k, seed, every parameter that varies, and the partition where there are several,
 * of all planned trials. Yields now and then, so that a server can answer others in between: a
 * space may hold millions of trials.
 */
export function* plannedColumns(spec: SweepSpec): Generator<void, PlannedColumn[]> {
  const trials = trialCount(spec);
  const perPartition = trialsPerPartition(spec);
  const partitions = partitionCount(spec);
  const seeds = spec.seeds.length;
  const cells = cellsOf(spec);
  const points = pointsOf(spec);
  const parameters = varyingParameters(spec).map((name) => {
    const dimension = sweptDimension(spec, name);
    if (isNumeric(name)) return { name, values: new Float64Array(trials), categories: null };
    const categories = dimension.kind === 'choice' ? dimension.values.map((value) => String(parameterValue(value))) : [];
    return { name, values: categoryArray(trials, categories.length), categories };
  });
  const method = new Uint8Array(trials);
  const k = new Uint16Array(trials);
  const seed = spec.seeds.every((one) => one < 0xffffffff) ? new Uint32Array(trials) : new Float64Array(trials);
  for (const [i, value] of spec.seeds.entries()) for (let index = i; index < perPartition; index += seeds) seed[index] = value;
  const perPoint = cells.length * seeds;
  for (let point = 0; point < points.count; point++) {
    const at = points.at(point);
    const first = point * perPoint;
    for (const { name, values, categories } of parameters) {
      const value = parameterValue(at[name]);
      const last = Math.min(perPartition, first + perPoint);
      values.fill(categories ? categories.indexOf(String(value)) : Number(value), first, last);
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
    ...parameters,
  ];
  if (partitions === 1) return columns;
  const partition = new Uint16Array(trials);
  for (let number = 1; number < partitions; number++) {
    for (const { values } of columns) values.copyWithin(number * perPartition, 0, perPartition);
    partition.fill(number, number * perPartition, (number + 1) * perPartition);
  }
  return [...columns, { name: 'partition', values: partition, categories: null }];
}

/** Returns the column of a parameter, or of the partition, with one value in all planned trials. */
export function constantColumn(spec: SweepSpec, name: ParameterName | 'partition'): ColumnData {
  if (name === 'partition') return { values: new Uint16Array(trialCount(spec)), categories: null };
  const dimension = sweptDimension(spec, name);
  if (dimension.kind !== 'constant') throw new RangeError(`${name} varies`);
  const value = parameterValue(dimension.value);
  const trials = trialCount(spec);
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
