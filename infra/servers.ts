/** The two addresses that everything needs: Temporal's and Postgres'. */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NarrowsError } from '../errors.ts';
import type { Environment } from './env.ts';
import type { StackState } from './stack/state.ts';

export interface ServerAddresses {
  /** With the password. */
  readonly databaseUrl: string;
  /** Address, and TLS and API key where they are configured; for the SDK's connections. */
  readonly temporal: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
  readonly namespace: string;
}

/**
 * The person's own servers; null when none is configured and the embedded ones are meant.
 * Throws NarrowsError `environment-incomplete` when only one of the two is.
 */
export function readExternalServers(environment: Environment): ServerAddresses | null {
  const { databaseUrl, externalTemporal, temporalVariables } = environment;
  if (databaseUrl === null && !externalTemporal) return null;
  if (databaseUrl === null || !externalTemporal) {
    const [set, other] =
      databaseUrl === null ? ['Temporal', 'NARROWS_DATABASE_URL'] : ['NARROWS_DATABASE_URL', 'TEMPORAL_ADDRESS'];
    throw new NarrowsError('environment-incomplete', `${set} is configured, ${other} is not`, {
      path: other,
      fix: 'set both to use servers of your own, or neither to use the embedded ones',
    });
  }
  const { connectionOptions, namespace } = readTemporalConfiguration(temporalVariables);
  return { databaseUrl, temporal: connectionOptions, namespace: namespace ?? 'default' };
}

/** The embedded servers; null until both serve. */
export function serversOfState({ temporal, databaseUrl }: StackState): ServerAddresses | null {
  if (temporal === null || databaseUrl === null) return null;
  return { databaseUrl, temporal: { address: temporal.address }, namespace: temporal.namespace };
}

/** The error for a person: the address, the reason, no key. */
export function temporalUnreachableError({ temporal }: Pick<ServerAddresses, 'temporal'>, cause: unknown): NarrowsError {
  const { message = '' } = cause as Error;
  const reason = /deadline|timed? ?out/i.test(message)
    ? 'no answer in time'
    : /refused/i.test(message)
      ? 'connection refused'
      : /unauthenticated|permission/i.test(message)
        ? 'key or certificate not accepted'
        : 'connection failed';
  return new NarrowsError('temporal-unreachable', `Temporal at ${temporal.address} does not answer: ${reason}`, {
    fix: 'check TEMPORAL_ADDRESS; without it narrows starts its own Temporal',
    kind: 'unreachable',
    cause,
  });
}

function readTemporalConfiguration(variables: Readonly<Record<string, string>>) {
  // A configuration file counts only where it is asked for: the embedded servers must not depend on one that lies around.
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
