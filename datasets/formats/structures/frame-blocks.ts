/** Splits a file of xyz frames, of any size, into blocks of whole frames, parsed in any thread. */
import type { NarrowsError } from '../../../errors.ts';
import { type FramePosition, structuresInvalid } from './frame-errors.ts';

export interface FrameBlock {
  /** Whole frames on a separate buffer, which can be transferred to a thread. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Number of its first frame, from 0. */
  readonly frame: number;
  /** Number of its first line, from 1. */
  readonly line: number;
}

/** About 10 ms of work for a thread; with larger blocks the memory of threads grows. */
const BLOCK_BYTES = 1 << 18;

const NEW_LINE = 10;

/** Yields blocks of at least `size` bytes but the last. Throws `structures-invalid` after them. */
export async function* splitFrameBlocks(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  size = BLOCK_BYTES,
): AsyncGenerator<FrameBlock> {
  let held = Buffer.allocUnsafe(2 * size);
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
        if (atoms === null) fault = countError(text, { file, number: frames, line });
        else open = { left: atoms + 1, atoms, line };
      }
    }
    at = Math.min(stop + 1, end);
    line++;
    if (open.left === 0) whole = at;
  };
  const cut = (): FrameBlock => {
    const block = { bytes: new Uint8Array(held.subarray(0, whole)), ...first };
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
    if (fault) break;
  }
  // The last line may have no line break.
  if (at < end && !fault) processLine(end);
  if (open.left > 0) fault = cutShortError(open, { file, number: frames, line: open.line });
  // Faults of earlier frames come first.
  if (frames > first.frame) yield cut();
  if (fault) throw fault;
}

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
  return structuresInvalid(
    place,
    `it should begin with its number of atoms, not "${shown}"`,
    'a frame is a line with the number of atoms, a comment line, and that many atoms',
  );
}
