/** Health of a long-running process, as the probes of its supervisor ask for it. */
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Database } from '../db/client.ts';
import { findPending } from '../db/schema-version.ts';

/** Resolves where what it is about works; throws where it does not. */
export type Check = () => Promise<unknown>;
export type Checks = Readonly<Record<string, Check>>;

export interface ProcessChecks {
  /** A process that fails one of these works again only after a restart. */
  readonly live: Checks;
  /** A process that fails one of these cannot work now; it recovers by itself. */
  readonly ready: Checks;
}

export type CheckResult = 'ok' | 'failing' | 'starting' | 'stopping';

/** Names and results of checks; without addresses and reasons, because anybody may ask. */
export interface HealthReport {
  readonly status: 'ok' | 'failing';
  readonly checks: Readonly<Record<string, CheckResult>>;
}

export interface Health {
  live(): Promise<HealthReport>;
  ready(): Promise<HealthReport>;
  /** Ends the start: from now on these checks decide. */
  begin(checks: ProcessChecks): void;
}

export interface HealthOptions {
  /** Aborted at the start of a graceful stop, from which on the process is not ready. */
  readonly stopping: AbortSignal;
  /** Called when a check begins to fail, with the reason, and when it passes again, with null. */
  readonly onChange?: (check: string, reason: unknown) => void;
  /** Time in which a check has to pass. */
  readonly timeoutMs?: number;
}

/** Less than the time that supervisors are advised to give a probe. */
const TIMEOUT_MS = 2000;

/** Creates the health of a process that starts: it lives, and is not ready. */
export function createHealth({ stopping, onChange = () => {}, timeoutMs = TIMEOUT_MS }: HealthOptions): Health {
  let checks: ProcessChecks | null = null;
  const failing = new Set<string>();
  const running = new Map<string, Promise<unknown>>();

  /** Probes share a check until it settles, however late: during an outage they add no load. */
  const start = (name: string, check: Check): Promise<unknown> => {
    const shared = running.get(name) ?? check().finally(() => running.delete(name));
    running.set(name, shared);
    return shared;
  };
  const run = async (name: string, check: Check): Promise<CheckResult> => {
    try {
      await within(timeoutMs, start(name, check));
      if (failing.delete(name)) onChange(name, null);
      return 'ok';
    } catch (error) {
      if (!failing.has(name)) onChange(name, error);
      failing.add(name);
      return 'failing';
    }
  };
  const runAll = async (all: Checks): Promise<Record<string, CheckResult>> =>
    Object.fromEntries(
      await Promise.all(Object.entries(all).map(async ([name, check]) => [name, await run(name, check)] as const)),
    );
  const phase = (): CheckResult => (stopping.aborted ? 'stopping' : checks === null ? 'starting' : 'ok');

  return {
    live: async () => report({ process: 'ok', ...(await runAll(checks?.live ?? {})) }),
    // The phase is read last: a stop may begin during the checks.
    ready: async () => {
      const results = await runAll(checks?.ready ?? {});
      return report({ process: phase(), ...results });
    },
    begin(begun) {
      checks = begun;
    },
  };
}

const report = (checks: Readonly<Record<string, CheckResult>>): HealthReport => ({
  status: Object.values(checks).every((result) => result === 'ok') ? 'ok' : 'failing',
  checks,
});

/** Resolves as `work` does; throws where that takes longer. */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const late = setTimeout(timeoutMs, null, { signal: waiting.signal }).then(() => {
    throw new Error(`no answer within ${timeoutMs / 1000} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    waiting.abort();
  }
}

/** Returns the checks of a database: that it answers, and that it has the tables of this code. */
export const databaseChecks = ({ sql }: Pick<Database, 'sql'>): Checks => ({
  postgres: async () => sql`select 1`,
  schema: async () => {
    // Tables of a newer version do not stop a process that runs.
    const missing = await findPending(sql);
    if (missing.length > 0) throw new Error(`the tables lack ${missing.map(({ tag }) => tag).join(', ')}`);
  },
});

/** Returns the check that Temporal answers. */
export const temporalChecks = (client: Pick<Client, 'workflowService' | 'withDeadline'>): Checks => ({
  temporal: () => client.withDeadline(Date.now() + TIMEOUT_MS, () => client.workflowService.getSystemInfo({})),
});
