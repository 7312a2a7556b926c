/** Identity of processes: pids are reused, a pid with its start time is not. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

export const processIdentitySchema = z.object({ pid: z.int().positive(), started: z.string() });

export interface ProcessIdentity {
  readonly pid: number;
  /** Boot id and start time from the operating system; opaque. */
  readonly started: string;
}

/** Returns null where the process does not exist, or is a zombie. */
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
    // "pid (name) state ...": the name may hold spaces and brackets. Field 3 is the state, field 22
    // the start in ticks since boot.
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

/** Signals that stop a process, in order, each with milliseconds to wait for its end. */
export type ShutdownSequence = readonly (readonly [signal: NodeJS.Signals, timeoutMs: number])[];

/** Sends the signals in order until the process has ended; resolves to false if it survives all. */
export async function stopProcess(identity: ProcessIdentity, sequence: ShutdownSequence): Promise<boolean> {
  for (const [signal, timeoutMs] of sequence) {
    if (!isAlive(identity)) return true;
    try {
      process.kill(identity.pid, signal);
    } catch {
      // It has ended, or belongs to another user: the wait below shows which.
    }
    if (await waitForExit(identity, timeoutMs)) return true;
  }
  return !isAlive(identity);
}

/** Resolves to true when the process has ended, to false after the time-out. */
export async function waitForExit(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
