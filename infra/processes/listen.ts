/** Listening on an address that a person has chosen. */
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { NarrowsError } from '../../errors.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Falls back to any free port where `port` is taken. */
  readonly orAnyPort?: boolean;
}

/** Options of the command that names host and port. */
export interface AddressFlags {
  readonly host: string;
  readonly port: string;
}

/**
 * Listens, and resolves to the port. Throws NarrowsError `port-taken`, `port-refused`,
 * `host-invalid`.
 */
export async function listen(server: Server, options: ListenOptions, flags: AddressFlags): Promise<number> {
  const { host, port, orAnyPort = false } = options;
  try {
    return await tryToListen(server, host, port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' && orAnyPort) return tryToListen(server, host, 0);
    throw toListenError(code ?? '', options, flags) ?? error;
  }
}

async function tryToListen(server: Server, host: string, port: number): Promise<number> {
  await once(server.listen(port, host), 'listening');
  return (server.address() as AddressInfo).port;
}

/** 'http://127.0.0.1:8622', with an IPv6 address in brackets. */
export const httpUrl = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

function toListenError(code: string, { host, port }: ListenOptions, flags: AddressFlags): NarrowsError | null {
  if (code === 'EADDRINUSE') {
    return new NarrowsError('port-taken', `port ${port} of ${host} is used by another program`, {
      path: flags.port,
      fix: `name another with ${flags.port}, or ${flags.port} 0 for any free one; "narrows status" shows the address of a running stack`,
      kind: 'failure',
    });
  }
  if (code === 'EACCES') {
    return new NarrowsError('port-refused', `this user is not allowed to listen on port ${port}`, {
      path: flags.port,
      fix: 'name a port above 1023',
      kind: 'failure',
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new NarrowsError('host-invalid', `"${host}" is not an address of this machine`, {
      path: flags.host,
      fix: 'name one of its own addresses, or 0.0.0.0 for all of them',
    });
  }
  return null;
}
