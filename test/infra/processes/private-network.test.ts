import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { runAs, withoutOtherUser } from '../../support/other-user.ts';

const MODULE = JSON.stringify(new URL('../../../infra/processes/private-network.ts', import.meta.url).href);

interface Outcome {
  /** Why there are no private networks. */
  readonly missing?: string;
  /** Replies to a program outside the network, and to one inside. */
  readonly outside: string;
  readonly inside: string;
}

/** Starts a server in a private network, and connects to it from outside and from inside. */
const MEETING = `
  const { execFile, spawn } = await import('node:child_process');
  const { once } = await import('node:events');
  const { promisify } = await import('node:util');
  const { findPrivateNetworks, privateNetworkVariables } = await import(${MODULE});
  const networks = await findPrivateNetworks();
  if ('missing' in networks) console.log(JSON.stringify(networks));
  else {
    const env = privateNetworkVariables();
    const listen = "const server = require('node:net').createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1', () => console.log(server.address().port))";
    const [command, ...args] = networks.create(process.execPath, ['-e', listen]);
    const server = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const [port] = (await once(server.stdout, 'data')).map(Number);
    const greet = "require('node:net').connect(" + port + ", '127.0.0.1').on('error', ({ code }) => console.log(code)).pipe(process.stdout)";
    const run = async (program, rest) => (await promisify(execFile)(program, rest, { env })).stdout.trim();
    const outside = await run(process.execPath, ['-e', greet]);
    const [joining, ...rest] = networks.join(server.pid, process.execPath, ['-e', greet]);
    const inside = await run(joining, rest);
    server.kill('SIGKILL');
    console.log(JSON.stringify({ outside, inside }));
  }`;

for (const who of ['owner', 'other'] as const) {
  const user = who === 'owner' ? 'this user' : 'an ordinary user';
  test(`${user} runs a server that programs of its network alone reach`, {
    skip: who === 'other' && withoutOtherUser,
  }, async (t) => {
    const outcome = await runAs<Outcome>(who, MEETING);
    if (outcome.missing !== undefined) return t.skip(outcome.missing);
    assert.deepEqual(outcome, { outside: 'ECONNREFUSED', inside: 'hello' });
  });
}

test('where no network can be created, the reason is known', {
  skip: process.platform !== 'linux' && 'Linux only',
}, async (t) => {
  const code = `const { findPrivateNetworks } = await import(${MODULE}); console.log(JSON.stringify(await findPrivateNetworks()));`;
  const limited = 'echo 0 > /proc/sys/user/max_net_namespaces && exec "$@"';
  const command = ['-U', '-r', '/bin/sh', '-c', limited, 'sh', process.execPath, '--input-type=module', '-e', code];
  const { stdout, error } = spawnSync('unshare', command, { encoding: 'utf8' });
  if (error || stdout === '') return t.skip('this machine has no user namespaces');
  assert.match(JSON.parse(stdout).missing, /unshare: .*No space left/);
});
