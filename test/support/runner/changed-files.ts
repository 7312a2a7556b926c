/** Finds the changed files of the checkout and the tests that they can affect. */
import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { checkoutFiles, ROOT, readSource } from '../../house/sources.ts';
import { findDependents, type ImportGraph } from './import-graph.ts';

const git = (...args: string[]): string[] =>
  execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .split('\n')
    .filter((line) => line !== '');

/**
 * Returns the files that differ from the merge base with origin/main, or on main from the previous
 * commit, including uncommitted ones.
 */
export function listChangedFiles(): string[] {
  return [
    ...new Set([...git('diff', '--name-only', '--relative', baseCommit()), ...git('ls-files', '-o', '--exclude-standard')]),
  ];
}

function baseCommit(): string {
  try {
    const [fork = 'HEAD'] = git('merge-base', 'HEAD', 'origin/main');
    if (git('rev-parse', 'HEAD')[0] !== fork) return fork;
  } catch {
    // This checkout has no origin/main.
  }
  return git('rev-parse', '--verify', 'HEAD~1')[0] ?? 'HEAD';
}

/** Tests that run commands as processes, which depend on every file and take minutes. */
const PROCESS_TESTS = /^test\/(contracts|faults|browser)\//;

/**
 * Returns the test files that import a changed file, directly or indirectly, name a changed file
 * that is not a module (data, documentation), or check the rules of test/house. Tests that run
 * processes are included only where a file of test/ or one that is not a module has changed.
 */
export function findAffectedTests(graph: ImportGraph, changed: readonly string[]): string[] {
  const others = changed.filter((path) => !graph.has(path));
  const readers = [...graph.keys()].filter(
    (file) => file.startsWith('test/') && others.some((path) => readSource(file).includes(basename(path))),
  );
  const roots = [...changed, ...readers];
  const affected = findDependents(graph, roots);
  const affectedByTests = findDependents(
    graph,
    roots.filter((path) => path.startsWith('test/')),
  );
  const houseRules = checkoutFiles().filter((file) => file.startsWith('test/house/'));
  return [...new Set([...affected, ...houseRules])].filter(
    (file) => isTest(file) && (!PROCESS_TESTS.test(file) || affectedByTests.has(file)),
  );
}

export const isTest = (file: string): boolean => /^test\/.*\.test\.ts$/.test(file);
