/** Comma-separated (.csv) and tab-separated (.tsv) tables with one header line and quoted fields, as in RFC 4180. */
import type { Matrix } from '../../models/axes.ts';
import { type ArraySource, CHUNK_BYTES } from './array-source.ts';
import { selectColumns } from './column-selection.ts';
import { arrayInvalid } from './npy.ts';

export type Delimiter = ',' | '\t';

/**
 * The table in `pieces`, the bytes of a file in order; `selection` names columns (`a,b`, `e_*`). Rows count from 0, behind the header. Throws NarrowsError `array-invalid` with
 * row and column.
 */
export function openCsv(
  pieces: () => AsyncIterable<Uint8Array>,
  name: string,
  delimiter: Delimiter = ',',
  selection?: string,
): ArraySource {
  const numbers = async function* (): AsyncGenerator<NumberBlock> {
    let chosen: number[] = [];
    let header: readonly string[] = [];
    let block = new Float64Array(0);
    let [at, row] = [0, 0];
    for await (const records of tableRecords(pieces(), name, delimiter)) {
      for (const record of records) {
        if (header.length === 0) {
          header = record;
          requireHeader(header, name);
          chosen = selectColumns(header, selection, name);
          block = new Float64Array(Math.max(1, Math.floor(CHUNK_BYTES / 8 / chosen.length)) * chosen.length);
          continue;
        }
        for (const column of chosen) {
          block[at++] = numberOf(record[column] as string, () => `row ${row}, column ${column} ("${header[column]}")`, name);
        }
        row++;
        if (at < block.length) continue;
        yield { columns: chosen.length, data: block };
        at = 0;
      }
    }
    if (at > 0 || row === 0) yield { columns: chosen.length, data: block.subarray(0, at) };
  };
  const matrix = async function* (): AsyncGenerator<Matrix> {
    let rounded = new Float32Array(0);
    for await (const { columns, data } of numbers()) {
      if (rounded.length < data.length) rounded = new Float32Array(data.length);
      rounded.set(data);
      yield { rows: data.length / columns, columns, data: rounded.subarray(0, data.length) };
    }
  };
  return {
    matrix,
    rows: matrix,
    async numbers() {
      const column: number[] = [];
      for await (const { columns, data } of numbers()) {
        if (columns !== 1)
          throw arrayInvalid(name, `it has ${columns} columns; one is needed`, 'name it behind a #: table.csv#energy');
        for (const value of data) column.push(value);
      }
      return Float64Array.from(column);
    },
    async header() {
      for await (const records of tableRecords(pieces(), name, delimiter)) {
        for (const header of records) return selectColumns(header, selection, name).map((column) => header[column] as string);
      }
      return null;
    },
    async *column(column = selection) {
      let at: number | undefined;
      for await (const records of tableRecords(pieces(), name, delimiter)) {
        const values: string[] = [];
        for (const record of records) {
          if (at !== undefined) values.push(record[at] as string);
          else [at] = column === undefined && record.length === 1 ? [0] : selectColumns(record, column ?? 'id', name, 'one');
        }
        yield values;
      }
    },
  };
}

/** Rows of numbers in float64. */
interface NumberBlock {
  readonly columns: number;
  readonly data: Float64Array;
}

/** The header, then rows of as many fields; as many at a time as a piece of the file completes. */
async function* tableRecords(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
  delimiter: Delimiter,
): AsyncGenerator<Iterable<string[]>> {
  const decoder = new TextDecoder();
  const table = createRecords(name, delimiter);
  let fields = 0;
  let row = 0;
  const checked = function* (records: Iterable<string[]>): Generator<string[]> {
    for (const record of records) {
      if (fields === 0) fields = record.length;
      else if (record.length !== fields)
        throw arrayInvalid(name, `row ${row} has ${record.length} columns, the header has ${fields}`);
      else row++;
      yield record;
    }
  };
  for await (const piece of pieces) yield checked(table.push(decoder.decode(piece, { stream: true })));
  yield checked(table.end(decoder.decode()));
  if (fields === 0) throw arrayInvalid(name, 'the file is empty');
}

/** A first line of numbers would be taken for names, and a row lost. Rising numbers are names: a spectrum's energies. */
function requireHeader(header: readonly string[], name: string): void {
  const numbers = header.map((field) => (field.trim() === '' ? Number.NaN : Number(field)));
  const energies = numbers.length > 1 && numbers.every((value, i) => i === 0 || value > (numbers[i - 1] as number));
  if (energies || numbers.some(Number.isNaN)) return;
  throw arrayInvalid(
    name,
    'its first line holds numbers, not the names of columns',
    'begin the file with one line of column names',
  );
}

function numberOf(field: string, place: () => string, name: string): number {
  const text = field.trim();
  const value = text === '' ? Number.NaN : Number(text);
  // NaN and infinities are numbers here: whoever reads the table refuses them with the others.
  if (!Number.isNaN(value) || /^[+-]?nan$/i.test(text)) return value;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  throw arrayInvalid(name, `${place()} is "${field}", no number`);
}

interface Records {
  /** The records that are whole by now. */
  push(text: string): Generator<string[]>;
  /** The rest, with the last of the text. */
  end(text: string): Generator<string[]>;
}

/** No line of a table is longer; a quote that is not closed would hold all that follows it. */
const MOST_RECORD = 2 ** 28;

/** Records of fields; a quoted field may hold delimiters, line breaks, and quotes written twice. Empty lines at the end do not count. */
function createRecords(name: string, delimiter: Delimiter): Records {
  /** What no record has taken yet. */
  let text = '';
  /** A record that was not whole is not looked at again before there is twice as much of it. */
  let wanted = 0;
  let before = 0;
  let empty = 0;
  const place = () => (before === 0 ? 'the header' : `row ${before - 1}`);

  /** The record that begins at `start`, and where the next begins; null where the text ends before it is whole. */
  const recordAt = (start: number, last: boolean): { record: string[]; next: number } | null => {
    const record: string[] = [];
    for (let at = start; ; at++) {
      let field: string;
      if (text[at] === '"') {
        const end = closingQuote(text, at + 1);
        if (end < 0 && last) throw arrayInvalid(name, `${place()} has a quoted field that is not closed`);
        if (end < 0 || (end + 1 === text.length && !last)) return null;
        field = text.slice(at + 1, end).replaceAll('""', '"');
        at = end + 1;
        if (at < text.length && text[at] !== delimiter && !isBreak(text[at])) {
          throw arrayInvalid(name, `${place()} has text behind a closing quote`);
        }
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
  };

  const records = function* (last: boolean): Generator<string[]> {
    let at = 0;
    while (at < text.length) {
      const found = recordAt(at, last);
      if (found === null) break;
      const { record } = found;
      at = found.next;
      before++;
      if (record.length === 1 && record[0] === '') empty++;
      else {
        // An empty line between others is a row.
        for (; empty > 0; empty--) yield [''];
        yield record;
      }
    }
    wanted = at === 0 ? 2 * text.length : 0;
    text = text.slice(at);
  };

  return {
    *push(more) {
      text += more;
      if (text.length > MOST_RECORD) throw arrayInvalid(name, `${place()} is longer than ${MOST_RECORD / 2 ** 20} MiB`);
      if (text.length >= wanted) yield* records(false);
    },
    *end(more) {
      text += more;
      yield* records(true);
    },
  };
}

const isBreak = (character: string | undefined) => character === '\n' || character === '\r';

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
