import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import { zipSync } from 'fflate';
import { fetchArchive, receiveArchive } from '../../../datasets/sources/archive.ts';
import type { NarrowsError } from '../../../errors.ts';
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

const privateHosts = ['127.0.0.1'];
const limits = { bytes: 1_000_000, idleSeconds: 60 };

test('an archive is fetched again only when its ETag has changed', async () => {
  const tags: (string | undefined)[] = [];
  let tag = '"one"';
  answer = (request, response) => {
    tags.push(request.headers['if-none-match']);
    if (request.headers['if-none-match'] === tag) response.writeHead(304).end();
    else response.writeHead(200, { etag: tag }).end(zipped);
  };
  const first = await fetchArchive(url, file, { fingerprint: null, privateHosts, limits });
  assert.equal(first?.fingerprint, '"one"');
  assert.deepEqual(new Uint8Array(readFileSync(file)), zipped);
  assert.equal(await fetchArchive(url, file, { fingerprint: '"one"', privateHosts, limits }), null);
  tag = '"two"';
  const second = await fetchArchive(url, file, { fingerprint: '"one"', privateHosts, limits });
  assert.deepEqual([second?.fingerprint, second?.content], ['"two"', first?.content]);
  assert.deepEqual(tags, [undefined, '"one"', '"one"']);
});

test('without an ETag the content decides', async () => {
  answer = (_, response) => response.end(zipped);
  const fetched = await fetchArchive(url, file, { fingerprint: null, privateHosts, limits });
  assert.equal(fetched?.fingerprint, fetched?.content);
});

test('errors name the reason: a status, silence, a broken connection, no server, too many bytes', async () => {
  answer = (_, response) => response.writeHead(503).end();
  await assert.rejects(fetchArchive(url, file, { fingerprint: null, privateHosts, limits }), {
    code: 'source-unreachable',
    message: /answers 503/,
  });
  answer = () => {};
  await assert.rejects(fetchArchive(url, file, { fingerprint: null, privateHosts, limits: { ...limits, idleSeconds: 0.3 } }), {
    code: 'source-unreachable',
    message: /silent for 0.3 s/,
  });
  answer = (_, response) => {
    response.writeHead(200, { 'content-length': 100_000 }).write(zipped.subarray(0, 50));
    setTimeout(() => response.destroy(), 50);
  };
  await assert.rejects(fetchArchive(url, file, { fingerprint: null, privateHosts, limits }), { code: 'source-unreachable' });
  answer = (_, response) => response.end(zipped);
  await assert.rejects(fetchArchive(url, file, { fingerprint: null, privateHosts, limits: { ...limits, bytes: 100 } }), {
    code: 'archive-too-large',
  });
  const closed = new URL(url);
  closed.port = '1';
  await assert.rejects(fetchArchive(closed.href, file, { fingerprint: null, privateHosts, limits }), {
    code: 'source-unreachable',
  });
  const stop = AbortSignal.abort(new Error('asked to stop'));
  await assert.rejects(fetchArchive(url, file, { fingerprint: null, privateHosts, limits, signal: stop }), {
    message: 'asked to stop',
  });
});

test('a full disk during an upload is reported as such', {
  skip: !existsSync('/dev/full') && 'no device that is full',
}, async () => {
  await assert.rejects(receiveArchive(new Blob([new Uint8Array(9)]).stream(), '/dev/full'), { code: 'disk-full' });
});

test('redirects are followed on the same host, and to no other', async () => {
  const asked: string[] = [];
  answer = (request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/water.zip') response.writeHead(302, { location: '/moved.zip' }).end();
    else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else response.end(zipped);
  };
  const fetched = await fetchArchive(url, file, { fingerprint: null, privateHosts, limits });
  assert.equal(fetched?.fingerprint, fetched?.content);
  assert.deepEqual(asked, ['/water.zip', '/moved.zip']);
  const failure = (from: string, to: string) => {
    answer = (_, response) => response.writeHead(307, { location: to }).end();
    return assert.rejects(fetchArchive(from, file, { fingerprint: null, privateHosts: ['*'], limits }), {
      code: 'source-unreachable',
      message: /it redirects/,
    });
  };
  await failure(url, 'http://169.254.169.254/latest/meta-data');
  await failure(url, `http://localhost:${new URL(url).port}/`);
  await failure(url, '/water.zip');
});

test('a host inside the network is asked only where the operator allows it, by any name', async () => {
  let asked = 0;
  answer = (_, response) => {
    asked += 1;
    response.end(zipped);
  };
  const { port } = new URL(url);
  const fetchFrom = (host: string, privateSources: string[]) =>
    fetchArchive(`http://${host}:${port}/a.zip?token=secret`, file, { fingerprint: null, privateHosts: privateSources, limits });
  // The name is checked by the addresses that it resolves to.
  for (const host of ['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '0.0.0.0']) {
    await assert.rejects(fetchFrom(host, []), ({ code, message, path }: NarrowsError) => {
      assert.equal(code, 'source-unreachable');
      assert.match(message, /inside a network; to allow it, name .* in NARROWS_ALLOW_PRIVATE_SOURCES/, host);
      assert.doesNotMatch(`${message} ${path}`, /secret/);
      return true;
    });
  }
  assert.equal(asked, 0);
  await fetchFrom('localhost', ['localhost']);
  await fetchFrom('127.0.0.1', ['*']);
  assert.equal(asked, 2);
});
