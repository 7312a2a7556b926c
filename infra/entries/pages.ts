/** Builds the pages into the named folder. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('name the folder to write');
// Only the checkout builds pages: the package contains them.
const { build } = await import('vite');
await build({
  configFile: fileURLToPath(new URL('../../dashboards/web/vite.config.ts', import.meta.url)),
  configLoader: 'native',
  logLevel: 'warn',
  // Else Vite leaves a link to a folder that it could not read by name.
  resolve: { preserveSymlinks: true },
  build: { outDir: resolve(folder), emptyOutDir: true },
});
