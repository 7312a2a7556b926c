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

/** Returns the peak of resident memory of a process, in bytes; 0 where it is unknown. */
export const peakMemory = (pid: number): number => Number(/^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;

/** Returns the largest peak among the descendants of a process. */
export const peakOfDescendants = (pid: number): number =>
  Math.max(0, ...childrenOf(pid).flatMap((child) => [peakMemory(child), peakOfDescendants(child)]));

const MS_PER_TICK = 10;

/** Returns the processor time of a process and its descendants in ms; null where it is unknown. */
export function processorTime(pid: number): number | null {
  const [, fields] = read(`/proc/${pid}/stat`).split(/\) /);
  if (fields === undefined) return null;
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  const own = ((user ?? 0) + (system ?? 0)) * MS_PER_TICK;
  return own + childrenOf(pid).reduce((sum, child) => sum + (processorTime(child) ?? 0), 0);
}
