import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { findPeerUser, isOwnPeer, KNOWS_PEERS } from '../../../infra/processes/peer-user.ts';
import { runAs, withoutOtherUser } from '../../support/other-user.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const own = { address: '127.0.0.1', port: 8622 };

/** Returns a row of /proc/net/tcp: ports in hexadecimal, 21AE = 8622. */
const row = (from: string, to: string, uid: number, inode: number, state = '01') =>
  `   7: ${from} ${to} ${state} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 ${inode} 1 0 20 4 30 10 -1\n`;

test('the user of a peer is read from the row that mirrors the connection', () => {
  const peer = { address: '127.0.0.1', port: 0xbeef };
  const mirror = row('0100007F:BEEF', '0100007F:21AE', 1000, 77);
  const ours = row('0100007F:21AE', '0100007F:BEEF', 0, 78);
  const stranger = row('0100007F:BEEF', '0100007F:21AF', 1001, 79);
  assert.equal(findPeerUser(HEAD + ours + stranger + mirror, peer, own), 1000);
  assert.equal(findPeerUser(HEAD + ours + stranger, peer, own), null, 'not from this machine');
  const mapped = row('0000000000000000FFFF00000100007F:BEEF', '0000000000000000FFFF00000100007F:21AE', 1002, 80);
  assert.equal(findPeerUser(HEAD + mapped, peer, own), 1002, 'a socket of IPv6 that connects to IPv4');
  const six = row('00000000000000000000000001000000:BEEF', '00000000000000000000000001000000:21AE', 1003, 81);
  assert.equal(findPeerUser(HEAD + six, { address: '::1', port: 0xbeef }, { address: '::1', port: 8622 }), 1003);
  const other = { address: '10.0.0.5', port: 0xbeef };
  assert.equal(findPeerUser(HEAD + row('0500000A:BEEF', '0100007F:21AE', 7, 82), other, own), 7);
  assert.equal(findPeerUser(HEAD + mirror, { address: 'fe80::1', port: 0xbeef }, own), null);
});

test('a socket that its program has closed has no user, though the kernel lists it as root’s', () => {
  const peer = { address: '127.0.0.1', port: 0xbeef };
  for (const state of ['01', '04', '05', '06'])
    assert.equal(findPeerUser(HEAD + row('0100007F:BEEF', '0100007F:21AE', 0, 0, state), peer, own), null);
});

/** Listens, and returns the connection that `connecting` makes. */
async function accepted(t: TestContext, connecting: (port: number) => void, host = '127.0.0.1'): Promise<Socket> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  connecting((server.address() as { port: number }).port);
  const [socket] = (await once(server, 'connection')) as [Socket];
  t.after(() => {
    socket.destroy();
    server.close();
  });
  return socket.on('error', () => {});
}

test('a connection of this user is its own', async (t) => {
  const connecting = (host: string) => (port: number) => {
    const client = connect(port, host);
    t.after(() => client.destroy());
  };
  assert.equal(await isOwnPeer(await accepted(t, connecting('127.0.0.1'))), true);
  assert.equal(await isOwnPeer(await accepted(t, connecting('127.0.0.1'), '::')), true);
  assert.equal(await isOwnPeer(await accepted(t, connecting('::1'), '::1')), true);
});

test('a connection of another user is not', { skip: withoutOtherUser }, async (t) => {
  let done: Promise<unknown> | null = null;
  const socket = await accepted(t, (port) => {
    done = runAs(
      'other',
      `
      const { connect } = await import('node:net');
      connect(${port}, '127.0.0.1').on('close', () => console.log('"closed"')).on('error', () => {}).resume();`,
    );
  });
  assert.equal(await isOwnPeer(socket), false);
  socket.destroy();
  assert.equal(await done, 'closed');
});

test('a connection that was closed at once is nobody’s', { skip: KNOWS_PEERS ? false : 'without /proc' }, async (t) => {
  const socket = await accepted(t, (port) => {
    const client = connect(port, '127.0.0.1', () => client.end('POST').destroy());
  });
  const closed = (text: string) =>
    !text.includes(
      `:${socket.remotePort?.toString(16).toUpperCase().padStart(4, '0')} 0100007F:${socket.localPort?.toString(16).toUpperCase().padStart(4, '0')} 01 `,
    );
  while (!closed(readFileSync('/proc/self/net/tcp', 'latin1'))) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(await isOwnPeer(socket), false);
});
