/** Builds the pages into the folder that is named. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [, , folder] = process.argv;
if (folder === undefined) throw new Error('name the folder to write');
// Of the checkout only: whoever has the package has the pages too.
const { build } = await import('vite');
await build({
  configFile: fileURLToPath(new URL('../../dashboards/web/vite.config.ts', import.meta.url)),
  logLevel: 'warn',
  build: { outDir: resolve(folder), emptyOutDir: true },
});
