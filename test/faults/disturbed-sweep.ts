/** A sweep of `spec.yaml` on a stack that faults strike. */
import { setTimeout as wait } from 'node:timers/promises';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { until } from '../support/until.ts';
import type { Fault } from './draw-faults.ts';
import type { FaultStack } from './fault-stack.ts';

/** Longer than any machine needs to go on. */
const STUCK_MS = 300_000;

/** Called before each fault, with whether the sweep is still running. */
export type OnFault = (fault: Fault, isRunning: boolean) => void;

/** Starts the sweep, strikes at the moments of these faults, and waits for its end. */
export async function runDisturbed(
  stack: FaultStack,
  name: string,
  faults: readonly Fault[] = [],
  onFault: OnFault = () => {},
): Promise<Pick<SweepStatus, 'sweepId' | 'counts'>> {
  const { sql, project } = stack;
  const { sweepId, counts } = await project.json<SweepStatus>(['sweep', 'start', 'spec.yaml', '--name', name]);
  const readSweep = async () => {
    const [row] = await ask(
      () => sql<[{ state: string; revision: string }]>`select state, revision from sweeps where id = ${sweepId}`,
    );
    return row;
  };
  const countEnded = async () => {
    const [row] = await ask(
      () => sql<[{ count: number }]>`select count(*)::int as count from trials where sweep_id = ${sweepId} and outcome <> 'rung'`,
    );
    return row.count;
  };
  for (const fault of faults) {
    await untilStuck(
      async () => (await countEnded()) >= fault.after,
      async () => String(await countEnded()),
    );
    onFault(fault, (await readSweep()).state === 'running');
    await stack.strike(fault);
  }
  await untilStuck(
    async () => (await readSweep()).state !== 'running',
    async () => (await readSweep()).revision,
  );
  return { sweepId, counts };
}

/** Asks again while Postgres is being restarted. */
export async function ask<T>(query: () => Promise<T>): Promise<T> {
  let answer: { readonly value: T } | null = null;
  await until(async () => {
    answer = await query().then(
      (value) => ({ value }),
      () => null,
    );
    return answer !== null;
  }, 'Postgres answers');
  return (answer as unknown as { value: T }).value;
}

/** Waits until a condition holds; throws when `sign` has not changed for minutes. */
async function untilStuck(holds: () => Promise<boolean>, sign: () => Promise<string>): Promise<void> {
  let [last, since] = ['', performance.now()];
  while (!(await holds())) {
    const now = await sign();
    if (now !== last) [last, since] = [now, performance.now()];
    if (performance.now() - since > STUCK_MS) throw new Error(`the sweep does not go on: ${last}`);
    await wait(50);
  }
}
