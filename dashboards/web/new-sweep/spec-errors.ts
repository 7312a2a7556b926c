/** The faults of a spec out of the server's problem, in the order of their lines. */
import type { Problem } from '../../contract/shared.ts';

export interface SpecError {
  /** From 1; null where the fault is of no line. */
  readonly line: number | null;
  readonly column: number | null;
  readonly path: string;
  readonly message: string;
  readonly fix: string | null;
}

/** A problem that lists no errors is one fault itself. */
export function specErrors({ errors, path, detail, fix }: Problem): readonly SpecError[] {
  if (!errors || errors.length === 0) return [{ line: null, column: null, path: path ?? '', message: detail, fix: fix ?? null }];
  return errors
    .map((error) => ({
      line: error.line ?? null,
      column: error.column ?? null,
      path: error.path,
      message: error.message,
      fix: error.fix ?? null,
    }))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** Where a line (from 1) and column (from 1) lie in a text: an offset within it. */
export function textOffset(text: string, line: number, column = 1): number {
  let at = 0;
  for (let i = 1; i < line; i++) {
    const end = text.indexOf('\n', at);
    if (end < 0) return text.length;
    at = end + 1;
  }
  const end = text.indexOf('\n', at);
  return Math.min(at + column - 1, end < 0 ? text.length : end);
}
