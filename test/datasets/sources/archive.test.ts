import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import { zipSync } from 'fflate';
import { fetchArchive, receiveArchive } from '../../../datasets/sources/archive.ts';
import { writeShard } from '../../support/shards.ts';

const root = mkdtempSync(join(tmpdir(), 'narrows-url-'));
after(() => rmSync(root, { recursive: true, force: true }));

const shard = writeShard(join(root, 'shard'), { rows: 5 });
const zipped = zipSync(
  Object.fromEntries(readdirSync(shard).map((name) => [`generation-2/${name}`, readFileSync(join(shard, name))])),
);

let server: Server;
let url: string;
let file: string;
let answer: RequestListener;
let numbered = 0;
beforeEach(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/water.zip`;
  file = join(root, `archive-${++numbered}.zip`);
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const limits = { bytes: 1_000_000, idleSeconds: 60 };

test('an archive is fetched again only when its ETag has changed', async () => {
  const tags: (string | undefined)[] = [];
  let tag = '"one"';
  answer = (request, response) => {
    tags.push(request.headers['if-none-match']);
    if (request.headers['if-none-match'] === tag) response.writeHead(304).end();
    else response.writeHead(200, { etag: tag }).end(zipped);
  };
  const first = await fetchArchive(url, file, { fingerprint: null, limits });
  assert.equal(first?.fingerprint, '"one"');
  assert.deepEqual(new Uint8Array(readFileSync(file)), zipped);
  assert.equal(await fetchArchive(url, file, { fingerprint: '"one"', limits }), null);
  tag = '"two"';
  const second = await fetchArchive(url, file, { fingerprint: '"one"', limits });
  assert.deepEqual([second?.fingerprint, second?.content], ['"two"', first?.content]);
  assert.deepEqual(tags, [undefined, '"one"', '"one"']);
});

test('without an ETag the content decides', async () => {
  answer = (_, response) => response.end(zipped);
  const fetched = await fetchArchive(url, file, { fingerprint: null, limits });
  assert.equal(fetched?.fingerprint, fetched?.content);
});

test('errors name the reason: a status, silence, a broken connection, no server, too many bytes', async () => {
  answer = (_, response) => response.writeHead(503).end();
  await assert.rejects(fetchArchive(url, file, { fingerprint: null, limits }), {
    code: 'source-unreachable',
    message: /answers 503/,
  });
  answer = () => {};
  await assert.rejects(fetchArchive(url, file, { fingerprint: null, limits: { ...limits, idleSeconds: 0.3 } }), {
    code: 'source-unreachable',
    message: /silent for 0.3 s/,
  });
  answer = (_, response) => {
    response.writeHead(200, { 'content-length': 100_000 }).write(zipped.subarray(0, 50));
    setTimeout(() => response.destroy(), 50);
  };
  await assert.rejects(fetchArchive(url, file, { fingerprint: null, limits }), { code: 'source-unreachable' });
  answer = (_, response) => response.end(zipped);
  await assert.rejects(fetchArchive(url, file, { fingerprint: null, limits: { ...limits, bytes: 100 } }), {
    code: 'archive-too-large',
  });
  const closed = new URL(url);
  closed.port = '1';
  await assert.rejects(fetchArchive(closed.href, file, { fingerprint: null, limits }), { code: 'source-unreachable' });
  const stop = AbortSignal.abort(new Error('asked to stop'));
  await assert.rejects(fetchArchive(url, file, { fingerprint: null, limits, signal: stop }), { message: 'asked to stop' });
});

test('a full disk during an upload is reported as such', {
  skip: !existsSync('/dev/full') && 'no device that is full',
}, async () => {
  await assert.rejects(receiveArchive(new Blob([new Uint8Array(9)]).stream(), '/dev/full'), { code: 'disk-full' });
});
