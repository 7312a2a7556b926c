import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, lstatSync, mkdirSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { preparePostgresBinaries } from '../../../infra/postgres/binaries.ts';
import { findUnprivilegedAccount, runAsAccount } from '../../../infra/postgres/unprivileged.ts';
import { temporaryFolder } from '../folders.ts';

const notRoot = process.getuid?.() !== 0 && 'only root has to become somebody else';

test('an ordinary user runs Postgres as that user', { skip: !notRoot && 'root does not' }, () => {
  assert.equal(findUnprivilegedAccount(), null);
  assert.deepEqual(runAsAccount(null, 'postgres', ['-V']), ['postgres', '-V']);
});

test('root runs Postgres as another user, with data and binaries below private folders', { skip: notRoot }, (t) => {
  const folder = temporaryFolder(t); // 0700, as mkdtemp makes it
  const account = findUnprivilegedAccount();
  assert.ok(account && account.uid !== 0);
  cpSync(installedPackage(), join(folder, 'npm'), { recursive: true, verbatimSymlinks: true });
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  execFileSync('chown', [String(account.uid), data]);
  const args = [`--pgdata=${data}`, '--username=test', '--auth=trust', '--no-sync'];
  const [command, ...rest] = runAsAccount(account, join(folder, 'npm', 'native', 'bin', 'initdb'), args);
  const { status, stderr } = spawnSync(command, rest, { cwd: '/', encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.equal(statSync(join(data, 'PG_VERSION')).uid, account.uid);
});

test('the other user can enter private folders but not write to them', { skip: notRoot }, (t) => {
  const folder = temporaryFolder(t);
  const [command, ...args] = runAsAccount(findUnprivilegedAccount(), '/bin/sh', ['-c', `ls ${folder} && ! touch ${folder}/x`]);
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (/dac_override/.test(args.join(' '))) return t.skip('this root can only pass on the wider capability');
  assert.equal(status, 0, stderr);
});

test('missing links and permissions of the binaries are restored', (t) => {
  const root = join(temporaryFolder(t), 'npm');
  cpSync(installedPackage(), root, { recursive: true, verbatimSymlinks: true });
  for (const name of readdirSync(join(root, 'native', 'lib'))) {
    const file = join(root, 'native', 'lib', name);
    if (lstatSync(file).isSymbolicLink()) unlinkSync(file);
  }
  const file = join(root, 'native', 'bin', 'initdb');
  chmodSync(file, 0o644);
  assert.notEqual(spawnSync(file, ['--version']).status, 0, 'it does not run without links and permissions');
  const { initdb } = preparePostgresBinaries(root);
  assert.match(execFileSync(initdb, ['--version'], { encoding: 'utf8' }), /PostgreSQL/);
});

test('a missing package is an error with a fix', (t) => {
  assert.throws(() => preparePostgresBinaries(temporaryFolder(t)), { code: 'postgres-missing', kind: 'failure', fix: /npm ci/ });
});

/** Root of the package that npm installed, with binaries and libraries. */
function installedPackage(): string {
  return dirname(dirname(dirname(preparePostgresBinaries().initdb)));
}
