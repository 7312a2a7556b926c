import type { ErrorKind } from '../errors.ts';

/** Exit codes of the command line (part of the contract). */
export const EXIT = { ok: 0, failure: 1, invalid: 2, notFound: 3, partial: 4, unreachable: 5, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_BY_KIND: Readonly<Record<ErrorKind, ExitCode>> = {
  failure: EXIT.failure,
  invalid: EXIT.invalid,
  'not-found': EXIT.notFound,
  unreachable: EXIT.unreachable,
};
