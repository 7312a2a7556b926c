/** What is said where a spec is at fault. */
import { didYouMean, NarrowsError } from '../errors.ts';

export interface SpecFault {
  /** 'space.k[1]'; empty for the whole document. */
  readonly path: string;
  readonly message: string;
  readonly fix?: string;
}

/** `spec-invalid` with everything that is wrong; path and fix are the first fault's. */
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

export function specFault(path: string, message: string, fix?: string): SpecFault {
  return { path, message, ...(fix !== undefined && { fix }) };
}

/** Throws SpecInvalid with all of them, each once; does nothing where there is none. */
export function throwFaults(faults: Iterable<SpecFault>): void {
  const told = [...new Map([...faults].map((one) => [`${one.path} ${one.message}`, one])).values()];
  if (told.length > 0) throw new SpecInvalid(told);
}

export function suggestNearest(word: string, known: readonly string[]): string {
  return `${didYouMean(word, known)} Known here: ${known.join(', ')}`;
}

/** Lines and columns count from 1. */
export interface LocatedFault extends SpecFault {
  readonly line?: number;
  readonly column?: number;
}

/** An error about a spec, with every fault at its line. */
export class LocatedSpecError extends NarrowsError {
  readonly faults: readonly LocatedFault[];

  constructor({ code, message, path, fix, kind }: NarrowsError, faults: readonly LocatedFault[]) {
    super(code, message, { path, fix, kind });
    this.faults = faults;
  }
}
