/** Reads the spectra of a target with their energies: transposed ones, and those that fall. */
import { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../../models/axes.ts';
import type { Scratch } from '../files/scratch.ts';
import { withTileBuffer } from '../files/tiles.ts';
import { findDirection } from '../formats/numeric-names.ts';
import type { SpectraTarget } from '../manifest.ts';
import { requireNoIndex } from './column-names.ts';
import { areNumbered, areUnordered, energiesOfNames, requireSameEnergies } from './energies.ts';
import type { DatasetFolder } from './folder.ts';
import { requireNoUnderflow } from './precision.ts';
import { type SpooledMatrix, spoolMatrix } from './spool.ts';
import type { Warning } from './warning.ts';

/** Rows of X, which every array must have. */
export interface RowCount {
  readonly expected: number;
  names(): Promise<RowNames | null>;
  /** Throws NarrowsError `rows-mismatch`. */
  require(found: number, file: string, details?: { readonly unit?: string; readonly fix?: string | undefined }): void;
}

/** By which files of spectra are put in the order of the rows. */
export interface RowNames {
  readonly list: readonly string[];
  /** Whether each row of X has a file of its own, which must have a spectrum of the same name. */
  readonly areFiles: boolean;
}

export interface Spectra {
  readonly y: SpooledMatrix;
  readonly energies: readonly number[] | null;
  /** Names of columns that have no energies, and more than numbers to tell them apart. */
  readonly names: readonly string[] | null;
  readonly warnings: readonly Warning[];
  /** Names of the files of the rows, where each has one. */
  readonly files?: readonly string[];
}

/** Throws `rows-mismatch`, `columns-mismatch`, `energies-not-rising`, `values-underflow`. */
export async function readSpectra(
  folder: DatasetFolder,
  scratch: Scratch,
  [target, about]: readonly [name: string, about: SpectraTarget],
  rows: RowCount,
): Promise<Spectra> {
  const path = `targets.${target}`;
  const { file, energies: reference = file, energyUnit } = about;
  const given = about.energies === undefined ? null : await folder.numbers(about.energies);
  const { y, names, energies: own } = await (about.transposed ? readTransposed : readRows)(folder, scratch, file, rows, path);
  requireNoUnderflow(y.statistics, file, `${path}.file`);
  const energies = given ?? own ?? (names && energiesOfNames(names, energyUnit));
  if (energies === null) {
    const warnings = names && areUnordered(names) ? [warnOfOrder(file, path)] : [];
    return { y, energies, names: names && !areNumbered(names) ? names : null, warnings };
  }
  if (energies.length !== y.columns) {
    const message = `${reference} has ${energies.length} energies, ${file} has ${y.columns} columns`;
    throw new NarrowsError('columns-mismatch', message, { path: reference });
  }
  if (given && names) requireSameEnergies(given, names, { file, reference, path });
  if (given && own) requireFirstColumn(given, own, { file, reference, path });
  const warnings: Warning[] = [];
  const range = `from ${energies[0]} to ${energies.at(-1)} ${energyUnit}`;
  if (given === null && names) {
    const message = `${file}: the energies of its columns, ${range}, are taken from their names`;
    warnings.push({ code: 'energies-from-names', message, path });
  }
  if (findDirection(energies) !== -1) {
    requireRising(energies, reference, file);
    return { y, energies: [...energies], names: null, warnings };
  }
  const message = `${reference}: the energies fall ${range}; they are stored in rising order, and the columns of ${file} with them`;
  warnings.push({ code: 'energies-reversed', message, path });
  const { statistics, repeatedRows } = y;
  const reversed = {
    ...(await spoolMatrix(scratch, reverseColumns(y.chunks()))),
    statistics: statistics.toReversed(),
    repeatedRows,
  };
  return { y: reversed, energies: [...energies].reverse(), names: null, warnings };
}

const warnOfOrder = (file: string, path: string): Warning => ({
  code: 'columns-unordered',
  message: `${file}: its columns are not in the order of the numbers in their names`,
  path,
});

interface ReadArray {
  readonly y: SpooledMatrix;
  /** Names of the columns of y. */
  readonly names: readonly string[] | null;
  /** Energies in the file itself. */
  readonly energies: readonly number[] | null;
}

async function readRows(folder: DatasetFolder, scratch: Scratch, file: string, rows: RowCount, path: string): Promise<ReadArray> {
  const y = await spoolMatrix(scratch, folder.matrix(file));
  const names = await folder.header(file);
  const hasSpectraAsColumns = y.columns === rows.expected || y.columns === rows.expected + 1;
  const fix = `its rows seem to be energies and its columns spectra: add "transposed: true" to ${path}`;
  const stacked = 'if its first row has the energies, write them into a file of their own and name it: energies: ...';
  rows.require(y.rows, file, { fix: hasSpectraAsColumns ? fix : y.rows === rows.expected + 1 ? stacked : undefined });
  if (names) requireNoIndex(names, file);
  if (hasSpectraAsColumns && ENERGY_COLUMN.test(names?.[0] ?? '')) {
    const message = `${file}: its first column is called "${names?.[0]}", and it has a column for each structure`;
    throw new NarrowsError('columns-mismatch', message, { path, fix });
  }
  return { y, names, energies: null };
}

/** Name of the first column of a table with a row for each energy. */
const ENERGY_COLUMN = /^(?:[\p{L}]+[\s_.-])?(?:energy|energies|omega|ev|e)(?:[^\p{L}\p{N}_].*)?$/iu;

/** Reads a file with a row for each energy: a column more than structures are the energies. */
async function readTransposed(folder: DatasetFolder, scratch: Scratch, file: string, rows: RowCount): Promise<ReadArray> {
  const energies: number[] = [];
  const transposed = withTileBuffer(scratch, Float64Array, async function* (buffer) {
    let [points, spectra] = [0, 0];
    for await (const { columns, data } of folder.matrix(file)) {
      const skipped = columns === rows.expected + 1 ? 1 : 0;
      spectra = columns - skipped;
      for (let at = 0; at < data.length; at += columns, points++) {
        if (skipped > 0) energies.push(data[at] as number);
        await buffer.add(data.subarray(at + skipped, at + columns));
      }
    }
    if (points === 0) throw new NarrowsError('dataset-empty', `${file} has no rows`, { path: file });
    const tiles = Array.from({ length: points }, (_, from) => [{ from, length: 1 }]);
    yield* buffer.take(spectra, points, tiles);
  });
  const y = await spoolMatrix(scratch, transposed);
  rows.require(y.rows, file, { unit: 'spectra', fix: 'its columns are the spectra, and a first one may be the energies' });
  return { y, names: null, energies: energies.length > 0 ? energies : null };
}

/** Relative; a file may have its energies in float32. */
const ROUNDING = 1e-6;

function requireFirstColumn(
  energies: ArrayLike<number>,
  own: readonly number[],
  { file, reference, path }: { readonly file: string; readonly reference: string; readonly path: string },
): void {
  const at = own.findIndex((energy, i) => !(Math.abs(energy - (energies[i] as number)) <= ROUNDING * Math.abs(energy)));
  if (at < 0) return;
  const message = `${file}: its first column has ${own[at]} in row ${at}, ${reference} has ${energies[at]}`;
  throw new NarrowsError('columns-mismatch', message, {
    path,
    fix: 'correct one of the two; without "energies" the first column is used',
  });
}

function requireRising(energies: ArrayLike<number>, reference: string, file: string): void {
  for (let row = 1; row < energies.length; row++) {
    if ((energies[row] as number) > (energies[row - 1] as number)) continue;
    throw new NarrowsError('energies-not-rising', `${reference}: the energy in row ${row} does not rise`, {
      path: `${reference}[${row}]`,
      fix: `sort the energies, and the columns of ${file} with them`,
    });
  }
}

async function* reverseColumns(chunks: AsyncIterable<Matrix>): AsyncGenerator<Matrix> {
  for await (const { rows, columns, data } of chunks) {
    for (let at = 0; at < data.length; at += columns) data.subarray(at, at + columns).reverse();
    yield { rows, columns, data };
  }
}
