/** Addresses inside a network: URLs of sources reach those that the operator allows. */
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

function blockList(family: 'ipv4' | 'ipv6', subnets: string): BlockList {
  const list = new BlockList();
  for (const subnet of subnets.split(' ')) {
    const [network = '', bits = ''] = subnet.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}

/** IANA's special-purpose addresses, multicast and reserved ones. */
const SPECIAL_V4 = blockList(
  'ipv4',
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 ' +
    '192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
);
/** Global unicast; all else is special, also what maps IPv4. */
const GLOBAL_V6 = blockList('ipv6', '2000::/3');
/** Documentation, and tunnels, which lead to addresses of IPv4. */
const SPECIAL_V6 = blockList('ipv6', '2001::/23 2001:db8::/32 2002::/16 3fff::/20');
/** Clouds answer here with the credentials of the machine. */
const LINK_LOCAL_V4 = blockList('ipv4', '169.254.0.0/16 100.100.100.200/32 192.0.0.192/32');
const OWN_V6 = blockList('ipv6', '::1/128 fc00::/7');
const METADATA_V6 = blockList('ipv6', 'fd00:ec2::254/128');

/** Returns whether an address is on this machine or in a private network, in any notation. */
export function isInside(address: string): boolean {
  if (isIP(address) === 4) return SPECIAL_V4.check(address, 'ipv4');
  return !GLOBAL_V6.check(address, 'ipv6') || SPECIAL_V6.check(address, 'ipv6');
}

/** Returns whether an inside address is loopback or private: not link-local, metadata or mapped. */
function isPrivate(address: string): boolean {
  if (isIP(address) === 4) return !LINK_LOCAL_V4.check(address, 'ipv4');
  return OWN_V6.check(address, 'ipv6') && !METADATA_V6.check(address, 'ipv6');
}

/** Hosts of URLs that may have inside addresses; `*` stands for all that are not link-local. */
export type PrivateHosts = readonly string[];

/** Returns why a host may not be reached at an address; null where it may. */
export function refuseAddress(host: string, address: string, allowed: PrivateHosts): string | null {
  if (!isInside(address) || allowed.includes(host)) return null;
  if (allowed.includes('*') && isPrivate(address)) return null;
  return `${host === address ? host : `${host} is ${address}, which`} is an address inside a network; to allow it, name ${host} in NARROWS_ALLOW_PRIVATE_SOURCES`;
}

/** Returns the host of a URL without the brackets of IPv6. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** As `lookup` of node:dns. */
type ResolveName = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Returns a lookup for connections: they go to addresses that were checked, whatever the name
 * resolves to a moment later.
 */
export function checkedLookup(allowed: PrivateHosts, resolveName: ResolveName = lookup): LookupFunction {
  return (host, options, done) => {
    resolveName(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '');
      const refusals = addresses.map(({ address }) => refuseAddress(host, address, allowed));
      const fit = addresses.filter((_, i) => refusals[i] === null);
      const [first] = fit;
      if (first === undefined) return done(new Error(refusals[0] ?? `${host} has no address`), '');
      if (options.all) done(null, fit);
      else done(null, first.address, first.family);
    });
  };
}
