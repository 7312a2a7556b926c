/** Reads one spectrum from a table of text: energies and intensities as columns. */
import { NarrowsError } from '../../errors.ts';
import type { Scratch } from '../files/scratch.ts';
import { type ArraySource, arrayInvalid } from '../formats/array-format.ts';
import { formatList } from '../formats/column-selection.ts';
import { txt } from '../formats/csv.ts';
import { findFormat } from '../formats/formats.ts';
import { readNumber } from '../formats/text-numbers.ts';
import type { DatasetFolder } from './folder.ts';

export interface Spectrum {
  /** They rise. */
  readonly energies: Float64Array;
  readonly intensities: Float64Array;
}

/**
 * Reads a file, which is small: whole. `selection`: the column of intensities, or those of energies
 * and intensities. Throws NarrowsError `array-invalid`, `not-finite`, `energies-not-rising`.
 */
export async function readSpectrum(
  folder: DatasetFolder,
  scratch: Scratch,
  file: string,
  selection: string | undefined,
): Promise<Spectrum> {
  const pieces: Uint8Array[] = [];
  for await (const piece of folder.stream(file)) pieces.push(piece.slice());
  const all = Buffer.concat(pieces);
  const open = (member?: string): ArraySource => {
    const reference = member === undefined ? file : `${file}#${member}`;
    const bytes = async function* () {
      yield all;
    };
    // Programs also write text to files of any name: absspct_Ti_.0001_1s_01.
    return (findFormat(file) ?? txt).open({ reference, file, member, path: file, bytes, scratch });
  };
  const table = open();
  if (!table.header)
    throw arrayInvalid(file, 'it is not a table of text', 'write the energies and intensities of a spectrum as two columns');
  const names = await table.header();
  if (names !== null) requireNames(names, file);
  const [energy, intensity] = chooseColumns(names ?? (await numberColumns(table)), selection, file);
  const read = (column: string) => readColumn(open(column), `${file}#${column}`);
  return requireRising({ energies: await read(energy), intensities: await read(intensity) }, file);
}

/** Returns the names of columns without names: their numbers. */
async function numberColumns(table: ArraySource): Promise<string[]> {
  for await (const { columns } of table.rows(2)) return Array.from({ length: columns }, (_, column) => String(column));
  return [];
}

/** Where a number of the first row is text, such as *****, the row seems to be names. */
function requireNames(names: readonly string[], file: string): void {
  const text = names.find((name) => readNumber(name, '.') === undefined);
  if (text === undefined || names.every((name) => readNumber(name, '.') === undefined)) return;
  throw arrayInvalid(file, `its first row has "${text}" among numbers`, 'remove the calculation, or repeat it');
}

/** FEFF's xmu.dat has mu over omega; other files have intensities behind their energies. */
const FEFF_COLUMNS = ['omega', 'mu'] as const;

/** Throws NarrowsError `array-invalid` where two of several columns are not named. */
function chooseColumns(names: readonly string[], selection: string | undefined, file: string): readonly [string, string] {
  const isFeff = FEFF_COLUMNS.every((name) => names.includes(name));
  const [defaultEnergy, defaultIntensity] = isFeff ? FEFF_COLUMNS : names;
  const [first, second] = selection?.split(',').map((name) => name.trim()) ?? [];
  const [energy, intensity] = second === undefined ? [defaultEnergy, first ?? defaultIntensity] : [first, second];
  const isClear = names.length === 2 || isFeff || first !== undefined;
  if (energy !== undefined && intensity !== undefined && isClear) return [energy, intensity];
  throw arrayInvalid(
    file,
    `it has ${names.length} columns: ${formatList(names)}; a spectrum has energies and intensities`,
    'name the two behind the files: "spectra/*.dat#energy,mu", or by their numbers from 0: "spectra/*.dat#0,3"',
  );
}

async function readColumn(source: ArraySource, reference: string): Promise<Float64Array> {
  const parts: number[] = [];
  for await (const part of source.numbers()) for (let row = 0; row < part.length; row++) parts.push(part[row] as number);
  const row = parts.findIndex((value) => !Number.isFinite(value));
  if (row < 0) return Float64Array.from(parts);
  throw new NarrowsError('not-finite', `${reference}: row ${row} is ${parts[row]}`, {
    path: `${reference}[${row}]`,
    fix: 'remove the calculation, or repeat it',
  });
}

/** Reverses energies that fall. */
function requireRising({ energies, intensities }: Spectrum, file: string): Spectrum {
  if (energies.length < 2) throw arrayInvalid(file, `it has ${energies.length} energies`, 'a spectrum has two or more');
  const falls = (energies[0] as number) > (energies[1] as number);
  const spectrum = falls ? { energies: energies.toReversed(), intensities: intensities.toReversed() } : { energies, intensities };
  const at = spectrum.energies.findIndex((energy, i) => i > 0 && energy <= (spectrum.energies[i - 1] as number));
  if (at < 0) return spectrum;
  const row = falls ? energies.length - 1 - at : at;
  throw new NarrowsError('energies-not-rising', `${file}: the energy in row ${row}, ${energies[row]}, is out of order`, {
    path: `${file}[${row}]`,
    fix: 'sort the rows by energy, and remove repeated ones',
  });
}
