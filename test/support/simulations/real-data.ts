/**
 * Intervals against the truth on real data: networks are trained on a part of the rows and scored
 * on a small test set; the truth is their mean score on the many rows that are left.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpy } from '../../../datasets/formats/npy.ts';
import type { Matrix } from '../../../models/axes.ts';
import type { Engine } from '../../../models/engines/engine.ts';
import { coveredVarianceOfRows, squaresByRow } from '../../../models/evaluation/covered-variance.ts';
import { assess, type ScoredPartition, unitsOf } from '../../../models/evaluation/estimates.ts';
import type { TestErrors } from '../../../models/evaluation/test-errors.ts';
import { shuffle } from '../../../models/random.ts';
import { fitScaling, standardize } from '../../../models/standardisation.ts';
import type { TrialConfiguration } from '../../../models/training/configuration.ts';
import type { PackData, TrialTask } from '../../../models/training/task.ts';
import { meanOf } from '../../../models/vectors.ts';
import { taskOf, unwatched } from '../data.ts';

export interface RealData {
  readonly x: Matrix;
  readonly y: Matrix;
  /** Group and stratum of each row; null for independent rows. */
  readonly groups: { readonly units: Int32Array; readonly strata: Int32Array } | null;
  readonly recipe: Partial<TrialConfiguration>;
}

/** Row numbers of one division; `truth` is what is left. */
export type Division = Readonly<Record<'train' | 'validation' | 'test' | 'truth', Uint32Array>>;

const readMatrix = (folder: string, file: string): Matrix => readNpy(readFileSync(join(folder, file)), file);

export function loadWater(folder: string, target: 'xes' | 'xas'): RealData {
  const recipe = { hidden: [32, 32, 32], activation: 'gelu' as const, learningRate: 0.02, epochs: 40, batch: 64 };
  return { x: readMatrix(folder, 'X.npy'), y: readMatrix(folder, `Y_${target}.npy`), groups: null, recipe };
}

/** Snapshots are groups, pressures strata. */
export function loadGeo2(folder: string): RealData {
  const sites = readFileSync(join(folder, 'sites.csv'), 'utf8').trim().split('\n').slice(1);
  const numbered = (column: number) => {
    const keys = sites.map((line) => line.split(',')[column] as string);
    const known = [...new Set(keys)];
    return Int32Array.from(keys, (key) => known.indexOf(key));
  };
  const recipe = {
    ...{ hidden: [32, 32, 32], activation: 'gelu' as const, optimiser: 'adamw' as const, weightDecay: 0.1 },
    ...{ learningRate: 0.005, epochs: 30, batch: 64 },
  };
  const groups = { units: numbered(2), strata: numbered(1) };
  return { x: readMatrix(folder, 'X.npy'), y: readMatrix(folder, 'Y_xes.npy'), groups, recipe };
}

const allRows = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, row) => row);

/** Takes 2,000 rows to train with, of which 400 validate, and 800 to test on. */
export function divideRows({ x }: RealData, seed: number): Division {
  const order = shuffle(allRows(x.rows), seed, 'division');
  const part = (from: number, to?: number) => order.slice(from, to).sort();
  return { train: part(0, 1600), validation: part(1600, 2000), test: part(2000, 2800), truth: part(2800) };
}

/** Divides the snapshots of each stratum: two train, one validates, two test. */
export function divideGroups({ groups }: RealData, seed: number): Division {
  const { units, strata } = groups as NonNullable<RealData['groups']>;
  const parts = { train: [] as number[], validation: [] as number[], test: [] as number[], truth: [] as number[] };
  const roles = ['train', 'train', 'validation', 'test', 'test'] as const;
  for (const stratum of new Set(strata)) {
    const own = Uint32Array.from(new Set(units.filter((_, row) => strata[row] === stratum)));
    const order = shuffle(own, seed, 'division', stratum);
    units.forEach((unit, row) => {
      if (strata[row] === stratum) parts[roles[order.indexOf(unit)] ?? 'truth'].push(row);
    });
  }
  const rowsOf = (rows: readonly number[]) => Uint32Array.from(rows).sort();
  const { train, validation, test, truth } = parts;
  return { train: rowsOf(train), validation: rowsOf(validation), test: rowsOf(test), truth: rowsOf(truth) };
}

/** How the interval of one cell compares with the truth. */
export interface Held {
  readonly cell: string;
  readonly mean: number;
  readonly half: number;
  readonly truth: number;
  readonly holds: boolean;
}

/** Trains every method at one and two latents with so many seeds, and compares with the truth. */
export async function compareWithTruth(engine: Engine, real: RealData, division: Division, seeds: number): Promise<Held[]> {
  const { train, validation, test, truth } = division;
  const scaling = fitScaling(real.x, real.y, train, { x: 'zscore', y: 'centre' });
  const [x, y] = [standardize(real.x, scaling.x), standardize(real.y, scaling.y)];
  // Errors are reported of test rows: those of the test set and of the rest, separated afterwards.
  const both = Uint32Array.from([...test, ...truth]).sort();
  const data: PackData = { x, y, rows: { train, validation, test: both }, scaling };
  const tasks = Array.from({ length: seeds }, (_, i) =>
    (['ednn', 'nnca', 'eca'] as const).flatMap((method) =>
      // One fit of ECA has both ranks.
      (method === 'eca' ? [2] : [1, 2]).map(
        (k): TrialTask => taskOf({ method, k, ...real.recipe }, { trialId: `${method}/${k}/${i}`, seed: i }),
      ),
    ),
  ).flat();
  const reports = await engine.train({ data, tasks }, unwatched());
  const scored = reports.flatMap((report, i) => {
    if (report.outcome !== 'completed') throw new Error(`${report.trialId}: ${report.outcome}`);
    const { configuration, seed } = tasks[i] as TrialTask;
    return report.scores.flatMap(({ split, k, errors }) =>
      split === 'test' && errors ? [{ cell: `${configuration.method}/${k}`, seed, errors }] : [],
    );
  });
  const pick = (errors: Float64Array, rows: Uint32Array) => {
    const chosen = new Set(rows);
    return errors.filter((_, i) => chosen.has(both[i] as number));
  };
  const spreads = squaresByRow(y, test);
  const about: Omit<TestErrors, 'errors'> = {
    ...{ spreads, structureSpreads: spreads, structureErrors: null },
    units: Int32Array.from(test, (row, i) => real.groups?.units[row] ?? i),
    strata: real.groups && Int32Array.from(test, (row) => real.groups?.strata[row] as number),
  };
  return [...Map.groupBy(scored, ({ cell }) => cell)].map(([cell, own]): Held => {
    const partition: ScoredPartition = {
      partition: 0,
      scored: own.map(({ seed, errors }) => {
        const picked = pick(errors, test);
        return { key: String(seed), score: coveredVarianceOfRows(y, test, picked), errors: picked };
      }),
      units: unitsOf({ ...about, errors: spreads }, spreads),
    };
    const { mean, low, high } = assess([partition], 1).estimate;
    const known = meanOf(own.map(({ errors }) => coveredVarianceOfRows(y, truth, pick(errors, truth))));
    return { cell, mean, half: (high - low) / 2, truth: known, holds: low <= known && known <= high };
  });
}
