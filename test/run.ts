/** `npm test`: runs the checks, then test files on shared servers. See USAGE. */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';
import { readEnvironment, setVariables } from '../infra/env.ts';
import { findTemporalCli } from '../infra/temporal/cli.ts';
import { checkoutFiles, ROOT } from './house/sources.ts';
import { buildOnce } from './support/runner/builds.ts';
import { findAffectedTests, isTest, listChangedFiles } from './support/runner/changed-files.ts';
import { longestFirst, readDurations, writeDurations } from './support/runner/durations.ts';
import { findDependents, readImportGraph } from './support/runner/import-graph.ts';
import { startSharedPostgres } from './support/runner/servers.ts';

const USAGE = `usage: npm test                     the checks, then every test
       npm test -- changed          the checks, then the tests that a change can affect: those that import a file changed since
                                    origin/main (on main: since the last commit) or not yet committed, directly or indirectly.
                                    Tests that run commands as processes (contracts, faults, browser) only where a file of test/
                                    or of the documentation has changed.
       npm test -- FILE...          these test files, without the checks; globs are expanded
options: --test-name-pattern TEXT   only tests whose name matches
         --at-once N                test files at once`;

/** Two per processor: most files wait for servers and processes half of the time. */
const FILES_AT_ONCE = 2 * availableParallelism();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    'test-name-pattern': { type: 'string', multiple: true, default: [] },
    'at-once': { type: 'string', default: String(FILES_AT_ONCE) },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const changed = positionals.length === 1 && positionals[0] === 'changed';
if (changed || positionals.length === 0) await check();
process.exitCode = await runFiles(selectFiles());

/** Runs the checks; exits with their code where one fails. */
async function check(): Promise<void> {
  const child = spawn('npm', ['run', '--silent', 'check'], { cwd: ROOT, stdio: 'inherit' });
  const code = await new Promise<number>((settle, reject) => {
    child.once('error', reject);
    child.once('exit', (exit) => settle(exit ?? 1));
  });
  if (code !== 0) process.exit(code);
}

/** Returns the paths of the test files to run, relative to the root. */
function selectFiles(): string[] {
  if (changed) return findAffectedTests(readImportGraph(), listChangedFiles());
  if (positionals.length === 0) return checkoutFiles().filter(isTest);
  const files = globSync(positionals).map((file) => relative(ROOT, resolve(file)));
  if (files.length === 0) throw new Error(`no file matches ${positionals.join(' ')}`);
  return files;
}

function reachesBuilds(files: readonly string[]): boolean {
  const users = findDependents(readImportGraph(), ['infra/temporal/workflow-bundle.ts', 'test/support/command.ts']);
  return files.some((file) => users.has(file));
}

/** Runs test files; returns the exit code, 0 where every test passed. */
async function runFiles(files: readonly string[]): Promise<number> {
  const environment = readEnvironment();
  const cli = await findTemporalCli(environment, { onDownload: () => console.error('downloading the Temporal CLI') });
  const durationsFile = join(environment.userCache, 'test-durations.json');
  const durations = { ...readDurations(durationsFile) };
  // A failing build fails only the tests that need it.
  const [postgres] = await Promise.all([startSharedPostgres(), reachesBuilds(files) ? buildOnce().catch(() => {}) : null]);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
  try {
    setVariables({
      NARROWS_TEST_DATABASE_URL: postgres.url,
      NARROWS_TEST_TEMPLATE: postgres.template,
      NARROWS_TEMPORAL_CLI: cli.path,
      // Shared by the processes of all files and commands, so that each module is compiled once.
      NODE_COMPILE_CACHE: join(environment.userCache, 'compiled'),
    });
    const tests = run({
      files: longestFirst(files, durations).map((file) => join(ROOT, file)),
      concurrency: Number(values['at-once']),
      testNamePatterns: values['test-name-pattern'],
      signal: abort.signal,
    });
    let failed = false;
    tests.on('test:fail', () => {
      failed = true;
    });
    tests.on('test:summary', ({ file, duration_ms }) => {
      if (file !== undefined) durations[relative(ROOT, file)] = duration_ms;
    });
    for await (const text of tests.compose(spec)) process.stdout.write(text);
    if (values['test-name-pattern'].length === 0) writeDurations(durationsFile, durations);
    return failed ? 1 : 0;
  } finally {
    await postgres.stop();
  }
}
