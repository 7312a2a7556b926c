import { distance } from 'fastest-levenshtein';

/** Kinds of error that become exit codes of the command line and statuses of the API. */
export type ErrorKind = 'failure' | 'invalid' | 'not-found' | 'unreachable';

/** Longest message, path or fix, in UTF-16 units: some twenty lines of a terminal. */
const MAX_MESSAGE = 2000;
/** Longest quoted value of a message: the longest names of files, and more than anyone reads. */
const MAX_QUOTED = 260;

const GAP = ' ... ';

/** Shortens a text to `length` by leaving out its middle, so that its reason, at the end, stays. */
function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const kept = length - GAP.length;
  const head = Math.ceil((kept * 2) / 3);
  return `${text.slice(0, head)}${GAP}${text.slice(head - kept)}`.toWellFormed();
}

/** Shortens the quoted values of a message, then the message, whatever they come from. */
export const shortenMessage = (message: string): string =>
  shorten(
    message.replaceAll(/"[^"]+"/g, (quoted) => (quoted.length > MAX_QUOTED ? shorten(quoted, MAX_QUOTED) : quoted)),
    MAX_MESSAGE,
  );

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
    super(shortenMessage(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'NarrowsError';
    this.code = code;
    this.path = details.path === undefined ? undefined : shorten(details.path, MAX_MESSAGE);
    this.fix = details.fix === undefined ? undefined : shorten(details.fix, MAX_MESSAGE);
    this.kind = details.kind ?? 'invalid';
  }
}

/** The fields of a NarrowsError, which cross from one process or thread to another. */
export type Fault = Pick<NarrowsError, 'code' | 'message' | 'path' | 'fix' | 'kind'>;

export const faultOf = ({ code, message, path, fix, kind }: NarrowsError): Fault => ({ code, message, path, fix, kind });

export const errorOf = ({ code, message, ...details }: Fault): NarrowsError => new NarrowsError(code, message, details);

/** Returns the error for a name or id that nothing has; `fix` says where to find existing ones. */
export const notFound = (code: string, message: string, path: string, fix: string): NarrowsError =>
  new NarrowsError(code, message, { path, fix, kind: 'not-found' });

/** Whether a file operation found no space on the disk, or none left of the user's quota. */
export const isDiskFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes((error as { code?: string }).code ?? '');

/** Returns why a file was not read, as the end of a sentence: 'does not exist'. */
export function unreadableReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'does not exist';
  return code === 'EISDIR' ? 'is a folder' : `cannot be read (${code ?? message})`;
}

/** Longest name that has near ones: edit distance takes time with the product of the lengths. */
const MAX_NAME = 100;
/** Most names compared with a word; those after them have no suggestion. */
const MAX_COMPARED = 5000;

/** Returns the edit distance of two names; infinity where one is too long to be compared. */
export const editDistance = (a: string, b: string): number =>
  a.length > MAX_NAME || b.length > MAX_NAME ? Number.POSITIVE_INFINITY : distance(a, b);

/** Returns the names by how near they are to a word, nearest first; those not compared, last. */
export function nearestFirst(word: string, names: readonly string[]): string[] {
  const compared = names.slice(0, MAX_COMPARED).map((name) => ({ name, edits: editDistance(name, word) }));
  return [
    ...compared.sort((a, b) => (a.edits === b.edits ? 0 : a.edits - b.edits)).map(({ name }) => name),
    ...names.slice(MAX_COMPARED),
  ];
}

/** Returns the question after the known name that is nearest to a word, if any is compared. */
export function didYouMean(word: string, known: readonly string[]): string {
  const [nearest] = nearestFirst(word, known);
  const isNear = nearest !== undefined && editDistance(word, nearest) <= MAX_NAME;
  return isNear ? `did you mean "${nearest}"?` : 'no known name is near.';
}
