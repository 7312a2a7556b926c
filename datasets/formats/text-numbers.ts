/** Numbers as programs write them into text. */
import { arrayInvalid } from './array-format.ts';
import type { Delimiter, Dialect } from './text-dialect.ts';

/** With a digit before the comma: in `1 ,2` it separates. */
const DECIMAL_COMMA = /^[+-]?\d+,\d+(?:[ed][+-]?\d+)?$/i;
/** 1,234 may be 1234. */
const THOUSANDS = /^[+-]?[1-9]\d{0,2},\d{3}$/;
/** Fortran writes 1.5D+02, and 1.5-103 for exponents of three digits. */
const FORTRAN = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:d([+-]?\d+)|([+-]\d{3}))$/i;

export const hasDecimalComma = (field: string): boolean => DECIMAL_COMMA.test(field.trim());
/** Fortran fills a field with * where the number is too wide for its format. */
export const isOverflowed = (field: string): boolean => /^\*+$/.test(field.trim());
export const mayBeThousands = (field: string): boolean => THOUSANDS.test(field.trim());

/** Returns the number in a field; undefined for text, and for an empty field. */
export function readNumber(field: string, decimal: Dialect['decimal']): number | undefined {
  let text = field.trim();
  if (text === '') return undefined;
  if (decimal === ',') {
    if (text.includes('.')) return undefined;
    text = text.replace(',', '.');
  }
  const value = Number(text);
  // NaN and infinities are numbers here: the reader of the table refuses them as for every other
  // format.
  if (!Number.isNaN(value) || /^[+-]?nan$/i.test(text)) return value;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const [, mantissa, exponent, bare] = FORTRAN.exec(text) ?? [];
  return mantissa === undefined ? undefined : Number(`${mantissa}e${exponent ?? bare}`);
}

/** As `readNumber`; throws NarrowsError `array-invalid` with the position for anything else. */
export function parseNumber(
  field: string,
  { decimal, delimiter }: Dialect,
  describePosition: () => string,
  name: string,
): number {
  const value = decimal === '.' ? Number(field) : Number.NaN;
  // Blanks alone are 0 for Number().
  if (value === 0 ? field.trim() !== '' : !Number.isNaN(value)) return value;
  const read = readNumber(field, decimal);
  if (read !== undefined) return read;
  const [why, fix] = explainField(field.trim(), decimal, delimiter);
  throw arrayInvalid(name, `${describePosition()} is not a valid number: "${shorten(field)}"${why && `: ${why}`}`, fix);
}

const DELIMITER_NAMES: Readonly<Record<Delimiter, string>> = { ',': 'commas', ';': '";"', '\t': 'tabs', ' ': 'blanks' };

/** Returns the cause of a field that is not a number, where it is a common one, and its fix. */
function explainField(field: string, decimal: Dialect['decimal'], delimiter: Delimiter): readonly [why: string, fix?: string] {
  if (decimal === 'unknown' && mayBeThousands(field))
    return ['its comma may be a decimal comma or separate thousands', 'write decimal points'];
  const separated = `fields are separated by ${DELIMITER_NAMES[delimiter]}`;
  if (hasDecimalComma(field)) {
    return [
      `${separated} and numbers are written with a decimal comma`,
      'write decimal points, or name the file .txt: in such a file decimal commas are read',
    ];
  }
  const isList = (separator: string | RegExp) =>
    field.split(separator).length > 1 && field.split(separator).every((part) => readNumber(part, '.') !== undefined);
  if (isList(/\s+/)) return ['its columns are separated by blanks', 'name the file .txt: in such a file blanks separate columns'];
  if (isList('|')) return ['its columns are separated by "|"', 'separate them by commas'];
  if (field.startsWith('#')) return ['it is a comment', 'move comments to the start of the file'];
  if (isOverflowed(field)) return ['Fortran writes * for a number that is too wide for its format', 'write it with more digits'];
  if (field === '') return ['', 'fill in the value, or remove the row from every array'];
  return ['', 'correct the value, or remove the row from every array; below the names are no lines of text, such as units'];
}

/** Most characters of a name or a field that an error quotes. */
const MAX_QUOTED = 60;

export const shorten = (field: string): string => (field.length > MAX_QUOTED ? `${field.slice(0, MAX_QUOTED)}...` : field);
