/** Tables of text (.csv, .tsv) with one header line and quoted fields, as in RFC 4180. */
import type { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../../models/axes.ts';
import { CHUNK_BYTES } from '../files/chunks.ts';
import { type ArrayFormat, type ArrayInput, type ArraySource, arrayInvalid } from './array-format.ts';
import { selectColumns } from './column-selection.ts';

type Delimiter = ',' | '\t';

const tableFormat = (extension: string, delimiter: Delimiter): ArrayFormat => ({
  extensions: [extension],
  example: `table${extension}#a,b`,
  hasText: true,
  access: 'sequential',
  open: (input) => openTable(input, delimiter),
});

export const csv = tableFormat('.csv', ',');
export const tsv = tableFormat('.tsv', '\t');

/** Rows count from 0, after the header. Throws NarrowsError `array-invalid` with row and column. */
function openTable({ bytes, reference, member: selection }: ArrayInput, delimiter: Delimiter): ArraySource {
  const records = () => readRecords(bytes(), reference, delimiter);
  /** Yields rows of numbers in float64. */
  const readBlocks = async function* () {
    let chosen: number[] = [];
    let header: readonly string[] = [];
    let block = new Float64Array(0);
    let [at, row] = [0, 0];
    for await (const batch of records()) {
      for (const record of batch) {
        if (header.length === 0) {
          header = record;
          requireNames(header, reference);
          chosen = selectColumns(header, selection, reference);
          block = new Float64Array(Math.max(1, Math.floor(CHUNK_BYTES / 8 / chosen.length)) * chosen.length);
          continue;
        }
        for (const column of chosen) {
          block[at++] = parseNumber(record[column] ?? '', () => `row ${row}, column ${column} ("${header[column]}")`, reference);
        }
        row++;
        if (at < block.length) continue;
        yield { columns: chosen.length, data: block };
        at = 0;
      }
    }
    if (at > 0 || row === 0) yield { columns: chosen.length, data: block.subarray(0, at) };
  };
  return {
    async *rows(): AsyncGenerator<Matrix> {
      let rounded = new Float32Array(0);
      for await (const { columns, data } of readBlocks()) {
        if (rounded.length < data.length) rounded = new Float32Array(data.length);
        rounded.set(data);
        yield { rows: data.length / columns, columns, data: rounded.subarray(0, data.length) };
      }
    },
    async *numbers() {
      for await (const { columns, data } of readBlocks()) {
        if (columns === 1) yield data;
        else throw arrayInvalid(reference, `it has ${columns} columns; one is needed`, 'name it after a #: table.csv#energy');
      }
    },
    async header() {
      for await (const batch of records()) {
        for (const header of batch) return selectColumns(header, selection, reference).map((column) => header[column] ?? '');
      }
      return null;
    },
    async *column(name = selection) {
      let at: number | undefined;
      for await (const batch of records()) {
        const values: string[] = [];
        for (const record of batch) {
          if (at !== undefined) values.push(record[at] ?? '');
          else [at] = name === undefined && record.length === 1 ? [0] : selectColumns(record, name ?? 'id', reference, 'one');
        }
        yield values;
      }
    },
  };
}

/**
 * Yields the header and the rows, all of the same number of fields. A quoted field may contain
 * delimiters, line breaks and doubled quotes. Empty lines at the end are ignored.
 */
async function* readRecords(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
  delimiter: Delimiter,
): AsyncGenerator<Iterable<string[]>> {
  const decoder = new TextDecoder();
  /** Not yet part of a record. */
  let text = '';
  /** An incomplete record is not parsed again before the text has doubled. */
  let minLength = 0;
  /** Records, empty lines after them, and fields of each. */
  let [count, empty, fields] = [0, 0, 0];
  const fault = (why: string) => {
    const row = count + empty - 1;
    return arrayInvalid(name, `${row < 0 ? 'the header' : `row ${row}`} ${why}`);
  };
  const checked = (record: string[]): string[] => {
    if (count === 0) fields = record.length;
    else if (record.length !== fields) {
      throw arrayInvalid(name, `row ${count - 1} has ${record.length} columns, the header has ${fields}`);
    }
    count++;
    return record;
  };
  const completeRecords = function* (last: boolean): Generator<string[]> {
    let at = 0;
    while (at < text.length) {
      const found = parseRecord(text, at, delimiter, last, fault);
      if (found === null) break;
      const { record } = found;
      at = found.next;
      if (record.length === 1 && record[0] === '') empty++;
      else {
        // An empty line between records is a row.
        for (; empty > 0; empty--) yield checked(['']);
        yield checked(record);
      }
    }
    minLength = at === 0 ? 2 * text.length : 0;
    text = text.slice(at);
  };
  for await (const piece of pieces) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > MAX_RECORD_LENGTH) throw fault(`is longer than ${MAX_RECORD_LENGTH / 2 ** 20} MiB`);
    if (text.length >= minLength) yield completeRecords(false);
  }
  text += decoder.decode();
  yield completeRecords(true);
  if (count === 0) throw arrayInvalid(name, 'the file is empty');
}

/** Longest record in characters: a quote that is not closed would buffer the rest of the file. */
const MAX_RECORD_LENGTH = 2 ** 28;

/** A first line of numbers would lose a row; rising numbers may be energies. */
function requireNames(header: readonly string[], name: string): void {
  const numbers = header.map((field) => (field.trim() === '' ? Number.NaN : Number(field)));
  const isRising = numbers.length > 1 && numbers.slice(1).every((value, i) => value > (numbers[i] ?? Number.NaN));
  if (isRising || numbers.some(Number.isNaN)) return;
  throw arrayInvalid(
    name,
    'its first line contains numbers instead of column names',
    'start the file with one line of column names',
  );
}

function parseNumber(field: string, describePosition: () => string, name: string): number {
  const text = field.trim();
  const value = text === '' ? Number.NaN : Number(text);
  // NaN and infinities are parsed here: the reader of the table refuses them as for every other
  // format.
  if (!Number.isNaN(value) || /^[+-]?nan$/i.test(text)) return value;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  throw arrayInvalid(name, `${describePosition()} is not a valid number: "${field}"`);
}

/** Returns the record at `start` and the start of the next; null for an incomplete one. */
function parseRecord(
  text: string,
  start: number,
  delimiter: Delimiter,
  last: boolean,
  fault: (why: string) => NarrowsError,
): { readonly record: string[]; readonly next: number } | null {
  const record: string[] = [];
  for (let at = start; ; at++) {
    let field: string;
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end < 0 && last) throw fault('has a quoted field that is not closed');
      if (end < 0 || (end + 1 === text.length && !last)) return null;
      field = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
      if (at < text.length && text[at] !== delimiter && !isBreak(text[at])) throw fault('has text after a closing quote');
    } else {
      const from = at;
      while (at < text.length && text[at] !== delimiter && !isBreak(text[at])) at++;
      field = text.slice(from, at);
    }
    record.push(field);
    if (text[at] === delimiter) continue;
    // A \n may follow the \r.
    if (at >= text.length - (text[at] === '\r' ? 1 : 0) && !last) return null;
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    return { record, next: at };
  }
}

const isBreak = (character: string | undefined) => character === '\n' || character === '\r';

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
