/** Addresses of Temporal and Postgres. */
import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NarrowsError } from '../errors.ts';
import { temporalUnreachableError as createUnreachableError } from '../operations/servers.ts';
import type { Environment } from './env.ts';
import type { StackState } from './stack/state.ts';

export interface ServerAddresses {
  /** Includes the password. */
  readonly databaseUrl: string;
  /** URL for migrations and notifications, where `databaseUrl` leads to a pooler. */
  readonly directDatabaseUrl?: string;
  /** Address, TLS and API key for the SDK's connections. */
  readonly temporal: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
  readonly namespace: string;
}

/**
 * Returns the configured external servers; null where none is configured and the embedded ones are
 * used. Throws NarrowsError `environment-incomplete` where only one of the two is configured, or a
 * direct URL without the other.
 */
export function readExternalServers(environment: Environment): ServerAddresses | null {
  const { databaseUrl, directDatabaseUrl, externalTemporal, temporalVariables } = environment;
  if (databaseUrl === null && directDatabaseUrl !== null)
    throw incompleteError('NARROWS_DATABASE_DIRECT_URL', 'NARROWS_DATABASE_URL');
  if (databaseUrl === null && !externalTemporal) return null;
  if (databaseUrl === null || !externalTemporal) {
    throw databaseUrl === null
      ? incompleteError('Temporal', 'NARROWS_DATABASE_URL')
      : incompleteError('NARROWS_DATABASE_URL', 'TEMPORAL_ADDRESS');
  }
  const { connectionOptions, namespace } = readTemporalConfiguration(temporalVariables);
  const direct = directDatabaseUrl !== null && { directDatabaseUrl };
  return { databaseUrl, ...direct, temporal: connectionOptions, namespace: namespace ?? 'default' };
}

const incompleteError = (set: string, other: string): NarrowsError =>
  new NarrowsError('environment-incomplete', `${set} is configured, ${other} is not`, {
    path: other,
    fix: 'set both to use servers of your own, or neither to use the embedded ones',
  });

/** Returns the embedded servers; null until both serve. */
export function serversOfState({ temporal, databaseUrl }: StackState): ServerAddresses | null {
  if (temporal === null || databaseUrl === null) return null;
  return { databaseUrl, temporal: { address: temporal.address }, namespace: temporal.namespace };
}

/** Returns options of the client's connection: one to this machine never goes through a proxy. */
export function clientOptions({ temporal }: Pick<ServerAddresses, 'temporal'>): ConnectionOptions {
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])(:|$)/i.test(temporal.address ?? 'localhost');
  return { ...temporal, ...(isLoopback && { channelArgs: { 'grpc.enable_http_proxy': 0 } }) };
}

/** Returns an error with the address and the reason, without the API key. */
export function temporalUnreachableError({ temporal }: Pick<ServerAddresses, 'temporal'>, cause: unknown): NarrowsError {
  const { message = '' } = cause as Error;
  const reason = /deadline|timed? ?out/i.test(message)
    ? 'no answer in time'
    : /refused/i.test(message)
      ? 'connection refused'
      : /unauthenticated|permission|certificate/i.test(message)
        ? 'key or certificate not accepted'
        : 'connection failed';
  return createUnreachableError({ address: temporal.address ?? '' }, reason, cause);
}

function readTemporalConfiguration(variables: Readonly<Record<string, string>>) {
  // Reads a configuration file only on request: the embedded servers must not depend on a stray
  // file.
  const disableFile = variables.TEMPORAL_CONFIG_FILE === undefined && variables.TEMPORAL_PROFILE === undefined;
  try {
    return loadClientConnectConfig({ overrideEnvVars: { ...variables }, disableFile });
  } catch (error) {
    throw new NarrowsError('environment-invalid', `Temporal's configuration cannot be read: ${(error as Error).message}`, {
      path: 'TEMPORAL_*',
      fix: "see the documentation of Temporal's environment configuration",
      cause: error,
    });
  }
}
