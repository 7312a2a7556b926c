/** Libraries of many modules are loaded from one file each, so that processes start sooner. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';

export const BUNDLED: readonly string[] = ['yaml', 'zod'];

const require = createRequire(import.meta.url);

/** The folder of our code, which may itself be below node_modules. */
const OWN = new URL('.', import.meta.url).href;

const isOwn = (url = ''): boolean => url.startsWith(OWN) && !url.slice(OWN.length).includes('node_modules/');

/** Returns the address of the file of a library in the version that is installed. */
export function bundleOf(library: string): URL {
  const { version } = JSON.parse(readFileSync(require.resolve(`${library}/package.json`), 'utf8')) as { version: string };
  return new URL(`./libraries/${library}-${version}.js`, import.meta.url);
}

/**
 * Loads the libraries from their files, for code that is loaded from now on. The files are built
 * (infra/entries/libraries.ts) when packages are installed in the checkout, and into the published
 * package; a library without a file of its version is loaded as usual.
 */
export function useBundledLibraries(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      // Other libraries, such as those that extend zod, get the one that they were made for.
      if (BUNDLED.includes(specifier) && isOwn(context.parentURL)) {
        const file = bundleOf(specifier);
        if (existsSync(file)) return { url: file.href, format: 'module', shortCircuit: true };
      }
      return nextResolve(specifier, context);
    },
  });
}
