import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isForeign, requirePrivate } from '../../infra/ownership.ts';
import { temporaryFolder } from './folders.ts';

const isRoot = process.getuid?.() === 0;

function program(t: TestContext): string {
  const file = join(temporaryFolder(t), 'cache', 'programs', 'program');
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, '#!/bin/sh\n', { mode: 0o755 });
  return file;
}

test('a file of this user, readable by all, is private', (t) => {
  requirePrivate(program(t));
});

test('a file is not private where others can write it, or any folder above it', (t) => {
  const file = program(t);
  for (const place of [file, dirname(file), dirname(dirname(file))]) {
    chmodSync(place, 0o757);
    assert.throws(() => requirePrivate(file), { code: 'not-private', path: place, message: /can be written by other users/ });
    chmodSync(place, 0o755);
  }
  requirePrivate(file);
});

test('in a sticky folder others can add files, but not replace those of this user', (t) => {
  const file = program(t);
  chmodSync(dirname(file), 0o1777);
  requirePrivate(file);
  assert.throws(() => requirePrivate(dirname(file)), { code: 'not-private' }, 'such a folder is not private itself');
});

test('a link is as private as what it names, and as its own folder', (t) => {
  const file = program(t);
  const link = join(temporaryFolder(t), 'link');
  symlinkSync(file, link);
  requirePrivate(link);
  chmodSync(dirname(file), 0o777);
  assert.throws(() => requirePrivate(link), { code: 'not-private', path: dirname(file) });
  chmodSync(dirname(file), 0o755);
  chmodSync(dirname(link), 0o777);
  assert.throws(() => requirePrivate(link), { code: 'not-private', path: dirname(link) });
});

test('a file of another user is not private', { skip: !isRoot && 'giving a file away needs root' }, (t) => {
  const file = program(t);
  chownSync(dirname(file), 65534, 65534);
  assert.throws(() => requirePrivate(file), { code: 'not-private', path: dirname(file), message: /belongs to another user/ });
});

test('in a user namespace without root, files of nobody are those of root', () => {
  const ofNobody = { uid: 65534 };
  const [everyone, rootOnly, oneUser] = [
    '         0          0 4294967295\n',
    '0 1000 1\n',
    '      1000       1000          1\n',
  ];
  assert.deepEqual(
    [null, everyone, rootOnly, oneUser].map((map) => isForeign(ofNobody, map)),
    [true, true, true, false],
  );
  assert.equal(isForeign({ uid: 4242 }, oneUser), true);
});

test('a group that others share may not write', { skip: !isRoot && 'giving a file to a group needs root' }, (t) => {
  const file = program(t);
  chownSync(file, 0, 65534);
  chmodSync(file, 0o775);
  assert.throws(() => requirePrivate(file), { code: 'not-private' });
  chownSync(file, 0, 0);
  requirePrivate(file);
});
