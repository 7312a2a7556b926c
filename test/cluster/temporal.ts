/** Temporal's server on a Postgres, whose clients need certificates. */
import { execFile } from 'node:child_process';
import { mkdtempDisposableSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { startChild } from '../../infra/processes/child.ts';
import { openLog } from '../../infra/processes/rotating-log.ts';
import { ROOT } from '../house/sources.ts';
import { until } from '../support/until.ts';
import type { Namespace } from './network.ts';
import { buildTemporal } from './programs.ts';

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

export interface TemporalOptions {
  /** Network that it runs in, with the ports of its image: its tables hold none above 32767. */
  readonly network: Namespace;
  /** Address of Postgres in that network, and a user who may create databases. */
  readonly postgres: { readonly host: string; readonly port: number; readonly user: string; readonly password: string };
  /** File of the authority that has issued all certificates. */
  readonly authority: string;
  readonly server: Certificate;
  /** Name on the server's certificate. */
  readonly name: string;
  /** Certificate of the client that is returned. */
  readonly client: Certificate;
  /** Namespace of Temporal that is created. */
  readonly namespace: string;
}

export interface TemporalServer extends AsyncDisposable {
  readonly client: Client;
}

/** Port of its frontend. */
export const TEMPORAL_PORT = 7233;

const SETTINGS = join(ROOT, 'infra/temporal/settings.yaml');

/** Time for which closed workflows are kept: the shortest. */
const RETENTION = '1 day';

/**
 * Starts the server, built on the first use. Every connection to it, between its parts and to
 * Postgres is encrypted and verified.
 */
export async function startTemporalServer(options: TemporalOptions, note: (text: string) => void): Promise<TemporalServer> {
  const { network, postgres, authority, server, name, client: shown, namespace } = options;
  const programs = await buildTemporal(note);
  await using resources = new AsyncDisposableStack();
  const { path: folder } = resources.use(mkdtempDisposableSync(join(tmpdir(), 'narrows-temporal-')));
  await createTables(programs.sql, options);

  const [command, ...args] = network.enter(programs.server, ['--allow-no-auth', 'start']);
  const child = await startChild({
    command,
    args,
    variables: {
      ...{ PATH: process.env.PATH, NUM_HISTORY_SHARDS: '4', LOG_LEVEL: 'warn', DYNAMIC_CONFIG_FILE_PATH: SETTINGS },
      ...{ BIND_ON_IP: '0.0.0.0', TEMPORAL_BROADCAST_ADDRESS: network.address },
      ...{ DB: PLUGIN, POSTGRES_SEEDS: postgres.host, DB_PORT: String(postgres.port) },
      ...{ POSTGRES_USER: postgres.user, POSTGRES_PWD: postgres.password },
      ...{ SQL_TLS_ENABLED: 'true', SQL_CA: authority, SQL_HOST_VERIFICATION: 'true' },
      ...{ TEMPORAL_TLS_REQUIRE_CLIENT_AUTH: 'true', TEMPORAL_TLS_SERVER_CA_CERT: authority },
      ...{ TEMPORAL_TLS_SERVER_CERT: server.certificate, TEMPORAL_TLS_SERVER_KEY: server.key },
      ...{ TEMPORAL_TLS_FRONTEND_CERT: server.certificate, TEMPORAL_TLS_FRONTEND_KEY: server.key },
      ...{ TEMPORAL_TLS_CLIENT1_CA_CERT: authority, TEMPORAL_TLS_CLIENT2_CA_CERT: authority },
      ...{ TEMPORAL_TLS_INTERNODE_SERVER_NAME: name, TEMPORAL_TLS_FRONTEND_SERVER_NAME: name },
    },
    cwd: folder,
    log: openLog(join(folder, 'temporal.log')),
    orphanSignal: 'SIGKILL',
  });
  // Nothing of it is kept.
  resources.defer(async () => void (await child.stop([['SIGKILL', 60_000]])));

  let ended: string | null = null;
  void child.exit.then((how) => {
    ended = how;
  });
  const requireRunning = () => {
    if (ended !== null) throw new Error(`Temporal ended (${ended}): ${child.output().slice(-4000)}`);
  };
  const connection = Connection.lazy({
    address: `${network.address}:${TEMPORAL_PORT}`,
    tls: {
      serverNameOverride: name,
      serverRootCACertificate: readFileSync(authority),
      clientCertPair: { crt: readFileSync(shown.certificate), key: readFileSync(shown.key) },
    },
    // It is on this machine.
    channelArgs: { 'grpc.enable_http_proxy': 0 },
  });
  resources.defer(() => connection.close());
  const client = new Client({ connection, namespace });
  const serves = (request: () => Promise<unknown>, what: string) =>
    until(
      async () => {
        requireRunning();
        return request().then(
          () => true,
          () => false,
        );
      },
      () => `${what}: ${child.output().slice(-4000)}`,
    );
  await serves(() => client.workflowService.getSystemInfo({}), 'Temporal answers');
  await client.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs(RETENTION) });
  // Its parts learn of the namespace one after another.
  await serves(() => client.workflow.count(), 'the namespace is known');
  const kept = resources.move();
  return { client, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

const PLUGIN = 'postgres12_pgx';

/** Creates the databases of the server, with its tables. */
async function createTables(tool: string, { postgres, authority }: TemporalOptions): Promise<void> {
  const connection = ['--plugin', PLUGIN, '--ep', postgres.host, '--port', String(postgres.port), '--user', postgres.user];
  const encryption = ['--tls', '--tls-ca-file', authority];
  // A password in the arguments would be seen by every user of the machine.
  const env = { ...process.env, SQL_PASSWORD: postgres.password };
  for (const [database, schema] of [
    ['temporal', 'postgresql/v12/temporal'],
    ['temporal_visibility', 'postgresql/v12/visibility'],
  ] as const) {
    for (const command of [['create'], ['setup-schema', '--version', '0.0'], ['update-schema', '--schema-name', schema]])
      await promisify(execFile)(tool, [...connection, ...encryption, '--database', database, ...command], { env });
  }
}
