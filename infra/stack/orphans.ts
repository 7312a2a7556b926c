/** What a supervisor that was killed, or a power cut, left behind. */

import type { Home } from '../home.ts';
import { POSTGRES_FAREWELLS, stopPostgresOrphan } from '../postgres/server.ts';
import { end, type Farewell, isAlive } from '../processes/identity.ts';
import { TEMPORAL_FAREWELLS } from '../temporal/server.ts';
import { readState, removeState } from './state.ts';

/** An orphaned worker has no servers to say goodbye to. */
const WORKER_ORPHAN_FAREWELLS: readonly Farewell[] = [['SIGKILL', 2000]];

const FAREWELLS: Readonly<Record<string, readonly Farewell[]>> = { postgres: POSTGRES_FAREWELLS, temporal: TEMPORAL_FAREWELLS };

/** Ends the processes that the last state names and that still live. The caller holds the lock. Returns the names of what it ended. */
export async function cleanUp(home: Home): Promise<string[]> {
  const orphans = (readState(home)?.processes ?? []).filter(isAlive);
  await Promise.all(orphans.map((orphan) => end(orphan, FAREWELLS[orphan.name] ?? WORKER_ORPHAN_FAREWELLS)));
  await stopPostgresOrphan(home);
  removeState(home);
  return orphans.map(({ name }) => name);
}
