/** A copy of this checkout as another version of narrows, in place of its images. */
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkoutFiles, isProduction, ROOT } from '../house/sources.ts';

/** Copies the code, without tests and documentation, and gives it a version. */
export function copyCheckout(folder: string, version: string): void {
  const files = checkoutFiles().filter((path) => isProduction(path) && !path.startsWith('docs/'));
  for (const path of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(ROOT, path), join(folder, path));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as object;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, version }));
}
