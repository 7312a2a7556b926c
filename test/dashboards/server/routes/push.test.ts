/** Rows that a job sends over HTTP. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { zipSync } from 'fflate';
import { storeDataset } from '../../../../datasets/import/store.ts';
import { saveDatasetVersion } from '../../../../db/queries/datasets/datasets.ts';
import { pushShard } from '../../../../operations/push.ts';
import { createToken } from '../../../../operations/tokens.ts';
import { writeShard } from '../../../support/shards.ts';
import { checkFolder } from '../../../support/whole.ts';
import { type ApiStand, problemIn, startApiStand } from '../harness.ts';

let stand: ApiStand;
let app: OpenAPIHono;
let root: string;
before(async () => {
  stand = await startApiStand();
  app = stand.app();
  root = mkdtempSync(join(tmpdir(), 'narrows-push-'));
  await storeDataset(await checkFolder(writeShard(join(root, 'first'))), stand.parts.blobs, (row) =>
    saveDatasetVersion(stand.db.sql, row),
  );
});
after(async () => {
  await stand[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
  assert.deepEqual(stand.logged, []);
});

function zipped(name: string, options: Parameters<typeof writeShard>[1]): Uint8Array<ArrayBuffer> {
  const folder = writeShard(join(root, name), options);
  return Uint8Array.from(
    zipSync(
      Object.fromEntries(
        readdirSync(folder).map((file) => [`${name}/${file}`, new Uint8Array(readFileSync(join(folder, file)))]),
      ),
    ),
  );
}

const push = (body: Uint8Array<ArrayBuffer> | null, headers: Record<string, string> = {}, name = 'little', to = app) =>
  to.request(`/api/datasets/${name}/shards`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/zip', ...headers },
  });

const versions = async () => (await stand.db.sql<{ n: number }[]>`select count(*)::int as n from dataset_versions`)[0]?.n;

test('a folder that is sent becomes a version; sent again, and by two at once, it adds nothing', async () => {
  const archive = zipped('second', { rows: 50, seed: 2 });
  const answers = await Promise.all([push(archive), push(archive)]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 201]);
  const [made, again] = (await Promise.all(answers.map((answer) => answer.json()))).sort((a, b) => b.added - a.added);
  assert.deepEqual([made.rows, made.added, made.duplicates, made.created], [450, 50, 0, true]);
  assert.deepEqual([again.version, again.added, again.duplicates, again.created], [made.version, 0, 50, false]);
  const { items } = (await (await app.request('/api/datasets')).json()) as { items: { version: string; added: number }[] };
  assert.deepEqual([items[0]?.version, items[0]?.added], [made.version, 50]);
  assert.equal(await versions(), 2);
});

test('what cannot be taken is refused with its reason, and nothing of it stays', async () => {
  const before = await versions();
  const good = zipped('third', { rows: 20, seed: 3 });
  const cases: readonly [string, Response, number, string, RegExp][] = [
    [
      'no archive',
      await push(new TextEncoder().encode('rows') as Uint8Array<ArrayBuffer>),
      422,
      'archive-damaged',
      /contains no file/,
    ],
    ['nothing', await push(null), 422, 'archive-damaged', /contains no file/],
    ['cut short', await push(good.slice(0, good.length / 2)), 422, 'archive-damaged', /cannot be unpacked/],
    [
      'no manifest',
      await push(Uint8Array.from(zipSync({ 'X.npy': new Uint8Array(9) }))),
      422,
      'manifest-missing',
      /in the archive/,
    ],
    [
      'out of its folder',
      await push(Uint8Array.from(zipSync({ '../x': new Uint8Array(9) }))),
      422,
      'archive-damaged',
      /"\.\.\/x"/,
    ],
    [
      'another unit',
      await push(zipped('unit', { seed: 4, manifest: [['unit: degree', 'unit: rad']] })),
      422,
      'shard-differs',
      /c is in rad/,
    ],
    [
      'a NaN',
      await push(zipped('nan', { seed: 5, spoil: { row: 3, column: 1, value: Number.NaN } })),
      422,
      'not-finite',
      /row 3/,
    ],
    ['an unknown dataset', await push(good, {}, 'nothing'), 404, 'dataset-missing', /"nothing"/],
    ['JSON', await push(good, { 'content-type': 'application/json' }), 415, 'body-no-zip', /zip archive/],
    ['other sites', await push(good, { 'sec-fetch-site': 'cross-site' }), 403, 'origin-refused', /other sites/],
  ];
  for (const [what, response, status, code, detail] of cases) {
    const told = await problemIn(response);
    assert.deepEqual([response.status, told.code], [status, code], what);
    assert.match(told.detail, detail, what);
    assert.ok(!JSON.stringify(told).includes(stand.parts.scratch), `${what}: where copies lie is nobody's business`);
  }
  assert.equal(await versions(), before);
  mkdirSync(stand.parts.scratch, { recursive: true });
  assert.deepEqual(readdirSync(stand.parts.scratch), [], 'no copy is left');
});

test('who may only read may not send', async () => {
  const asking = stand.app({ access: { kind: 'tokens' } });
  for (const [role, status] of [
    ['read', 403],
    ['submit', 201],
  ] as const) {
    const { token } = await createToken(stand.db, { name: role, role, expiresAt: null });
    const archive = zipped(`by-${role}`, { rows: 5, seed: 6 });
    assert.equal((await push(archive, { authorization: `Bearer ${token}` }, 'little', asking)).status, status, role);
  }
});

test('an archive that is too large, falls silent, or whose sender goes away is given up', async () => {
  const { db, blobs, scratch } = stand.parts;
  const archive = zipped('large', { rows: 300, seed: 7 });
  const send = (body: ReadableStream<Uint8Array>, more: Parameters<typeof pushShard>[3] = {}) =>
    pushShard({ db, blobs, scratch }, 'little', body, { limits: { bytes: 1e6, idleSeconds: 0.2 }, ...more });
  const large = send(new Blob([archive]).stream(), { limits: { bytes: 1000, idleSeconds: 5 } });
  await assert.rejects(large, { code: 'archive-too-large' });
  const silent = () => new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(archive.slice(0, 1000)) });
  await assert.rejects(send(silent()), { code: 'archive-cut-short', message: /silent for 0\.2 s/ });
  const gone = new AbortController();
  const leaving = send(silent(), { signal: gone.signal, limits: { bytes: 1e6, idleSeconds: 600 } });
  gone.abort(new Error('the sender is gone'));
  await assert.rejects(leaving, { message: 'the sender is gone' });
  assert.deepEqual(readdirSync(scratch), []);
});
