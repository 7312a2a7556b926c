#!/usr/bin/env node
// Runs on Node 20 and newer; below the version that narrows needs it starts the pinned Node that
// npm installed.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OLDEST = '24.4';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'cli', 'main.ts');
// The checkout runs TypeScript; the published package holds JavaScript only.
const main = existsSync(source) ? source : join(root, 'dist', 'cli', 'main.js');

// The compile cache serves this process and its children, and halves the time until a command
// begins.
const compiled = process.env.NODE_COMPILE_CACHE ?? ownCompileCache();
if (compiled !== null) process.env.NODE_COMPILE_CACHE = compiled;

if (isAtLeast(process.versions.node, OLDEST)) {
  if (compiled !== null) module.enableCompileCache(compiled);
  await import(pathToFileURL(main).href);
} else {
  const node = pinnedNode();
  if (node === null) giveUp(`no package node-${process.platform}-${process.arch} is installed`);
  else handOver(node);
}

/** Returns a folder that only this user can write, as its files are run; null where there is none. */
function ownCompileCache() {
  const named = process.env.XDG_CACHE_HOME ?? '';
  const folder = join(isAbsolute(named) ? named : join(homedir(), '.cache'), 'narrows', 'compiled');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (statSync(folder).uid !== process.getuid?.()) return null;
    chmodSync(folder, 0o700);
    return folder;
  } catch {
    return null;
  }
}

/** Returns the path of the Node in this package's optional dependencies, or null. */
function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`);
    const node = join(dirname(manifest), 'bin', 'node');
    return existsSync(node) ? node : null;
  } catch {
    return null;
  }
}

/** @param {string} node */
function handOver(node) {
  // Handlers first: a signal between the start and them would end this process alone.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']))
    process.on(signal, () => child.kill(signal));
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  child.once('error', (error) => giveUp(`${node} does not run: ${error.message}`));
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/**
 * @param {string} version
 * @param {string} oldest
 */
function isAtLeast(version, oldest) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** @param {string} reason */
function giveUp(reason) {
  console.error(
    `narrows needs Node ${OLDEST} or newer; this is ${process.version}, and ${reason}. Fix: install Node ${OLDEST} (https://nodejs.org)`,
  );
  process.exit(1);
}
