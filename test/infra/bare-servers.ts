/** Postgres and Temporal as servers of one's own, which no worker polls. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { type Database, openDatabase } from '../../db/client.ts';
import { readEnvironment } from '../../infra/env.ts';
import { openHome } from '../../infra/home.ts';
import { openLog } from '../../infra/processes/rotating-log.ts';
import { findTemporalCli } from '../../infra/temporal/cli.ts';
import { startTemporal, TEMPORAL_SHUTDOWN } from '../../infra/temporal/server.ts';
import { closedDatabase } from '../db/database.ts';

export interface BareServers extends AsyncDisposable {
  readonly db: Database;
  readonly temporal: Client;
  readonly databaseUrl: string;
  readonly address: string;
  /** The environment of commands that use these servers. */
  readonly variables: { readonly NARROWS_DATABASE_URL: string; readonly TEMPORAL_ADDRESS: string };
}

export async function startBareServers(): Promise<BareServers> {
  await using resources = new AsyncDisposableStack();
  const home = mkdtempSync(join(tmpdir(), 'narrows-bare-'));
  resources.defer(() => rmSync(home, { recursive: true, force: true }));
  const database = await closedDatabase();
  resources.defer(() => database.close());
  const { path } = await findTemporalCli(readEnvironment(), { onDownload: () => {} });
  const { child, address } = await startTemporal({
    cli: path,
    home: openHome(home),
    log: openLog(join(home, 'temporal.log')),
    networks: null,
  });
  resources.defer(async () => void (await child.stop(TEMPORAL_SHUTDOWN)));
  const db = await openDatabase(database.url);
  resources.defer(() => db.close());
  const connection = await Connection.connect({ address });
  resources.defer(() => connection.close());
  const kept = resources.move();
  return {
    db,
    temporal: new Client({ connection }),
    databaseUrl: database.url,
    address,
    variables: { NARROWS_DATABASE_URL: database.url, TEMPORAL_ADDRESS: address },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
