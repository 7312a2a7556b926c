/**
 * Runs every command and every Python block of pages of the documentation, verbatim and in order.
 * Datasets and sweeps are smaller than the shipped ones, so that each takes seconds.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readEnvironment } from '../../infra/env.ts';
import { resolveHome } from '../../infra/home.ts';
import { readState } from '../../infra/stack/state.ts';
import { type Project, project } from '../support/command.ts';
import { writeTrajectory } from '../support/datasets/ase-trajectory.ts';
import { writeFeffRuns } from '../support/datasets/feff-runs.ts';
import { writeLists } from '../support/datasets/lists.ts';
import { writeText } from '../support/datasets/text.ts';
import { writeThinned } from '../support/datasets/thinned.ts';
import { startS3, type TestS3 } from '../support/programs/s3-server.ts';
import { pythonEnvironment, runPython } from '../support/python.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Returns the words of each `npx narrows ...` line in a page's code blocks, without comments. */
function extractCommands(page: string): string[][] {
  const blocks = readFileSync(join(ROOT, page), 'utf8')
    .split('```')
    .filter((_, i) => i % 2 === 1);
  return blocks.flatMap((block) =>
    [...block.matchAll(/^npx narrows (.+?)(?: {2,}#.*)?$/gm)].map(([, line]) =>
      [...(line as string).matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? (word as string)),
    ),
  );
}

/** Returns the Python blocks of a page. */
function extractPythonBlocks(page: string): string[] {
  return [...readFileSync(join(ROOT, page), 'utf8').matchAll(/```python\n([\s\S]*?)```/g)].map(([, block]) => block as string);
}

/** Returns the YAML blocks of a page that start with their path, `# folder/file.yaml`, by path. */
function extractFiles(page: string): Map<string, string> {
  const blocks = readFileSync(join(ROOT, page), 'utf8').matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g);
  return new Map(Array.from(blocks, ([, path, content]) => [path as string, content as string]));
}

/** Returns the shell blocks of a page that call the API. */
function extractShellBlocks(page: string): string[] {
  const blocks = readFileSync(join(ROOT, page), 'utf8').split('```');
  return blocks.filter((block, i) => i % 2 === 1 && /^ *curl /m.test(block));
}

/**
 * Runs a shell block against this stack's address. Error responses make it fail; event streams are
 * closed after a second.
 */
function runShell(block: string, url: string): { readonly status: number | null; readonly output: string } {
  const script = block
    .replaceAll('http://127.0.0.1:8622', url)
    .replaceAll(/\bcurl -N (.*)$/gm, 'curl -fsSN --max-time 1 $1 || test $? = 28')
    .replaceAll(/\bcurl (?!-fsSN)/g, 'curl -fsS ');
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: it.directory,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

const missing = ['curl', 'jq', 'zip'].filter((tool) => spawnSync('which', [tool]).status !== 0);

let it: Project;
let s3: TestS3 | null = null;
/** Version of the shipped water data, which the guides quote. */
export const SHIPPED_VERSION = '0ace65259f64';
/** Replaces SHIPPED_VERSION in commands, because they run on fewer rows. */
let thinnedVersion: string;

const SPECS = ['water/sweep.yaml', 'water/sweep-xas.yaml', 'water/sweep-xps.yaml', 'geo2/sweep.yaml'].map(
  (file) => `examples/${file}`,
);

/** Writes the shipped specs with `epochs` epochs, two seeds, and the first of their choices. */
function writeSpecs(epochs: number): void {
  for (const file of SPECS) {
    const shipped = readFileSync(join(ROOT, file), 'utf8');
    const spec = shipped.replace(/epochs: \d+/, `epochs: ${epochs}`).replace(/seeds: \d+/, 'seeds: 2');
    assert.notEqual(spec, shipped);
    writeFileSync(join(it.directory, file), spec.replaceAll(/\{ choice: \[(\[.*?\]|[^,]+),.*\] \}/g, '$1'));
  }
}

/** Writes the files of a page, specs with `epochs` epochs. */
function writeFiles(page: string, epochs: number): void {
  for (const [path, content] of extractFiles(page)) {
    mkdirSync(dirname(join(it.directory, path)), { recursive: true });
    writeFileSync(join(it.directory, path), content.replace(/epochs: \d+/, `epochs: ${epochs}`));
  }
}

interface Ending {
  readonly code: number;
  readonly signal?: NodeJS.Signals;
  readonly after?: RegExp;
}

/** Returns how a command ends; some only end by a signal. */
function expectedEnding(words: readonly string[]): Ending {
  if (words[0] === 'worker') return { code: 0, signal: 'SIGTERM', after: /taking work/ };
  if (words[0] === 'serve') return { code: 130, signal: 'SIGINT', after: /Ctrl-C stops/ };
  if (words[1] === 'watch') return { code: 130, signal: 'SIGINT', after: /of 14 trials/ };
  return { code: 0 };
}

/** A page with its numbers of commands and of blocks, and the epochs of its sweeps. */
export interface Page {
  readonly page: string;
  readonly commands: number;
  readonly epochs: number;
  readonly python?: number;
  readonly shell?: number;
}

/** Tests pages one after another on one stack, which has the water data and the sweep `demo`. */
export async function testPages(pages: readonly Page[]): Promise<void> {
  const { python, skip } = pages.some((page) => page.python) ? await pythonEnvironment() : { python: null, skip: 'no blocks' };
  before(async () => {
    it = project();
    mkdirSync(join(it.directory, 'examples'));
    // The guide for retraining creates this folder.
    mkdirSync(join(it.directory, 'incoming'));
    for (const name of ['water', 'water-hot', 'geo2'])
      writeThinned(join(ROOT, 'examples', name), join(it.directory, 'examples', name), 4);
    writeText(join(it.directory, 'examples/water'), join(it.directory, 'text'));
    writeLists(join(it.directory, 'examples/water'), join(it.directory, 'lists'));
    writeFeffRuns(join(it.directory, 'feff'), 60, (run) => 0.1 * (run % 3));
    writeTrajectory(join(it.directory, 'ase'), 60);
    writeFileSync(join(it.directory, 'admin-token'), randomBytes(24).toString('base64'));
    writeSpecs(4);
    thinnedVersion = (await it.json<{ version: string }>(['data', 'import', 'examples/water'])).version.slice(0, 12);
    // Replaces the demo's own sweep, which takes a minute.
    await it.json(['sweep', 'start', 'examples/water/sweep.yaml', '--name', 'demo', '--watch']);
  });
  after(async () => {
    await it[Symbol.asyncDispose]();
    await s3?.close();
  });

  for (const { page, commands, epochs, python: blocks = 0, shell = 0 } of pages) {
    describe(page, { concurrency: false }, () => {
      before(() => {
        writeSpecs(epochs);
        writeFiles(page, epochs);
      });
      const lines = extractCommands(page);
      const scripts = extractPythonBlocks(page);
      const requests = extractShellBlocks(page);
      test('has its commands', () => {
        assert.deepEqual([lines.length, scripts.length, requests.length], [commands, blocks, shell]);
      });
      for (const words of lines) {
        test(`narrows ${words.join(' ')}`, async () => {
          const { code, ...ending } = expectedEnding(words);
          const variables = await variablesFor(page);
          const adapted = words.map((word) => word.replace(SHIPPED_VERSION, thinnedVersion));
          const answer = await it.narrows(adapted, { ...ending, variables });
          assert.equal(answer.code, code, answer.stdout + answer.stderr);
        });
      }
      requests.forEach((block, i) => {
        test(`requests ${i + 1}`, { skip: missing.length > 0 && `without ${missing.join(', ')}` }, async () => {
          const { dashboards } = await it.json<{ dashboards: string }>(['status']);
          const { status, output } = runShell(block, dashboards);
          assert.equal(status, 0, output);
        });
      });
      scripts.forEach((script, i) => {
        test(`Python block ${i + 1}`, { skip }, async () => {
          assert.notEqual(await runPython(python as string, script, { cwd: it.directory }), '', 'it prints something');
        });
      });
    });
  }
}

/** Returns the variables that the reader of a page has set. */
async function variablesFor(page: string): Promise<Readonly<Record<string, string>>> {
  if (page.endsWith('several-machines.md')) return serverVariables();
  if (!page.endsWith('object-storage.md')) return {};
  s3 ??= await startS3({ bucket: 'narrows' });
  const { NARROWS_BLOBS: _, ...variables } = s3.variables;
  return variables;
}

/** Returns the two variables that the guide exports, with the addresses of this stack. */
function serverVariables(): Record<string, string> {
  const state = readState(resolveHome(readEnvironment({ HOME: '/' }, it.directory).home));
  return { NARROWS_DATABASE_URL: state?.databaseUrl ?? '', TEMPORAL_ADDRESS: state?.temporal?.address ?? '' };
}
