import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { NarrowsError } from '../../errors.ts';
import { openHome, requireFreeSpace, toHomeError, writeAtomically } from '../../infra/home.ts';
import { supervise } from '../../infra/stack/supervisor.ts';
import { environmentIn, temporaryFolder } from './folders.ts';

const isRoot = process.getuid?.() === 0;

/** Mounts a file system of `size`, e.g. 1m; null where this process is not allowed to. */
function smallDisk(t: TestContext, size: string): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'narrows-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'narrows-test', folder]).status === 0;
  t.after(() => {
    if (mounted) execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });
  return mounted ? folder : null;
}

test('the home folder is private whatever its former permissions and the umask', (t) => {
  const folder = join(temporaryFolder(t), 'home');
  mkdirSync(folder, { mode: 0o755 });
  chmodSync(folder, 0o755);
  const home = openHome(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  writeAtomically(home.state, '{}');
  assert.equal(statSync(home.state).mode & 0o777, 0o600);
});

test('a home folder that others can write is refused, and keeps its rights', (t) => {
  const folder = temporaryFolder(t);
  for (const mode of [0o1777, 0o777, 0o707]) {
    chmodSync(folder, mode);
    assert.throws(() => openHome(folder), { code: 'home-not-private', path: folder, fix: /NARROWS_HOME/ });
    assert.equal(statSync(folder).mode & 0o7777, mode);
  }
});

test('files of other users in a home folder are refused', { skip: !isRoot && 'giving a file away needs root' }, (t) => {
  const { directory, cache } = openHome(join(temporaryFolder(t), 'home'));
  chownSync(cache, 65534, 65534);
  assert.throws(() => openHome(directory), { code: 'home-not-private', path: cache, message: /belongs to another user/ });
});

test('a file is replaced atomically; a failure keeps the old one and leaves no draft', (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'state.json');
  writeAtomically(file, 'old');
  mkdirSync(join(folder, 'directory'));
  assert.throws(() => writeAtomically(join(folder, 'directory'), 'new'));
  writeAtomically(file, 'new');
  assert.equal(readFileSync(file, 'utf8'), 'new');
  assert.deepEqual(readdirSync(folder).sort(), ['directory', 'state.json']);
});

test('a home folder below a file is an error with a fix', (t) => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  assert.throws(() => openHome(join(file, 'home')), { code: 'home-not-writable', kind: 'failure', path: join(file, 'home') });
});

test('ENOSPC and EDQUOT are reported as a full disk', () => {
  for (const code of ['ENOSPC', 'EDQUOT']) {
    const error = toHomeError(Object.assign(new Error('write'), { code }), '/home/logs');
    assert.ok(error instanceof NarrowsError);
    assert.deepEqual([error.code, error.path, error.kind], ['disk-full', '/home/logs', 'failure']);
  }
});

test('a full disk is one clear error and damages no file', {
  skip: !isRoot && 'mounting a small disk needs root',
}, (t) => {
  const disk = smallDisk(t, '64k');
  if (disk === null) return t.skip('this machine does not allow mounting a small disk');
  const file = join(disk, 'state.json');
  writeAtomically(file, 'old');
  assert.throws(() => writeAtomically(file, Buffer.alloc(100_000)), { code: 'disk-full', kind: 'failure', path: file });
  assert.equal(readFileSync(file, 'utf8'), 'old');
  assert.deepEqual(readdirSync(disk), ['state.json'], 'no draft fills the remaining space');
  assert.throws(() => requireFreeSpace(disk), { code: 'disk-full', message: /MB are free, 200 MB are needed/ });
});

test('a start on a full disk fails before it starts a process', {
  skip: !isRoot && 'mounting a small disk needs root',
}, async (t) => {
  const disk = smallDisk(t, '4m');
  if (disk === null) return t.skip('this machine does not allow mounting a small disk');
  const notes: string[] = [];
  const environment = environmentIn(disk);
  await assert.rejects(
    supervise({ environment, signal: new AbortController().signal, note: (text) => notes.push(text), onUp: () => {} }),
    { code: 'disk-full', kind: 'failure', path: environment.home, fix: /NARROWS_HOME/ },
  );
  assert.deepEqual(notes, []);
});
