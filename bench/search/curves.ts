/**
 * Learning curves of configurations that were trained to the end (train-curves.ts), on which rules
 * that stop trials early are compared.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Cell } from '../../models/methods/catalogue.ts';
import type { ScheduleName } from '../../models/training/schedule.ts';
import type { Dimensions } from '../../search/parameters.ts';
import { TABLE_SPACE } from './tables.ts';

/** Epochs of each curve. */
export const EPOCHS = 40;

/** A set of bench/recipe/sets.ts, the cell that is trained on it, and the schedule. */
export const CURVE_SETS = {
  'water-xes': { set: 'water-xes', cell: { method: 'ednn', k: 2 }, schedule: 'one-cycle' },
  'water-xes-constant': { set: 'water-xes', cell: { method: 'ednn', k: 2 }, schedule: 'constant' },
  geo2: { set: 'geo2', cell: { method: 'nnca', k: 2 }, schedule: 'one-cycle' },
  'geo2-constant': { set: 'geo2', cell: { method: 'nnca', k: 2 }, schedule: 'constant' },
  'water-xas': { set: 'water-xas', cell: { method: 'nnca', k: 2 }, schedule: 'one-cycle' },
  'geo2-cosine': { set: 'geo2', cell: { method: 'ednn', k: 3 }, schedule: 'cosine' },
  groups: { set: 'groups', cell: { method: 'ednn', k: 3 }, schedule: 'one-cycle' },
} as const satisfies Readonly<Record<string, { set: string; cell: Cell; schedule: ScheduleName }>>;
export type CurveSetName = keyof typeof CURVE_SETS;
/** Sets that no setting of a rule was chosen on. */
export const HELD_OUT: readonly CurveSetName[] = ['water-xas', 'geo2-cosine', 'groups'];
export const CURVE_SET_NAMES = Object.keys(CURVE_SETS) as readonly CurveSetName[];

/** Returns the space that the configurations of a set are drawn from. */
export const curveSpace = (name: CurveSetName): Dimensions => ({
  ...TABLE_SPACE,
  schedule: { kind: 'constant', value: CURVE_SETS[name].schedule },
});

const pathOf = (name: CurveSetName): string => fileURLToPath(new URL(`./curves/${name}.json`, import.meta.url));

/** Covered variance of the validation rows by epoch, of each configuration; null: diverged. */
const curves = z.array(z.array(z.number()).length(EPOCHS).nullable());

/** Returns the curves of a set, as many as were trained. */
export const readCurves = (name: CurveSetName): (number[] | null)[] =>
  existsSync(pathOf(name)) ? curves.parse(JSON.parse(readFileSync(pathOf(name), 'utf8'))) : [];

export const writeCurves = (name: CurveSetName, content: readonly (readonly number[] | null)[]): void =>
  writeFileSync(pathOf(name), `${JSON.stringify(content)}\n`);
