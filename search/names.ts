/** The rule for names that people give to sweeps, retrainings and tokens. */

const LONGEST_NAME = 80;

/** Returns what is wrong with a name, as the rest of a sentence; null where nothing is. */
export function findNameFault(name: string): string | null {
  if (name.trim() === '') return 'is empty';
  if (name.length > LONGEST_NAME) return `has ${name.length} characters; ${LONGEST_NAME} are possible`;
  // Control characters, invisible ones and line breaks would garble tables and terminals.
  return /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name) ? 'holds a control or invisible character' : null;
}
