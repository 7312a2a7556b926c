/** Child processes that end when their parent does, however the parent ends. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { identifyProcess, type ProcessIdentity, type ShutdownStep, stopProcess } from './identity.ts';
import type { RotatingLog } from './rotating-log.ts';

export interface Child {
  readonly process: ChildProcess;
  readonly identity: ProcessIdentity;
  /** Settles once the process has ended, with words for how. */
  readonly exit: Promise<string>;
  /** Everything it wrote so far, bounded: what a start that failed is explained by. */
  output(): string;
  stop(farewells: readonly ShutdownStep[]): Promise<boolean>;
}

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly log: RotatingLog;
  /** Sent by the guard when this process is gone without having stopped the child. */
  readonly orphanSignal: NodeJS.Signals;
  /** Opens a channel for messages between two Node processes. */
  readonly ipc?: boolean;
}

const KEPT_OUTPUT = 20_000;

/** Throws what spawn reports, e.g. ENOENT. */
export async function startChild({
  command,
  args,
  variables,
  cwd,
  log,
  orphanSignal,
  ipc = false,
}: ChildOptions): Promise<Child> {
  const options: SpawnOptions = {
    cwd,
    env: variables as NodeJS.ProcessEnv,
    stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    // A session of its own: Ctrl-C in the terminal reaches the parent, which stops its children in order.
    detached: true,
  };
  const child = spawn(command, [...args], options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    log.follow(stream);
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
    });
  }
  const exit = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
    child.once('error', (error) => resolve(error.message));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid ?? 0;
  // Ended already: nobody else can have its pid while we have not been told, so any identity serves.
  const identity = identifyProcess(pid) ?? { pid, started: 'ended' };
  const guard = startGuard(pid, orphanSignal);
  void exit.then(() => guard.kill('SIGKILL'));
  return { process: child, identity, exit, output: () => output, stop: (farewells) => stopProcess(identity, farewells) };
}

/**
 * A shell that waits on a pipe whose other end only this process holds. When this process is gone, even by kill -9, the pipe closes and
 * the shell signals the child.
 */
function startGuard(pid: number, signal: NodeJS.Signals): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -s "$1" "$2"', 'narrows-guard', signal.slice(3), String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => {}); // without a shell, the next "up" or "down" finds what was left
  guard.stdin?.on('error', () => {});
  guard.unref();
  (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return guard;
}
