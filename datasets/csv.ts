/** Comma-separated tables with one header line and quoted fields, as in RFC 4180. */
import { invalid } from './npy.ts';

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Numbers of a table, row-major, in float64. */
export interface NumberTable {
  readonly rows: number;
  readonly columns: number;
  /** Length rows * columns. */
  readonly data: Float64Array;
}

/** Throws NarrowsError `array-invalid` with the row where it has other columns than the header. Rows count from 0, behind the header. */
export function readTable(text: string, name: string): Table {
  const [header, ...rows] = records(text.replace(/^\uFEFF/, ''), name);
  if (header === undefined) throw invalid(name, 'the file is empty');
  rows.forEach((row, i) => {
    if (row.length === header.length) return;
    throw invalid(name, `row ${i} has ${row.length} columns, the header has ${header.length}`);
  });
  return { header, rows };
}

/** All columns as numbers. Throws NarrowsError `array-invalid` with row and column. */
export function readCsv(text: string, name: string): NumberTable {
  const { header, rows } = readTable(text, name);
  requireHeader(header, name);
  const columns = header.length;
  const data = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    row.forEach((field, column) => {
      data[i * columns + column] = numberOf(field, () => `row ${i}, column ${column} ("${header[column]}")`, name);
    });
  });
  return { rows: rows.length, columns, data };
}

/** One column as text; the only column, or the one called `id`, where `column` is left out. */
export function readColumn(text: string, name: string, column?: string): string[] {
  const { header, rows } = readTable(text, name);
  const at = column === undefined && header.length === 1 ? 0 : header.indexOf(column ?? 'id');
  if (at < 0) throw invalid(name, `it has no column "${column ?? 'id'}"`, `its columns are ${header.join(', ')}`);
  return rows.map((row) => row[at] as string);
}

/** A first line of numbers would be taken for names, and a row lost. Rising numbers are names: a spectrum's energies. */
function requireHeader(header: readonly string[], name: string): void {
  const numbers = header.map((field) => (field.trim() === '' ? Number.NaN : Number(field)));
  const energies = numbers.length > 1 && numbers.every((value, i) => i === 0 || value > (numbers[i - 1] as number));
  if (energies || numbers.some(Number.isNaN)) return;
  throw invalid(name, 'its first line holds numbers, not the names of columns', 'begin the file with one line of column names');
}

function numberOf(field: string, place: () => string, name: string): number {
  const text = field.trim();
  const value = text === '' ? Number.NaN : Number(text);
  // NaN and infinities are numbers here: whoever reads the table refuses them with the others.
  if (!Number.isNaN(value) || /^[+-]?nan$/i.test(text)) return value;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  throw invalid(name, `${place()} is "${field}", no number`);
}

/** Records of fields; a quoted field may hold commas, line breaks, and quotes written twice. Empty lines at the end do not count. */
function records(text: string, name: string): string[][] {
  const result: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field: string;
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end < 0) throw invalid(name, `${placeOf(result)} has a quoted field that is not closed`);
      field = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
      if (at < text.length && !/[,\r\n]/.test(text[at] as string)) {
        throw invalid(name, `${placeOf(result)} has text behind a closing quote`);
      }
    } else {
      const start = at;
      while (at < text.length && text[at] !== ',' && text[at] !== '\n' && text[at] !== '\r') at++;
      field = text.slice(start, at);
    }
    record.push(field);
    if (text[at] === ',') {
      at++;
      if (at < text.length && text[at] !== '\n' && text[at] !== '\r') continue;
      record.push('');
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    result.push(record);
    record = [];
  }
  while (result.at(-1)?.length === 1 && result.at(-1)?.[0] === '') result.pop();
  return result;
}

const placeOf = (before: readonly unknown[]) => (before.length === 0 ? 'the header' : `row ${before.length - 1}`);

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
