/** The state file: what the embedded stack consists of right now, for other commands and for whoever cleans up after a crash. */
import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { type Home, writeAtomically } from '../home.ts';
import { processIdentitySchema } from '../processes/identity.ts';
import { findLockHolder } from '../processes/lock.ts';

const stackStateSchema = z.object({
  status: z.enum(['starting', 'up', 'stopping']),
  supervisor: processIdentitySchema,
  startedAt: z.iso.datetime(),
  /** Null until it serves. */
  temporal: z.object({ address: z.string(), namespace: z.string() }).nullable(),
  /** With the password; null until it serves. */
  databaseUrl: z.string().nullable(),
  /** Address of the dashboards; null until they are served. */
  dashboards: z.string().nullable().default(null),
  processes: z.array(processIdentitySchema.extend({ name: z.string(), restarts: z.int().nonnegative() })),
});

export type StackState = z.infer<typeof stackStateSchema>;
export type StackProcess = StackState['processes'][number];

export function writeState(home: Home, state: StackState): void {
  writeAtomically(home.state, `${JSON.stringify(state, null, 2)}\n`);
}

export function removeState(home: Home): void {
  rmSync(home.state, { force: true });
}

/** What was written last, whether its processes live or not; null if there is nothing that can be read. */
export function readState(home: Home): StackState | null {
  try {
    return stackStateSchema.parse(JSON.parse(readFileSync(home.state, 'utf8')));
  } catch {
    return null;
  }
}

/**
 * The state that a living supervisor keeps; `starting` while it has not written one. Null when none lives.
 */
export function readLiveState(home: Home): StackState | 'starting' | null {
  const holder = findLockHolder(home.directory);
  if (!holder) return null;
  const state = readState(home);
  return state?.supervisor.pid === holder.pid && state.supervisor.started === holder.started ? state : 'starting';
}
