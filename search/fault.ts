/** What is said where a spec is at fault. */
import { closest } from 'fastest-levenshtein';
import { NarrowsError } from '../infra/errors.ts';

/** NarrowsError `spec-invalid` at `path`, which the message names. */
export function fault(path: string, message: string, fix?: string): NarrowsError {
  const named = path && !message.startsWith(path) ? `${path}: ${message}` : message;
  return new NarrowsError('spec-invalid', named, { path: path || undefined, fix });
}

export function nearest(word: string, known: readonly string[]): string {
  return `did you mean "${closest(word, known)}"? Known here: ${known.join(', ')}`;
}
