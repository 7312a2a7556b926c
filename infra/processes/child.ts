/** Child processes that end with their parent, even if it is killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { identifyProcess, type ProcessIdentity, type ShutdownSequence, stopProcess } from './identity.ts';
import type { RotatingLog } from './rotating-log.ts';

export interface Child {
  readonly process: ChildProcess;
  readonly identity: ProcessIdentity;
  /** Resolves when the process has ended, to its exit code or signal in words. */
  readonly exit: Promise<string>;
  /** Returns the end of its output so far, which explains a failed start. */
  output(): string;
  stop(sequence: ShutdownSequence): Promise<boolean>;
}

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly log: RotatingLog;
  /** Signal that the guard sends when this process ends without stopping the child. */
  readonly orphanSignal: NodeJS.Signals;
  /** Opens an IPC channel. */
  readonly ipc?: boolean;
}

const KEPT_OUTPUT = 20_000;

/** Starts the process. Throws errors of spawn, e.g. ENOENT. */
export async function startChild({
  command,
  args,
  variables,
  cwd,
  log,
  orphanSignal,
  ipc = false,
}: ChildOptions): Promise<Child> {
  const child: ChildProcess = spawn(command, args, {
    cwd,
    env: variables as NodeJS.ProcessEnv,
    stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    // In a session of its own Ctrl-C reaches only the parent, which stops its children in order.
    detached: true,
  });
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
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  // The process has ended: its pid cannot be reused before the exit event, so any identity serves.
  const identity = identifyProcess(pid) ?? { pid, started: 'ended' };
  const guard = startGuard(pid, orphanSignal);
  void exit.then(() => guard.kill('SIGKILL'));
  return { process: child, identity, exit, output: () => output, stop: (sequence) => stopProcess(identity, sequence) };
}

/**
 * Starts a shell that waits on a pipe whose other end only this process holds. When this process
 * ends, even by SIGKILL, the pipe closes and the shell signals the child.
 */
function startGuard(pid: number, signal: NodeJS.Signals): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -s "$1" "$2"', 'narrows-guard', signal.slice(3), String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => {}); // without a shell, the next "up" or "down" stops orphans
  guard.stdin?.on('error', () => {});
  guard.unref();
  (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return guard;
}
