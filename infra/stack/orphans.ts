/** What a supervisor that was killed, or a power cut, left behind. */

import type { Home } from '../home.ts';
import { POSTGRES_SHUTDOWN, stopPostgresOrphan } from '../postgres/server.ts';
import { isAlive, type ShutdownStep, stopProcess } from '../processes/identity.ts';
import { TEMPORAL_SHUTDOWN } from '../temporal/server.ts';
import { readState, removeState } from './state.ts';

/** An orphaned worker has no servers to say goodbye to. */
const ORPHAN_SHUTDOWN: readonly ShutdownStep[] = [['SIGKILL', 2000]];

const SHUTDOWN_BY_NAME: Readonly<Record<string, readonly ShutdownStep[]>> = {
  postgres: POSTGRES_SHUTDOWN,
  temporal: TEMPORAL_SHUTDOWN,
};

/** Ends the processes that the last state names and that still live. The caller holds the lock. Returns the names of what it ended. */
export async function stopOrphans(home: Home): Promise<string[]> {
  const orphans = (readState(home)?.processes ?? []).filter(isAlive);
  await Promise.all(orphans.map((orphan) => stopProcess(orphan, SHUTDOWN_BY_NAME[orphan.name] ?? ORPHAN_SHUTDOWN)));
  await stopPostgresOrphan(home);
  removeState(home);
  return orphans.map(({ name }) => name);
}
