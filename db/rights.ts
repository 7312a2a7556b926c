/** Statements that this user of the database may not run: which rights they lack. */
import { NarrowsError } from '../errors.ts';

/** SQLSTATE of a statement without the right to it, and of a write where only reads are allowed. */
const INSUFFICIENT_PRIVILEGE = '42501';
const READ_ONLY_TRANSACTION = '25006';

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** Whether a statement failed because this user, or this server, may only read. */
export const isWriteRefused = (error: unknown): boolean =>
  [INSUFFICIENT_PRIVILEGE, READ_ONLY_TRANSACTION].includes(codeOf(error));

/** Returns the error to show for a statement that this user may not run; null for other errors. */
export function databaseRightError(address: string, error: unknown): NarrowsError | null {
  if (!isWriteRefused(error)) return null;
  const { message, query = '' } = error as Error & { query?: string };
  if (codeOf(error) === READ_ONLY_TRANSACTION) {
    return new NarrowsError('database-read-only', `the database at ${address} takes no writes here: ${message}`, {
      path: 'NARROWS_DATABASE_URL',
      fix: 'use the primary server and a role without default_transaction_read_only; commands that only read work',
      kind: 'failure',
      cause: error,
    });
  }
  // A server that speaks another language names the table in its own words.
  const table = /\b(?:table|view|relation) "?(\w+)"?/.exec(message)?.[1];
  const rights = table === undefined ? [] : rightsOf(query, table);
  const lacking = table === undefined ? message : `it lacks the right to ${rights.join(' and ')} on ${table}`;
  return new NarrowsError('right-missing', `the user of the database at ${address} may not do this: ${lacking}`, {
    path: 'NARROWS_DATABASE_URL',
    fix:
      table === undefined
        ? 'use the URL of a role with this right; "narrows db roles" lists roles'
        : `use the URL of a role with this right ("narrows db roles"), or as the owner: grant ${rights.join(', ')} on ${table} to USER`,
    kind: 'failure',
    cause: error,
  });
}

/** Returns the rights that a statement needs on a table. */
export function rightsOf(query: string, table: string): string[] {
  const isMatch = (pattern: string) => new RegExp(pattern.replace('TABLE', `"?${table}\\b`), 'i').test(query);
  const writes = [
    ...(isMatch('insert\\s+into\\s+TABLE') ? ['insert'] : []),
    ...(isMatch('update\\s+TABLE') || isMatch('insert\\s+into\\s+TABLE[\\s\\S]*do\\s+update') ? ['update'] : []),
    ...(isMatch('delete\\s+from\\s+TABLE') ? ['delete'] : []),
  ];
  if (writes.length > 0) return writes;
  return isMatch('TABLE[\\s\\S]*\\bfor\\s+(no\\s+key\\s+)?(update|(key\\s+)?share)\\b') ? ['select', 'update'] : ['select'];
}
