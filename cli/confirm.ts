/** Confirmations on a terminal. */
import { NarrowsError } from '../errors.ts';
import { escapeLine } from '../text/controls.ts';
import type { CliContext } from './context.ts';

/** Asks on the terminal. Throws NarrowsError `needs-yes` where there is none. */
export async function confirm(context: CliContext, question: string): Promise<boolean> {
  if (process.stdin.isTTY !== true || !context.interactive) {
    throw new NarrowsError('needs-yes', 'this needs a confirmation, and there is no terminal to ask on', { fix: 'add --yes' });
  }
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${escapeLine(question)} [y/N] `, { signal: context.signal })).trim());
  } finally {
    lines.close();
  }
}
