/** The resources that another process has used. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Usage {
  /** Resident bytes. */
  readonly memory: number;
  /** Processor time of all threads, in seconds. */
  readonly seconds: number;
}

const isLinux = process.platform === 'linux';

/** Milliseconds between two readings: `ps` takes a process of its own. */
export const USAGE_INTERVAL = isLinux ? 50 : 500;

/** Returns null for a process that has ended. */
export async function readUsage(pid: number): Promise<Usage | null> {
  try {
    return isLinux ? readProc(pid) : parsePs(await runPs(pid));
  } catch {
    return null;
  }
}

const runPs = (pid: number): Promise<string> =>
  new Promise((resolve, reject) =>
    execFile('ps', ['-o', 'rss=,time=', '-p', String(pid)], (error, output) => (error ? reject(error) : resolve(output))),
  );

/** Linux counts in hundredths of a second on every architecture. */
const TICKS = 100;

function readProc(pid: number): Usage | null {
  const memory = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before may contain blanks; user and system time are the fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return memory === undefined
    ? null
    : { memory: Number(memory) * 1024, seconds: (Number(fields[11]) + Number(fields[12])) / TICKS };
}

/** "123456 1-02:03:04.56" -> kB, and days, hours, minutes and seconds. */
export function parsePs(text: string): Usage | null {
  const [, memory, days = '0', time] = /^\s*(\d+)\s+(?:(\d+)-)?([\d:.]+)\s*$/.exec(text) ?? [];
  if (memory === undefined || time === undefined) return null;
  const seconds = time.split(':').reduce((sum, part) => 60 * sum + Number(part), 0);
  return { memory: Number(memory) * 1024, seconds: 86_400 * Number(days) + seconds };
}
