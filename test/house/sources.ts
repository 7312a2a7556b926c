/** The checkout's own source files and what they import, read as text. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  /** Path within the checkout, or a package's name; `node` for Node's built-in modules. */
  readonly target: string;
  readonly isLocal: boolean;
  /** Only types are imported: nothing is loaded at run time. */
  readonly typesOnly: boolean;
  /** Loaded when the code gets there, not along with the module. */
  readonly isDynamic: boolean;
}

/** Returns the paths of all files that git tracks or would add, relative to the root. */
export function checkoutFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const deleted = execFileSync('git', ['ls-files', '-d'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
  return listed.split('\n').filter((path) => path !== '' && !deleted.includes(path));
}

/** Returns the TypeScript files among `files`. */
export function typeScriptFiles(files: readonly string[] = checkoutFiles()): string[] {
  return files.filter((path) => /\.tsx?$/.test(path));
}

export const isProduction = (path: string): boolean => !/^(test|bench|examples)\//.test(path);

export const readSource = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const STATEMENT = /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s*from\s+)?'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/g;

/** Returns the static, dynamic and type imports of a source text that stands at `path`. */
export function importsOf(path: string, source: string): Import[] {
  const statements = [...source.matchAll(STATEMENT)].map(([, type, names, specifier]) => ({
    specifier: specifier as string,
    typesOnly: type !== undefined || isTypeList(names),
    isDynamic: false,
  }));
  const dynamic = [...source.matchAll(DYNAMIC)].map(([, specifier]) => ({
    specifier: specifier as string,
    typesOnly: false,
    isDynamic: true,
  }));
  return [...statements, ...dynamic].map(({ specifier, ...how }) => ({ ...resolved(path, specifier), ...how }));
}

/** Whether every name in `{ type A, type B }` is a type. */
function isTypeList(names: string | undefined): boolean {
  const list = /^\{(.*)\}$/s
    .exec(names ?? '')?.[1]
    ?.split(',')
    .filter((name) => name.trim() !== '');
  return list !== undefined && list.length > 0 && list.every((name) => name.trim().startsWith('type '));
}

function resolved(path: string, specifier: string): Pick<Import, 'target' | 'isLocal'> {
  if (specifier.startsWith('.')) return { target: normalize(join(dirname(path), specifier)), isLocal: true };
  if (specifier.startsWith('node:')) return { target: 'node', isLocal: false };
  const [first, second] = specifier.split('/');
  return { target: specifier.startsWith('@') ? `${first}/${second}` : (first as string), isLocal: false };
}
