/** Runs a benchmark on its own embedded stack, which stops when it ends or is interrupted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Environment, readEnvironment } from '../infra/env.ts';
import type { StackState } from '../infra/stack/state.ts';
import { supervise } from '../infra/stack/supervisor.ts';
import type { WorkerEngine } from '../infra/worker/role.ts';

export interface BenchHarness {
  /** Temporary folder, which holds the stack as well. */
  readonly folder: string;
  readonly environment: Environment;
  readonly state: StackState;
  readonly signal: AbortSignal;
}

/**
 * Starts the stack, measures, stops the stack, prints the result as JSON and exits: with 130 after
 * an interruption. Rejects with the error of the measurement.
 */
export async function measureOnStack(
  workers: WorkerEngine | 'none',
  measure: (harness: BenchHarness) => Promise<Record<string, unknown>>,
): Promise<never> {
  const folder = mkdtempSync(join(tmpdir(), 'narrows-bench-'));
  const environment = { ...readEnvironment(), home: join(folder, 'home'), databaseUrl: null, externalTemporal: false };
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  let result: Record<string, unknown> | null = null;
  let failure: unknown = null;
  await supervise({
    environment,
    signal: stop.signal,
    workers,
    note: (text) => console.error(text),
    onUp: (state) => {
      measure({ folder, environment, state, signal: stop.signal })
        .then((measured) => {
          result = measured;
        })
        .catch((error: unknown) => {
          failure = error;
        })
        .finally(() => stop.abort());
    },
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
  if (failure !== null) throw failure;
  console.log(JSON.stringify(result));
  process.exit(result === null ? 130 : 0);
}
