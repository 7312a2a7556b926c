/** Splits a file of xyz frames, of any size, into blocks of whole frames, parsed in any thread. */
import type { NarrowsError } from '../../../errors.ts';
import { type FramePosition, structuresInvalid } from './frame-errors.ts';

/** A file of structures. */
export interface FrameSource {
  readonly file: string;
  /** See FramePosition. */
  readonly name: string | null;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface FrameBlock extends Pick<FrameSource, 'file' | 'name'> {
  /** Whole frames on a separate buffer, which can be transferred to a thread. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Number of its first frame, from 0. */
  readonly frame: number;
  /** Number of its first line, from 1. */
  readonly line: number;
}

/** About 10 ms of work for a thread; with larger blocks the memory of threads grows. */
const BLOCK_BYTES = 1 << 18;

/** The buffer grows with the file: a folder may have thousands of small ones. */
const START_BYTES = 1 << 14;

const NEW_LINE = 10;

/** Largest frame, which is held as a whole; inputs of FEFF are, too. */
const MAX_ATOMS = 500_000;
export const MAX_FRAME_BYTES = 2 ** 26;

/** Yields blocks of at least `size` bytes but the last. Throws `structures-invalid` after them. */
export async function* splitFrameBlocks({ file, name, chunks }: FrameSource, size = BLOCK_BYTES): AsyncGenerator<FrameBlock> {
  let held = Buffer.allocUnsafe(Math.min(2 * size, START_BYTES));
  /** Bytes held, those that were scanned, and those of complete frames. */
  let [end, at, whole] = [0, 0, 0];
  let [line, frames] = [1, 0];
  let first = { frame: 0, line: 1 };
  /** The incomplete frame: its remaining lines, its atoms, and the line of their number. */
  let open = { left: 0, atoms: 0, line: 1 };

  let fault: NarrowsError | null = null;

  /** Processes the line that ends at `stop`. */
  const processLine = (stop: number): void => {
    if (open.left > 0) {
      if (--open.left === 0) frames++;
    } else {
      const text = new TextDecoder().decode(held.subarray(at, stop)).trim();
      if (text !== '') {
        const atoms = parseCount(text);
        if (atoms === null || atoms > MAX_ATOMS) {
          // The block ends before it: nothing of it is parsed.
          const place = { file, name, number: frames, line };
          fault = atoms === null ? countError(text, place) : tooLargeError(place, `${MAX_ATOMS} atoms`);
          return;
        }
        open = { left: atoms + 1, atoms, line };
      }
    }
    at = Math.min(stop + 1, end);
    line++;
    if (open.left === 0) whole = at;
  };
  const cut = (): FrameBlock => {
    const block = { bytes: new Uint8Array(held.subarray(0, whole)), file, name, ...first };
    held.copyWithin(0, whole, end);
    [end, at, whole] = [end - whole, at - whole, 0];
    first = { frame: frames, line };
    return block;
  };

  for await (const chunk of chunks) {
    if (end + chunk.length > held.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * held.length, end + chunk.length));
      held.copy(larger, 0, 0, end);
      held = larger;
    }
    held.set(chunk, end);
    end += chunk.length;
    for (let stop = held.indexOf(NEW_LINE, at); stop >= 0 && stop < end && !fault; stop = held.indexOf(NEW_LINE, at)) {
      processLine(stop);
      if (whole >= size && frames > first.frame && !fault) yield cut();
    }
    if (end - whole > MAX_FRAME_BYTES && !fault) {
      const place = { file, name, number: frames, line: open.left > 0 ? open.line : line };
      fault = tooLargeError(place, `${MAX_FRAME_BYTES / 2 ** 20} MiB`);
    }
    if (fault) break;
  }
  // The last line may have no line break.
  if (at < end && !fault) processLine(end);
  if (open.left > 0 && !fault) fault = cutShortError(open, { file, name, number: frames, line: open.line });
  // Faults of earlier frames come first.
  if (frames > first.frame) yield cut();
  if (fault) throw fault;
}

/** A NarrowsError `structures-invalid` for a structure with more than `most`. */
export const tooLargeError = (place: FramePosition, most: string): NarrowsError =>
  structuresInvalid(place, `it has more than ${most}`, 'describe a part of it: the surroundings of each site');

function cutShortError({ left, atoms }: { left: number; atoms: number }, place: FramePosition): NarrowsError {
  const there = left > atoms ? 'its comment line is missing' : `${atoms - left} of its ${atoms} atoms are there`;
  return structuresInvalid(place, `the file ends within this frame: ${there}`, 'write it again');
}

function parseCount(text: string): number | null {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  return count > 0 && Number.isSafeInteger(count) ? count : null;
}

function countError(text: string, place: FramePosition): NarrowsError {
  const shown = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  const form = 'a frame is a line with the number of atoms, a comment line, and that many atoms';
  if (/[\0\uFFFD]/.test(text)) {
    const fix = 'save it as UTF-8; UTF-16 is converted by iconv -f UTF-16 -t UTF-8';
    return structuresInvalid(place, 'it is not text in UTF-8', fix);
  }
  const hint = ATOM.test(text)
    ? ': the frame before it has more atoms than its number says'
    : /^(vec|tv)\s*\d?\s/i.test(text)
      ? '; a cell is written in the comment line: Lattice="ax ay az bx by bz cx cy cz"'
      : '; remove lines behind the atoms';
  return structuresInvalid(place, `it should begin with its number of atoms, not "${shown}"`, `${form}${hint}`);
}

/** An element and three numbers. */
const ATOM = /^\w{1,3}(\s+[-+]?\.?\d\S*){3}/;
