/**
 * Users at the other end of connections within this machine.
 *
 * Linux lists its TCP sockets, each with the user that created it. A connection over loopback has
 * two rows there: ours, and the peer's, with the addresses swapped.
 */
import { readFile } from 'node:fs/promises';
import { isIPv4, type Socket } from 'node:net';
import { endianness } from 'node:os';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Whether the users of peers can be found: on Linux only. */
export const KNOWS_PEERS = process.platform === 'linux';

const TABLES = ['/proc/self/net/tcp', '/proc/self/net/tcp6'] as const;

const ROOT = 0;

/**
 * Resolves to whether the peer of an accepted connection runs as this process's user or as root. A
 * peer that is not found is another's. On other systems than Linux every peer counts as the
 * owner's.
 */
export async function isOwnPeer({ remoteAddress, remotePort, localAddress, localPort }: Socket): Promise<boolean> {
  if (!KNOWS_PEERS) return true;
  if (remoteAddress === undefined || remotePort === undefined || localAddress === undefined || localPort === undefined)
    return false;
  const peer = { address: remoteAddress, port: remotePort };
  const own = { address: localAddress, port: localPort };
  const find = async () => findPeerUser(await readTables(), peer, own);
  // A row can be missed while others of its hash come and go.
  const user = (await find()) ?? (await find());
  return user === ROOT || user === process.getuid?.();
}

let reading: Promise<string> = Promise.resolve('');
let next: Promise<string> | null = null;

/**
 * Returns the tables as they are after this call. Calls during a read share the next one, so that
 * many connections at once cost little.
 */
function readTables(): Promise<string> {
  next ??= reading.then(() => {
    next = null;
    reading = Promise.all(TABLES.map(readTable)).then((tables) => tables.join(''));
    return reading;
  });
  return next;
}

/** Returns the text of a table; an empty one where the kernel lacks the protocol. */
const readTable = (file: string): Promise<string> => readFile(file, 'latin1').catch(() => '');

/**
 * Returns the user of the socket that connects `peer` to `own`, from the text of
 * /proc/net/tcp and tcp6; null where none is listed, or where its program has closed it.
 */
export function findPeerUser(table: string, peer: Endpoint, own: Endpoint): number | null {
  for (const from of encode(peer)) {
    for (const to of encode(own)) {
      const at = table.indexOf(` ${from} ${to} `);
      if (at === -1) continue;
      // From here: local and remote address, state, queues, timer, retransmissions, user, timeout,
      // inode.
      const [, , , , , , user, , inode] = table.slice(at + 1, table.indexOf('\n', at)).split(/ +/);
      // A closed socket is listed with inode 0 and as root's, whichever user opened it.
      return inode === undefined || inode === '0' ? null : Number(user);
    }
  }
  return null;
}

/** Bytes 0 to 11 of an IPv4 address that is written as IPv6. */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255] as const;
const IPV6_LOOPBACK = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] as const;

/** Returns the forms that an endpoint can have in the tables; none for IPv6 beyond loopback. */
function encode({ address, port }: Endpoint): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const ipv4 = address.replace(/^::ffff:/i, '');
  const forms: (readonly number[])[] = [];
  if (isIPv4(ipv4)) {
    const bytes = ipv4.split('.').map(Number);
    forms.push(bytes, [...MAPPED, ...bytes]);
  } else if (address === '::1') forms.push(IPV6_LOOPBACK);
  return forms.map((bytes) => toHex(bytes) + suffix);
}

/** Returns the bytes as the kernel prints them: words of 32 bits in the order of the machine. */
function toHex(bytes: readonly number[]): string {
  const isLittle = endianness() === 'LE';
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.slice(4 * i, 4 * i + 4))
    .flatMap((word) => (isLittle ? word.toReversed() : word))
    .map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
    .join('');
}
