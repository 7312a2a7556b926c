/** Long-running processes of narrows, as benchmarks start them next to an embedded stack. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CLI = fileURLToPath(new URL('../bin/narrows.js', import.meta.url));

export interface Service extends AsyncDisposable {
  readonly pid: number;
  /** Address of its metrics; null without `--metrics-port`. */
  readonly metrics: string | null;
}

/**
 * Starts `narrows worker` or `narrows serve` on the stack of a home folder; resolves once it works.
 */
export async function startService(home: string, args: readonly string[]): Promise<Service> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, NARROWS_HOME: home, NARROWS_LOG_FORMAT: 'text' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (text: Buffer) => {
      output += text.toString();
      if (/Ctrl-C stops/.test(output)) resolve();
    });
    ended.then(() => reject(new Error(output)));
  });
  return {
    pid: child.pid as number,
    metrics: /serving metrics at (\S+)/.exec(output)?.[1] ?? null,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Runs a command on the stack of a home folder; returns what it prints as JSON. */
export async function runCommand<T>(home: string, args: readonly string[], signal: AbortSignal): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args, '--output', 'json'], {
    env: { ...process.env, NARROWS_HOME: home },
    maxBuffer: 1 << 26,
    signal,
  });
  return JSON.parse(stdout) as T;
}
