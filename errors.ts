import { closest, distance } from 'fastest-levenshtein';

/** Kinds of error that become exit codes of the command line and statuses of the API. */
export type ErrorKind = 'failure' | 'invalid' | 'not-found' | 'unreachable';

/** An error that a person can act on: printed without a stack trace, as `{"error":{…}}` in JSON. */
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

export { distance as editDistance } from 'fastest-levenshtein';

/** Returns the error for a name or id that nothing has; `fix` says where to find existing ones. */
export const notFound = (code: string, message: string, path: string, fix: string): NarrowsError =>
  new NarrowsError(code, message, { path, fix, kind: 'not-found' });

/** Returns the question after the known name that is nearest to a word. */
export const didYouMean = (word: string, known: readonly string[]): string => `did you mean "${closest(word, known)}"?`;

/** Returns the names by how near they are to a word, nearest first. */
export const nearestFirst = (word: string, names: readonly string[]): string[] =>
  names.toSorted((a, b) => distance(a, word) - distance(b, word));
