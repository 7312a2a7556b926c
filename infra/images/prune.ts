/**
 * Removes from an installed tree what an image does not run, and prints what takes the space. Run
 * by the Containerfile: `node infra/images/prune.ts FOLDER ROLE`.
 */
import { globSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { printNote } from '../output.ts';
import { IMAGE_ROLES, LOADED_BUNDLER, OMITTED_FILES, omittedPackages } from './contents.ts';
import { findNeededPackages, type LockFile } from './packages.ts';

/** Files of packages for people and compilers; licences have none of these endings, or are kept. */
const UNUSED = new Set(['.flow', '.map', '.markdown', '.md', '.mts', '.cts', '.ts', '.tsbuildinfo']);
const LICENCE = /licen[cs]e|notice|copying/i;

/** Sources of the SDK's native library. */
const BRIDGE = 'node_modules/@temporalio/core-bridge';
const BRIDGE_SOURCES = ['bridge-macros', 'sdk-core', 'src', 'ts'] as const;

/** The SDK's name of this platform. */
const PLATFORM = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu`;

const [, , root = '', name = ''] = process.argv;
const role = IMAGE_ROLES.find((one) => one === name);
if (role === undefined) throw new Error(`"${name}" is not one of ${IMAGE_ROLES.join(', ')}`);

removePackages(omittedPackages(role));
for (const name of LOADED_BUNDLER) writePlaceholder(name);
for (const name of OMITTED_FILES[role]) remove(`dist/${name}`);
for (const name of BRIDGE_SOURCES) remove(`${BRIDGE}/${name}`);
for (const target of readdirSync(join(root, BRIDGE, 'releases'))) {
  if (target !== PLATFORM) remove(`${BRIDGE}/releases/${target}`);
}
removeUnusedFiles();
printSizes();

function remove(path: string): void {
  rmSync(join(root, path), { recursive: true, force: true });
}

function removePackages(names: ReadonlySet<string>): void {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as LockFile;
  const needed = findNeededPackages(lock, names);
  const isWithin = (folder: string) => [...needed].some((other) => other.startsWith(`${folder}/node_modules/`));
  for (const folder of Object.keys(lock.packages)) {
    if (folder !== '' && !needed.has(folder) && !isWithin(folder)) remove(folder);
  }
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name.startsWith('@') && readdirSync(join(root, 'node_modules', name)).length === 0) remove(`node_modules/${name}`);
  }
  remove('node_modules/.bin');
  remove('node_modules/.package-lock.json');
}

/** Writes an empty package, so that what loads it goes on, and whatever uses it fails. */
function writePlaceholder(name: string): void {
  const folder = join(root, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '0.0.0', description: 'not in this image' }));
  writeFileSync(join(folder, 'index.js'), 'module.exports = {};\n');
}

function removeUnusedFiles(): void {
  for (const file of globSync('node_modules/**', { cwd: root })) {
    if (UNUSED.has(extname(file)) && !LICENCE.test(file) && lstatSync(join(root, file)).isFile()) remove(file);
  }
}

/** Prints the largest packages and folders, in MB. */
function printSizes(): void {
  const modules = readdirSync(join(root, 'node_modules')).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(root, 'node_modules', name)).map((scoped) => `${name}/${scoped}`) : [name],
  );
  const parts = [
    ...modules.map((name) => `node_modules/${name}`),
    ...readdirSync(join(root, 'dist')).map((name) => `dist/${name}`),
  ].map((path) => ({ path, bytes: measure(join(root, path)) }));
  for (const { path, bytes } of parts.toSorted((a, b) => b.bytes - a.bytes).slice(0, 15)) printRow(path, bytes);
  printRow(root, measure(root));
}

function printRow(name: string, bytes: number): void {
  printNote(`${(bytes / 1e6).toFixed(1).padStart(7)} MB  ${name}`);
}

function measure(path: string): number {
  const found = lstatSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + measure(join(path, name)), 0);
}
