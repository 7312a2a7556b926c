/** Errors that reject a shard, and what is shown of them. */
import { NarrowsError } from '../../errors.ts';
import { escapeLine } from '../../text/controls.ts';
import { type FailureCode, failureCode } from '../failures.ts';

/** Failures of servers do not reject a shard: the step is repeated. */
const NOT_OF_SHARD: readonly FailureCode[] = ['DatabaseUnreachable', 'BlobsUnreachable', 'DatasetCorrupt', 'DatasetMissing'];

/** Postgres refuses a value: a NUL, which its text cannot hold, above all. */
const isDataException = (error: unknown): boolean =>
  error instanceof Error && error.name === 'PostgresError' && 'code' in error && /^22/.test(String(error.code));

/** Returns whether this machine lacked room or memory for a shard, perhaps for this one alone. */
export const isShortage = (error: unknown): boolean =>
  failureCode(error) === 'DiskFull' || (error instanceof NarrowsError && error.code === 'reader-lost');

/**
 * Returns whether an error rejects a shard, so that the others are ingested: also a defect of a
 * reader, which would meet the same content in every run.
 */
export function isOfShard(error: unknown): boolean {
  if (error instanceof Error && error.name === 'PostgresError') return isDataException(error);
  return !isShortage(error) && !NOT_OF_SHARD.includes(failureCode(error));
}

/** Longest value of a file that is shown. */
const MAX_CELL = 60;

/**
 * Returns the reason as one line: everyone who may read sees it, so that it shows a cell of the
 * shard at most, never lines of a file. `copy`: the folder that was read instead, or ''.
 */
export function describeFault(error: unknown, copy: string): string {
  if (isDataException(error)) return 'it contains text that cannot be stored, such as a NUL character';
  const message = error instanceof Error ? error.message : String(error);
  const [line = ''] = (copy === '' ? message : message.replaceAll(`${copy}/`, '')).split('\n');
  const shortenCell = (quoted: string, cell: string) => (cell.length > MAX_CELL ? `"${cell.slice(0, MAX_CELL)}..."` : quoted);
  const shown = escapeLine(line.replaceAll(/"([^"]*)"/g, shortenCell));
  return error instanceof NarrowsError ? shown : `it cannot be read: ${shown}`;
}
