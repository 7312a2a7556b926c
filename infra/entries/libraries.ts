/** Builds each library of libraries.ts as one file, in the named folder or in the checkout. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLED, bundleOf } from '../../libraries.ts';
import { writeAtomically } from '../home.ts';

const files = new Map(BUNDLED.map((library) => [library, fileURLToPath(bundleOf(library))]));
const [, , folder = dirname([...files.values()][0] as string)] = process.argv;

// Where only what runs was installed, without tools, libraries are loaded as usual.
const vite = await import('vite').catch(() => null);
if (vite !== null) {
  mkdirSync(folder, { recursive: true });
  for (const [library, file] of files) writeAtomically(join(folder, basename(file)), await bundle(vite.build, library), 0o644);
  const current = [...files.values()].map((file) => basename(file));
  for (const name of readdirSync(folder)) if (!current.includes(name)) rmSync(join(folder, name));
}

/** Returns the licence of a library, which its copies must hold. */
function readLicence(library: string): string {
  const folder = dirname(createRequire(import.meta.url).resolve(`${library}/package.json`));
  return readFileSync(join(folder, 'LICENSE'), 'utf8');
}

/** Returns the code of a library with all of its exports, below its licence. */
async function bundle(build: typeof import('vite').build, library: string): Promise<string> {
  const names = Object.keys(await import(library)).filter((name) => name !== 'module.exports');
  const entry = `virtual:${library}`;
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [
      {
        name: 'narrows-library',
        enforce: 'pre',
        resolveId: (id) => (id === entry ? id : null),
        load(id) {
          if (id === entry) return `export { ${names.join(', ')} } from '${library}';`;
          // Texts in languages that cannot be chosen here; English is in a module of its own.
          return /\/zod\/v4\/locales\/index\.js$/.test(id) ? 'export {};' : null;
        },
      },
    ],
    ssr: { noExternal: true },
    build: { ssr: true, target: 'node24', write: false, rolldownOptions: { input: entry } },
  });
  const outputs = [built].flat().flatMap((one) => ('output' in one ? one.output : []));
  const [chunk, ...others] = outputs;
  if (chunk?.type !== 'chunk' || others.length > 0) throw new Error(`${library} is not a library of one file`);
  return `/*!\n${readLicence(library)}*/\n${chunk.code}`;
}
