/** Entry points of the project's own processes. */
import { fileURLToPath } from 'node:url';

/** TypeScript in the checkout, JavaScript in the published package. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

export const IS_CHECKOUT = EXTENSION === '.ts';

/**
 * Flags of node for processes that run for long: SIGUSR1 would open a debugger on loopback, which
 * asks nobody for a password.
 */
export const CLOSED_TO_DEBUGGERS = ['--disable-sigusr1'] as const;

/** Returns the path of infra/entries/`name`. */
export function resolveEntry(
  name: 'supervisor' | 'worker' | 'api' | 'pages' | 'workflow-bundle' | 'temporal-download' | 'temporal-gate',
): string {
  return fileURLToPath(new URL(`../entries/${name}${EXTENSION}`, import.meta.url));
}
