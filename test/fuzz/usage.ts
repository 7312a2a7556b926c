/** Memory and processor time of a process and of those that it started, on Linux. */
import { readFileSync } from 'node:fs';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has ended
  }
};

const childrenOf = (pid: number): number[] =>
  read(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((child) => child !== '')
    .map(Number);

/** Returns the largest peak of resident memory among a process and its descendants, in bytes. */
export function peakMemory(pid: number): number {
  const kilobytes = Number(/^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  return Math.max(kilobytes * 1024, ...childrenOf(pid).map(peakMemory));
}

const MS_PER_TICK = 10;

/** Returns the processor time of a process and its descendants in ms; null where it is unknown. */
export function processorTime(pid: number): number | null {
  const [, fields] = read(`/proc/${pid}/stat`).split(/\) /);
  if (fields === undefined) return null;
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  const own = ((user ?? 0) + (system ?? 0)) * MS_PER_TICK;
  return own + childrenOf(pid).reduce((sum, child) => sum + (processorTime(child) ?? 0), 0);
}
