/** Comma-separated (.csv) and tab-separated (.tsv) tables with one header line and quoted fields, as in RFC 4180. */
import { chooseColumns } from './columns.ts';
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

export type Delimiter = ',' | '\t';

/** Throws NarrowsError `array-invalid` with the row where it has other columns than the header. Rows count from 0, behind the header. */
export function readTable(text: string, name: string, delimiter: Delimiter = ','): Table {
  const all = lines(text, name, delimiter);
  const header = all.next().value as string[];
  return { header, rows: [...all] };
}

/** The names of the columns: all of them, or those of a selection (`a,b`, `e_*`). */
export function readHeader(text: string, name: string, delimiter: Delimiter = ',', selection?: string): string[] {
  const header = lines(text, name, delimiter).next().value as string[];
  return chooseColumns(header, selection, name).map((column) => header[column] as string);
}

/** Columns as numbers: all of them, or those of a selection. Throws NarrowsError `array-invalid` with row and column. */
export function readCsv(text: string, name: string, delimiter: Delimiter = ',', selection?: string): NumberTable {
  const all = lines(text, name, delimiter);
  const header = all.next().value as string[];
  requireHeader(header, name);
  const chosen = chooseColumns(header, selection, name);
  const data = new Float64Array(mostRows(text) * chosen.length);
  let at = 0;
  let rows = 0;
  for (const row of all) {
    for (const column of chosen) {
      data[at++] = numberOf(row[column] as string, () => `row ${rows}, column ${column} ("${header[column]}")`, name);
    }
    rows++;
  }
  return { rows, columns: chosen.length, data: data.subarray(0, at) };
}

/** One column as text; the only column, or the one called `id`, where `column` is left out. */
export function readColumn(text: string, name: string, column?: string, delimiter: Delimiter = ','): string[] {
  const all = lines(text, name, delimiter);
  const header = all.next().value as string[];
  const [at] = column === undefined && header.length === 1 ? [0] : chooseColumns(header, column ?? 'id', name, 'one');
  return Array.from(all, (row) => row[at as number] as string);
}

/** The header, then the rows: one at a time, so that the fields of a large table are never all in memory. */
function* lines(text: string, name: string, delimiter: Delimiter): Generator<string[], undefined, undefined> {
  let header: string[] | null = null;
  let row = 0;
  for (const fields of records(text.startsWith('\uFEFF') ? text.slice(1) : text, name, delimiter)) {
    if (header === null) header = fields;
    else if (fields.length !== header.length) {
      throw invalid(name, `row ${row} has ${fields.length} columns, the header has ${header.length}`);
    } else row++;
    yield fields;
  }
  if (header === null) throw invalid(name, 'the file is empty');
}

/** No table has more rows than line breaks. */
function mostRows(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED || (code === CARRIAGE_RETURN && text.charCodeAt(at + 1) !== LINE_FEED)) count++;
  }
  return count;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

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

/** Records of fields; a quoted field may hold delimiters, line breaks, and quotes written twice. Empty lines at the end do not count. */
function* records(text: string, name: string, delimiter: Delimiter): Generator<string[], undefined, undefined> {
  let before = 0;
  let empty = 0;
  let record: string[] = [];
  let at = 0;
  const place = () => (before === 0 ? 'the header' : `row ${before - 1}`);
  while (at < text.length) {
    let field: string;
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end < 0) throw invalid(name, `${place()} has a quoted field that is not closed`);
      field = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
      if (at < text.length && text[at] !== delimiter && !isBreak(text[at])) {
        throw invalid(name, `${place()} has text behind a closing quote`);
      }
    } else {
      const start = at;
      while (at < text.length && text[at] !== delimiter && !isBreak(text[at])) at++;
      field = text.slice(start, at);
    }
    record.push(field);
    if (text[at] === delimiter) {
      at++;
      if (at < text.length && !isBreak(text[at])) continue;
      record.push('');
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    before++;
    if (record.length === 1 && record[0] === '') empty++;
    else {
      // An empty line between others is a row.
      for (; empty > 0; empty--) yield [''];
      yield record;
    }
    record = [];
  }
}

const isBreak = (character: string | undefined) => character === '\n' || character === '\r';

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
