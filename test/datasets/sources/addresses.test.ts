import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkedLookup, hostOf, isInside, refuseAddress } from '../../../datasets/sources/addresses.ts';

test('loopback, private, link-local and other special addresses are inside, in every notation', () => {
  const urls = [
    ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '10.0.0.1', '172.16.3.4', '172.31.255.255', '192.168.1.1', '100.64.0.1'],
    ...['169.254.169.254', '224.0.0.1', '255.255.255.255', '198.18.0.1', '192.0.0.192'],
    ...['2130706433', '0x7f000001', '017700000001', '127.1', '0x7f.1', '2852039166'],
    ...['[::1]', '[::]', '[fe80::1]', '[fc00::1]', '[fd00:ec2::254]', '[ff02::1]'],
    ...['[::ffff:127.0.0.1]', '[::ffff:a9fe:a9fe]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[2001::1]'],
  ];
  for (const host of urls) {
    const address = hostOf(new URL(`http://${host}/`));
    assert.ok(isInside(address), `${host} is ${address}`);
    assert.match(refuseAddress(address, address, []) ?? '', /inside a network; .* NARROWS_ALLOW_PRIVATE_SOURCES/);
  }
  for (const address of ['8.8.8.8', '172.32.0.1', '193.0.0.1', '2606:4700::1111', '2a00:1450::1'])
    assert.equal(refuseAddress('host', address, []), null, address);
});

test('hosts that the operator names are allowed; a star allows private ones, and none that is link-local', () => {
  assert.equal(refuseAddress('data.lab', '10.0.0.1', ['data.lab']), null);
  assert.notEqual(refuseAddress('other.lab', '10.0.0.1', ['data.lab']), null);
  for (const address of ['127.0.0.1', '10.0.0.1', '::1', 'fd12::1']) assert.equal(refuseAddress('h', address, ['*']), null);
  for (const address of ['169.254.169.254', 'fe80::1', 'fd00:ec2::254', '100.100.100.200', '::ffff:127.0.0.1'])
    assert.notEqual(refuseAddress('h', address, ['*']), null, address);
});

test('a connection goes to the addresses that were checked, whatever the name resolves to later', async () => {
  const answers = [['8.8.8.8', '10.0.0.1'], ['127.0.0.1']];
  const lookup = checkedLookup([], (_, __, done) => {
    const addresses = answers.shift() ?? [];
    done(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  });
  const connect = (all: boolean) =>
    new Promise((resolve, reject) => {
      lookup('rebinding.example', { all }, (error, address) => (error ? reject(error) : resolve(address)));
    });
  assert.deepEqual(await connect(true), [{ address: '8.8.8.8', family: 4 }]);
  await assert.rejects(connect(true), /rebinding.example is 127.0.0.1, which is an address inside a network/);
  await assert.rejects(connect(false), /has no address/);
});
