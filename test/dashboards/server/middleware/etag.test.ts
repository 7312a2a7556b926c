import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hono } from 'hono';
import { formatEtag, matchesEtag, respondWithEtag } from '../../../../dashboards/server/middleware/etag.ts';

test('an unchanged version is neither sent nor computed again; another one is', async () => {
  let revision = 3;
  let asked = 0;
  const app = new Hono().get('/', (context) =>
    respondWithEtag(context, `r${revision}`, async () => {
      asked += 1;
      return { revision };
    }),
  );
  const first = await app.request('/');
  const tag = first.headers.get('etag') ?? '';
  assert.deepEqual(await first.json(), { revision: 3 });
  assert.equal(first.headers.get('content-length'), String('{"revision":3}'.length));
  const again = await app.request('/', { headers: { 'if-none-match': `"other", ${tag}` } });
  assert.deepEqual([again.status, await again.text(), again.headers.get('etag'), asked], [304, '', tag, 1]);
  revision = 4;
  const later = await app.request('/', { headers: { 'if-none-match': tag } });
  assert.deepEqual([later.status, await later.json()], [200, { revision: 4 }]);
});

test('immutable bytes may be cached for good; others are revalidated', async () => {
  const app = new Hono()
    .get('/kept', (context) => respondWithEtag(context, 'ab', () => new Uint8Array([1, 2]), { immutable: true }))
    .get('/asked', (context) => respondWithEtag(context, 'ab', () => new Uint8Array([1, 2]), { type: 'text/x' }));
  const kept = await app.request('/kept');
  assert.equal(kept.headers.get('cache-control'), 'private, max-age=31536000, immutable');
  assert.equal(kept.headers.get('content-type'), 'application/octet-stream');
  assert.deepEqual(new Uint8Array(await kept.arrayBuffer()), new Uint8Array([1, 2]));
  const asked = await app.request('/asked');
  assert.equal(asked.headers.get('cache-control'), 'private, no-cache');
  assert.equal(asked.headers.get('content-type'), 'text/x');
});

test('tags are compared weakly, and differ between builds', () => {
  const tag = formatEtag('r7', 'x1');
  assert.notEqual(tag, formatEtag('r7', 'x2'));
  assert.equal(matchesEtag(undefined, tag), false);
  assert.equal(matchesEtag('*', tag), true);
  assert.equal(matchesEtag(tag.replace('W/', ''), tag), true);
  assert.equal(matchesEtag('W/"r71.x1"', tag), false);
});
