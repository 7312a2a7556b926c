/** Which process a number means: pids are used again, a pid with its start is not. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

export const processIdentitySchema = z.object({ pid: z.int().positive(), started: z.string() });

export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and moment of the start, as the system tells them; opaque. */
  readonly started: string;
}

/** Null when there is no such process, or when it has ended and waits for its parent to notice. */
export function identifyProcess(pid: number): ProcessIdentity | null {
  const started = process.platform === 'linux' ? startedOnLinux(pid) : startedByPs(pid);
  return started === null ? null : { pid, started };
}

export function isAlive({ pid, started }: ProcessIdentity): boolean {
  return identifyProcess(pid)?.started === started;
}

function startedOnLinux(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // "pid (name) state ...": the name may hold spaces and brackets. Field 3 is the state, field 22 the start in ticks since boot.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${fields[19]}`;
  } catch {
    return null;
  }
}

function startedByPs(pid: number): string | null {
  try {
    const [state = 'Z', ...started] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return state.startsWith('Z') ? null : started.join(' ');
  } catch {
    return null;
  }
}

/** A signal and how long to wait, in milliseconds, for the process to end by it. */
export type ShutdownStep = readonly [signal: NodeJS.Signals, patience: number];

/** Sends one signal after another until the process has ended. Resolves to false if it outlives them all. */
export async function stopProcess(identity: ProcessIdentity, farewells: readonly ShutdownStep[]): Promise<boolean> {
  for (const [signal, patience] of farewells) {
    if (!isAlive(identity)) return true;
    try {
      process.kill(identity.pid, signal);
    } catch {
      // Ended in between, or not ours to end: the look below tells which.
    }
    if (await waitForExit(identity, patience)) return true;
  }
  return !isAlive(identity);
}

/** Resolves to true as soon as the process has ended, to false after `patience` milliseconds. */
export async function waitForExit(identity: ProcessIdentity, patience: number): Promise<boolean> {
  const deadline = performance.now() + patience;
  while (isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
