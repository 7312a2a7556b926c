/** Clean-up of processes that outlived their supervisor. */
import type { Home } from '../home.ts';
import { POSTGRES_SHUTDOWN, stopPostgresOrphan } from '../postgres/server.ts';
import { isAlive, type ShutdownSequence, stopProcess } from '../processes/identity.ts';
import { TEMPORAL_SHUTDOWN } from '../temporal/server.ts';
import { readState, removeState } from './state.ts';

/** An orphaned worker has no servers to shut down with. */
const ORPHAN_SHUTDOWN: ShutdownSequence = [['SIGKILL', 2000]];

const SHUTDOWN_BY_NAME: Readonly<Record<string, ShutdownSequence>> = {
  postgres: POSTGRES_SHUTDOWN,
  temporal: TEMPORAL_SHUTDOWN,
};

/** Stops living processes of the last state and returns their names. The caller holds the lock. */
export async function stopOrphans(home: Home): Promise<string[]> {
  const orphans = (readState(home)?.processes ?? []).filter(isAlive);
  await Promise.all(orphans.map((orphan) => stopProcess(orphan, SHUTDOWN_BY_NAME[orphan.name] ?? ORPHAN_SHUTDOWN)));
  await stopPostgresOrphan(home);
  removeState(home);
  return orphans.map(({ name }) => name);
}
