/** Decodes the bytes of a text file. */
import type { NarrowsError } from '../../errors.ts';
import { arrayInvalid } from './array-format.ts';

/**
 * Yields a text without its byte order mark. Throws NarrowsError `array-invalid` for UTF-16 and for
 * bytes that are not text.
 */
export async function* decodeText(pieces: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let start: number[] = [];
  for await (const piece of pieces) {
    if (start.length < START_BYTES) {
      start = [...start, ...piece.subarray(0, START_BYTES - start.length)];
      requireText(start, name);
    }
    yield decoder.decode(piece, { stream: true });
  }
  yield decoder.decode();
}

/** Enough for a byte order mark or the first character of UTF-16. */
const START_BYTES = 4;

function requireText(start: readonly number[], name: string): void {
  const [a, b, c, d] = start;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff) || b === 0 || a === 0) throw utf16Error(name);
  // Excel workbooks are zip archives; 1f 8b is gzip.
  if (a === 0x50 && b === 0x4b && c === 3 && d === 4) {
    throw arrayInvalid(name, 'it is an Excel workbook or another zip archive, not text', 'save it as CSV');
  }
  if (a === 0x1f && b === 0x8b) throw arrayInvalid(name, 'it is compressed with gzip', 'decompress it: gunzip');
}

const utf16Error = (name: string): NarrowsError =>
  arrayInvalid(
    name,
    'its encoding is UTF-16 (the "Unicode text" of Excel), not UTF-8',
    'save it as "CSV UTF-8", or convert it: iconv -f UTF-16 -t UTF-8',
  );

/** Decoders put it in place of bytes that are not UTF-8. */
export const REPLACEMENT = '\uFFFD';

/** A NarrowsError `array-invalid` for a field with bytes that are not UTF-8. */
export const notUtf8Error = (field: string, position: string, name: string): NarrowsError =>
  arrayInvalid(name, `${position} is not valid UTF-8: "${field}"`, 'save the file in the encoding UTF-8');
