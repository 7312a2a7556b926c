/**
 * Sweeps of shipped data sets of which every configuration was trained (train-tables.ts), so that a
 * search looks its scores up.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Cell } from '../../models/methods/catalogue.ts';
import type { DataColumns } from '../../models/methods/cost.ts';
import { type Dimensions, dimensionOf, PARAMETERS, type Point, valuesOf } from '../../search/parameters.ts';
import { grid } from '../../search/samplers/grid.ts';
import { createCosts, referenceOf } from './costs.ts';
import { minimising, type Problem, weighing } from './problem.ts';

interface TableSource {
  readonly cell: Cell;
  readonly columns: DataColumns;
}

/** A set of bench/recipe/sets.ts with its columns, and the cell that is trained on it. */
export const TABLES = {
  'water-xes': { cell: { method: 'ednn', k: 2 }, columns: { descriptors: 3, energies: 121 } },
  geo2: { cell: { method: 'nnca', k: 2 }, columns: { descriptors: 105, energies: 133 } },
  'omnixas-v': { cell: { method: 'ednn', k: 3 }, columns: { descriptors: 64, energies: 141 } },
} as const satisfies Readonly<Record<string, TableSource>>;
export type TableName = keyof typeof TABLES;

export const TABLE_SPACE: Dimensions = {
  learningRate: { kind: 'choice', values: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1] },
  weightDecay: { kind: 'constant', value: 0 },
  optimiser: { kind: 'constant', value: 'adam' },
  schedule: { kind: 'constant', value: 'one-cycle' },
  dropout: { kind: 'constant', value: 0 },
  layerNorm: { kind: 'choice', values: [false, true] },
  activation: { kind: 'choice', values: ['gelu', 'tanh'] },
  patience: { kind: 'constant', value: 0 },
  batch: { kind: 'choice', values: [32, 64, 128] },
  hidden: { kind: 'choice', values: [[16], [64], [16, 16], [32, 32], [64, 64], [64, 16], [32, 32, 32], [64, 32, 16]] },
};

const tablePath = (name: TableName): string => fileURLToPath(new URL(`./tables/${name}.json`, import.meta.url));

/** Validation scores of the points in the order of a grid; null: diverged. */
const scores = z.array(z.number().nullable());

/** Returns the scores of a table, as many as were trained. */
export const readTable = (name: TableName): (number | null)[] =>
  existsSync(tablePath(name)) ? scores.parse(JSON.parse(readFileSync(tablePath(name), 'utf8'))) : [];

export const writeTable = (name: TableName, content: readonly (number | null)[]): void =>
  writeFileSync(tablePath(name), `${JSON.stringify(content)}\n`);

/** Returns the position of a point in a grid over choices. */
function indexOf(space: Dimensions, point: Point): number {
  let [index, stride] = [0, 1];
  for (const name of PARAMETERS) {
    const values = valuesOf(dimensionOf(space, name)).map(String);
    index += stride * values.indexOf(String(point[name]));
    stride *= values.length;
  }
  return index;
}

/** Returns the problem to find the best score of a table; no seed changes it. */
export function createTableProblem(name: TableName): Problem {
  const table = readTable(name);
  const best = Math.max(...table.filter((score) => score !== null));
  const lossOf = (point: Point) => {
    const score = table[indexOf(TABLE_SPACE, point)];
    return score === null || score === undefined ? null : best - score;
  };
  return minimising({ name, space: TABLE_SPACE, createLoss: () => lossOf });
}

/** Returns the problem to find the front of scores and sizes of networks of a table. */
export function createTableFront(name: TableName): Problem {
  const table = readTable(name);
  const { columns, cell } = TABLES[name];
  const costOf = createCosts(columns, cell);
  const lossesOf = (point: Point) => {
    const score = table[indexOf(TABLE_SPACE, point)];
    return score === null || score === undefined ? null : [1 - score, costOf(point)];
  };
  const pointAt = grid.createPoints({ steps: 1 }, { space: TABLE_SPACE, cells: 1, seeds: 1 });
  const front = table.flatMap((_, number) => {
    const losses = lossesOf(pointAt(number));
    return losses === null ? [] : [losses];
  });
  const reference = [1, referenceOf(front.map(([, cost]) => cost as number))];
  return weighing({ name: `${name} front`, space: TABLE_SPACE, createFront: () => ({ lossesOf, front, reference }) });
}
