import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import { isUnreachableCode } from '../db/client.ts';
import { NarrowsError } from '../errors.ts';

/**
 * The closed vocabulary of what an activity may fail with. What a trial does (diverge, be pruned,
 * fail by itself) is no failure of an activity but an outcome in a row.
 */
const FAILURES = {
  /** The sweep's row is gone. */
  SweepMissing: { retryable: false },
  /** The stored spec does not fit its dataset. */
  SpecInvalid: { retryable: false },
  DatasetMissing: { retryable: false },
  /** Stored bytes do not hash to their address. */
  DatasetCorrupt: { retryable: false },
  /** Stored weights or latents cannot be read, and will not be at another attempt. */
  ResultCorrupt: { retryable: false },
  /** The retraining's row is gone. */
  RetrainingMissing: { retryable: false },
  /**
   * The newest version lacks rows that the champions know, or a dataset of other columns took its
   * name.
   */
  DataUnrelated: { retryable: false },
  /** A webhook or a mail server did not take a message. */
  MessageUndelivered: { retryable: true },
  /** The engine broke down: a thread died, memory ran out. */
  EngineLost: { retryable: true },
  /** The worker fell silent, or did not end in time; the server says so, no activity does. */
  WorkerLost: { retryable: true },
  DatabaseUnreachable: { retryable: true },
  /** The worker's disk is full. */
  DiskFull: { retryable: true },
  /** None of the above: a fault in narrows. */
  Unexpected: { retryable: true },
} as const satisfies Record<string, { readonly retryable: boolean }>;

export type FailureCode = keyof typeof FAILURES;

/** Codes of NarrowsError that the layers below use, in the words of this vocabulary. */
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
  'engine-lost': 'EngineLost',
  'database-unreachable': 'DatabaseUnreachable',
  'disk-full': 'DiskFull',
};

/** The failure of this vocabulary that an error amounts to. */
export function failureCode(error: unknown): FailureCode {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? String(cause.code) : '';
    const known = cause instanceof NarrowsError ? KNOWN_CODES[code] : undefined;
    if (known) return known;
    if (code === 'ENOSPC') return 'DiskFull';
    if (isUnreachableCode(code)) return 'DatabaseUnreachable';
  }
  return 'Unexpected';
}

/**
 * What crosses the boundary to the workflow: the code as type, and whether another attempt may
 * help. A cancellation stays one.
 */
export function toFailure(error: unknown): TemporalFailure {
  if (error instanceof TemporalFailure) return error;
  const code = failureCode(error);
  const message = error instanceof Error ? error.message : String(error);
  // A fault of narrows travels with its stack; whatever else is in the vocabulary says enough by
  // its message.
  const cause = code === 'Unexpected' && error instanceof Error ? { cause: error } : {};
  return ApplicationFailure.create({ type: code, message, nonRetryable: !FAILURES[code].retryable, ...cause });
}
