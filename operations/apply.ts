/** The operations of a model, from an array file to an array file. */
import { readFile } from 'node:fs/promises';
import { readNpy, writeNpy } from '../datasets/formats/npy.ts';
import type { Database } from '../db/client.ts';
import { findChampion } from '../db/queries/retraining/champions.ts';
import { findSweep } from '../db/queries/sweeps/sweeps.ts';
import { findBestTrial, loadModelBytes } from '../db/queries/trials/models.ts';
import { NarrowsError } from '../errors.ts';
import { type FarSpectrum, farSpectra, givenBack, residualOffsets, shifted } from '../models/interpretation/plausible.ts';
import type { Method } from '../models/methods/catalogue.ts';
import { physicalPart } from '../models/standardisation.ts';
import { loadModel, type Model } from '../models/stored/model.ts';
import type { PackData } from '../models/training/task.ts';
import { sweepOfTrial } from '../search/space.ts';
import { writeFileWhole } from './files.ts';
import { parseMethod } from './methods.ts';
import type { Storage } from './servers.ts';
import { sweepData } from './sweep-data.ts';

export interface ModelChoice {
  readonly trial?: string;
  readonly sweep?: string;
  readonly method?: string;
  readonly k?: number;
  /** Name of a retraining. */
  readonly champion?: string;
}

/**
 * Loads the chosen model: a trial, the best on validation of a sweep's method and k, or the
 * champion in use. Throws NarrowsError `model-not-named`, `method-unknown`, and those of the
 * queries.
 */
export async function loadChosenModel(
  { db }: Pick<Storage, 'db'>,
  choice: ModelChoice,
): Promise<{ trialId: string; model: Model }> {
  const trialId = choice.trial ?? (await findChosenTrial(db, choice));
  const bytes = await loadModelBytes(db.sql, trialId);
  return { trialId, model: loadModel(bytes, choice.k === undefined ? {} : { k: choice.k }) };
}

async function findChosenTrial({ sql }: Database, { sweep, method, k, champion }: ModelChoice): Promise<string> {
  if ((sweep === undefined) === (champion === undefined) || method === undefined || k === undefined) {
    throw new NarrowsError(
      'model-not-named',
      'name a model: --trial T, or one of --sweep ID and --champion NAME with --method M and --k K',
      { fix: 'see "narrows model ls SWEEP", "narrows champion ls"' },
    );
  }
  const known = parseMethod(method);
  if (champion !== undefined) return (await findChampion(sql, champion, known, k)).trialId;
  return findBestTrial(sql, (await findSweep(sql, sweep as string)).id, known, k);
}

export const OPERATIONS = ['predict', 'encode', 'expand', 'reconstruct'] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface ApplyFiles {
  readonly input: string;
  readonly out: string;
  /** expand, reconstruct: files for the lower and the upper ends of the intervals. */
  readonly low?: string;
  readonly high?: string;
}

export interface Applied {
  readonly trialId: string;
  readonly method: Method;
  readonly k: number;
  readonly shape: readonly [number, number];
  /** reconstruct: spectra unlike all training spectra; their structures are returned too. */
  readonly far: readonly FarSpectrum[];
}

/**
 * Reads the array, applies the chosen model, and writes the results: a file that exists is whole.
 * Throws as loadChosenModel, and NarrowsError `file-missing`, `not-finite`, `not-writable`,
 * `disk-full`.
 */
export async function applyModel(
  storage: Storage,
  choice: ModelChoice,
  operation: Operation,
  { input, out, low, high }: ApplyFiles,
): Promise<Applied> {
  const { trialId, model } = await loadChosenModel(storage, choice);
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
  const data = wantsInterval || operation === 'reconstruct' ? await loadTrialData(storage, trialId) : null;
  if (data && wantsInterval) {
    const held = physicalPart(data, 'validation');
    const offsets = residualOffsets(held.x, givenBack(model, back, held));
    if (low !== undefined) await writeFileWhole(low, writeNpy(shifted(result, offsets.low)));
    if (high !== undefined) await writeFileWhole(high, writeNpy(shifted(result, offsets.high)));
  }
  const far = data && operation === 'reconstruct' ? farSpectra(matrix, physicalPart(data, 'train').y) : [];
  await writeFileWhole(out, writeNpy(result));
  return { trialId, method: model.method, k: model.k, shape: [result.rows, result.columns], far };
}

/** Loads the standardised data, split and scaling that a trial was trained on. */
async function loadTrialData({ db, blobs }: Storage, trialId: string): Promise<PackData> {
  return (await sweepData(db.sql, blobs, await findSweep(db.sql, sweepOfTrial(trialId)))).pack;
}
