/** Uploads of shards. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { zipSync } from 'fflate';
import { LIMITS } from '../../../../dashboards/server/limits.ts';
import { storeDataset } from '../../../../datasets/import/store.ts';
import { saveDatasetVersion } from '../../../../db/queries/datasets/datasets.ts';
import { pushShard } from '../../../../operations/push.ts';
import { createToken } from '../../../../operations/tokens.ts';
import { writeShard } from '../../../support/shards.ts';
import { checkFolder } from '../../../support/whole.ts';
import { type ApiHarness, readProblem, startApiHarness } from '../harness.ts';

let harness: ApiHarness;
let app: OpenAPIHono;
let root: string;
before(async () => {
  harness = await startApiHarness();
  // Refused uploads follow one another without a rest.
  app = harness.app({ limits: { ...LIMITS, slowLaneRestMs: 0 } });
  root = mkdtempSync(join(tmpdir(), 'narrows-push-'));
  await storeDataset(await checkFolder(writeShard(join(root, 'first'))), harness.dependencies.blobs, (row) =>
    saveDatasetVersion(harness.db.sql, row),
  );
});
after(async () => {
  await harness[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
  assert.deepEqual(harness.logged, []);
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

const versions = async () => (await harness.db.sql<{ n: number }[]>`select count(*)::int as n from dataset_versions`)[0]?.n;

test('shards that would exhaust the server are refused, and others are read meanwhile', async () => {
  const manifest = readFileSync(join(root, 'first', 'dataset.yaml'));
  const dictionary = `{'descr': '<f8', 'fortran_order': True, 'shape': (1, 1000000000), }`.padEnd(117);
  const claims = Buffer.concat([Buffer.from('\x93NUMPY\x01\0v\0', 'latin1'), Buffer.from(`${dictionary}\n`)]);
  const hostile: Record<string, Uint8Array>[] = [
    { 'dataset.yaml': manifest, 'X.npy': claims },
    { 'dataset.yaml': Buffer.alloc(20_000_000, 'a: [] # ') },
  ];
  const answers = hostile.map((files) => push(Uint8Array.from(zipSync(files, { level: 9 }))));
  const { status } = await app.request('/api/datasets');
  assert.equal(status, 200);
  const problems = await Promise.all(answers.map(async (answer) => readProblem(await answer)));
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['array-invalid', 'manifest-invalid'],
  );
});

test('a shard becomes a version; repeated and concurrent uploads add nothing', async () => {
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

test('an invalid shard is rejected with the reason and leaves nothing behind', async () => {
  const before = await versions();
  const good = zipped('third', { rows: 20, seed: 3 });
  const cases: readonly [string, Response, number, string, RegExp][] = [
    [
      'no archive',
      await push(new TextEncoder().encode('rows') as Uint8Array<ArrayBuffer>),
      422,
      'archive-damaged',
      /no directory at its end/,
    ],
    ['nothing', await push(null), 422, 'archive-damaged', /no directory at its end/],
    ['cut short', await push(good.slice(0, good.length / 2)), 422, 'archive-damaged', /cannot be unpacked/],
    [
      'no manifest',
      await push(Uint8Array.from(zipSync({ 'X.npy': new Uint8Array(9) }))),
      422,
      'manifest-missing',
      /archive contains no dataset\.yaml/,
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
    const told = await readProblem(response);
    assert.deepEqual([response.status, told.code], [status, code], what);
    assert.match(told.detail, detail, what);
    assert.ok(!JSON.stringify(told).includes(harness.dependencies.scratch), `${what}: paths of copies are not disclosed`);
  }
  assert.equal(await versions(), before);
  mkdirSync(harness.dependencies.scratch, { recursive: true });
  assert.deepEqual(readdirSync(harness.dependencies.scratch), [], 'no copy is left');
});

test('uploading needs the role submit', async () => {
  const asking = harness.app({ access: { kind: 'tokens' } });
  for (const [role, status] of [
    ['read', 403],
    ['submit', 201],
  ] as const) {
    const { token } = await createToken(harness.db, { name: role, role, expiresAt: null });
    const archive = zipped(`by-${role}`, { rows: 5, seed: 6 });
    assert.equal((await push(archive, { authorization: `Bearer ${token}` }, 'little', asking)).status, status, role);
  }
});

test('an upload that is too large, stalls or is aborted is rejected', async () => {
  const { db, blobs, scratch } = harness.dependencies;
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

/** A body that sends nothing until it is ended. */
function stalledUpload() {
  let end = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      end = () => controller.close();
    },
  });
  const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/zip' } } as RequestInit;
  return { init, end: () => end() };
}

test('slow uploads block neither others nor more than the share of their caller', async () => {
  const limits = { ...LIMITS, uploadsPerCaller: 2, waitingUploadsPerCaller: 3 };
  const served = harness.app({ access: { kind: 'tokens' }, limits });
  const [slow, quick] = await Promise.all(
    ['slow', 'quick'].map((name) => createToken(harness.db, { name, role: 'submit', expiresAt: null })),
  );
  const headersOf = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/zip' });
  const send = (token: string, init: RequestInit) =>
    served.request('/api/datasets/little/shards', { ...init, headers: headersOf(token) });
  const uploads = [stalledUpload(), stalledUpload(), stalledUpload()];
  const answers = uploads.map(({ init }) => send(slow?.token as string, init));
  const good = { method: 'POST', body: zipped('quick', { rows: 10, seed: 41 }) };
  assert.equal((await send(quick?.token as string, good)).status, 201, 'another caller is served meanwhile');
  const refused = await send(slow?.token as string, good);
  assert.deepEqual([refused.status, (await readProblem(refused)).code], [429, 'too-many-uploads']);
  assert.equal(refused.headers.get('retry-after'), '30');
  for (const { end } of uploads) end();
  for (const answer of await Promise.all(answers)) assert.equal((await readProblem(answer)).code, 'archive-damaged');
  assert.equal((await send(slow?.token as string, good)).status, 200, 'its share is its own again');
});

test('callers whose archive was refused share a slow lane until one is accepted', async () => {
  const limits = { ...LIMITS, slowLaneShare: 1e-9, slowLaneRestMs: 3_600_000, slowLaneWaitMs: 3_600_000 };
  const served = harness.app({ access: { kind: 'tokens' }, limits });
  const tokens = ['hostile', 'mistaken', 'good'].map((name) =>
    createToken(harness.db, { name, role: 'submit', expiresAt: null }),
  );
  const [hostile, mistaken, good] = (await Promise.all(tokens)).map(({ token }) => token);
  const send = async (token: string | undefined, body: Uint8Array<ArrayBuffer>, signal: AbortSignal | null = null) =>
    served.request('/api/datasets/little/shards', {
      method: 'POST',
      body,
      signal,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/zip' },
    });
  const noArchive = new TextEncoder().encode('no archive');
  const shard = zipped('fourth', { rows: 10, seed: 51 });
  const statusOf = async (answer: Promise<Response>) => (await answer).status;
  assert.equal(await statusOf(send(hostile, noArchive)), 422);
  assert.equal(await statusOf(send(mistaken, noArchive)), 422);
  assert.equal(await statusOf(send(mistaken, shard)), 201, 'the lane is free: a mistake costs nothing');
  const gone = new AbortController();
  const waiting = send(hostile, noArchive, gone.signal);
  assert.equal(await statusOf(send(mistaken, shard)), 200, 'an accepted archive leaves the lane');
  assert.equal(await statusOf(send(good, shard)), 200, 'others are not delayed');
  const isWaiting = await Promise.race([waiting.then(() => false), new Promise((resolve) => setImmediate(resolve, true))]);
  assert.ok(isWaiting, 'the lane rests');
  gone.abort();
  assert.equal((await readProblem(await waiting)).code, 'request-aborted');
});

test('an archive that waits too long in the slow lane is refused with the time to wait', async () => {
  const limits = { ...LIMITS, slowLaneShare: 1e-9, slowLaneRestMs: 3_600_000, slowLaneWaitMs: 1 };
  const served = harness.app({ limits });
  const noArchive = new TextEncoder().encode('no archive');
  for (let i = 0; i < 2; i++) assert.equal((await push(noArchive, {}, 'little', served)).status, 422);
  const response = await push(noArchive, {}, 'little', served);
  assert.deepEqual([response.status, (await readProblem(response)).code], [429, 'too-many-uploads']);
  const seconds = Number(response.headers.get('retry-after'));
  assert.ok(seconds > 3000 && seconds <= 3600, `${seconds} s`);
  assert.deepEqual(readdirSync(harness.dependencies.scratch), [], 'no copy is left');
});

test('archives of a refused caller are received one by one', async () => {
  const limits = { ...LIMITS, slowLaneShare: 1e-9, slowLaneRestMs: 3_600_000, slowLaneWaitMs: 3_600_000 };
  const served = harness.app({ limits });
  const noArchive = new TextEncoder().encode('no archive');
  for (let i = 0; i < 2; i++) assert.equal((await push(noArchive, {}, 'little', served)).status, 422);
  const isRead = Promise.withResolvers<boolean>();
  const read = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        isRead.resolve(true);
        controller.close();
      },
    },
    // Nothing is read ahead.
    { highWaterMark: 0 },
  );
  const gone = [new AbortController(), new AbortController()];
  const bodies = [new Blob([noArchive]).stream(), read];
  const answers = bodies.map((body, i) => {
    const headers = { 'content-type': 'application/zip' };
    const init = { method: 'POST', body, headers, duplex: 'half', signal: gone[i]?.signal } as RequestInit;
    return Promise.resolve(served.request('/api/datasets/little/shards', init));
  });
  const first = answers[0] as Promise<Response>;
  const isWaiting = await Promise.race([
    isRead.promise.then(() => false),
    new Promise((resolve) => setTimeout(resolve, 100, true)),
  ]);
  assert.ok(isWaiting, 'the first waits for the lane');
  gone[0]?.abort();
  assert.equal((await readProblem(await first)).code, 'request-aborted');
  assert.ok(await isRead.promise);
  gone[1]?.abort();
  await Promise.all(answers);
});
