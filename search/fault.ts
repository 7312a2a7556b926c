/** Faults of a spec and the errors that report them. */
import { didYouMean, NarrowsError } from '../errors.ts';

export interface SpecFault {
  /** Path such as 'space.k[1]'; empty for the whole document. */
  readonly path: string;
  readonly message: string;
  readonly fix?: string;
}

/** Error `spec-invalid` with every fault; path and fix are the first fault's. */
export class SpecInvalid extends NarrowsError {
  readonly faults: readonly SpecFault[];

  constructor(faults: readonly SpecFault[]) {
    const [first] = faults;
    const message = faults
      .map(({ path, message }) => (path && !message.startsWith(path) ? `${path}: ${message}` : message))
      .join('; ');
    super('spec-invalid', message, { path: first?.path || undefined, fix: first?.fix });
    this.faults = faults;
  }
}

export const specFault = (path: string, message: string, fix: string): SpecFault => ({ path, message, fix });

/** Throws SpecInvalid with all faults, each once; does nothing without any. */
export function throwFaults(faults: Iterable<SpecFault>): void {
  const distinct = [...new Map([...faults].map((one) => [`${one.path} ${one.message}`, one])).values()];
  if (distinct.length > 0) throw new SpecInvalid(distinct);
}

export const suggestNearest = (word: string, known: readonly string[]): string =>
  `${didYouMean(word, known)} Known here: ${known.join(', ')}`;

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
