/** Hostile shards of a watched folder are set aside with their reasons; the others are taken. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { zipSync } from 'fflate';
import { createDatasetVersions } from '../../../activities/retrain/dataset-versions.ts';
import { ingestShards } from '../../../activities/retrain/ingest-shards.ts';
import type { RetrainPorts } from '../../../activities/retrain/ports.ts';
import { storeDataset } from '../../../datasets/import/store.ts';
import { showUrl } from '../../../datasets/sources/source-url.ts';
import { createBlobStore } from '../../../db/blobs.ts';
import { saveDatasetVersion } from '../../../db/queries/datasets/datasets.ts';
import { listEvents, listEventsOfRun } from '../../../db/queries/retraining/notifications.ts';
import { findRun, listShards, saveRetraining } from '../../../db/queries/retraining/retrainings.ts';
import { migratedDatabase } from '../../db/database.ts';
import { writeShard } from '../../support/shards.ts';
import { checkFolder } from '../../support/whole.ts';
import { OPTIONS, SPEC } from '../../workflows/retrain-harness.ts';

const SECRET = 'root:x:0:0\nsecond: [line, of a secret\n';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
let ports: RetrainPorts;
const root = mkdtempSync(join(tmpdir(), 'narrows-ingest-'));
before(async () => {
  db = await migratedDatabase();
  const [blobs, scratch] = [createBlobStore(db.sql, null), join(root, 'scratch')];
  ports = {
    ...{ db, blobs, scratch, messengers: [], privateHosts: ['127.0.0.1'], publicUrl: null, codeVersion: 'test' },
    data: createDatasetVersions(db, blobs, scratch),
  };
  await storeDataset(await checkFolder(writeShard(join(root, 'first'))), blobs, (row) => saveDatasetVersion(db.sql, row));
});
after(async () => {
  await db.close();
  rmSync(root, { recursive: true, force: true });
});

let runs = 0;
async function ingest(name: string) {
  const run = { name, runId: `${name}-${++runs}` };
  await ingestShards(ports, run);
  return { run: await findRun(db.sql, run.runId), events: await listEventsOfRun(db.sql, run.runId) };
}

async function watch(name: string) {
  const watchDir = join(root, name);
  mkdirSync(watchDir);
  const options = { ...OPTIONS, watchDir };
  await saveRetraining(db.sql, { name, spec: SPEC, dataset: 'little', target: 'xes', options });
  return watchDir;
}

const outcomes = async (name: string) =>
  Object.fromEntries(
    (await listShards(db.sql, name)).map(({ folder, outcome, message }) => [basename(folder), [outcome, message]]),
  );

/** Replaces a file of a shard by a link. */
function linkFile(folder: string, file: string, target: string) {
  rmSync(join(folder, file), { force: true });
  symlinkSync(target, join(folder, file));
}

test('links, pipes and unreadable files are set aside; the other shards are taken', async () => {
  const watched = await watch('hostile');
  const secret = join(root, 'secret');
  writeFileSync(secret, SECRET);
  const shard = (name: string, seed: number) => writeShard(join(watched, name), { rows: 30, seed });
  linkFile(shard('manifest', 2), 'dataset.yaml', secret);
  linkFile(shard('table', 3), 'ids.csv', secret);
  linkFile(shard('itself', 4), 'loop', 'loop');
  symlinkSync(shard('.elsewhere', 5), join(watched, 'folder'));
  symlinkSync(join(root, 'nowhere'), join(watched, 'dangling'));
  const inner = shard('inner', 6);
  symlinkSync(root, join(inner, 'data'));
  execFileSync('mkfifo', [join(shard('pipe', 7), 'pipe')]);
  writeFileSync(join(shard('odd', 8), 'a\u001b[2Jb'), '');
  mkdirSync(join(shard('deep', 9), ...Array.from({ length: 20 }, (_, i) => `${i}`)), { recursive: true });
  shard('whole', 10);

  const { run, events } = await ingest('hostile');
  assert.equal(run.outcome, 'running', 'the first champions are trained next');
  const found = await outcomes('hostile');
  assert.deepEqual(found, {
    whole: ['taken', '30 rows are new, 0 were there already'],
    manifest: ['rejected', 'dataset.yaml is a link'],
    table: ['rejected', 'ids.csv is a link'],
    itself: ['rejected', 'loop is a link'],
    folder: ['rejected', 'folder is a link'],
    dangling: ['rejected', 'dangling is a link'],
    inner: ['rejected', 'data is a link'],
    pipe: ['rejected', 'pipe is a named pipe'],
    odd: ['rejected', 'the name of "a\\u001b[2Jb" has control characters, or is not UTF-8'],
    deep: ['rejected', `${Array.from({ length: 17 }, (_, i) => i).join('/')} is a folder within too many others`],
  });
  assert.equal(events.length, 9);
  assert.ok(!JSON.stringify([found, events]).includes('secret\\n'));
  assert.equal((await ingest('hostile')).events.length, 0, 'each is reported once');

  rmSync(join(watched, 'manifest', 'dataset.yaml'));
  writeShard(join(watched, 'manifest'), { rows: 30, seed: 2 });
  await ingest('hostile');
  assert.deepEqual((await listShards(db.sql, 'hostile'))[0]?.outcome, 'taken', 'a corrected one is looked at again');
});

test('text that cannot be stored is set aside, and lines of a file are not shown', async () => {
  const watched = await watch('texts');
  const shard = (name: string, seed: number) => writeShard(join(watched, name), { rows: 30, seed });
  const withEnergy = (folder: string, cell: string) =>
    writeFileSync(join(folder, 'energy.csv'), `energy\n500\n501\n${cell}\n503\n504\n505\n`);
  withEnergy(shard('nul', 12), '5\0\u001b2');
  withEnergy(shard('long', 13), 'secret'.repeat(100));
  writeFileSync(join(shard('yaml', 14), 'dataset.yaml'), SECRET);
  writeShard(join(watched, 'whole'), { rows: 30, seed: 16 });
  const { run, events } = await ingest('texts');
  assert.equal(run.outcome, 'running');
  const found = await outcomes('texts');
  assert.equal(found.whole?.[0], 'taken');
  const cell = 'energy.csv: row 2, column 0 ("energy") is not a valid number:';
  assert.deepEqual(found.nul, ['rejected', `${cell} "5\\u0000\\u001b2"`]);
  assert.deepEqual(found.long, ['rejected', `${cell} "${'secret'.repeat(10)}..."`]);
  assert.match(found.yaml?.[1] ?? '', /^dataset.yaml is not valid YAML/);
  assert.doesNotMatch(JSON.stringify([found, events]), /of a secret|(secret){12}/);
});

test('a file that this process may not read is set aside', {
  skip: process.getuid?.() === 0 && 'root reads every file',
}, async () => {
  const watched = await watch('unreadable');
  chmodSync(join(writeShard(join(watched, 'shut'), { rows: 30, seed: 17 }), 'X.npy'), 0);
  const folder = writeShard(join(watched, '.closed'), { rows: 30, seed: 18 });
  renameSync(folder, join(watched, 'closed'));
  chmodSync(join(watched, 'closed'), 0);
  writeShard(join(watched, 'whole'), { rows: 30, seed: 19 });
  await ingest('unreadable').finally(() => chmodSync(join(watched, 'closed'), 0o700));
  assert.deepEqual(await outcomes('unreadable'), {
    whole: ['taken', '30 rows are new, 0 were there already'],
    shut: ['rejected', 'X.npy cannot be read: EACCES'],
    closed: ['rejected', 'it cannot be read: EACCES'],
  });
});

test('the token of a URL is sent to its host, and stored, shown and reported nowhere else', async () => {
  const secret = 's3cr3t-token';
  let [archive, asked]: [Uint8Array | null, string] = [null, ''];
  const server = createServer((request, response) => {
    asked = request.url ?? '';
    if (archive === null) response.writeHead(500).end();
    else response.end(archive);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.zip`;
  try {
    const options = { ...OPTIONS, url: showUrl(`${url}?token=${secret}`) };
    const retraining = { name: 'remote', spec: SPEC, dataset: 'little', target: 'xes', options };
    await saveRetraining(db.sql, retraining, `${url}?token=${secret}`);
    await ingest('remote');
    archive = new TextEncoder().encode('<html>');
    await ingest('remote');
    const shard = writeShard(join(root, 'remote'), { rows: 30, seed: 21 });
    archive = zipSync(Object.fromEntries(readdirSync(shard).map((name) => [name, readFileSync(join(shard, name))])));
    await ingest('remote');
  } finally {
    server.close();
  }
  assert.equal(asked, `/a.zip?token=${secret}`);
  const shards = await listShards(db.sql, 'remote');
  assert.deepEqual(
    shards.map(({ folder, outcome }) => [folder, outcome]),
    [
      [`${url}?...`, 'taken'],
      [`${url}?...`, 'rejected'],
    ],
  );
  assert.deepEqual(
    (await listEvents(db.sql, 'remote', 9)).map(({ kind }) => kind),
    ['source-recovered', 'shard-rejected', 'source-failed'],
  );
  const tables = await db.sql<{ name: string }[]>`select tablename as name from pg_tables where schemaname = current_schema()`;
  for (const { name } of tables) {
    const [row] = await db.sql<[{ n: number }]>`
      select count(*)::int as n from ${db.sql(name)} t where to_jsonb(t)::text like ${`%${secret}%`}`;
    assert.equal(row.n, name === 'source_urls' ? 1 : 0, name);
  }
});
