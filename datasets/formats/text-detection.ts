/** Finds out how a table of text is written: separators, decimal mark, comments and names. */
import { arrayInvalid } from './array-format.ts';
import { areEnergies, areNames } from './numeric-names.ts';
import type { Delimiter, Dialect, TextKind } from './text-dialect.ts';
import { decodeText } from './text-encoding.ts';
import { hasDecimalComma, isOverflowed, mayBeThousands, readNumber } from './text-numbers.ts';
import { MAX_RECORD_LENGTH, parseRecord, splitBlanks } from './text-records.ts';

/** Throws NarrowsError `array-invalid` for an empty file, missing names and ambiguous text. */
export async function findDialect(pieces: AsyncIterable<Uint8Array>, kind: TextKind, name: string): Promise<Dialect> {
  return detectDialect(await readHead(pieces, name), kind, name);
}

/** Length of the start of a file from which its dialect is found, and its least number of lines. */
const HEAD_LENGTH = 2 ** 16;
const HEAD_LINES = 4;

/** The start of a text in whole lines. */
interface Head {
  readonly text: string;
  readonly isWhole: boolean;
}

/** Returns the same head whatever the pieces are. */
async function readHead(pieces: AsyncIterable<Uint8Array>, name: string): Promise<Head> {
  let text = '';
  const breaks = { '\n': 0, '\r': 0 };
  for await (const piece of decodeText(pieces, name)) {
    for (let at = 0; at < piece.length; at++) {
      const character = piece[at];
      if (character !== '\n' && character !== '\r') continue;
      breaks[character]++;
      const lines = Math.max(breaks['\n'], breaks['\r']);
      if (text.length + at >= HEAD_LENGTH && lines >= HEAD_LINES) return { text: text + piece.slice(0, at + 1), isWhole: false };
    }
    text += piece;
    if (text.length > MAX_RECORD_LENGTH) throw arrayInvalid(name, `the header is longer than ${MAX_RECORD_LENGTH / 2 ** 20} MiB`);
  }
  return { text, isWhole: true };
}

function detectDialect({ text, isWhole }: Head, kind: TextKind, name: string): Dialect {
  const { comments, start } = skipComments(text, kind);
  const lines = text
    .slice(start)
    .split(/\r\n|\n|\r/, MAX_LINES)
    .filter((line) => line.trim() !== '' && !COMMENTS[kind].test(line));
  const delimiter = kind === 'tsv' ? '\t' : kind === 'csv' ? findCsvDelimiter(lines) : findTxtDelimiter(lines, name);
  const sample = readSample({ text: text.slice(start), isWhole }, delimiter, name);
  const [first, ...others] = sample;
  const written = { delimiter, decimal: kind === 'csv' ? ('.' as const) : findDecimal(sample, delimiter) };
  const named = (names: readonly string[], from: number): Dialect => ({
    ...written,
    names: withoutTrailingBlanks(names.map((name) => name.trim())),
    isNamed: true,
    start: from,
  });
  const comment = comments.at(-1) ?? '';
  if (first === undefined) {
    if (comment === '') throw arrayInvalid(name, 'the file is empty');
    return named(splitNames(comment, delimiter, 0), start);
  }
  const { record, next } = first;
  const commented = splitNames(comment, delimiter, record.length);
  if (commented.length === record.length && isRow(record, others[0]?.record, comment)) return named(commented, start);
  const rows = others.map(({ record }) => record);
  const areNumbers = !record.some(isText) && record.some(isNumber);
  // A single line is a row, such as energies.
  const isRowOfTxt = areNumbers ? !areEnergies(record, rows) : isLike(record, rows[0]);
  if (kind === 'txt' ? isRowOfTxt : areNumbers && rows.length === 0) {
    return { ...written, names: record.map((_, column) => String(column)), isNamed: false, start };
  }
  if (areNumbers && !areNames(record, rows)) {
    throw arrayInvalid(
      name,
      'its first line contains numbers instead of column names',
      'start the file with one line of column names, or name it .txt: such a file needs none',
    );
  }
  if (areNumbers && written.decimal === ',') {
    return named(
      record.map((field) => field.replace(',', '.')),
      start + next,
    );
  }
  const width = rows[0]?.length ?? record.length;
  const line = text.slice(start, start + next).trim();
  return named(delimiter === ' ' && width !== record.length ? splitNames(line, ' ', width) : record, start + next);
}

/** Lines from which a delimiter is chosen. */
const MAX_LINES = 50;

/** Lines that are no part of a table, such as Excel's "sep=;"; in a csv file % may start a name. */
const COMMENTS: Readonly<Record<TextKind, RegExp>> = { csv: /^\s*#|^sep=.\s*$/i, tsv: /^\s*#/, txt: /^\s*[#%!]/ };

/** Returns the comments before the first record, without empty ones, and where it starts. */
function skipComments(head: string, kind: TextKind): { readonly comments: string[]; readonly start: number } {
  const comments: string[] = [];
  let start = 0;
  for (const [line] of head.matchAll(/[^\r\n]*(?:\r\n|\n|\r|$)/g)) {
    if (COMMENTS[kind].test(line)) {
      if (/^\s*[#%!].*[\p{L}\p{N}]/su.test(line)) comments.push(line.trim());
    } else if (line.replaceAll(/[,;\s]/g, '') !== '') break;
    start += line.length;
    if (start === head.length) break;
  }
  return { comments, start };
}

/** Commas, unless another separator is in the first two lines equally often, but for a last one. */
function findCsvDelimiter(lines: readonly string[]): Delimiter {
  const [first = '', second = first] = lines.map((line) => line.replaceAll(/"(?:[^"]|"")*"/g, '""'));
  const count = (line: string, delimiter: Delimiter) => line.split(delimiter).length - 1;
  const separates = (delimiter: Delimiter, tolerance: number) =>
    [first, second].every((line) => line.includes(delimiter)) &&
    Math.abs(count(first, delimiter) - count(second, delimiter)) <= tolerance;
  // 1,5;2,5: a first row with decimal commas.
  if (separates(';', 1) && first.split(';').every((field) => !isText(field))) return ';';
  if (separates(',', 0)) return ',';
  return ([';', '\t'] as const).find((delimiter) => separates(delimiter, 1)) ?? ',';
}

function findTxtDelimiter(lines: readonly string[], name: string): Delimiter {
  const [first = '', ...others] = lines;
  const body = others.length > 0 ? others : lines;
  const every = (test: (line: string) => boolean) => body.length > 0 && body.every(test);
  if (every((line) => line.includes(';'))) return ';';
  if (every((line) => line.includes('\t')) && lines.every((line) => line.split('\t').every((field) => !isNumberList(field)))) {
    // Without blanks in a field or gaps, tabs are blanks between columns like others.
    if (lines.some((line) => /\t\s*\t|[^\t\s] +[^\t\s]/.test(line.trim()))) return '\t';
  }
  if (!every((line) => line.includes(','))) return ' ';
  const isDecimal = every((line) => splitBlanks(line).every(isNumber));
  if (!isDecimal) return ',';
  if (every((line) => splitBlanks(line).length > 1)) return ' ';
  if (isText(first)) return first.includes(',') ? ',' : ' ';
  throw arrayInvalid(
    name,
    'its commas may separate columns or be decimal commas',
    'name the columns in a first line; or name the file .csv (commas separate columns, also to be named), or write decimal points',
  );
}

const isNumberList = (field: string) => splitBlanks(field).length > 1 && splitBlanks(field).every(isNumber);

interface SampleRecord {
  readonly record: readonly string[];
  /** Start of the next record. */
  readonly next: number;
}

/** Returns the records of the head that are neither empty nor comments. */
function readSample({ text, isWhole }: Head, delimiter: Delimiter, name: string): SampleRecord[] {
  const sample: SampleRecord[] = [];
  const fault = (why: string) => arrayInvalid(name, `${sample.length === 0 ? 'the header' : `row ${sample.length - 1}`} ${why}`);
  for (let at = 0; at < text.length; ) {
    const found = parseRecord(text, at, delimiter, isWhole, fault);
    if (found === null) break;
    at = found.next;
    if (found.record.some((field) => field.trim() !== '')) sample.push(found);
  }
  if (sample.length === 0 && !isWhole) throw fault('has a quoted field that is not closed');
  return sample;
}

/** Decimal commas are certain where one is not before three digits and no number has a point. */
function findDecimal(rows: readonly SampleRecord[], delimiter: Delimiter): Dialect['decimal'] {
  if (delimiter === ',') return '.';
  const fields = rows.flatMap(({ record }) => record);
  const commas = fields.filter(hasDecimalComma);
  if (commas.length === 0 || fields.some((field) => field.includes('.') && readNumber(field, '.') !== undefined)) return '.';
  return commas.every(mayBeThousands) ? 'unknown' : ',';
}

/** Either way of writing decimals, and what Fortran writes for a number that is too wide. */
const isNumber = (field: string): boolean =>
  readNumber(field, '.') !== undefined || hasDecimalComma(field) || isOverflowed(field);
const isText = (field: string): boolean => field.trim() !== '' && !isNumber(field);

/**
 * Returns whether the first record below comments is a row, not the names: of numbers, or of the
 * same kinds of fields as the next.
 */
function isRow(record: readonly string[], next: readonly string[] | undefined, comment: string): boolean {
  if (!record.some(isText)) return true;
  // "#name" is a name; "# text" is more likely a remark.
  return isLike(record, next) || (record.every(isText) && next?.every(isText) === true && /^#\S/.test(comment));
}

/** Returns whether two records have numbers, and text, in the same columns. */
const isLike = (record: readonly string[], next: readonly string[] = []): boolean =>
  record.length === next.length && record.some(isNumber) && record.every((field, i) => isText(field) === isText(next[i] ?? ''));

/** Splits a comment or a line of names, in the way that gives `width` names where one does. */
function splitNames(line: string, delimiter: Delimiter, width: number): string[] {
  const text = line.replace(/^[#%!\s]+/, '');
  if (text === '') return [];
  const ways = [
    delimiter === ' ' ? splitBlanks(text) : text.split(delimiter),
    splitBlanks(text),
    text.split(/\t|\s{2,}/),
    text.split(','),
  ].map((names) => names.map((name) => name.trim()).filter((name) => /[\p{L}\p{N}]/u.test(name)));
  return ways.find((names) => names.length === width) ?? ways[0] ?? [];
}

/** Spreadsheets and programs write delimiters behind the last column. */
function withoutTrailingBlanks(names: readonly string[]): readonly string[] {
  return names.slice(
    0,
    1 +
      Math.max(
        0,
        names.findLastIndex((name) => name !== ''),
      ),
  );
}
