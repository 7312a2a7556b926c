/**
 * Python packages for tests: virtual environments in the user's cache, created once for each
 * version of their requirements.
 */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readEnvironment } from '../../infra/env.ts';

const REQUIREMENTS = readFileSync(fileURLToPath(new URL('./python-requirements.txt', import.meta.url)), 'utf8')
  .trim()
  .split('\n')
  .filter((line) => !line.startsWith('#'));
const run = promisify(execFile);
/** Ends what hangs: pip gives up on a silent registry by itself, and busy machines are slow. */
const INSTALL_MS = 1_800_000;

const PIP = ['-m', 'pip', '--no-input', '--disable-pip-version-check', '--quiet'];

/** Returns the names of the packages for the tests that read files of narrows. */
export const requirementNames = (): string[] => REQUIREMENTS.map((line) => line.split('==')[0] as string);

/**
 * The interpreter, or the reason for skipping the tests that need it: python3 with venv and pip, or
 * a package registry, is missing.
 */
export type Python = { readonly python: string; readonly skip: false } | { readonly python: null; readonly skip: string };

/** Returns an environment with packages, by default those of python-requirements.txt. */
export async function pythonEnvironment(requirements: readonly string[] = REQUIREMENTS): Promise<Python> {
  const hash = createHash('sha256').update(requirements.join('\n')).digest('hex').slice(0, 12);
  const { userCache } = readEnvironment();
  const environment = join(userCache, `python-${hash}`);
  const python = join(environment, 'bin', 'python');
  if (existsSync(python)) return { python, skip: false };
  const missing = await findMissingPython();
  if (missing !== null) return { python: null, skip: missing };
  // Created under another name and renamed: other test files may be creating the same one.
  mkdirSync(userCache, { recursive: true });
  const draft = `${environment}.${randomUUID().slice(0, 8)}`;
  try {
    await run('python3', ['-m', 'venv', draft]);
    const interpreter = join(draft, 'bin', 'python');
    try {
      await run(interpreter, [...PIP, 'install', '--only-binary', ':all:', ...requirements], { timeout: INSTALL_MS });
    } catch (error) {
      if (await canReachRegistry(interpreter)) throw error;
      return { python: null, skip: `pip cannot reach a registry to install ${requirements.join(', ')}` };
    }
    try {
      renameSync(draft, environment);
    } catch (error) {
      if (!existsSync(python)) throw error;
    }
    return { python, skip: false };
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Returns the reason why python3 cannot be used, or null. */
async function findMissingPython(): Promise<string | null> {
  try {
    const { stdout } = await run('python3', ['-c', 'import sys, venv, ensurepip; print(sys.version_info >= (3, 11))']);
    return stdout.trim() === 'True' ? null : 'python3 is older than 3.11';
  } catch {
    return 'python3 with venv and pip was not found';
  }
}

/** Resolves one small package that every registry has. */
async function canReachRegistry(python: string): Promise<boolean> {
  try {
    await run(python, [...PIP, 'install', '--dry-run', '--ignore-installed', '--no-deps', 'packaging'], { timeout: INSTALL_MS });
    return true;
  } catch {
    return false;
  }
}

/** Runs a script and returns its stdout. Throws where it fails; the error holds its stderr. */
export async function runPython(
  python: string,
  script: string,
  options: { args?: readonly string[]; cwd?: string; variables?: Record<string, string> } = {},
): Promise<string> {
  const { args = [], cwd, variables = {} } = options;
  const { stdout } = await run(python, ['-c', script, ...args], {
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...variables },
    maxBuffer: 2 ** 28,
  });
  return stdout;
}
