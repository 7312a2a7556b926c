/** A log of bounded size: the newest part and the part before it. */
import { appendFileSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** Two parts of this size hold days of warnings, and no log ever fills a disk. */
const PART_BYTES = 4 * 2 ** 20;

export interface RotatingLog {
  write(chunk: string | Uint8Array): void;
  /** Writes all that comes from `stream`. */
  follow(stream: Readable): void;
  /** The last lines written, oldest first. */
  tail(lines: number): string[];
}

export function openLog(file: string, partBytes: number = PART_BYTES): RotatingLog {
  let size = existsSync(file) ? statSync(file).size : 0;
  const write = (chunk: string | Uint8Array): void => {
    try {
      if (size > partBytes) {
        renameSync(file, `${file}.1`);
        size = 0;
      }
      appendFileSync(file, chunk, { mode: 0o600 });
      size += Buffer.byteLength(chunk);
    } catch {
      // A full disk must not stop what is being logged.
    }
  };
  return {
    write,
    follow: (stream) => {
      stream.on('data', write);
      stream.on('error', () => {});
    },
    tail: (lines) => readTail(file, lines),
  };
}

/** The last lines of a log file; empty if there is none. */
export function readTail(file: string, lines: number): string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines);
  } catch {
    return [];
  }
}
