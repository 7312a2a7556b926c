/** The rule for names that people give: to datasets, sweeps, retrainings, tokens, requests. */
import { NarrowsError } from '../errors.ts';

export const MAX_NAME_LENGTH = 80;

/** Returns what is wrong with a name, as the rest of a sentence; null where nothing is. */
export function findNameFault(name: string, maxLength: number = MAX_NAME_LENGTH): string | null {
  if (name.trim() === '') return 'is empty';
  if (name.length > maxLength) return `has ${name.length} characters; ${maxLength} are possible`;
  // Control characters, invisible ones and line breaks would garble tables and terminals.
  return /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name) ? 'holds a control or invisible character' : null;
}

/** Throws NarrowsError `name-invalid`. */
export function requireName(name: string): void {
  const fault = findNameFault(name);
  if (fault === null) return;
  throw new NarrowsError('name-invalid', `the name ${fault}`, { path: 'name', fix: 'take a short name of one line' });
}
