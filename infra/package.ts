/**
 * Compiles the published package into dist/, which has the checkout's tree, before npm packs.
 * `npm run check` checks the types.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');

/** Folders with files that the code reads at run time; the compiler writes the code itself. */
const ASSETS = ['db/migrations', 'examples', 'models/engines/kernel'] as const;
const NOT_ASSETS = new Set(['.ts', '.js', '.c', '.h']);

rmSync(DIST, { recursive: true, force: true });
const compiler = fileURLToPath(import.meta.resolve('typescript/package.json')).replace(/package\.json$/, 'bin/tsc');
execFileSync(process.execPath, [compiler, '-p', join(ROOT, 'tsconfig.build.json')], { stdio: 'inherit' });
for (const folder of ASSETS) {
  for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || NOT_ASSETS.has(extname(entry.name))) continue;
    const file = join(entry.parentPath, entry.name);
    cpSync(file, join(DIST, file.slice(ROOT.length)));
  }
}
execFileSync(process.execPath, [join(DIST, 'infra/entries/workflow-bundle.js'), join(DIST, 'workflow-bundle.js')], {
  stdio: 'inherit',
});
execFileSync(process.execPath, [join(ROOT, 'infra/entries/libraries.ts'), join(DIST, 'libraries')], { stdio: 'inherit' });
execFileSync(process.execPath, [join(ROOT, 'infra/entries/pages.ts'), join(DIST, 'pages')], { stdio: 'inherit' });
