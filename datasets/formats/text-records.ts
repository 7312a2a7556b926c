/** Splits text into records of fields, quoted as in RFC 4180. */
import type { NarrowsError } from '../../errors.ts';
import { arrayInvalid } from './array-format.ts';
import type { Delimiter, Dialect } from './text-dialect.ts';
import { decodeText } from './text-encoding.ts';

/** Longest record in characters: a quote that is not closed would buffer the rest of the file. */
export const MAX_RECORD_LENGTH = 2 ** 28;

/**
 * Yields the rows, all of as many fields as the dialect has names. A quoted field may contain
 * delimiters, line breaks and doubled quotes. Empty rows at the end, and empty fields behind the
 * last name, are ignored.
 */
export async function* readRecords(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
  dialect: Dialect,
): AsyncGenerator<Iterable<string[]>> {
  const { delimiter, names } = dialect;
  /** Characters before the first row that are still to come. */
  let skip = dialect.start;
  /** Not yet part of a record. */
  let text = '';
  /** An incomplete record is not parsed again before the text has doubled. */
  let minLength = 0;
  /** Rows, and empty ones after them. */
  let [count, empty] = [0, 0];
  let firstEmpty: string[] = [];
  const fault = (why: string) => arrayInvalid(name, `row ${count + empty} ${why}`);
  const checked = (record: string[]): string[] => {
    while (record.length > names.length && record.at(-1)?.trim() === '') record.pop();
    if (record.length !== names.length) throw widthError(record, count, dialect, name);
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
      // Most fields need no closer look: digits and letters come after # and blanks.
      if (!((record[0]?.charCodeAt(0) ?? 0) > HASH)) {
        if (isSkipped(record, dialect)) continue;
        if (isEmpty(record)) {
          if (empty++ === 0) firstEmpty = record;
          continue;
        }
      }
      // An empty line between records is a row.
      for (; empty > 0; empty--) yield checked([...firstEmpty]);
      yield checked(record);
    }
    minLength = at === 0 ? 2 * text.length : 0;
    text = text.slice(at);
  };
  for await (const piece of decodeText(pieces, name)) {
    text += skip === 0 ? piece : piece.slice(skip);
    skip -= Math.min(skip, piece.length);
    if (text.length > MAX_RECORD_LENGTH) throw fault(`is longer than ${MAX_RECORD_LENGTH / 2 ** 20} MiB`);
    if (text.length >= minLength) yield completeRecords(false);
  }
  yield completeRecords(true);
}

const HASH = '#'.charCodeAt(0);

const isEmpty = (record: readonly string[]): boolean => record[0]?.trim() === '' && record.every((field) => field.trim() === '');

/** Comments between rows; text with blanks between columns may also have empty lines there. */
function isSkipped(record: readonly string[], { delimiter, names }: Dialect): boolean {
  if (delimiter === ' ') return record.length === 0;
  return record[0]?.startsWith('#') === true && record.length !== names.length;
}

function widthError(record: readonly string[], row: number, { names, isNamed, delimiter }: Dialect, name: string): NarrowsError {
  const expected = `${isNamed ? 'the header' : 'the first row'} has ${names.length}`;
  const [why, fix] = explainWidth(record.length, names.length, delimiter);
  return arrayInvalid(name, `row ${row} has ${record.length} columns, ${expected}${why}`, fix);
}

function explainWidth(width: number, expected: number, delimiter: Delimiter): readonly [why: string, fix?: string] {
  if (width === expected + 1) {
    return ['', 'give each column a name: R leaves out that of the row names, which row.names=FALSE omits'];
  }
  if (width === 2 * expected && delimiter === ',') {
    return [': numbers may be written with a decimal comma', 'write decimal points, or separate columns by ";" in a .txt file'];
  }
  return [''];
}

/** Returns the record at `start` and the start of the next; null for an incomplete one. */
export function parseRecord(
  text: string,
  start: number,
  delimiter: Delimiter,
  last: boolean,
  fault: (why: string) => NarrowsError,
): { readonly record: string[]; readonly next: number } | null {
  if (delimiter === ' ') return parseBlankSeparated(text, start, last);
  const record: string[] = [];
  for (let at = start; ; at++) {
    let field: string;
    const from = at;
    while (text[at] === ' ') at++;
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end < 0 && last) throw fault('has a quoted field that is not closed');
      if (end < 0 || (end + 1 === text.length && !last)) return null;
      field = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
      while (text[at] === ' ') at++;
      if (at === text.length && !last) return null;
      if (at < text.length && text[at] !== delimiter && !isBreak(text[at])) throw fault('has text after a closing quote');
    } else {
      while (at < text.length && text[at] !== delimiter && !isBreak(text[at])) at++;
      field = text.slice(from, at);
    }
    record.push(field);
    if (text[at] === delimiter) continue;
    const next = nextLine(text, at, last);
    return next === null ? null : { record, next };
  }
}

/** As parseRecord, of a line with blanks between fields; a # starts a comment. */
function parseBlankSeparated(text: string, start: number, last: boolean): { record: string[]; next: number } | null {
  let at = start;
  while (at < text.length && !isBreak(text[at])) at++;
  const next = nextLine(text, at, last);
  return next === null ? null : { record: splitBlanks(text.slice(start, at)), next };
}

/** Returns the fields of a line before its comment. */
export function splitBlanks(line: string): string[] {
  const hash = line.indexOf('#');
  const text = (hash < 0 ? line : line.slice(0, hash)).trim();
  if (text === '' || COMMENT.test(text)) return [];
  if (!text.includes('"')) return text.split(/\s+/);
  return Array.from(text.matchAll(/"((?:[^"]|"")*)"|\S+/g), ([all, quoted]) => quoted?.replaceAll('""', '"') ?? all);
}

/** Start of a comment line in text with blanks between columns. */
const COMMENT = /^[#%!]/;

/** Returns the start of the line after the break at `at`; null where a \n may follow the text. */
function nextLine(text: string, at: number, last: boolean): number | null {
  if (at >= text.length - (text[at] === '\r' ? 1 : 0) && !last) return null;
  const next = text[at] === '\r' ? at + 1 : at;
  return text[next] === '\n' ? next + 1 : next;
}

const isBreak = (character: string | undefined) => character === '\n' || character === '\r';

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
