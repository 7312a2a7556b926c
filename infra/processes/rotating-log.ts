/** Log file of limited size, without control characters: a current part and the one before it. */
import { appendFileSync, constants, existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { escapeControls } from '../../text/controls.ts';

/** Size of a part; two parts hold days of warnings. */
const PART_BYTES = 4 * 2 ** 20;

/** Appends, but not to what a link names: a checkout may bring links to any file of this user. */
export const APPEND = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW;

export interface RotatingLog {
  write(text: string): void;
  /** Writes all data of `stream`. */
  follow(stream: Readable): void;
  /** Returns the last lines, oldest first. */
  tail(lines: number): string[];
}

export function openLog(file: string, partBytes: number = PART_BYTES): RotatingLog {
  let size = existsSync(file) ? statSync(file).size : 0;
  const write = (text: string): void => {
    const shown = escapeControls(text);
    try {
      if (size > partBytes) {
        renameSync(file, `${file}.1`);
        size = 0;
      }
      appendFileSync(file, shown, { flag: APPEND, mode: 0o600 } as object);
      size += Buffer.byteLength(shown);
    } catch {
      // A full disk must not stop the process that logs.
    }
  };
  return {
    write,
    follow: (stream) => {
      const decoder = new StringDecoder('utf8');
      stream.on('data', (chunk: Buffer) => write(decoder.write(chunk)));
      stream.on('error', () => {});
    },
    tail: (lines) => readTail(file, lines),
  };
}

/** Returns the last lines of a log file; an empty array if it does not exist. */
function readTail(file: string, lines: number): string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines);
  } catch {
    return [];
  }
}
