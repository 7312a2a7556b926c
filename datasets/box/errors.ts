/** Errors of inputs that cannot be read within their bounds. */
import { NarrowsError } from '../../errors.ts';

/** A NarrowsError `input-too-costly`: `what` is the bound. */
export function tooCostlyError(file: string, what: string, bytes: number): NarrowsError {
  return new NarrowsError(
    'input-too-costly',
    `${file}: reading it takes more than ${what}, too much for an input of ${formatBytes(bytes)}`,
    {
      path: file,
      fix: 'check how the file was written; bounds grow with its size: save the arrays uncompressed, or as several datasets',
    },
  );
}

/** A NarrowsError `reader-failed` for an error that no reader expects. */
export function readerFailedError(file: string, why: string, cause?: unknown): NarrowsError {
  return new NarrowsError('reader-failed', `${file} cannot be read: ${why}`, {
    path: file,
    fix: 'write the file again; where other programs read it, report it as a defect of narrows',
    cause,
  });
}

/** A NarrowsError `reader-lost`: the process was ended from outside. */
export function readerLostError(file: string, signal: string): NarrowsError {
  return new NarrowsError('reader-lost', `the process that reads ${file} was ended by ${signal}`, {
    path: file,
    fix: 'try again; a machine that is short of memory ends processes',
    kind: 'failure',
  });
}

/** "529 bytes", "2.5 kB", "450 MB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(2))} ${['', 'kB', 'MB', 'GB'][power]}`;
}
