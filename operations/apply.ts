/** The operations of a model, on rows and from file to file. */
import { readFile } from 'node:fs/promises';
import { describeInputInBox, readInputInBox } from '../datasets/box/box.ts';
import type { BoxOptions } from '../datasets/box/process.ts';
import { descriptorColumns } from '../datasets/description.ts';
import { withScratch } from '../datasets/files/scratch.ts';
import { readNpy, writeNpy } from '../datasets/formats/npy.ts';
import type { TrainedOn } from '../datasets/import/model-input.ts';
import type { Database } from '../db/client.ts';
import { findChampion } from '../db/queries/retraining/champions.ts';
import { findSweep } from '../db/queries/sweeps/sweeps.ts';
import { findBestTrial, loadModelBytes } from '../db/queries/trials/models.ts';
import { NarrowsError, unreadableReason } from '../errors.ts';
import type { Matrix } from '../models/axes.ts';
import {
  type FarSpectrum,
  farSpectra,
  givenBack,
  type OutlyingValue,
  outlyingValues,
  residualOffsets,
  shifted,
} from '../models/interpretation/plausible.ts';
import type { Method } from '../models/methods/catalogue.ts';
import { physicalPart } from '../models/standardisation.ts';
import { loadModel, type Model } from '../models/stored/model.ts';
import { sweepOfTrial } from '../search/space.ts';
import type { FolderOptions } from './dataset-files.ts';
import { writeFileWhole } from './files.ts';
import { parseMethod } from './methods.ts';
import type { Storage } from './servers.ts';
import { type SweepData, sweepData } from './sweep-data.ts';

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

/** Operations on structures, X; `expand` takes latents, `reconstruct` spectra. */
export const ON_STRUCTURES = ['predict', 'encode'] as const satisfies readonly Operation[];

const isOnStructures = (operation: Operation): boolean => (ON_STRUCTURES as readonly Operation[]).includes(operation);

/** A row unlike all that the model was trained on; its result is given too. */
export type ModelWarning = { readonly message: string } & (
  | ({ readonly code: 'spectrum-far' } & FarSpectrum)
  | ({ readonly code: 'structure-far'; readonly descriptor: string } & OutlyingValue)
);

/** Returns warnings about rows unlike those that the model was trained on. */
export function findModelWarnings(operation: Operation, rows: Matrix, { pack, description }: SweepData): ModelWarning[] {
  if (operation === 'reconstruct') return farSpectra(rows, physicalPart(pack, 'train').y).map(describeFarSpectrum);
  if (!isOnStructures(operation)) return [];
  const columns = descriptorColumns(description);
  const outlying = outlyingValues(rows, physicalPart(pack, 'train').x);
  return outlying.map((value) => describeOutlyingValue(value, columns[value.column]?.name ?? ''));
}

function describeFarSpectrum({ row, distance }: FarSpectrum): ModelWarning {
  const message = `row ${row} is ${distance.toPrecision(2)} times as far from every training spectrum as those are from one another: its structure is a guess`;
  return { code: 'spectrum-far', row, distance, message };
}

function describeOutlyingValue(outlying: OutlyingValue, descriptor: string): ModelWarning {
  const { row, value, low, high } = outlying;
  const [is, from, to] = [value, low, high].map((one) => Number(one.toPrecision(4)));
  const message = `row ${row}: ${descriptor} is ${is}, the training structures have ${from} to ${to}: its result is a guess`;
  return { code: 'structure-far', ...outlying, descriptor, message };
}

/** Loads the description and the standardised data that a trial was trained on. */
const loadTrialData = async ({ db, blobs }: Storage, trialId: string): Promise<SweepData> =>
  sweepData(db.sql, blobs, await findSweep(db.sql, sweepOfTrial(trialId)));

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
  readonly warnings: readonly ModelWarning[];
}

/**
 * Applies the chosen model to a .npy file, or, to predict and encode, to structures or tables in
 * the form of its dataset, and writes the results: a file that exists is whole. Throws as
 * loadChosenModel and readInputInBox, and NarrowsError `file-missing`, `not-finite`,
 * `not-writable`, `disk-full`.
 */
export async function applyModel(
  storage: Storage,
  choice: ModelChoice,
  operation: Operation,
  { input, out, low, high }: ApplyFiles,
  { scratch, signal }: FolderOptions,
): Promise<Applied> {
  const { trialId, model } = await loadChosenModel(storage, choice);
  const hasIntervals = (operation === 'expand' || operation === 'reconstruct') && (low !== undefined || high !== undefined);
  // An expansion alone needs the model only.
  const data = operation === 'expand' && !hasIntervals ? null : await loadTrialData(storage, trialId);
  const rows =
    data && isOnStructures(operation) && !/\.npy$/i.test(input)
      ? await withScratch(scratch, (files) => readInputInBox(input, trainedOn(data), files, { signal }), signal)
      : await readArray(input);
  const result = model[operation](rows);
  const warnings = data ? findModelWarnings(operation, rows, data) : [];
  if (data && hasIntervals) {
    const held = physicalPart(data.pack, 'validation');
    const offsets = residualOffsets(held.x, givenBack(model, operation, held));
    if (low !== undefined) await writeFileWhole(low, writeNpy(shifted(result, offsets.low)));
    if (high !== undefined) await writeFileWhole(high, writeNpy(shifted(result, offsets.high)));
  }
  await writeFileWhole(out, writeNpy(result));
  return { trialId, method: model.method, k: model.k, shape: [result.rows, result.columns], warnings };
}

/** Returns X of the text of a file of structures. Throws as describeInputInBox. */
export const readStructures = (
  text: string,
  data: SweepData,
  { scratch, signal, onEnd }: FolderOptions & Pick<BoxOptions, 'onEnd'>,
): Promise<Matrix> =>
  withScratch(
    scratch,
    (files) => describeInputInBox(text, trainedOn(data), files, { isBackground: true, signal, onEnd }),
    signal,
  );

const trainedOn = ({ description }: SweepData): TrainedOn => ({
  manifest: description.manifest,
  columns: descriptorColumns(description),
});

async function readArray(input: string): Promise<Matrix> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await readFile(input));
  } catch (error) {
    throw new NarrowsError('file-missing', `${input} ${unreadableReason(error)}`, { path: 'input', cause: error });
  }
  const matrix = readNpy(bytes, input);
  const at = matrix.data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return matrix;
  const place = `row ${Math.floor(at / matrix.columns)}, column ${at % matrix.columns}`;
  throw new NarrowsError('not-finite', `${input}: ${place} is ${matrix.data[at]}`, { path: 'input' });
}
