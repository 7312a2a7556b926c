/** Full disks: of the cache, of imports and exports, and of Postgres. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { openLog } from '../../infra/processes/rotating-log.ts';
import { type BareServers, startBareServers } from '../infra/bare-servers.ts';
import { BIN, type Project, project } from '../support/command.ts';
import { writeShard } from '../support/shards.ts';
import { until } from '../support/until.ts';
import { runOnSmallDisk, spawnOnSmallDisk, withoutSmallDisks } from './small-disk.ts';

const skip = withoutSmallDisks();
/** X and Y take 47 and 94 KiB. */
const ROWS = 4000;

let servers: BareServers;
let it: Project;
let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'narrows-full-'));
  servers = await startBareServers();
  it = project();
  const imported = await narrows('data', 'import', writeShard(join(folder, 'little'), { rows: ROWS }));
  assert.equal(imported.code, 0, imported.stderr);
});
after(async () => {
  await it?.[Symbol.asyncDispose]();
  await servers?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

const narrows = (...args: string[]) => it.narrows(args, { variables: servers.variables });

/** A small disk whose programs reach the servers, and have their home folder on it where asked. */
function disk(size: string, { isHome }: { readonly isHome: boolean }) {
  const mounted = mkdtempSync(join(folder, 'disk-'));
  const home = isHome ? mounted : join(folder, 'home');
  return { size, folder: mounted, cwd: folder, env: { ...process.env, ...servers.variables, NARROWS_HOME: home } };
}

/** Starts a worker, whose notes are passed on. */
function spawnWorker(onNote: (text: string) => void): ChildProcess {
  const { env } = disk('', { isHome: false });
  const worker = spawn(process.execPath, [BIN, 'worker'], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  worker.stderr.on('data', (piece: Buffer) => onNote(piece.toString()));
  return worker;
}

const SPEC = {
  ...{ name: 'full', dataset: 'little', target: 'xes', methods: ['ednn'], seeds: 3 },
  space: { k: 1, hidden: [8], learningRate: 0.02 },
  training: { epochs: 10, batch: 64 },
};

async function start(name: string): Promise<string> {
  const file = join(it.directory, `${name}.json`);
  writeFileSync(file, JSON.stringify({ ...SPEC, name }));
  const answer = await narrows('sweep', 'start', file, '--output', 'json');
  assert.equal(answer.code, 0, answer.stderr);
  return (JSON.parse(answer.stdout) as { sweepId: string }).sweepId;
}

const stateOf = async (id: string) => (await findSweep(servers.db.sql, id)).state;

test('a worker whose cache has no space trains without it, and says so once', { skip }, async () => {
  const worker = spawnOnSmallDisk(disk('32k', { isHome: true }), [process.execPath, BIN, 'worker']);
  let notes = '';
  worker.stderr.on('data', (piece: Buffer) => {
    notes += piece;
  });
  try {
    const id = await start('uncached');
    await until(async () => (await stateOf(id)) !== 'running' || worker.exitCode !== null, 'the sweep ends');
    assert.equal(await stateOf(id), 'completed', notes);
    assert.equal(notes.split('no space left in').length - 1, 1, notes);
  } finally {
    worker.kill('SIGTERM');
    await once(worker, 'close');
  }
});

test('an import that finds no space names the folder and what it needs, and leaves nothing', { skip }, async () => {
  const data = writeShard(join(folder, 'other'), { rows: ROWS, seed: 2 });
  const { code, stderr, left } = await runOnSmallDisk(disk('64k', { isHome: true }), [
    ...[process.execPath, BIN, 'data', 'import', data, '--output', 'json'],
  ]);
  assert.equal(code, 1, stderr);
  const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { error: Record<string, string> };
  assert.equal(error.code, 'disk-full');
  assert.match(error.message ?? '', /has no space left for the data of an import: an array needs \d+ KiB or more/);
  assert.match(error.path ?? '', /cache/);
  assert.deepEqual(left, []);
  const [{ versions }] = await servers.db.sql<[{ versions: number }]>`select count(*)::int as versions from dataset_versions`;
  assert.equal(versions, 1);
});

test('an export that finds no space names the file and what it needs, and leaves nothing', { skip }, async () => {
  const out = disk('32k', { isHome: false });
  const target = join(out.folder, 'tables');
  const { code, stderr, left } = await runOnSmallDisk(out, [
    ...[process.execPath, BIN, 'export', 'uncached', '--format', 'npz', '--out', target, '--output', 'json'],
  ]);
  assert.equal(code, 1, stderr);
  const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { error: Record<string, string> };
  assert.equal(error.code, 'disk-full');
  assert.match(error.message ?? '', /cannot be written: no space left for its [\d.]+ KiB or more/);
  assert.ok(error.path?.startsWith(target));
  assert.deepEqual(left, []);
});

test('Postgres without space: the sweep waits, and goes on when there is some', async () => {
  const { sql } = servers.db;
  // As a full disk does, at each write of results.
  await sql.unsafe(`
    create function full_disk() returns trigger language plpgsql as
      $$ begin raise disk_full using message = 'could not extend file "base/5/16384": No space left on device'; end $$;
    create trigger full_disk before insert on trials for each row execute function full_disk()`);
  const log: string[] = [];
  const worker = spawnWorker((text) => log.push(text));
  try {
    const id = await start('waiting');
    await until(() => log.join('').includes('No space left on device'), 'a write is refused');
    assert.equal(await stateOf(id), 'running');
    await sql`drop trigger full_disk on trials`;
    await until(async () => (await stateOf(id)) !== 'running', 'the sweep ends');
    assert.equal(await stateOf(id), 'completed');
    const [{ trials }] = await sql<[{ trials: number }]>`select count(*)::int as trials from trials where sweep_id = ${id}`;
    assert.equal(trials, SPEC.seeds);
  } finally {
    worker.kill('SIGTERM');
    await once(worker, 'close');
  }
});

test('a log that cannot be written ends no process', { skip: existsSync('/dev/full') ? false : 'there is no /dev/full' }, () => {
  const log = openLog('/dev/full');
  assert.doesNotThrow(() => log.write('a line\n'));
});
