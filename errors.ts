/** Kinds of error that a person can act on: the command line turns them into exit codes, the API into statuses. */
export type ErrorKind = 'failure' | 'invalid' | 'not-found' | 'unreachable';

/** An error that a person can act on: printed without a stack trace, and as `{"error":{…}}` under --output json. */
export class NarrowsError extends Error {
  /** kebab-case, stable: scripts match on it. */
  readonly code: string;
  /** Location of the fault: a key of a spec (`space.k`), a file, a row and column. */
  readonly path: string | undefined;
  /** Action that removes the cause. */
  readonly fix: string | undefined;
  readonly kind: ErrorKind;

  constructor(
    code: string,
    message: string,
    details: { path?: string | undefined; fix?: string | undefined; kind?: ErrorKind; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'NarrowsError';
    this.code = code;
    this.path = details.path;
    this.fix = details.fix;
    this.kind = details.kind ?? 'invalid';
  }
}
