/** Notes about workers that are missing: work waits for them. */
import { rolesWithoutWorker } from '../operations/queues.ts';
import type { Servers } from '../operations/servers.ts';
import type { WaitingTrials } from '../operations/sweeps/waiting.ts';
import { DEFAULT_CLASS } from '../search/trainer-classes.ts';
import { describeWaiting } from '../text/trainers.ts';
import type { CliContext } from './context.ts';

/**
 * Prints a note where a role has no worker, and why these trials wait. Returns whether there was
 * any.
 */
export async function noteMissingWorkers(
  context: CliContext,
  servers: Servers,
  waiting: readonly WaitingTrials[] = [],
): Promise<boolean> {
  const roles = await rolesWithoutWorker(servers);
  if (roles.length > 0) context.warn(describeMissingWorkers(roles));
  // The first note says how to start a trainer that takes any sweep without a class.
  const isNoted = ({ class: name, engine }: WaitingTrials) =>
    roles.includes('trainer') && name === DEFAULT_CLASS && engine === null;
  const others = waiting.filter((trials) => !isNoted(trials));
  for (const trials of others) context.warn(describeWaiting(trials));
  return roles.length + others.length > 0;
}

/** 'no worker (orchestrator, trainer) takes work: start one with "narrows worker"'. */
export const describeMissingWorkers = (roles: readonly string[]): string =>
  `no worker (${roles.join(', ')}) takes work: start one with "narrows worker"`;
