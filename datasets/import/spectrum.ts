/** Reads one spectrum from a table of text: energies and intensities as columns. */
import { NarrowsError } from '../../errors.ts';
import { arrayInvalid } from '../formats/array-format.ts';
import { formatList, selectColumns } from '../formats/column-selection.ts';
import { findFormat } from '../formats/formats.ts';
import { findDialect } from '../formats/text-detection.ts';
import type { TextKind } from '../formats/text-dialect.ts';
import { parseNumber, readNumber } from '../formats/text-numbers.ts';
import { readRecords } from '../formats/text-records.ts';
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
export async function readSpectrum(folder: DatasetFolder, file: string, selection: string | undefined): Promise<Spectrum> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of folder.stream(file)) {
    length += piece.length;
    if (length > MAX_BYTES) throw arrayInvalid(file, `it has more than ${MAX_BYTES / 2 ** 20} MiB`, 'is it a single spectrum?');
    pieces.push(piece.slice());
  }
  const bytes = async function* () {
    yield* pieces;
  };
  const dialect = await findDialect(bytes(), kindOf(file), file);
  const { names } = dialect;
  if (dialect.isNamed) requireNames(names, file);
  const columns = chooseColumns(names, selection, file);
  const [energies, intensities]: [number[], number[]] = [[], []];
  let row = 0;
  for await (const batch of readRecords(bytes(), file, dialect)) {
    for (const record of batch) {
      const [energy, intensity] = columns.map((column) => {
        const describePosition = () => `row ${row}, column ${column} ("${names[column]}")`;
        const value = parseNumber(record[column] ?? '', dialect, describePosition, file);
        if (Number.isFinite(value)) return value;
        const fix = 'remove the calculation, or repeat it';
        throw new NarrowsError('not-finite', `${file}: ${describePosition()} is ${value}`, { path: `${file}[${row}]`, fix });
      }) as [number, number];
      energies.push(energy);
      intensities.push(intensity);
      row++;
    }
  }
  return requireRising({ energies: Float64Array.from(energies), intensities: Float64Array.from(intensities) }, file);
}

/** Largest file of a spectrum. */
const MAX_BYTES = 2 ** 26;

/** Programs also write text to files of any name: absspct_Ti_.0001_1s_01. */
function kindOf(file: string): TextKind {
  const format = findFormat(file);
  if (format === undefined) return 'txt';
  if (format.textKind !== undefined) return format.textKind;
  throw arrayInvalid(file, 'it is not a table of text', 'write the energies and intensities of a spectrum as two columns');
}

/** Where a number of the first row is text, such as *****, the row seems to be names. */
function requireNames(names: readonly string[], file: string): void {
  const text = names.find((name) => readNumber(name, '.') === undefined);
  if (text === undefined || names.every((name) => readNumber(name, '.') === undefined)) return;
  throw arrayInvalid(file, `its first row has "${text}" among numbers`, 'remove the calculation, or repeat it');
}

/** FEFF's xmu.dat has mu over omega; other files have intensities behind their energies. */
const FEFF_COLUMNS = ['omega', 'mu'];

/** Throws NarrowsError `array-invalid` where two of several columns are not named. */
function chooseColumns(names: readonly string[], selection: string | undefined, file: string): readonly number[] {
  const isFeff = FEFF_COLUMNS.every((name) => names.includes(name));
  const energy = isFeff ? names.indexOf('omega') : 0;
  const chosen = selection === undefined ? [] : selectColumns(names, selection, `${file}#${selection}`);
  if (chosen.length === 2) return chosen;
  if (chosen.length === 1) return [energy, ...chosen];
  if (isFeff) return [energy, names.indexOf('mu')];
  if (names.length === 2 && chosen.length === 0) return [0, 1];
  throw arrayInvalid(
    file,
    `it has ${names.length} columns: ${formatList(names)}; a spectrum has energies and intensities`,
    'name the two behind the files: "spectra/*.dat#energy,mu", or by their numbers from 0: "spectra/*.dat#0,3"',
  );
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
