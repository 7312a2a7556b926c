import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { acquireLock, findLockHolder, isLocal, type LockHolder } from '../../../infra/processes/lock.ts';
import { temporaryFolder } from '../folders.ts';

const MODULE = JSON.stringify(new URL('../../../infra/processes/lock.ts', import.meta.url).href);
const NAMESPACES = ['--pid', '--ipc', '--fork', '--mount-proc', '--kill-child'];
const hasNamespaces = spawnSync('unshare', [...NAMESPACES, 'true']).status === 0;
const inNamespace = { skip: hasNamespaces ? false : 'needs root and unshare' };

interface Contender {
  /** True, false, or the code of an error. */
  readonly won: boolean | string;
  readonly process: ChildProcess;
}

/** Starts a process that tries to acquire the lock, prints the result, and waits to be killed. */
async function contender(t: TestContext, directory: string, { isolated = false } = {}): Promise<Contender> {
  const code = `const { acquireLock } = await import(${MODULE});
    globalThis.lock = await acquireLock(${JSON.stringify(directory)}).catch(({ code }) => code);
    console.log(JSON.stringify(typeof lock === 'string' ? lock : lock !== null));
    setInterval(() => {}, 1000);`;
  const node = [process.execPath, '--input-type=module', '-e', code];
  const [command = '', ...args] = isolated ? ['unshare', ...NAMESPACES, ...node] : node;
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => kill(child));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { won: JSON.parse(line.toString()), process: child };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'close');
  child.kill('SIGKILL');
  await exit;
}

/** Rewrites the record of the holder, as another container or host would have written it. */
function changeHolder(directory: string, changes: Partial<LockHolder>): void {
  const record = join(directory, 'supervisor.json');
  writeFileSync(record, JSON.stringify({ ...JSON.parse(readFileSync(record, 'utf8')), ...changes }));
}

test('a lock has one holder at a time and can be acquired again after its release', async (t) => {
  const directory = temporaryFolder(t);
  assert.equal(findLockHolder(directory), null);
  const lock = await acquireLock(directory);
  assert.ok(lock);
  assert.equal(findLockHolder(directory)?.pid, process.pid);
  assert.equal(await acquireLock(directory), null);
  lock.release();
  assert.equal(findLockHolder(directory), null);
  assert.deepEqual(readdirSync(directory), ['supervisor.lock'], 'nothing but the locked file stays');
  (await acquireLock(directory))?.release();
});

test('a lock is held until its holder is killed', async (t) => {
  const directory = temporaryFolder(t);
  const other = await contender(t, directory);
  assert.equal(other.won, true);
  assert.equal(await acquireLock(directory), null);
  assert.equal(findLockHolder(directory)?.pid, other.process.pid);
  await kill(other.process);
  assert.equal(findLockHolder(directory), null);
  const lock = await acquireLock(directory);
  assert.equal(lock?.crashedElsewhere, false);
  lock?.release();
});

test('a process that reuses the pid of a dead holder is not the holder', async (t) => {
  const directory = temporaryFolder(t);
  const other = await contender(t, directory);
  await kill(other.process);
  changeHolder(directory, { pid: process.pid });
  assert.equal(findLockHolder(directory), null);
  const lock = await acquireLock(directory);
  assert.equal(findLockHolder(directory)?.pid, process.pid);
  lock?.release();
});

test('a truncated record does not lock', async (t) => {
  const directory = temporaryFolder(t);
  writeFileSync(join(directory, 'supervisor.json'), '{"pid": 12');
  const lock = await acquireLock(directory);
  assert.ok(lock);
  lock.release();
});

test('exactly one of many processes acquires the lock', async (t) => {
  const directory = temporaryFolder(t);
  const contenders = await Promise.all(Array.from({ length: 6 }, () => contender(t, directory)));
  const winners = contenders.filter(({ won }) => won === true);
  assert.equal(winners.length, 1);
  assert.equal(findLockHolder(directory)?.pid, winners[0]?.process.pid);
});

test('a removed or moved folder is no longer held, a new one of its name is free', async (t) => {
  const directory = join(temporaryFolder(t), 'home');
  mkdirSync(directory);
  const first = await acquireLock(directory);
  assert.equal(first?.isHeld(), true);
  rmSync(directory, { recursive: true });
  assert.equal(first.isHeld(), false);
  mkdirSync(directory);
  const second = await acquireLock(directory);
  assert.ok(second);
  first.release();
  assert.equal(findLockHolder(directory)?.pid, process.pid, 'the release of the old lock keeps the new record');
  renameSync(directory, `${directory}-2`);
  assert.equal(second.isHeld(), false);
  second.release();
});

test('a copy of a held folder is free', async (t) => {
  const directory = temporaryFolder(t);
  const copy = join(temporaryFolder(t), 'copy');
  const lock = await acquireLock(directory);
  cpSync(directory, copy, { recursive: true });
  assert.equal(findLockHolder(copy), null);
  const copied = await acquireLock(copy);
  assert.equal(copied?.crashedElsewhere, false);
  assert.equal(findLockHolder(directory)?.pid, process.pid);
  copied.release();
  lock?.release();
});

test('another container is refused while the lock is held, and the reverse', inNamespace, async (t) => {
  const directory = temporaryFolder(t);
  const lock = await acquireLock(directory);
  assert.equal((await contender(t, directory, { isolated: true })).won, 'home-held');
  lock?.release();

  const other = await contender(t, directory, { isolated: true });
  assert.equal(other.won, true);
  const holder = findLockHolder(directory);
  assert.ok(holder && !isLocal(holder), 'its pid has no meaning here');
  await assert.rejects(acquireLock(directory), { code: 'home-held', kind: 'unreachable', message: /in another container/ });
  await kill(other.process);
  assert.equal(findLockHolder(directory), null);
  const taken = await acquireLock(directory);
  assert.equal(taken?.crashedElsewhere, true);
  taken.release();
});

test('after a reboot the lock is free', async (t) => {
  const directory = temporaryFolder(t);
  await kill((await contender(t, directory)).process);
  changeHolder(directory, { boot: 'an earlier boot' });
  const lock = await acquireLock(directory);
  assert.equal(lock?.crashedElsewhere, false);
  lock.release();
});
