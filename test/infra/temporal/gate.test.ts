import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { openHome } from '../../../infra/home.ts';
import { isOwnPeer } from '../../../infra/processes/peer-user.ts';
import { findPrivateNetworks } from '../../../infra/processes/private-network.ts';
import { openLog } from '../../../infra/processes/rotating-log.ts';
import { createGate } from '../../../infra/temporal/gate.ts';
import { until } from '../../support/until.ts';
import { temporaryFolder } from '../folders.ts';

const networks = await findPrivateNetworks();

/** Counts the connections to a port that a program has accepted, which the kernel then numbers. */
const countAccepted = (port: number): number =>
  readFileSync('/proc/self/net/tcp', 'latin1')
    .split('\n')
    .map((row) => row.trim().split(/ +/))
    .filter(([, own, , state, , , , , , inode]) => own === `0100007F:${toHex(port)}` && state === '01' && inode !== '0').length;

const toHex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

test('connections that wait for a gate that hangs end with it', {
  skip: 'missing' in networks && networks.missing,
}, async (t) => {
  assert.ok(!('missing' in networks));
  const folder = temporaryFolder(t);
  const gate = await createGate(networks);
  t.after(() => gate.close());
  const open = () => gate.open(openHome(join(folder, 'home')), openLog(join(folder, 'gate.log')));
  const inside = await open();
  process.kill(inside.identity.pid, 'SIGSTOP');
  const clients = [1, 2, 3].map(() => connect(gate.port, '127.0.0.1').on('error', () => {}));
  t.after(() => {
    for (const client of clients) client.destroy();
  });
  await Promise.all(clients.map((client) => once(client, 'connect')));
  await until(() => countAccepted(gate.port) === clients.length, 'they are accepted');
  // Look-ups are answered in order: those of the gate have been by now.
  for (const client of clients) assert.equal(await isOwnPeer(client), true);
  const ends = Promise.all(clients.map((client) => once(client.resume(), 'close')));
  assert.equal(await inside.stop([['SIGKILL', 5000]]), true);
  await ends;
  const again = await open();
  assert.equal(await again.stop([['SIGKILL', 5000]]), true);
});
