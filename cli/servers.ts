/** Connects a command to its servers, and starts the embedded ones where they are needed. */
import { readEnvironment } from '../infra/env.ts';
import * as sessions from '../infra/sessions.ts';
import type { Storage } from '../operations/servers.ts';
import type { CliContext } from './context.ts';

/** Works with Postgres and Temporal. */
export const withServers = <T>(context: CliContext, work: (session: sessions.ServerSession) => Promise<T>): Promise<T> =>
  sessions.withServers(readEnvironment(), context, work);

/** Works with Postgres alone: it starts sooner, and works while Temporal is away. */
export const withStorage = <T>(context: CliContext, work: (storage: Storage) => Promise<T>): Promise<T> =>
  sessions.withStorage(readEnvironment(), context, work);
