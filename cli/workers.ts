/** Notes about task queues that no worker polls: work on them waits. */
import { rolesWithoutWorker } from '../operations/queues.ts';
import type { Servers } from '../operations/servers.ts';
import type { CliContext } from './context.ts';

/** Prints a note where a role has no worker; returns those roles. */
export async function noteMissingWorkers(context: CliContext, servers: Servers): Promise<string[]> {
  const roles = await rolesWithoutWorker(servers);
  if (roles.length > 0) context.warn(describeMissingWorkers(roles));
  return roles;
}

/** 'no worker (orchestrator, trainer) takes work: start one with "narrows worker"'. */
export const describeMissingWorkers = (roles: readonly string[]): string =>
  `no worker (${roles.join(', ')}) takes work: start one with "narrows worker"`;
