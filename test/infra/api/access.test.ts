/** The rules of access that follow from the options of the command. */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { chooseAccess } from '../../../infra/api/access.ts';

test('loopback is open, other addresses ask for tokens, and a header names the role behind a proxy', () => {
  const kindOf = (options: Parameters<typeof chooseAccess>[0]) => chooseAccess(options).access.kind;
  assert.equal(kindOf({ host: '127.0.0.1' }), 'open');
  assert.equal(kindOf({ host: '127.0.0.1', needTokens: true }), 'tokens');
  assert.equal(kindOf({ host: '0.0.0.0' }), 'tokens');
  assert.equal(kindOf({ host: '::1', proxyHeader: 'x-role' }), 'proxy');
});

test('a proxy that can be bypassed is refused', () => {
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'box.example']) {
    const options = { host, proxyHeader: 'x-role' };
    assert.throws(() => chooseAccess(options), { code: 'proxy-address-missing', path: '--host', kind: 'invalid' }, host);
    const { isProxy } = chooseAccess({ ...options, proxyAddresses: ['192.0.2.9'] });
    assert.deepEqual(['192.0.2.9', '192.0.2.8', '127.0.0.1'].map(isProxy), [true, false, false]);
  }
});

test('the server has the names of its machine, that of --host, and those that are named', () => {
  assert.deepEqual(chooseAccess({ host: '127.0.0.1', allowedHosts: ['a.example'] }).hosts, ['a.example']);
  const { hosts } = chooseAccess({ host: 'box.example', allowedHosts: ['a.example'] });
  for (const name of ['a.example', 'box.example', hostname(), `${hostname().split('.')[0]}.local`])
    assert.ok(hosts.includes(name), name);
  for (const name of ['', 'https://a.example', 'a.example:443', 'a b', '*', 'a..b'])
    assert.throws(
      () => chooseAccess({ host: '0.0.0.0', allowedHosts: [name] }),
      { code: 'host-name-invalid', path: '--allow-host' },
      name,
    );
});
