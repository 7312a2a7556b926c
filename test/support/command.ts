/** Runs the command line as users do: in a separate process and an empty folder. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../bin/narrows.js', import.meta.url));

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Project extends AsyncDisposable {
  readonly directory: string;
  /** Runs `narrows ...` with `variables` added to the environment. */
  narrows(
    args: readonly string[],
    options?: {
      variables?: Record<string, string>;
      /** Sent once the output matches `after`. */
      signal?: NodeJS.Signals;
      after?: RegExp;
      /** Aborting it sends SIGINT, or `interruption`. */
      interrupt?: AbortSignal;
      interruption?: NodeJS.Signals;
      /** Called with all output so far, whenever there is more. */
      onOutput?: (output: string) => void;
    },
  ): Promise<Answer>;
  /** Runs a shell command, in which `narrows` is the command line. */
  shell(command: string, variables?: Record<string, string>): Promise<Answer>;
  /** Returns the parsed JSON of stdout; throws where the exit code is not `code`. */
  json<T>(args: readonly string[], code?: number): Promise<T>;
}

/** Creates an empty project folder. Disposal stops its embedded stack and deletes the folder. */
export function project(): Project {
  const directory = mkdtempSync(join(tmpdir(), 'narrows-project-'));
  const run = (
    [command = '', ...args]: readonly string[],
    { variables = {}, signal, after, interrupt, interruption = 'SIGINT', onOutput }: Parameters<Project['narrows']>[1] = {},
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { NARROWS_DATABASE_URL: _, TEMPORAL_ADDRESS: __, NARROWS_HOME: ___, ...env } = process.env;
      const child = spawn(command, args, {
        cwd: directory,
        env: { ...env, ...variables },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      interrupt?.addEventListener('abort', () => child.kill(interruption));
      let stdout = '';
      let stderr = '';
      let signalled = false;
      const check = () => {
        onOutput?.(stdout + stderr);
        if (signal && after && !signalled && after.test(stdout + stderr)) {
          signalled = true;
          child.kill(signal);
        }
      };
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
        check();
      });
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
        check();
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
  const narrows: Project['narrows'] = (args, options) => run([process.execPath, BIN, ...args], options);
  return {
    directory,
    narrows,
    shell: (command, variables = {}) =>
      run(['/bin/sh', '-c', `NODE=$0 BIN=$1; narrows() { "$NODE" "$BIN" "$@"; }; ${command}`, process.execPath, BIN], {
        variables,
      }),
    async json(args, code = 0) {
      const answer = await narrows([...args, '--output', 'json']);
      if (answer.code !== code)
        throw new Error(`narrows ${args.join(' ')}: exit ${answer.code}\n${answer.stdout}\n${answer.stderr}`);
      return JSON.parse(answer.stdout);
    },
    async [Symbol.asyncDispose]() {
      await narrows(['down']);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
