/**
 * The Python of the peers: the one named by NARROWS_BENCH_PYTHON, or a virtual environment made
 * once from requirements.txt.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REQUIREMENTS = fileURLToPath(new URL('./requirements.txt', import.meta.url));
const FOLDER = fileURLToPath(new URL('../../.narrows-bench', import.meta.url));

const named = (): string | undefined => process.env.NARROWS_BENCH_PYTHON || undefined;

/**
 * Path of the interpreter. Throws where there is no python3, or pip cannot install the
 * requirements.
 */
export function peersPython(): string {
  return named() ?? virtualEnvironment(REQUIREMENTS, FOLDER);
}

/** An environment per state of the requirements; one that was not finished is made anew. */
export function virtualEnvironment(requirements: string, folder: string): string {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8);
  const environment = join(folder, `python-${hash}`);
  const python = join(environment, 'bin', 'python');
  const finished = join(environment, 'finished');
  if (existsSync(finished)) return python;
  rmSync(environment, { recursive: true, force: true });
  // What pip says goes to stderr: stdout is the bench's own.
  const run = (program: string, options: string[]) => execFileSync(program, options, { stdio: ['ignore', 2, 2] });
  run('python3', ['-m', 'venv', environment]);
  run(python, ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(finished, '');
  return python;
}
