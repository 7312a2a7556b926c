/** Decides from the options of the serving command how callers are authenticated. */
import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import type { Access } from '../../dashboards/server/middleware/auth.ts';
import { type IsOwner, type IsProxy, isLoopback, trustProxies } from '../../dashboards/server/middleware/peer.ts';
import { NarrowsError } from '../../errors.ts';
import { isOwnPeer } from '../processes/peer-user.ts';

export interface AccessOptions {
  readonly host: string;
  /** Header in which a trusted proxy names the role. */
  readonly proxyHeader?: string | undefined;
  /** Header in which the proxy names the user; without it all its requests share one user. */
  readonly proxyUserHeader?: string | undefined;
  /** Addresses and networks of trusted proxies; default: this machine. */
  readonly proxyAddresses?: readonly string[] | undefined;
  /** Host names under which browsers reach the server, besides those of this machine. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Requires tokens on loopback too, for a local proxy that forwards them. */
  readonly needTokens?: boolean | undefined;
}

interface AccessRules {
  readonly access: Access;
  readonly hosts: readonly string[];
  readonly isProxy: IsProxy;
}

/**
 * Throws NarrowsError `proxy-role-missing`, `proxy-address-missing`, `proxy-address-invalid`,
 * `host-name-invalid`.
 */
export function chooseAccess(options: AccessOptions): AccessRules {
  const { host, proxyAddresses = [], allowedHosts = [] } = options;
  for (const name of allowedHosts) requireHostName(name);
  const access = chooseKind(options);
  if (access.kind === 'proxy' && proxyAddresses.length === 0 && !isLoopback(host)) {
    throw new NarrowsError('proxy-address-missing', `${host} can be reached without the proxy, past which anybody is admin`, {
      path: '--host',
      fix: 'leave --host out if the proxy runs on this machine, or name where it runs: --proxy-address ADDRESS',
    });
  }
  return {
    access,
    hosts: access.kind === 'open' ? allowedHosts : [...allowedHosts, host, ...namesOfMachine(hostname())],
    isProxy: trustProxies(proxyAddresses),
  };
}

function chooseKind({ host, proxyHeader, proxyUserHeader, needTokens = false }: AccessOptions): Access {
  if (proxyHeader !== undefined) return { kind: 'proxy', header: proxyHeader, userHeader: proxyUserHeader ?? null };
  if (proxyUserHeader !== undefined) {
    throw new NarrowsError('proxy-role-missing', 'a header with the user does not say which role the user has', {
      path: '--proxy-user-header',
      fix: 'name the header with the role too: --proxy-header NAME',
    });
  }
  return isLoopback(host) && !needTokens ? { kind: 'open', isOwner: createOwnerCheck() } : { kind: 'tokens' };
}

/** Finds the user of each connection once. */
function createOwnerCheck(): IsOwner {
  const found = new WeakMap<Socket, Promise<boolean>>();
  return async (socket) => {
    if (socket === null) return false;
    const known = found.get(socket) ?? isOwnPeer(socket);
    found.set(socket, known);
    return known;
  };
}

/** Returns the name of this machine, its first part, and that of multicast DNS. */
function namesOfMachine(name: string): string[] {
  const [first = name] = name.split('.');
  return [name, first, `${first}.local`];
}

function requireHostName(name: string): void {
  if (/^[a-z\d_-]+(\.[a-z\d_-]+)*$/i.test(name)) return;
  throw new NarrowsError('host-name-invalid', `"${name}" is not a valid host name`, {
    path: '--allow-host',
    fix: 'use a name without scheme and port, such as narrows.example.org',
  });
}
