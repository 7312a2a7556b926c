/** Builds the files of libraries.ts where packages were copied instead of installed. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BUNDLED, bundleOf } from '../../../libraries.ts';

export function buildLibraries(): void {
  if (BUNDLED.every((library) => existsSync(bundleOf(library)))) return;
  execFileSync(process.execPath, [fileURLToPath(new URL('../../../infra/entries/libraries.ts', import.meta.url))]);
}
