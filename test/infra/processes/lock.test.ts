import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { identifyProcess } from '../../../infra/processes/identity.ts';
import { acquireLock, findLockHolder } from '../../../infra/processes/lock.ts';
import { temporaryFolder } from '../folders.ts';

/** Starts a process that tries to acquire the lock, prints the result, and waits to be killed. */
async function contender(directory: string): Promise<{ won: boolean; process: ChildProcess }> {
  const module = JSON.stringify(new URL('../../../infra/processes/lock.ts', import.meta.url).href);
  const code = `const { acquireLock } = await import(${module}); console.log(acquireLock(${JSON.stringify(directory)}) !== null); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { won: line.toString().trim() === 'true', process: child };
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

test('a lock has one holder at a time and can be acquired again after its release', (t) => {
  const directory = temporaryFolder(t);
  assert.equal(findLockHolder(directory), null);
  const lock = acquireLock(directory);
  assert.ok(lock);
  assert.equal(findLockHolder(directory)?.pid, process.pid);
  assert.equal(acquireLock(directory), null);
  lock.release();
  assert.equal(findLockHolder(directory), null);
  assert.ok(acquireLock(directory));
});

test('a lock is held until its holder is killed', async (t) => {
  const directory = temporaryFolder(t);
  const other = await contender(directory);
  assert.equal(other.won, true);
  assert.equal(acquireLock(directory), null);
  assert.equal(findLockHolder(directory)?.pid, other.process.pid);
  await kill(other.process);
  assert.equal(findLockHolder(directory), null);
  assert.ok(acquireLock(directory));
});

test('a process that reuses the pid of a dead holder is not the holder', (t) => {
  const directory = temporaryFolder(t);
  const self = identifyProcess(process.pid);
  writeFileSync(join(directory, 'supervisor.lock.7'), JSON.stringify({ ...self, started: 'another boot/123' }));
  assert.equal(findLockHolder(directory), null);
  assert.ok(acquireLock(directory));
  assert.equal(findLockHolder(directory)?.pid, process.pid);
});

test('a truncated lock file does not lock', (t) => {
  const directory = temporaryFolder(t);
  writeFileSync(join(directory, 'supervisor.lock.1'), '{"pid": 12');
  assert.ok(acquireLock(directory));
});

test('exactly one of many processes acquires a stale lock', async (t) => {
  const directory = temporaryFolder(t);
  writeFileSync(join(directory, 'supervisor.lock.3'), '{}');
  const contenders = await Promise.all(Array.from({ length: 6 }, () => contender(directory)));
  t.after(() => Promise.all(contenders.map(({ process }) => kill(process))));
  const winners = contenders.filter(({ won }) => won);
  assert.equal(winners.length, 1);
  assert.equal(findLockHolder(directory)?.pid, winners[0]?.process.pid);
  assert.deepEqual(readdirSync(directory), ['supervisor.lock.4'], 'no drafts and no stale locks stay');
});
