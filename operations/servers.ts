/** Connections that operations work on; callers open and close them. */
import type { Client } from '@temporalio/client';
import type { InstallationBlobs } from '../db/blobs.ts';
import type { Database } from '../db/client.ts';
import { NarrowsError } from '../errors.ts';

export interface Storage {
  readonly db: Database;
  readonly blobs: InstallationBlobs;
}

export interface Servers {
  readonly db: Database;
  readonly temporal: Client;
}

const NOT_ACCEPTED = 'key or certificate not accepted';

/** gRPC statuses of a server that cannot be used now. */
const UNREACHABLE_STATUSES: Readonly<Record<number, string>> = {
  4: 'no answer in time',
  7: NOT_ACCEPTED,
  14: 'connection failed',
  16: NOT_ACCEPTED,
};

/** Returns why a request did not reach Temporal; null for other errors. */
export function describeOutage(error: unknown): string | null {
  // The client wraps the original error.
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const reason = 'metadata' in cause && 'code' in cause ? UNREACHABLE_STATUSES[Number(cause.code)] : undefined;
    if (reason !== undefined) return reason;
  }
  return null;
}

export interface TemporalAddress {
  readonly address: string;
  readonly namespace: string;
}

export function temporalUnreachableError(
  { address }: Pick<TemporalAddress, 'address'>,
  reason: string,
  cause: unknown,
): NarrowsError {
  return new NarrowsError('temporal-unreachable', `Temporal at ${address} does not answer: ${reason}`, {
    fix:
      reason === NOT_ACCEPTED
        ? 'check TEMPORAL_API_KEY, or the certificates of TEMPORAL_TLS_*'
        : 'check TEMPORAL_ADDRESS; for embedded servers see "narrows status"',
    kind: 'unreachable',
    cause,
  });
}

/**
 * Returns the error to show for a request that Temporal did not fulfil: NarrowsError
 * `namespace-missing` or `temporal-unreachable`. Returns other errors unchanged.
 */
export function toTemporalError(error: unknown, server: TemporalAddress): unknown {
  if (isNamespaceMissing(error)) {
    const { address, namespace } = server;
    return new NarrowsError('namespace-missing', `Temporal at ${address} has no namespace "${namespace}"`, {
      path: 'TEMPORAL_NAMESPACE',
      fix: `set TEMPORAL_NAMESPACE to one that it has, or create it with "temporal operator namespace create -n ${namespace}"`,
      kind: 'unreachable',
      cause: error,
    });
  }
  const reason = error instanceof NarrowsError ? null : describeOutage(error);
  return reason === null ? error : temporalUnreachableError(server, reason, error);
}

/** Whether an error of the client, or of a worker, means that the namespace does not exist. */
export const isNamespaceMissing = (error: unknown): boolean =>
  isNamed(error, 'NamespaceNotFoundError') || (error instanceof Error && /^Namespace \S+ was not found/.test(error.message));

/** Whether an error has this name; asking by name does not load the client's library. */
export const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
