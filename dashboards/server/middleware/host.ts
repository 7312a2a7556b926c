/** The host names under which the server may be addressed. */
import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { NarrowsError } from '../../../errors.ts';
import type { Access } from './auth.ts';

const THIS_MACHINE = /^(127\.0\.0\.1|localhost|\[::1\])$/;

/**
 * Rejects other hosts. This prevents DNS rebinding: a foreign page whose host name resolves to the
 * server would share its origin. Without tokens, only names of this machine are allowed, else IP
 * addresses as well, which nobody can make resolve to another one; and the `hosts`.
 */
export function requireHost({ kind }: Access, hosts: readonly string[]): MiddlewareHandler {
  const named = new Set(hosts.map((host) => host.toLowerCase()));
  return async (context, next) => {
    const name = hostName(context.req.header('host') ?? new URL(context.req.url).host);
    if (THIS_MACHINE.test(name) || named.has(name) || (kind !== 'open' && isAddress(name))) return next();
    if (kind === 'open') {
      throw new NarrowsError('host-refused', 'this server accepts 127.0.0.1, localhost and [::1] only', {
        path: 'Host',
        fix: 'open it at 127.0.0.1; "narrows serve --host" serves other names, with tokens',
      });
    }
    throw new NarrowsError('host-refused', 'this server is not served under this host name', {
      path: 'Host',
      fix: 'name it with "narrows serve --allow-host NAME", or use an IP address',
    });
  };
}

/** Returns the name of a `Host` header, in lower case, without port and final dot. */
const hostName = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/(?<=.)\.$/, '');

const isAddress = (name: string): boolean => isIP(name) === 4 || (/^\[.*\]$/.test(name) && isIP(name.slice(1, -1)) === 6);
