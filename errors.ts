/** Exit codes of the command line (part of the contract). */
export const EXIT = { ok: 0, failure: 1, invalid: 2, notFound: 3, partial: 4, unreachable: 5, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error that a person can act on: printed without a stack trace, and as `{"error":{…}}` under --output json. */
export class NarrowsError extends Error {
  /** kebab-case, stable: scripts match on it. */
  readonly code: string;
  /** Where: a key of a spec (`space.k`), a file, a row and column. */
  readonly path: string | undefined;
  /** What to do about it. */
  readonly fix: string | undefined;
  readonly exit: ExitCode;

  constructor(
    code: string,
    message: string,
    details: { path?: string | undefined; fix?: string | undefined; exit?: ExitCode; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'NarrowsError';
    this.code = code;
    this.path = details.path;
    this.fix = details.fix;
    this.exit = details.exit ?? EXIT.invalid;
  }
}
