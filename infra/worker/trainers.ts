/** Trainers as the database knows them, and the packs that sweeps schedule for them. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Database } from '../../db/client.ts';
import { recordTrainer, removeTrainer, type Trainer } from '../../db/queries/trainers.ts';
import type { Servers } from '../../operations/servers.ts';
import { createWindowSender } from '../../operations/sweeps/pack-windows.ts';
import { repeat } from '../repeat.ts';

/** A trainer that says nothing for a minute is not counted: a few records may be late. */
const RECORD_MS = 10_000;

/** How soon new trainers get work: two short queries, and messages where something changed. */
const WINDOWS_MS = 5000;

/** Counts the activities that its interceptor sees, while they run. */
export function countRunning(): { readonly interceptor: ActivityInterceptorsFactory; readonly running: () => number } {
  let running = 0;
  const interceptor: ActivityInterceptorsFactory = () => ({
    inbound: {
      async execute(input, next) {
        running += 1;
        try {
          return await next(input);
        } finally {
          running -= 1;
        }
      },
    },
  });
  return { interceptor, running: () => running };
}

/** Records this trainer as it is again and again, until the returned function is called. */
export async function recordPeriodically({ sql }: Database, describe: () => Omit<Trainer, 'id'>): Promise<() => Promise<void>> {
  const id = `${process.pid}@${hostname()}-${randomUUID()}`;
  const record = () => recordTrainer(sql, { id, ...describe() });
  // It is listed before it polls.
  await record().catch(() => {});
  const stop = repeat(record, RECORD_MS);
  return async () => {
    stop();
    // Without the database, the minute passes.
    await removeTrainer(sql, { id, ...describe() }).catch(() => {});
  };
}

/** Keeps the windows of running sweeps up to date, until the returned function is called. */
export const sendWindowsPeriodically = (servers: Servers): (() => void) => repeat(createWindowSender(servers), WINDOWS_MS);
