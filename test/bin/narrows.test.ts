import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../infra/folders.ts';

const BIN = fileURLToPath(new URL('../../bin/narrows.js', import.meta.url));

/** Preloads a module that reports version 20 to the bin, but not to processes that it starts. */
const OLD_NODE = [
  '--import',
  `data:text/javascript,${encodeURIComponent("Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } }); Object.defineProperty(process, 'version', { value: 'v20.1.0' });")}`,
];

/**
 * Creates a project with the bin, a main program that is `script`, and optionally a pinned Node.
 */
function project(folder: string, script: string, pinned: boolean): string {
  mkdirSync(join(folder, 'bin'));
  cpSync(BIN, join(folder, 'bin', 'narrows.js'));
  mkdirSync(join(folder, 'dist', 'cli'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'dist', 'cli', 'main.js'), script);
  if (pinned) {
    const node = join(folder, 'node_modules', `node-${process.platform}-${process.arch}`);
    mkdirSync(join(node, 'bin'), { recursive: true });
    writeFileSync(join(node, 'package.json'), '{}');
    writeFileSync(join(node, 'bin', 'node'), `#!/bin/sh\necho pinned\nexec ${process.execPath} "$@"\n`, { mode: 0o755 });
  }
  return join(folder, 'bin', 'narrows.js');
}

const SHOW = 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;';

test('a recent Node runs the program itself', (t) => {
  const bin = project(temporaryFolder(t), SHOW, true);
  const { status, stdout } = spawnSync(process.execPath, [bin, 'sweep', 'ls'], { encoding: 'utf8' });
  assert.deepEqual([status, stdout], [7, '["sweep","ls"]\n']);
});

test('an older Node starts the pinned one and passes arguments and exit code', (t) => {
  const bin = project(temporaryFolder(t), SHOW, true);
  const { status, stdout } = spawnSync(process.execPath, [...OLD_NODE, bin, 'sweep', 'two words'], { encoding: 'utf8' });
  assert.deepEqual([status, stdout], [7, 'pinned\n["sweep","two words"]\n']);
});

test('an older Node forwards signals and ends as the program does', async (t) => {
  const script =
    "process.on('SIGINT', () => process.exit(130)); process.on('SIGTERM', () => process.kill(process.pid, 'SIGKILL')); setInterval(() => {}, 1000); console.log('ready');";
  const bin = project(temporaryFolder(t), script, true);
  for (const [signal, expected] of [
    ['SIGINT', [130, null]],
    ['SIGTERM', [null, 'SIGKILL']],
  ] as const) {
    const child = spawn(process.execPath, [...OLD_NODE, bin], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    for await (const chunk of child.stdout) {
      said += chunk;
      if (said.includes('ready')) break;
    }
    child.kill(signal);
    assert.deepEqual(await once(child, 'exit'), expected);
  }
});

test('an older Node without a pinned one prints one clear line', (t) => {
  const bin = project(temporaryFolder(t), SHOW, false);
  const { status, stdout, stderr } = spawnSync(process.execPath, [...OLD_NODE, bin], { encoding: 'utf8' });
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^narrows needs Node 24\.4 or newer; this is v20\.1\.0.*install Node 24\.4.*\n$/);
});

test('the bin of a checkout runs the checkout, even with an older Node', () => {
  const { status, stdout } = spawnSync(process.execPath, [...OLD_NODE, BIN, '--version'], { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\+[0-9a-f]{12}\n$/);
});
