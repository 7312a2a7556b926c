/** Errors of a spec, as reported by the server. */
import type { Problem } from '../../contract/shared.ts';

export interface SpecError {
  /** From 1; null if unknown. */
  readonly line: number | null;
  readonly column: number | null;
  readonly path: string;
  readonly message: string;
  readonly fix: string | null;
}

/** Returns the errors of a problem by line; a problem without a list is an error itself. */
export function specErrors({ errors, path, detail, fix }: Problem): readonly SpecError[] {
  if (!errors || errors.length === 0) return [{ line: null, column: null, path: path ?? '', message: detail, fix: fix ?? null }];
  return errors
    .map(({ line = null, column = null, path, message, fix = null }) => ({ line, column, path, message, fix }))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** Returns the offset of a line and column (from 1) within a text. */
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
