/** State file of the embedded stack, for other commands and for the clean-up after a crash. */
import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { NarrowsError } from '../../errors.ts';
import { readCodeVersion } from '../code-version.ts';
import { type Home, writeAtomically } from '../home.ts';
import { isAlive, processIdentitySchema } from '../processes/identity.ts';
import { findLockHolder, homeHeldError, isLocal } from '../processes/lock.ts';

const stackStateSchema = z.object({
  status: z.enum(['starting', 'up', 'stopping']),
  /** With the lock of the home folder; states of earlier versions have none. */
  supervisor: processIdentitySchema.extend({ lock: z.string().optional() }),
  startedAt: z.iso.datetime(),
  /** Version of the code that the stack runs; states of earlier versions have none. */
  codeVersion: z.string().optional(),
  /** Null until Temporal serves. */
  temporal: z.object({ address: z.string(), namespace: z.string() }).nullable(),
  /** Includes the password; null until Postgres serves. */
  databaseUrl: z.string().nullable(),
  /** URL of the dashboards; null until they are served. */
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

/** Returns the last state, whether its processes live or not; null if the file cannot be read. */
export function readState(home: Home): StackState | null {
  try {
    return stackStateSchema.parse(JSON.parse(readFileSync(home.state, 'utf8')));
  } catch {
    return null;
  }
}

/**
 * Returns the state of a living supervisor, `starting` before it has written one; null if none.
 * Throws NarrowsError `home-held` where it runs in another container or on another host.
 */
export function readLiveState(home: Home): StackState | 'starting' | null {
  const holder = findLockHolder(home.directory);
  const state = readState(home);
  if (!holder) return state && isOfEarlierVersion(state) && isAlive(state.supervisor) ? state : null;
  if (!isLocal(holder)) throw homeHeldError(home.directory, holder);
  return state?.supervisor.pid === holder.pid && state.supervisor.started === holder.started ? state : 'starting';
}

/** Supervisors of earlier versions hold no lock of the kernel. */
export const isOfEarlierVersion = ({ supervisor }: StackState): boolean => supervisor.lock === undefined;

/** Throws NarrowsError `stack-version` where the stack runs other code than this process. */
export function requireSameVersion({ directory }: Home, { codeVersion }: StackState): void {
  const own = readCodeVersion();
  if (codeVersion === own) return;
  const other = codeVersion === undefined ? 'an earlier version of narrows' : `another version of narrows, ${codeVersion}`;
  throw new NarrowsError('stack-version', `the embedded servers of ${directory} run ${other}; this is ${own}`, {
    path: directory,
    fix: 'stop them with "narrows down", and repeat the command; sweeps go on from their checkpoints',
    kind: 'failure',
  });
}
