/** Spectra of one file each, with energies and intensities as columns: `spectra/*.dat`. */
import { NarrowsError } from '../../errors.ts';
import { rowsPerChunk, type SourceRows } from '../files/chunks.ts';
import type { MatchedFile } from '../files/patterns.ts';
import type { Scratch } from '../files/scratch.ts';
import { parseReference } from '../formats/formats.ts';
import type { Grid, SpectraTarget } from '../manifest.ts';
import type { DatasetFolder } from './folder.ts';
import { requireNoUnderflow } from './precision.ts';
import type { RowCount, RowNames, Spectra } from './spectra.ts';
import { readSpectrum, type Spectrum } from './spectrum.ts';
import { spoolMatrix } from './spool.ts';

interface SpectraFiles {
  /** Names of the files, in the order of the rows. */
  readonly names: readonly string[];
  /** Energies of all spectra, which rise. */
  readonly energies: readonly number[];
  /** How grids that differ became one; null where they are equal. */
  readonly interpolation: string | null;
  /** Returns chunks of intensities [rows, energies]. */
  chunks(): AsyncIterable<SourceRows>;
}

/** Throws `rows-mismatch`, `grids-differ`, `values-underflow`, and as readSpectrum does. */
export async function readSpectraFiles(
  folder: DatasetFolder,
  scratch: Scratch,
  [target, about]: readonly [name: string, about: SpectraTarget],
  rows: RowCount,
): Promise<Spectra> {
  const path = `targets.${target}`;
  const { names, energies, interpolation, chunks } = await openSpectraFiles(folder, about, await rows.names());
  rows.require(names.length, about.file, { unit: 'files' });
  const y = await spoolMatrix(scratch, chunks());
  requireNoUnderflow(y.statistics, about.file, `${path}.file`);
  const warnings = interpolation === null ? [] : [{ code: 'spectra-interpolated', message: interpolation, path }];
  return { y, energies, names: null, warnings, files: names };
}

/**
 * Reads the files of a pattern in the order of `rows`, where these are their names, or in natural
 * order. Grids that differ are interpolated linearly onto one.
 */
async function openSpectraFiles(
  folder: DatasetFolder,
  { file: reference, grid }: SpectraTarget,
  rows: RowNames | null,
): Promise<SpectraFiles> {
  const { file: pattern, member } = parseReference(reference);
  const files = orderFiles(await folder.list(pattern), rows, pattern);
  const read = ({ file }: MatchedFile) => readSpectrum(folder, file, member);
  const { first, from, to, differing } = await surveyGrids(files, read);
  const isEqual = differing === null && grid === undefined;
  const energies = isEqual
    ? first
    : grid
      ? expandGrid(grid)
      : first.filter((energy) => energy >= from.energy && energy <= to.energy);
  if (grid) requireCovered(energies, from, to);
  // With less than half of the energies the files are not spectra of one edge.
  else if (energies.length < Math.max(2, first.length / 2)) throw differError(reference, files[0] as MatchedFile, from, to);
  return {
    names: files.map(({ name }) => name),
    energies: [...energies],
    interpolation: differing && describeInterpolation(reference, files, energies, differing, grid),
    async *chunks() {
      const size = rowsPerChunk(energies.length, Float64Array.BYTES_PER_ELEMENT);
      for (let at = 0; at < files.length; at += size) {
        const chunk = files.slice(at, at + size);
        const data = new Float64Array(chunk.length * energies.length);
        for (const [row, file] of chunk.entries()) {
          const spectrum = await read(file);
          data.set(isEqual ? spectrum.intensities : interpolate(spectrum, energies), row * energies.length);
        }
        yield { rows: chunk.length, columns: energies.length, data };
      }
    },
  };
}

/** Puts files with the names of the rows in their order. Throws NarrowsError `rows-mismatch`. */
function orderFiles(files: readonly MatchedFile[], rows: RowNames | null, pattern: string): readonly MatchedFile[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  if (rows === null || (!rows.areFiles && !rows.list.some((row) => byName.has(row)))) return files;
  const fault = (message: string, path: string) =>
    new NarrowsError('rows-mismatch', message, {
      path,
      fix: 'give each structure one file of the same name, and remove calculations that are not complete',
    });
  const known = new Set(rows.list);
  const missing = rows.list.find((row) => !byName.has(row));
  if (missing !== undefined) throw fault(`${pattern} has no file for "${missing}", which is a row of the descriptors`, pattern);
  const spare = files.find(({ name }) => !known.has(name));
  if (spare !== undefined) throw fault(`${spare.file}: no row of the descriptors has the name "${spare.name}"`, spare.file);
  if (rows.list.length !== files.length) {
    const repeated = rows.list.find((row, i) => rows.list.indexOf(row) !== i);
    throw fault(`"${repeated}" is the name of several rows of the descriptors, and of one file of ${pattern}`, pattern);
  }
  return rows.list.map((row) => byName.get(row) as MatchedFile);
}

/** An end of the energies that all files have. */
interface End {
  readonly energy: number;
  readonly file: string;
}

/** Reads the energies of all files: the first grid, their common range, those that differ. */
async function surveyGrids(files: readonly MatchedFile[], read: (file: MatchedFile) => Promise<Spectrum>) {
  let first: Float64Array = new Float64Array(0);
  let [from, to]: [End, End] = [
    { energy: Number.NEGATIVE_INFINITY, file: '' },
    { energy: Number.POSITIVE_INFINITY, file: '' },
  ];
  let count = 0;
  let firstDiffering = '';
  for (const [i, file] of files.entries()) {
    const { energies } = await read(file);
    if (i === 0) first = energies;
    const [low, high] = [energies[0] as number, energies.at(-1) as number];
    if (low > from.energy) from = { energy: low, file: file.file };
    if (high < to.energy) to = { energy: high, file: file.file };
    if (!isSameGrid(energies, first) && count++ === 0) firstDiffering = file.file;
  }
  return { first, from, to, differing: count === 0 ? null : { file: firstDiffering, count } };
}

const isSameGrid = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((energy, i) => Math.abs(energy - (b[i] as number)) <= 1e-6 * Math.abs(energy));

function expandGrid([from, to, step]: Grid): Float64Array {
  // The last step may end at `to` but for rounding.
  return Float64Array.from({ length: Math.floor((to - from) / step + 1e-6) + 1 }, (_, i) => from + i * step);
}

function requireCovered(energies: Float64Array, from: End, to: End): void {
  const [low, high] = [energies[0] as number, energies.at(-1) as number];
  const short = low < from.energy ? from : high > to.energy ? to : null;
  if (short === null) return;
  const message = `${short.file} ${short === from ? 'begins' : 'ends'} at ${short.energy}, the grid ${short === from ? 'begins' : 'ends'} at ${short === from ? low : high}`;
  throw new NarrowsError('grids-differ', message, {
    path: short.file,
    fix: `choose a grid within ${from.energy} to ${to.energy}, which every file covers`,
  });
}

function differError(reference: string, first: MatchedFile, from: End, to: End): NarrowsError {
  const message =
    from.energy < to.energy
      ? `${reference}: less than half of the energies of ${first.file} are within ${from.energy} (${from.file}) to ${to.energy} (${to.file}), which every file covers`
      : `${reference}: no energies are common to all files: ${from.file} begins at ${from.energy}, ${to.file} ends at ${to.energy}`;
  return new NarrowsError('grids-differ', message, {
    path: reference,
    fix: 'remove files of other edges or units and calculations that are not complete, or name a grid: [from, to, step]',
  });
}

function describeInterpolation(
  reference: string,
  files: readonly MatchedFile[],
  energies: Float64Array,
  { file, count }: { readonly file: string; readonly count: number },
  grid: Grid | undefined,
): string {
  const onto = `${energies.length} energies from ${energies[0]} to ${energies.at(-1)}`;
  const choice = grid ? '' : `; choose others with grid: [${energies[0]}, ${energies.at(-1)}, step]`;
  return `${reference}: ${count} of ${files.length} files have other energies than ${files[0]?.file}, such as ${file}: all spectra were interpolated linearly onto ${onto}${choice}`;
}

/** Returns the intensities at rising energies within those of the spectrum. */
function interpolate({ energies, intensities }: Spectrum, onto: Float64Array): Float64Array {
  let at = 0;
  return onto.map((energy) => {
    while (at < energies.length - 2 && (energies[at + 1] as number) < energy) at++;
    const [low, high] = [energies[at] as number, energies[at + 1] as number];
    const [a, b] = [intensities[at] as number, intensities[at + 1] as number];
    return a + ((b - a) * (energy - low)) / (high - low);
  });
}
