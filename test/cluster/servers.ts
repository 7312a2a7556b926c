/**
 * Postgres and Temporal as servers of one's own: both take encrypted connections alone, and check
 * the certificates of their clients.
 */
import { chmodSync, mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTo, type Sql } from '../../db/client.ts';
import { type DatabaseRole, databaseStatements } from '../../db/roles.ts';
import { urlFor } from '../db/database.ts';
import { createAuthority } from '../support/programs/certificates.ts';
import { startPackagedPostgres } from '../support/programs/postgres.ts';
import { createRoles } from '../support/runner/servers.ts';
import type { Network } from './network.ts';
import { type Certificate, startTemporalServer, TEMPORAL_PORT, type TemporalServer } from './temporal.ts';

/** Name on the certificate of Temporal's server, which is reached by addresses. */
export const TEMPORAL_NAME = 'temporal.example';
export const TEMPORAL_NAMESPACE = 'narrows';
const DATABASE = 'narrows';
const TEMPORAL_USER = 'temporal';

export interface SecureServers extends AsyncDisposable {
  readonly client: TemporalServer['client'];
  /** Address of Temporal in the network. */
  readonly temporalAddress: string;
  /** File of the authority of all certificates. */
  readonly authority: string;
  /** Certificate of clients of either server. */
  readonly certificate: Certificate;
  /** Returns the database's URL in the network, for a role; it leaves encryption to variables. */
  urlOf(role: DatabaseRole): string;
  /** URL of its owner, with the encryption that the server requires. */
  readonly databaseUrl: string;
  /** Variables of commands of the database's owner. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Starts the servers, with ports in the network. */
export async function startSecureServers(
  network: Pick<Network, 'host' | 'open' | 'createNamespace'>,
  note: (text: string) => void,
): Promise<SecureServers> {
  await using resources = new AsyncDisposableStack();
  const { path: folder } = resources.use(mkdtempDisposableSync(join(tmpdir(), 'narrows-servers-')));
  // Postgres may run as another user.
  chmodSync(folder, 0o755);
  const { certificate: authority, issue } = createAuthority(folder, 'authority');
  const ofPostgres = issue('postgres', [`IP:${network.host}`, 'IP:127.0.0.1']);
  const ofTemporal = issue('temporal', [`DNS:${TEMPORAL_NAME}`]);
  const certificate = issue('client');

  const rules = join(folder, 'pg_hba.conf');
  const everywhere = '127.0.0.1/32';
  writeFileSync(
    rules,
    [
      `hostssl all root ${everywhere} trust`,
      `hostssl all ${TEMPORAL_USER} ${everywhere} scram-sha-256`,
      `hostssl ${DATABASE} all ${everywhere} scram-sha-256 clientcert=verify-ca`,
    ].join('\n'),
  );
  const postgres = resources.use(
    await startPackagedPostgres({
      ...{ ssl: 'on', ssl_cert_file: ofPostgres.certificate, ssl_key_file: ofPostgres.key, ssl_ca_file: authority },
      ...{ hba_file: rules, max_connections: '200' },
    }),
  );
  const encryption = new URLSearchParams({
    ...{ sslmode: 'verify-full', sslrootcert: authority, sslcert: certificate.certificate, sslkey: certificate.key },
  });
  const administrate = async (database: string, work: (sql: Sql) => Promise<unknown>) => {
    const sql = connectTo(`${postgres.urlOf(database)}?${encryption}`, 1);
    try {
      await work(sql);
    } finally {
      await sql.end();
    }
  };
  await administrate('postgres', async (sql) => {
    await createRoles(sql);
    await sql.unsafe(`create database ${DATABASE}`);
    await sql.unsafe(`create role ${TEMPORAL_USER} login createdb password '${TEMPORAL_USER}'`);
  });
  await administrate(DATABASE, (sql) => sql.unsafe(databaseStatements().join(';\n')));
  const forClients = await network.open(Number(new URL(postgres.urlOf(DATABASE)).port));
  const own = network.createNamespace();
  resources.defer(() => own.remove());
  const temporal = resources.use(
    await startTemporalServer(
      {
        ...{ authority, server: ofTemporal, name: TEMPORAL_NAME, client: certificate, namespace: TEMPORAL_NAMESPACE },
        ...{ network: own, postgres: { ...forClients, user: TEMPORAL_USER, password: TEMPORAL_USER } },
      },
      note,
    ),
  );

  const frontend = await network.open(TEMPORAL_PORT, own.address);
  const temporalAddress = `${frontend.host}:${frontend.port}`;
  const urlOf = (role: DatabaseRole) => urlFor(`postgres://${forClients.host}:${forClients.port}/${DATABASE}`, role);
  const databaseUrl = `${urlOf('owner')}?${encryption}`;
  const kept = resources.move();
  return {
    ...{ client: temporal.client, temporalAddress, authority, certificate, urlOf, databaseUrl },
    variables: {
      NARROWS_DATABASE_URL: databaseUrl,
      ...{ TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_NAMESPACE, TEMPORAL_TLS: 'true' },
      ...{ TEMPORAL_TLS_SERVER_NAME: TEMPORAL_NAME, TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority },
      ...{ TEMPORAL_TLS_CLIENT_CERT_PATH: certificate.certificate, TEMPORAL_TLS_CLIENT_KEY_PATH: certificate.key },
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
