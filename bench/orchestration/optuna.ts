/** Optuna on the Postgres of the embedded stack: its cost of a trial that trains nothing. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { findPeersPython } from '../peers/venv.ts';

const PROGRAM = fileURLToPath(new URL('../peers/optuna_storage.py', import.meta.url));

const answerSchema = z.object({ msPerTrial: z.number().positive(), trials: z.number().int(), version: z.string() });
export type OptunaAnswer = z.infer<typeof answerSchema>;

/** Runs so many trials in a process per core; null, with the reason on stderr, without Optuna. */
export async function measureOptuna(storage: string, trials: number): Promise<OptunaAnswer | null> {
  try {
    const out = await run(findPeersPython(), { storage, trials, processes: availableParallelism() });
    return answerSchema.parse(JSON.parse(out.trim().split('\n').at(-1) ?? ''));
  } catch (error) {
    console.error(`Optuna is left out: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** Returns the standard output of the program. Throws when it fails. */
function run(python: string, request: object): Promise<string> {
  const child = spawn(python, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
  });
  // An ended process is noticed by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(`${JSON.stringify(request)}\n`);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`${PROGRAM}: exit ${code}`))));
  });
}
