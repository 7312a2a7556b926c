/**
 * The Python that reads what narrows writes: a virtual environment in the user's cache, made once
 * for each state of its requirements.
 */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readEnvironment } from '../../infra/env.ts';

const REQUIREMENTS = fileURLToPath(new URL('./python-requirements.txt', import.meta.url));
const run = promisify(execFile);
const PIP = ['-m', 'pip', '--no-input', '--disable-pip-version-check', '--quiet'];

/** What is installed, without versions. */
export function requirementNames(): string[] {
  const lines = readFileSync(REQUIREMENTS, 'utf8').trim().split('\n');
  return lines.filter((line) => !line.startsWith('#')).map((line) => line.split('==')[0] as string);
}

/**
 * The interpreter, or why tests that need one are to be skipped: no python3 with venv and pip, or
 * no registry to install from.
 */
export type Python = { readonly python: string; readonly skip: false } | { readonly python: null; readonly skip: string };

export async function pythonEnvironment(): Promise<Python> {
  const hash = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const { userCache } = readEnvironment();
  const environment = join(userCache, `python-${hash}`);
  const python = join(environment, 'bin', 'python');
  if (existsSync(python)) return { python, skip: false };
  const lacking = await whatLacks();
  if (lacking !== null) return { python: null, skip: lacking };
  // Made beside and renamed: another test file may be making the same one.
  mkdirSync(userCache, { recursive: true });
  const draft = `${environment}.${randomUUID().slice(0, 8)}`;
  try {
    await run('python3', ['-m', 'venv', draft]);
    const own = join(draft, 'bin', 'python');
    try {
      await run(own, [...PIP, 'install', '--only-binary', ':all:', '-r', REQUIREMENTS], { timeout: 300_000 });
    } catch (error) {
      if (await reachesRegistry(own)) throw error;
      return { python: null, skip: 'pip reaches no registry to install numpy, pandas and onnxruntime from' };
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

async function whatLacks(): Promise<string | null> {
  try {
    const { stdout } = await run('python3', ['-c', 'import sys, venv, ensurepip; print(sys.version_info >= (3, 11))']);
    return stdout.trim() === 'True' ? null : 'python3 is older than 3.11';
  } catch {
    return 'there is no python3 with venv and pip';
  }
}

/** Asks for one small package that every registry has. */
async function reachesRegistry(python: string): Promise<boolean> {
  try {
    await run(python, [...PIP, 'install', '--dry-run', '--ignore-installed', '--no-deps', 'packaging'], { timeout: 60_000 });
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a script, written as text, and returns what it printed. Its error holds what it said on
 * stderr.
 */
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
