/** The state of the whole installation, which no process knows alone. */
import { type InstallationFacts, readInstallationFacts } from '../db/queries/installation.ts';
import { listTrainers } from '../db/queries/trainers.ts';
import { type TrainerGroup, trainersFor } from '../search/routes.ts';
import { within } from './health.ts';
import { isPolling, type QueueName, type QueueStatus, readTaskQueues, temporalFacts } from './queues.ts';
import type { Servers } from './servers.ts';

export interface QueueLoad extends Omit<QueueName, 'name'> {
  /** Waiting tasks by the server's estimate; null where there is none. */
  readonly tasks: number | null;
  /** Orchestrators that poll it; trainers at work, which poll only while they have room. */
  readonly workers: number;
}

export interface InstallationState {
  /** Null where the database did not answer in time. */
  readonly facts: InstallationFacts | null;
  /** Null where Temporal, or the database, which knows their names, did not answer in time. */
  readonly queues: readonly QueueLoad[] | null;
}

/** Time for all answers. */
const TIMEOUT_MS = 4000;

/** Time for which an answer is used again: there may be several scrapers. */
const FRESH_MS = 5000;

/**
 * Returns a function that reads the state; callers share an answer for some seconds, and what a
 * server is asked while it has not answered the last time.
 */
export function createInstallationReader(servers: Servers, freshMs = FRESH_MS): () => Promise<InstallationState> {
  const readFacts = withoutOverlap(() => readInstallationFacts(servers.db.sql));
  const readLoads = withoutOverlap(() => readQueues(servers));
  const readState = async (): Promise<InstallationState> => {
    const [facts, queues] = await Promise.all([
      within(TIMEOUT_MS, readFacts()).catch(() => null),
      within(TIMEOUT_MS, readLoads()).catch(() => null),
    ]);
    return { facts, queues };
  };
  let last: { readonly at: number; readonly state: Promise<InstallationState> } | null = null;
  return () => {
    if (last === null || performance.now() - last.at > freshMs) last = { at: performance.now(), state: readState() };
    return last.state;
  };
}

/** Returns a function that does the work, unless it is under way: then all share its result. */
export function withoutOverlap<T>(work: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | null = null;
  return () => {
    underWay ??= work().finally(() => {
      underWay = null;
    });
    return underWay;
  };
}

async function readQueues({ db, temporal }: Servers): Promise<readonly QueueLoad[] | null> {
  const [names, trainers] = await Promise.all([readTaskQueues({ db }), listTrainers(db.sql)]);
  const found = await temporalFacts(temporal, names);
  return found?.queues.map((queue) => loadOf(queue, trainers)) ?? null;
}

function loadOf({ role, class: name, engine, backlog, workers }: QueueStatus, trainers: readonly TrainerGroup[]): QueueLoad {
  const polling = workers.filter(({ lastSeen }) => isPolling(lastSeen)).length;
  return {
    role,
    class: name,
    engine,
    tasks: backlog,
    workers: name === null ? polling : trainersFor(trainers, { class: name, engine }),
  };
}
