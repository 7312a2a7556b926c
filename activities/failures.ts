import { ApplicationFailure, CancelledFailure, TemporalFailure } from '@temporalio/common';
import { isDamagedCode, isUnreachableCode } from '../db/client.ts';
import { isDiskFull, NarrowsError } from '../errors.ts';

/** The closed vocabulary of activity failures; endings of a trial are outcomes in its row. */
const FAILURES = {
  /** The sweep's row is missing. */
  SweepMissing: { retryable: false },
  /** The stored spec does not fit its dataset. */
  SpecInvalid: { retryable: false },
  DatasetMissing: { retryable: false },
  /** Stored bytes do not hash to their address. */
  DatasetCorrupt: { retryable: false },
  /** Stored weights or latents cannot be read, now or later. */
  ResultCorrupt: { retryable: false },
  /** The retraining's row is missing. */
  RetrainingMissing: { retryable: false },
  /** The newest version lacks rows that the champions were trained on, or has other columns. */
  DataUnrelated: { retryable: false },
  /** A webhook or a mail server did not accept a message. */
  MessageUndelivered: { retryable: true },
  /** The engine failed: a thread died, memory ran out. */
  EngineLost: { retryable: true },
  /** The worker is silent or did not end in time; reported by the server, not by an activity. */
  WorkerLost: { retryable: true },
  /** The worker was stopped in good order; the workflow schedules the work again at once. */
  WorkerStopped: { retryable: false },
  DatabaseUnreachable: { retryable: true },
  /** Postgres found its own files damaged. */
  DatabaseCorrupt: { retryable: false },
  /** The task belongs to another database than the worker's. */
  DatabaseForeign: { retryable: true },
  /** The object store does not answer or refuses, or it is not that of the installation. */
  BlobsUnreachable: { retryable: true },
  /** The worker's disk is full. */
  DiskFull: { retryable: true },
  /** Everything else: a defect of narrows. */
  Unexpected: { retryable: true },
} as const satisfies Record<string, { readonly retryable: boolean }>;

export type FailureCode = keyof typeof FAILURES;

/** Returns a code of the vocabulary: failures that older workers sent may have others. */
export const knownFailure = (code: string): FailureCode => (code in FAILURES ? (code as FailureCode) : 'Unexpected');

/** Returns the failure of work that a worker gives back because it stops. */
export const workerStopped = (): ApplicationFailure => failureOf('WorkerStopped', 'the worker was stopped');

/** Codes of NarrowsError from the layers below, translated. */
const KNOWN_CODES: Readonly<Record<string, FailureCode>> = {
  'sweep-unknown': 'SweepMissing',
  'retraining-unknown': 'RetrainingMissing',
  'data-unrelated': 'DataUnrelated',
  'message-undelivered': 'MessageUndelivered',
  'spec-invalid': 'SpecInvalid',
  'dataset-missing': 'DatasetMissing',
  'dataset-corrupt': 'DatasetCorrupt',
  'model-damaged': 'ResultCorrupt',
  'weights-corrupt': 'ResultCorrupt',
  'latents-corrupt': 'ResultCorrupt',
  'test-rows-corrupt': 'ResultCorrupt',
  'engine-lost': 'EngineLost',
  'database-unreachable': 'DatabaseUnreachable',
  'database-corrupt': 'DatabaseCorrupt',
  'database-foreign': 'DatabaseForeign',
  'blobs-unreachable': 'BlobsUnreachable',
  'blobs-refused': 'BlobsUnreachable',
  'blobs-elsewhere': 'BlobsUnreachable',
  'blobs-taken': 'BlobsUnreachable',
  'bucket-missing': 'BlobsUnreachable',
  'disk-full': 'DiskFull',
};

/** Returns the failure of this vocabulary that an error means. */
export function failureCode(error: unknown): FailureCode {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? String(cause.code) : '';
    const known = cause instanceof NarrowsError ? KNOWN_CODES[code] : undefined;
    if (known) return known;
    if (isDiskFull(cause)) return 'DiskFull';
    if (isUnreachableCode(code)) return 'DatabaseUnreachable';
    if (isDamagedCode(code)) return 'DatabaseCorrupt';
  }
  return 'Unexpected';
}

/** Returns the failure for the workflow: its type is the code. A cancellation stays one. */
export function toFailure(error: unknown): TemporalFailure {
  if (error instanceof TemporalFailure) return error;
  const code = failureCode(error);
  const message = error instanceof Error ? error.message : String(error);
  // Only a person can mend what is not retried: the message says how.
  const fix = error instanceof NarrowsError && error.fix && !FAILURES[code].retryable ? `; ${error.fix}` : '';
  // A defect of narrows is sent with its stack; for the others the message is enough.
  const cause = code === 'Unexpected' && error instanceof Error ? { cause: error } : {};
  return failureOf(code, `${message}${fix}`, cause);
}

const failureOf = (code: FailureCode, message: string, cause: { readonly cause?: Error } = {}): ApplicationFailure =>
  ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: !FAILURES[code].retryable,
    // A worker of the right database polls the same queue.
    ...(code === 'DatabaseForeign' && { nextRetryDelay: '200ms' }),
    ...cause,
  });

/** How an attempt of an activity ended; `stopped`: a worker that stops has given it back. */
export type AttemptEnd =
  | { readonly outcome: 'completed' | 'cancelled' | 'stopped' }
  | { readonly outcome: 'failed'; readonly code: FailureCode };

/** Returns how an attempt ended that threw this. */
export function endOfAttempt(error: unknown): AttemptEnd {
  if (error instanceof CancelledFailure) return { outcome: 'cancelled' };
  const code = error instanceof ApplicationFailure ? knownFailure(error.type ?? '') : failureCode(error);
  return code === 'WorkerStopped' ? { outcome: 'stopped' } : { outcome: 'failed', code };
}

/** Resolves as `work` does; its errors become failures of this vocabulary. */
export const asFailure = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw toFailure(error);
  });
