import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './folders.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Maximum bytes of the package, most of which is example data. */
const LARGEST = 25e6;

test('the packed tarball starts everything where no TypeScript runs', async (t) => {
  const folder = temporaryFolder(t);
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { filename, files, size } = firstOf(JSON.parse(packed.slice(packed.indexOf('\n[') + 1))) as {
    filename: string;
    files: { path: string }[];
    size: number;
  };
  assert.ok(size < LARGEST, `${size} bytes`);
  const paths = files.map(({ path }) => path);
  for (const needed of [
    'bin/narrows.js',
    'dist/cli/main.js',
    'dist/workflow-bundle.js',
    'dist/pages/index.html',
    'dist/models/engines/kernel/wasm-simd.wasm',
    'dist/models/engines/kernel/wasm-simd-relaxed.wasm',
    'dist/models/engines/kernel/linux-arm64.node',
    'dist/models/engines/kernel/linux-x86-64-v3.node',
    'dist/models/engines/kernel/linux-x86-64-v4.node',
    'dist/db/migrations/meta/_journal.json',
    'dist/examples/water/dataset.yaml',
    'dist/examples/geo2/dataset.yaml',
    'dist/examples/omnixas-v/LICENSE.txt',
    'dist/examples/omnixas-co/LICENSE.txt',
  ]) {
    assert.ok(paths.includes(needed), needed);
  }
  const strays = paths.filter((path) => path.endsWith('.ts') || path.startsWith('test/'));
  assert.deepEqual(strays, []);

  // As npx does, without a registry: the folder of dependencies is linked.
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'narrows'), { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', join(modules, 'narrows')]);
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  const narrows = (...args: string[]) => {
    const { NARROWS_HOME: _, ...env } = process.env;
    const bin = join(modules, 'narrows', 'bin', 'narrows.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args, '--output', 'json'], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  };
  try {
    const { processes, dashboards } = narrows('up', '--detach');
    assert.equal(processes.length, 6);
    assert.match(await (await fetch(dashboards)).text(), /<title>narrows<\/title>/);
    const examples = join(modules, 'narrows', 'dist', 'examples', 'water');
    assert.equal(narrows('data', 'import', examples).created, true);
  } finally {
    assert.equal(narrows('down').stopped.length, 6);
  }
  assert.deepEqual(
    readdirSync(join(folder, '.narrows', 'cache')).filter((name) => /^(workflows|pages)/.test(name)),
    [],
    'the shipped bundle and pages are used',
  );
});

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : Object.values(value as object)[0];
}
