/** predict, encode, expand, reconstruct: from an array file to an array file. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ArrayStore } from '../datasets/description.ts';
import { readNpy, writeNpy } from '../datasets/formats/npy.ts';
import type { Database } from '../db/client.ts';
import { findChampion } from '../db/queries/retraining/champions.ts';
import { findSweep } from '../db/queries/sweeps/sweeps.ts';
import { findBestTrial, loadModelBytes } from '../db/queries/trials/results.ts';
import { NarrowsError } from '../errors.ts';
import { type FarSpectrum, farSpectra, givenBack, residualOffsets, shifted } from '../models/interpretation/plausible.ts';
import { isMethod, METHODS, type Method } from '../models/methods/catalogue.ts';
import { physicalPart } from '../models/scaling-fit.ts';
import { loadModel, type Model } from '../models/stored/predict.ts';
import type { PackData } from '../models/training/task.ts';
import { sweepOfTrial } from '../search/space.ts';
import { sweepData } from './sweep-data.ts';

export interface ModelChoice {
  readonly trial?: string;
  readonly sweep?: string;
  readonly method?: string;
  readonly k?: number;
  /** Of a retraining. */
  readonly champion?: string;
}

/**
 * The model that a command names: a trial, the best on validation of a sweep's method and k, or the
 * champion in use. Throws NarrowsError.
 */
export async function chooseModel(db: Database, choice: ModelChoice): Promise<{ trialId: string; model: Model }> {
  const { trial, sweep, method, k, champion } = choice;
  const withK = k === undefined ? {} : { k };
  if (trial !== undefined) return { trialId: trial, model: loadModel(await loadModelBytes(db.sql, trial), withK) };
  if ((sweep === undefined) === (champion === undefined) || method === undefined || k === undefined) {
    throw new NarrowsError(
      'model-not-named',
      'name a model: --trial T, or one of --sweep ID and --champion NAME with --method M and --k K',
      {
        fix: 'see "narrows model ls SWEEP", "narrows champion ls"',
      },
    );
  }
  if (!isMethod(method)) {
    throw new NarrowsError('method-unknown', `there is no method "${method}"`, {
      path: 'method',
      fix: `use one of ${METHODS.join(', ')}`,
    });
  }
  const trialId =
    champion === undefined
      ? await findBestTrial(db.sql, (await findSweep(db.sql, sweep as string)).id, method as Method, k)
      : (await findChampion(db.sql, champion, method as Method, k)).trialId;
  return { trialId, model: loadModel(await loadModelBytes(db.sql, trialId), withK) };
}

export const OPERATIONS = ['predict', 'encode', 'expand', 'reconstruct'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface ApplyFiles {
  readonly input: string;
  readonly out: string;
  /** expand, reconstruct: where the lower and the upper ends of the intervals go. */
  readonly low?: string;
  readonly high?: string;
}

export interface Applied {
  readonly shape: readonly [number, number];
  /** reconstruct: spectra unlike all that the model was trained on; answered all the same. */
  readonly far: readonly FarSpectrum[];
}

/**
 * Reads, applies, and renames the results into place: a file that exists is whole. `known` loads
 * what the model was trained on, for what only that can tell: at most once, and only where it is
 * asked.
 */
export async function applyModel(
  model: Model,
  operation: Operation,
  { input, out, low, high }: ApplyFiles,
  known: () => Promise<PackData>,
): Promise<Applied> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await readFile(input));
  } catch (error) {
    throw new NarrowsError('file-missing', `${input} cannot be read`, { path: 'input', cause: error });
  }
  const matrix = readNpy(bytes, input);
  const at = matrix.data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    const place = `row ${Math.floor(at / matrix.columns)}, column ${at % matrix.columns}`;
    throw new NarrowsError('not-finite', `${input}: ${place} is ${matrix.data[at]}`, { path: 'input' });
  }
  const result = model[operation](matrix);
  const back = operation === 'expand' || operation === 'reconstruct' ? operation : null;
  const wantsInterval = back !== null && (low !== undefined || high !== undefined);
  const data = wantsInterval || operation === 'reconstruct' ? await known() : null;
  if (data && wantsInterval) {
    const held = physicalPart(data, 'validation');
    const offsets = residualOffsets(held.x, givenBack(model, back, held));
    if (low !== undefined) await writeWhole(low, writeNpy(shifted(result, offsets.low)));
    if (high !== undefined) await writeWhole(high, writeNpy(shifted(result, offsets.high)));
  }
  const far = data && operation === 'reconstruct' ? farSpectra(matrix, physicalPart(data, 'train').y) : [];
  await writeWhole(out, writeNpy(result));
  return { shape: [result.rows, result.columns], far };
}

/** The standardised data, split and scaling that a trial was trained on. */
export async function dataOfTrial(db: Database, blobs: ArrayStore, trialId: string): Promise<PackData> {
  return (await sweepData(db.sql, blobs, await findSweep(db.sql, sweepOfTrial(trialId)))).pack;
}

/** Writes beside the file and renames. Throws NarrowsError `not-writable`, `disk-full`. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}`);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    const { code } = error as NodeJS.ErrnoException;
    const full = code === 'ENOSPC';
    throw new NarrowsError(full ? 'disk-full' : 'not-writable', `${path} cannot be written: ${full ? 'no space left' : code}`, {
      path,
      kind: 'failure',
      cause: error,
    });
  }
}
