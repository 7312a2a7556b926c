import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { driverOptions } from '../../db/driver-options.ts';
import { findPassword } from '../../db/passfile.ts';

const LINES = `# comment
db.example:5432:narrows:me:first
db.example:*:*:me:second
\\:\\:1:5432:*:me:with\\:colon
*:*:*:you:
short:line
`;

test('the first line that fits gives the password', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'narrows-passfile-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'pgpass');
  writeFileSync(file, LINES, { mode: 0o600 });
  const login = { host: 'db.example', port: 5432, database: 'narrows', user: 'me' };
  assert.equal(findPassword(file, login), 'first');
  assert.equal(findPassword(file, { ...login, port: 6000 }), 'second');
  assert.equal(findPassword(file, { ...login, host: '::1' }), 'with:colon');
  assert.equal(findPassword(file, { ...login, user: 'you' }), '');
  assert.equal(findPassword(file, { ...login, host: 'other' }), null);
  assert.equal(findPassword(join(folder, 'missing'), login), null);
  const url = (password: string) => `postgres://me${password}@db.example/narrows?passfile=${file}`;
  assert.equal(driverOptions(url(''), 10).password, 'first');
  assert.equal(driverOptions(url(':own'), 10).password, 'own');
  chmodSync(file, 0o644);
  assert.equal(findPassword(file, login), null);
});
