import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeerCertificate, ConnectionOptions as TlsOptions } from 'node:tls';
import { driverOptions } from '../../db/driver-options.ts';

const sslOf = (parameters: string) => driverOptions(`postgres://h/n?${parameters}`, 10).ssl;

test('sslmode is the encryption that libpq would accept', () => {
  assert.equal(sslOf(''), false);
  assert.equal(sslOf('sslmode=disable'), false);
  assert.equal(sslOf('sslmode=allow'), 'prefer');
  assert.equal(sslOf('sslmode=prefer'), 'prefer');
  assert.equal(sslOf('sslmode=require'), 'require');
  assert.equal(sslOf('ssl=true'), 'require');
  assert.equal(sslOf('channel_binding=require'), 'require');
  // Files are of no use without encryption.
  assert.throws(() => sslOf('sslrootcert=/nowhere/ca.pem'), { code: 'database-url-invalid' });
});

test('a socket is a path, without encryption', () => {
  const { path, ssl } = driverOptions('postgres:///n?host=/var/run/postgresql&sslmode=prefer', 10);
  assert.deepEqual([path, ssl], ['/var/run/postgresql/.s.PGSQL.5432', false]);
});

test('the database has the name of the user where none is named', () => {
  assert.equal(driverOptions('postgres://me@h', 10).database, 'me');
});

test('the name on the certificate is that of the URL, also of a server that is reached by its address', () => {
  const check = (url: string, altNames: string) => {
    const { ssl } = driverOptions(url, 10) as { ssl: TlsOptions };
    return ssl.checkServerIdentity?.('localhost', { subject: {}, subjectaltname: altNames } as PeerCertificate);
  };
  for (const mode of ['sslmode=verify-full', 'sslrootcert=system']) {
    assert.equal(check(`postgres://db.example/n?${mode}`, 'DNS:db.example'), undefined);
    assert.ok(check(`postgres://127.0.0.1/n?${mode}`, 'DNS:localhost') instanceof Error);
    assert.equal(check(`postgres:///n?host=db.example&hostaddr=10.0.0.1&${mode}`, 'DNS:db.example'), undefined);
  }
});
