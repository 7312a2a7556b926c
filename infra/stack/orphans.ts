/** Clean-up of processes that outlived their supervisor. */
import { existsSync, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Home } from '../home.ts';
import { POSTGRES_SHUTDOWN, pidFileOf, stopPostgresOrphan } from '../postgres/server.ts';
import { isAlive, type ShutdownSequence, stopProcess } from '../processes/identity.ts';
import { identifyLock, type Lock } from '../processes/lock.ts';
import { TEMPORAL_SHUTDOWN } from '../temporal/server.ts';
import { isOfEarlierVersion, readState, removeState, type StackProcess } from './state.ts';

/** An orphaned worker has no servers to shut down with. */
const ORPHAN_SHUTDOWN: ShutdownSequence = [['SIGKILL', 2000]];

const SHUTDOWN_BY_NAME: Readonly<Record<string, ShutdownSequence>> = {
  postgres: POSTGRES_SHUTDOWN,
  temporal: TEMPORAL_SHUTDOWN,
};

/** Finds living processes of the last state; the state of a copied folder names the original's. */
export function findOrphans(home: Home): StackProcess[] {
  const state = readState(home);
  const isOwn = state && (isOfEarlierVersion(state) || state.supervisor.lock === identifyLock(home.directory));
  return isOwn ? state.processes.filter(isAlive) : [];
}

/**
 * Stops what earlier supervisors of this home folder left running, and returns the names of the
 * stopped processes. The caller holds the lock.
 */
export async function stopOrphans(home: Home, lock: Lock, options: WaitOptions = {}): Promise<string[]> {
  const orphans = lock.crashedElsewhere ? [] : findOrphans(home);
  await Promise.all(orphans.map((orphan) => stopProcess(orphan, SHUTDOWN_BY_NAME[orphan.name] ?? ORPHAN_SHUTDOWN)));
  if (lock.crashedElsewhere) await outwaitPostgres(home, options);
  await stopPostgresOrphan(home);
  removeState(home);
  return orphans.map(({ name }) => name);
}

export interface WaitOptions {
  readonly note?: (text: string) => void;
  readonly signal?: AbortSignal;
  readonly milliseconds?: number;
}

/** Postgres looks for its pid file once a minute and ends, within seconds, where it is gone. */
const POSTGRES_END_MILLISECONDS = 70_000;

/** Ends a Postgres that may yet run in another container, where signals do not reach it. */
async function outwaitPostgres(home: Home, options: WaitOptions): Promise<void> {
  const { note = () => {}, signal, milliseconds = POSTGRES_END_MILLISECONDS } = options;
  if (!existsSync(pidFileOf(home))) return; // it has shut down
  rmSync(pidFileOf(home), { force: true });
  note(`waiting ${Math.ceil(milliseconds / 1000)} s for a Postgres of another container to end`);
  await setTimeout(milliseconds, undefined, { signal });
}
