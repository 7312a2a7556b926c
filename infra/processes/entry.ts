/** Entry points of the project's own processes. */
import { fileURLToPath } from 'node:url';

/** TypeScript in the checkout, JavaScript in the published package. */
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

export const IS_CHECKOUT = EXTENSION === '.ts';

/** Returns the path of infra/entries/`name`. */
export function resolveEntry(
  name: 'supervisor' | 'worker' | 'api' | 'pages' | 'workflow-bundle' | 'temporal-download' | 'temporal-gate',
): string {
  return fileURLToPath(new URL(`../entries/${name}${EXTENSION}`, import.meta.url));
}
