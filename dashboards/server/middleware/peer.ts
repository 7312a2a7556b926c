/** The other end of a connection, and the address of the client behind a trusted proxy. */
import { BlockList, isIP, type Socket } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { NarrowsError } from '../../../errors.ts';

/** Whether an address is reachable from this machine only. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

/** Whether a connection from this address comes from a proxy whose headers are trusted. */
export type IsProxy = (address: string) => boolean;

/** Whether the server's user, or root, is at the other end; null = a request without connection. */
export type IsOwner = (socket: Socket | null) => Promise<boolean>;

/** Returns the connection of a request; null for one that was made without. */
export const socketOf = ({ env }: Context): Socket | null => (env as Partial<HttpBindings> | undefined)?.incoming?.socket ?? null;

/**
 * Returns the test for trusted proxies: those at the given addresses or networks (`10.0.0.0/8`),
 * without any those on this machine. Throws NarrowsError `proxy-address-invalid`.
 */
export function trustProxies(addresses: readonly string[]): IsProxy {
  if (addresses.length === 0) return (address) => isLoopback(unmapped(address));
  const trusted = new BlockList();
  for (const text of addresses) {
    const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    const family = isIP(address);
    const longest = family === 4 ? 32 : 128;
    if (family === 0 || Number(bits ?? longest) > longest) {
      throw new NarrowsError('proxy-address-invalid', `"${text}" is not a valid address of a proxy`, {
        path: '--proxy-address',
        fix: 'use an IP address such as 10.0.0.5, or a network such as 10.0.0.0/24',
      });
    }
    trusted.addSubnet(address, Number(bits ?? longest), family === 4 ? 'ipv4' : 'ipv6');
  }
  return (address) => {
    const plain = unmapped(address);
    const family = isIP(plain);
    return family !== 0 && trusted.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  };
}

/** Returns the address of the other end of the connection; 'unknown' where it has closed. */
export function peerAddress(context: Context): string {
  try {
    return getConnInfo(context).remote.address ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

/**
 * Returns the address of the client: of the peer, or, where that is a trusted proxy, the last one
 * in `X-Forwarded-For`, which the proxy appends; earlier ones are set by the client.
 */
export function clientAddress(context: Context, isProxy: IsProxy): string {
  const address = peerAddress(context);
  if (!isProxy(address)) return address;
  const forwarded = context.req.header('x-forwarded-for')?.split(',').at(-1)?.trim();
  return forwarded !== undefined && isIP(forwarded) !== 0 ? forwarded : address;
}

/** Returns the /64 prefix of an IPv6 address, whose owner has 2^64 of them; any other unchanged. */
export function networkPrefix(address: string): string {
  return address.includes(':') && !address.includes('.') ? address.split(':').slice(0, 4).join(':') : address;
}

/** Returns an IPv4 address that is written as one of IPv6 in its own form. */
const unmapped = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
