/** Python of the peers: NARROWS_BENCH_PYTHON, or a virtual environment with requirements.txt. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REQUIREMENTS = fileURLToPath(new URL('./requirements.txt', import.meta.url));
const FOLDER = fileURLToPath(new URL('../../.narrows-bench', import.meta.url));

/** Returns the interpreter's path. Throws without python3 or when pip fails. */
export function findPeersPython(): string {
  return process.env.NARROWS_BENCH_PYTHON || createVirtualEnvironment(REQUIREMENTS, FOLDER);
}

/** Creates an environment per version of the requirements; repeats an incomplete attempt. */
function createVirtualEnvironment(requirements: string, folder: string): string {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8);
  const environment = join(folder, `python-${hash}`);
  const python = join(environment, 'bin', 'python');
  const finished = join(environment, 'finished');
  if (existsSync(finished)) return python;
  rmSync(environment, { recursive: true, force: true });
  // pip's output goes to stderr, since stdout carries the results.
  const run = (program: string, options: string[]) => execFileSync(program, options, { stdio: ['ignore', 2, 2] });
  run('python3', ['-m', 'venv', environment]);
  run(python, ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(finished, '');
  return python;
}
