/** Faults of a spec and the errors that report them. */
import { didYouMean, editDistance, NarrowsError, nearestFirst, shortenMessage } from '../errors.ts';

export interface SpecFault {
  /** Path such as 'space.k[1]'; empty for the whole document. */
  readonly path: string;
  readonly message: string;
  readonly fix?: string;
}

/** Most faults reported of a spec: each is located in it, which takes time with its length. */
const MAX_FAULTS = 100;

/** Error `spec-invalid` with its faults, 100 at most; path and fix are the first fault's. */
export class SpecInvalid extends NarrowsError {
  readonly faults: readonly SpecFault[];

  constructor(faults: readonly SpecFault[]) {
    const [first] = faults;
    const message = faults
      .slice(0, MAX_FAULTS)
      .map(({ path, message }) => (path && !message.startsWith(path) ? `${path}: ${message}` : message))
      .join('; ');
    super('spec-invalid', message, { path: first?.path || undefined, fix: first?.fix });
    this.faults = faults.slice(0, MAX_FAULTS).map(({ path, message, fix }) => ({
      path: shortenMessage(path),
      message: shortenMessage(message),
      ...(fix !== undefined && { fix: shortenMessage(fix) }),
    }));
  }
}

export const specFault = (path: string, message: string, fix: string): SpecFault => ({ path, message, fix });

/** Throws SpecInvalid with all faults, each once; does nothing without any. */
export function throwFaults(faults: Iterable<SpecFault>): void {
  const distinct = [...new Map([...faults].map((one) => [`${one.path} ${one.message}`, one])).values()];
  if (distinct.length > 0) throw new SpecInvalid(distinct);
}

/** Edits per letter of the longer name, above which two names have nothing in common. */
const MOST_EDITS = 2 / 3;

/** Returns all known names, after the one that a word is probably a misspelling of. */
export function suggestNearest(word: string, known: readonly string[]): string {
  const [nearest = ''] = nearestFirst(word, known);
  const isSimilar = editDistance(word, nearest) <= MOST_EDITS * Math.max(word.length, nearest.length);
  const all = `nown here: ${known.join(', ')}`;
  return isSimilar ? `${didYouMean(word, known)} K${all}` : `k${all}`;
}

/** Lines and columns count from 1. */
export interface LocatedFault extends SpecFault {
  readonly line?: number;
  readonly column?: number;
}

/** An error about a spec, with every fault located. */
export class LocatedSpecError extends NarrowsError {
  readonly faults: readonly LocatedFault[];

  constructor({ code, message, path, fix, kind }: NarrowsError, faults: readonly LocatedFault[]) {
    super(code, message, { path, fix, kind });
    this.faults = faults;
  }
}
