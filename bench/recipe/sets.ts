/** The data sets on which recipes are compared: the shipped examples, and two that are made up. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readNpy } from '../../datasets/formats/npy.ts';
import { splitRows } from '../../datasets/split.ts';
import type { Matrix, SplitRows } from '../../models/axes.ts';
import { type Stream, stream } from '../../models/random.ts';
import { dot } from '../../models/vectors.ts';
import { DEFAULT_SHARES } from '../../search/spec.ts';

/** Descriptors, spectra and their division at a seed. */
export interface RecipeSet {
  readonly x: Matrix;
  readonly y: Matrix;
  readonly divide: (seed: number) => SplitRows;
}

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));

/** Reads a shipped example; splits separate no value of the columns `group` of sites.csv. */
function readExample(folder: string, target: string, group: readonly string[] = []): RecipeSet {
  const matrix = (file: string): Matrix => readNpy(readFileSync(`${EXAMPLES}/${folder}/${file}`), file);
  const x = matrix('X.npy');
  const groups = group.length > 0 ? readGroups(`${EXAMPLES}/${folder}/sites.csv`, group) : null;
  const by = groups ? 'group' : 'random';
  return { x, y: matrix(`Y_${target}.npy`), divide: (seed) => splitRows(x.rows, { ...DEFAULT_SHARES, seed, by }, groups) };
}

function readGroups(path: string, columns: readonly string[]): string[] {
  const [header = '', ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const at = columns.map((column) => header.split(',').indexOf(column));
  return lines.map((line) => at.map((i) => line.split(',')[i]).join('/'));
}

const fill = (rows: number, columns: number, row: () => readonly number[]): Matrix => ({
  rows,
  columns,
  data: Float32Array.from(Array.from({ length: rows }, row).flat()),
});

const normals = ({ normal }: Stream, count: number): number[] => Array.from({ length: count }, () => normal());

/** Returns spectra of Gaussian lines whose positions and heights follow three hidden numbers. */
function spectrumOf(hidden: readonly number[], energies: number): number[] {
  const [a = 0, b = 0, c = 0] = hidden;
  const lines = [
    { at: 0.3 + 0.05 * a, height: 1 + 0.3 * b },
    { at: 0.6 + 0.04 * b * a, height: 0.8 + 0.3 * Math.tanh(c) },
    { at: 0.75 + 0.03 * c, height: 0.5 + 0.1 * a * a },
  ];
  return Array.from({ length: energies }, (_, e) =>
    lines.reduce((sum, { at, height }) => sum + height * Math.exp(-(((e / (energies - 1) - at) / 0.06) ** 2) / 2), 0),
  );
}

/**
 * Few rows, many descriptors, noise: 240 rows to train and validate on, 120 descriptors that mix
 * three hidden numbers nonlinearly, 2,000 rows to test on.
 */
function makeFew(): RecipeSet {
  const random = stream(1, 'recipe, few rows');
  const [rows, known, columns, energies] = [2240, 240, 120, 80];
  const mixing = Array.from({ length: columns }, () => normals(random, 3));
  const hidden = Array.from({ length: rows }, () => normals(random, 3));
  const x = fill(
    rows,
    columns,
    mixRows(hidden, (h) => mixing.map((m) => Math.tanh(dot(m, h)) + 0.3 * random.normal())),
  );
  const y = fill(
    rows,
    energies,
    mixRows(hidden, (h) => spectrumOf(h, energies).map((v) => v + 0.05 * random.normal())),
  );
  const rest = Uint32Array.from({ length: rows - known }, (_, i) => known + i);
  const divide = (seed: number): SplitRows => {
    const { train, validation, test } = splitRows(known, { ...DEFAULT_SHARES, seed, by: 'random' }, null);
    return { train: Uint32Array.from([...train, ...test]).sort(), validation, test: rest };
  };
  return { x, y, divide };
}

/** Groups: 60 of 50 rows, whose 40 collinear descriptors and spectra share an offset. */
function makeGroups(): RecipeSet {
  const random = stream(2, 'recipe, groups');
  const [groups, size, columns, energies] = [60, 50, 40, 100];
  const mixing = Array.from({ length: columns }, () => normals(random, 6));
  const offsets = Array.from({ length: groups }, () => normals(random, 6));
  const hidden = Array.from({ length: groups * size }, (_, row) =>
    (offsets[Math.floor(row / size)] as number[]).map((offset) => 0.7 * offset + 0.7 * random.normal()),
  );
  const x = fill(
    hidden.length,
    columns,
    mixRows(hidden, (h) => mixing.map((m) => dot(m, h) + 0.05 * random.normal())),
  );
  const y = fill(
    hidden.length,
    energies,
    mixRows(hidden, (h) => spectrumOf(h, energies).map((v) => v + 0.02 * random.normal())),
  );
  const names = hidden.map((_, row) => String(Math.floor(row / size)));
  return { x, y, divide: (seed) => splitRows(hidden.length, { ...DEFAULT_SHARES, seed, by: 'group' }, names) };
}

/** Returns a generator of rows, one for each entry of `hidden` in turn. */
function mixRows(hidden: readonly number[][], row: (h: readonly number[]) => number[]): () => number[] {
  let at = 0;
  return () => row(hidden[at++] as number[]);
}

/** Loaders of the sets by name. */
export const RECIPE_SETS: Readonly<Record<string, () => RecipeSet>> = {
  'water-xes': () => readExample('water', 'xes'),
  'water-xas': () => readExample('water', 'xas'),
  'water-xps': () => readExample('water', 'xps'),
  geo2: () => readExample('geo2', 'xes', ['pressure', 'snapshot']),
  'omnixas-v': () => readExample('omnixas-v', 'xas', ['material']),
  'omnixas-co': () => readExample('omnixas-co', 'xas', ['material']),
  few: makeFew,
  groups: makeGroups,
};
