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

/** Columns of the sets of bench/recipe/sets.ts that have tables. */
const COLUMNS = {
  'water-xes': { descriptors: 3, energies: 121 },
  geo2: { descriptors: 105, energies: 133 },
  'omnixas-v': { descriptors: 64, energies: 141 },
} as const satisfies Readonly<Record<string, DataColumns>>;

interface TableSource {
  readonly set: keyof typeof COLUMNS;
  readonly cell: Cell;
}

/** A table has the name of its set, or of its set, method and width. */
export const TABLES = {
  'water-xes-ednn-1': { set: 'water-xes', cell: { method: 'ednn', k: 1 } },
  'water-xes': { set: 'water-xes', cell: { method: 'ednn', k: 2 } },
  'geo2-ednn-1': { set: 'geo2', cell: { method: 'ednn', k: 1 } },
  'geo2-ednn-2': { set: 'geo2', cell: { method: 'ednn', k: 2 } },
  'geo2-ednn-3': { set: 'geo2', cell: { method: 'ednn', k: 3 } },
  'geo2-nnca-1': { set: 'geo2', cell: { method: 'nnca', k: 1 } },
  geo2: { set: 'geo2', cell: { method: 'nnca', k: 2 } },
  'geo2-nnca-3': { set: 'geo2', cell: { method: 'nnca', k: 3 } },
  'omnixas-v-ednn-1': { set: 'omnixas-v', cell: { method: 'ednn', k: 1 } },
  'omnixas-v-ednn-2': { set: 'omnixas-v', cell: { method: 'ednn', k: 2 } },
  'omnixas-v': { set: 'omnixas-v', cell: { method: 'ednn', k: 3 } },
  'omnixas-v-ednn-4': { set: 'omnixas-v', cell: { method: 'ednn', k: 4 } },
  'omnixas-v-nnca-1': { set: 'omnixas-v', cell: { method: 'nnca', k: 1 } },
  'omnixas-v-nnca-2': { set: 'omnixas-v', cell: { method: 'nnca', k: 2 } },
  'omnixas-v-nnca-3': { set: 'omnixas-v', cell: { method: 'nnca', k: 3 } },
} as const satisfies Readonly<Record<string, TableSource>>;
export type TableName = keyof typeof TABLES;
export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[];

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

/** Returns the best score of a table minus that of a point; null: it diverged. */
export function createTableLoss(name: TableName): (point: Point) => number | null {
  const table = readTable(name);
  const best = Math.max(...table.filter((score) => score !== null));
  return (point) => {
    const score = table[indexOf(TABLE_SPACE, point)];
    return score === null || score === undefined ? null : best - score;
  };
}

/** Returns the problem to find the best score of a table; no seed changes it. */
export function createTableProblem(name: TableName): Problem {
  const lossOf = createTableLoss(name);
  return minimising({ name, space: TABLE_SPACE, createLoss: () => lossOf });
}

/** Returns the problem to find the front of scores and sizes of networks of a table. */
export function createTableFront(name: TableName): Problem {
  const table = readTable(name);
  const { set, cell } = TABLES[name];
  const costOf = createCosts(COLUMNS[set], cell);
  const lossesOf = (point: Point) => {
    const score = table[indexOf(TABLE_SPACE, point)];
    return score === null || score === undefined ? null : [1 - score, costOf(point)];
  };
  const pointAt = grid.createPoints({ steps: 1 }, { space: TABLE_SPACE, cells: 1, widths: [1], seeds: 1 });
  const front = table.flatMap((_, number) => {
    const losses = lossesOf(pointAt(number));
    return losses === null ? [] : [losses];
  });
  const reference = [1, referenceOf(front.map(([, cost]) => cost as number))];
  return weighing({ name: `${name} front`, space: TABLE_SPACE, createFront: () => ({ lossesOf, front, reference }) });
}
