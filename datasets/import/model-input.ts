/** Reads X for a trained model from a file or a folder, as the import of its dataset read it. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { NarrowsError } from '../../errors.ts';
import type { DescriptorColumn } from '../../models/descriptor.ts';
import type { DescriptorSetting } from '../descriptors/setting.ts';
import { findFiles, isPattern } from '../files/patterns.ts';
import type { Scratch } from '../files/scratch.ts';
import { ABSORBER } from '../formats/structures/feff.ts';
import { isFeffFile, isStructuresFile, STRUCTURE_FILES } from '../formats/structures/file-names.ts';
import { type Manifest, readManifest } from '../manifest.ts';
import { MANIFEST } from '../manifest-name.ts';
import { findOtherDescriptors, type RecipeDifference } from '../recipes.ts';
import { readDescriptors } from './descriptors.ts';
import { openDatasetFolder } from './folder.ts';
import type { ReadMonitor } from './monitor.ts';
import { openMatrixSpool, type SpooledMatrix } from './spool.ts';

/** The dataset that a model was trained on. */
export interface TrainedOn {
  readonly manifest: Manifest;
  readonly columns: readonly DescriptorColumn[];
}

export interface InputOptions {
  readonly scratch: Scratch;
  readonly signal?: AbortSignal | undefined;
  readonly monitor?: ReadMonitor;
}

/**
 * Returns X [N, D] of a table, a file of structures, or a dataset folder, whose targets and labels
 * are not read. `path` may name a part of a file, as in a manifest: `new.h5#/X`. Throws
 * NarrowsError `file-missing`, `input-unfit`, `columns-mismatch`, and those of an import.
 */
export async function readModelInput(
  path: string,
  dataset: TrainedOn,
  { scratch, signal, monitor }: InputOptions,
): Promise<SpooledMatrix> {
  const { directory, descriptors } = await locateDescriptors(path, dataset);
  const folder = openDatasetFolder(directory, scratch, monitor);
  const { x, columns } = await readDescriptors(folder, scratch, { descriptors }, { signal, ...(monitor && { monitor }) });
  requireSameColumns(path, columns, dataset.columns);
  return x;
}

/** The list of atoms in an input of FEFF. */
const FEFF_CARD = /^\s*ATOMS?\b/im;

/** As readModelInput, of the text of a file of structures. */
export async function describeModelInput(
  text: string,
  { manifest, columns }: TrainedOn,
  { scratch, signal }: InputOptions,
): Promise<SpooledMatrix> {
  const { descriptors } = manifest;
  if (!('from' in descriptors)) throw tableOnlyError('structures', descriptors.file, 'structures');
  const file = FEFF_CARD.test(text) ? 'feff.inp' : 'structures';
  const setting = describeFile(file, descriptors.from);
  const source = { file, name: null, chunks: Readable.from([Buffer.from(text)]) };
  const { describeStructures } = await import('../descriptors/describe.ts');
  const x = await openMatrixSpool(scratch);
  for await (const { rows, columns: given } of describeStructures(
    [source],
    setting,
    { ids: null, groups: undefined },
    { threads: 1, signal },
  )) {
    requireSameColumns('structures', given, columns);
    await x.add({ rows: rows.ids.length, columns: columns.length, data: rows.x });
  }
  return x.end();
}

type Located = { readonly directory: string } & Pick<Manifest, 'descriptors'>;

async function locateDescriptors(path: string, { manifest: { descriptors } }: TrainedOn): Promise<Located> {
  if (isPattern(path) && !existsSync(path)) return locatePattern(path, descriptors);
  const file = existsSync(path) ? path : path.replace(/#.*$/s, '');
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new NarrowsError('file-missing', `${file} cannot be read`, { path: 'input' });
  if (found.isDirectory()) {
    const isDataset = existsSync(join(path, MANIFEST));
    if (isDataset) {
      const own = (await readManifest(path)).descriptors;
      const other = findOtherDescriptors(descriptors, own);
      if (other) throw otherRecipeError(path, other);
      return { directory: path, descriptors: own };
    }
    return {
      directory: path,
      descriptors: 'from' in descriptors ? { from: await findWithin(path, descriptors.from) } : descriptors,
    };
  }
  const directory = dirname(file);
  const reference = `${basename(file)}${path.slice(file.length)}`;
  if (!isStructuresFile(file)) return { directory, descriptors: tableLike(reference, descriptors) };
  return { directory, descriptors: fromFile(reference, descriptors, path) };
}

function fromFile(file: string, descriptors: Manifest['descriptors'], given: string): Manifest['descriptors'] {
  if (!('from' in descriptors)) throw tableOnlyError(given, descriptors.file, 'input');
  return { from: describeFile(file, descriptors.from) };
}

/** Returns how a file, or a pattern of files, is described: all of its frames. */
function describeFile(file: string, { frames: _, ...setting }: DescriptorSetting): DescriptorSetting {
  const isAbsorber = 'site' in setting && isFeffFile(file);
  return { ...setting, ...(isAbsorber && { site: { tags: ABSORBER } }), file };
}

/** `new/run*.xyz`: the folder ends before the first part with a wildcard. */
function locatePattern(path: string, descriptors: Manifest['descriptors']): Located {
  const parts = path.split('/');
  const at = parts.findIndex(isPattern);
  const file = parts.slice(at).join('/');
  return { directory: parts.slice(0, at).join('/') || (at > 0 ? '/' : '.'), descriptors: fromFile(file, descriptors, path) };
}

/** Leaves out the first folders of a pattern until it fits: a folder may hold one run, or runs. */
async function findWithin(directory: string, setting: DescriptorSetting): Promise<DescriptorSetting> {
  const parts = setting.file.split('/');
  for (let from = 0; isPattern(setting.file) && from < parts.length; from++) {
    const file = parts.slice(from).join('/');
    if ((await findFiles(directory, file)).length > 0) return { ...setting, file };
  }
  return setting;
}

const otherRecipeError = (given: string, { path, message }: RecipeDifference): NarrowsError =>
  new NarrowsError('input-unfit', `${given} describes structures in another way: ${path}: ${message}`, {
    path: 'input',
    fix: 'describe them as the dataset does, or give the file of structures alone',
  });

function tableOnlyError(given: string, file: string, path: string): NarrowsError {
  const message = `${given}: the dataset's X came from a table, not from structures`;
  return new NarrowsError('input-unfit', message, { path, fix: `give X in the form of ${file}` });
}

/** Columns of a dataset from structures are known by their number only, as in an array. */
function tableLike(file: string, descriptors: Manifest['descriptors']): Manifest['descriptors'] {
  if ('columns' in descriptors) return { file, columns: descriptors.columns };
  throw new NarrowsError('input-unfit', `${file} is not a file of structures, from which the dataset's X was computed`, {
    path: 'input',
    fix: `give structures as ${STRUCTURE_FILES}, or X as .npy`,
  });
}

function requireSameColumns(path: string, given: readonly DescriptorColumn[], wanted: readonly DescriptorColumn[]): void {
  const at = wanted.findIndex(({ name }, i) => given[i]?.name !== name);
  if (at < 0 && given.length === wanted.length) return;
  const message =
    at < 0
      ? `${path} gives ${given.length} descriptors, the model takes ${wanted.length}`
      : `descriptor ${at} of ${path} is "${given[at]?.name ?? ''}", the model takes "${wanted[at]?.name}"`;
  throw new NarrowsError('columns-mismatch', message, { path: 'input', fix: 'describe the structures as the dataset does' });
}
