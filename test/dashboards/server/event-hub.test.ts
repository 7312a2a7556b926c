/** Event streams: a snapshot, then changes, and a new snapshot after a gap. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import type { Event } from '../../../dashboards/contract/system.ts';
import { bySweep, throttle } from '../../../dashboards/server/event-hub.ts';
import type { Access } from '../../../dashboards/server/middleware/auth.ts';
import { deleteToken } from '../../../db/queries/api/tokens.ts';
import type { SweepChange } from '../../../db/queries/sweeps/change-feed.ts';
import { setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import { createToken } from '../../../operations/tokens.ts';
import { seedSweep } from '../../db/fixtures.ts';
import { until } from '../../support/until.ts';
import { type ApiHarness, OPEN, readProblem, startApiHarness } from './harness.ts';

let harness: ApiHarness;
before(async () => {
  harness = await startApiHarness();
  await seedSweep(harness.db.sql, 'sone', { name: 'one' });
  await seedSweep(harness.db.sql, 'stwo', { name: 'two' });
  let newest = -1;
  const leave = harness.events.subscribe({
    send: (event) => {
      if (event.kind === 'sweep') newest = event.revision;
    },
    close: () => {},
  });
  await until(async () => {
    await harness.db.sql`select pg_notify('narrows_sweep', '{"sweepId":"snobody","revision":0,"state":"running"}')`;
    return newest === 0;
  }, 'it listens');
  // After the newest revision nothing is held back any more.
  await harness.db.sql`select pg_notify('narrows_sweep', '{"sweepId":"snobody","revision":1,"state":"running"}')`;
  await until(() => newest === 1, 'the newest revision');
  leave();
});
after(() => harness[Symbol.asyncDispose]());

interface Line {
  readonly events: Event[];
  readonly text: () => string;
  readonly over: () => boolean;
  close(): Promise<void>;
}

/** Reads events like a client. */
function read(response: Response): Line {
  assert.equal(response.status, 200);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const events: Event[] = [];
  let text = '';
  let over = false;
  void (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += new TextDecoder().decode(value);
      events.splice(0, events.length, ...[...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data as string)));
    }
    over = true;
  })();
  return { events, text: () => text, over: () => over, close: () => reader.cancel() };
}

const news = (events: readonly Event[]): SweepChange[] =>
  events.flatMap((event) =>
    event.kind === 'sweep' ? [{ sweepId: event.sweepId, revision: event.revision, state: event.state }] : [],
  );

test('a stream starts with the retry delay and a snapshot, then sends changes, each with an id', async () => {
  const response = await harness.app().request('/api/events', { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  assert.equal(response.headers.get('content-encoding'), null, 'nothing collects it first');
  const line = read(response);
  await until(() => line.events.length === 1, 'hello');
  const [hello] = line.events;
  assert.ok(hello?.kind === 'hello');
  assert.deepEqual(
    hello.sweeps.toSorted((a, b) => a.sweepId.localeCompare(b.sweepId)),
    ['sone', 'stwo'].map((sweepId) => ({ sweepId, revision: 0, state: 'running' })),
  );
  await setSweepState(harness.db.sql, 'sone', 'paused');
  await until(() => line.events.length === 2, 'the change');
  assert.deepEqual(line.events[1], { kind: 'sweep', sweepId: 'sone', revision: 1, state: 'paused' });
  assert.match(line.text(), /^retry: \d+\n\nid: 1\ndata: .*\n\nid: 2\ndata: .*\n\n$/);
  await line.close();
});

test('a stream can be restricted to one sweep; an unknown name is a problem', async () => {
  const app = harness.app();
  const line = read(await app.request('/api/events?sweep=two'));
  await until(() => line.events.length >= 1, 'hello');
  await setSweepState(harness.db.sql, 'sone', 'running');
  await setSweepState(harness.db.sql, 'stwo', 'paused');
  await until(() => news(line.events).length === 1, 'the change');
  const [hello, change] = line.events;
  assert.deepEqual(hello?.kind === 'hello' && hello.sweeps.map(({ sweepId }) => sweepId), ['stwo']);
  assert.equal(change?.kind === 'sweep' && change.sweepId, 'stwo');
  await line.close();
  const unknown = await app.request('/api/events?sweep=three');
  assert.deepEqual([unknown.status, (await readProblem(unknown)).code], [404, 'sweep-unknown']);
});

test('the snapshot omits sweeps that finished long ago', async () => {
  await seedSweep(harness.db.sql, 'sold', { name: 'old' });
  await harness.db.sql`update sweeps set state = 'completed', finished_at = now() - interval '25 hours' where id = 'sold'`;
  const hello = await harness.events.snapshot();
  assert.ok(hello.kind === 'hello' && hello.sweeps.every(({ sweepId }) => sweepId !== 'sold'));
});

test('after a lost database connection every stream receives a new snapshot', async () => {
  const line = read(await harness.app().request('/api/events'));
  // Throttled changes of earlier tests may follow it at once.
  await until(() => line.events.length >= 1, 'hello');
  // Written while nothing listens: the connection is lost with the change pending.
  await harness.db
    .sql`select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %' and datname = current_database()`;
  await setSweepState(harness.db.sql, 'sone', 'paused');
  await until(() => line.events.filter(({ kind }) => kind === 'hello').length === 2, 'another hello');
  const again = line.events.findLast(({ kind }) => kind === 'hello');
  assert.ok(again?.kind === 'hello');
  const one = again.sweeps.find(({ sweepId }) => sweepId === 'sone');
  assert.equal(one?.state, 'paused');
  await setSweepState(harness.db.sql, 'sone', 'running');
  await until(
    () => news(line.events).some(({ sweepId, revision }) => sweepId === 'sone' && revision > one.revision),
    'changes come again',
  );
  await line.close();
});

test('a stream sends heartbeats', async () => {
  const { app } = eventsAlone(20);
  const line = read(await app.request('/api/events'));
  await until(() => line.events.filter(({ kind }) => kind === 'beat').length >= 2, 'beats');
  await line.close();
});

test('a client that lags behind is disconnected; one that keeps up stays', async () => {
  const { app, followers } = eventsAlone(2);
  const response = await app.request('/api/events');
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await until(() => followers.size === 0, 'it is let go');
  let chunks = 0;
  while (!(await reader.read()).done) chunks += 1;
  assert.ok(chunks <= 65, `${chunks} messages were kept for it`);
});

test('a stream ends when its token expires or is revoked, and when the server shuts down', async () => {
  const expiresAt = new Date(Date.now() + 3000);
  const short = await createToken(harness.db, { name: 'short', role: 'read', expiresAt });
  const long = await createToken(harness.db, { name: 'long', role: 'read', expiresAt: null });
  const other = await createToken(harness.db, { name: 'other', role: 'read', expiresAt: null });
  const { app, end } = eventsAlone(50, { kind: 'tokens' });
  const lineOf = async (token: string) =>
    read(await app.request('/api/events', { headers: { authorization: `Bearer ${token}` } }));
  const [first, second, third] = await Promise.all([lineOf(short.token), lineOf(long.token), lineOf(other.token)]);
  await until(() => first.over(), 'the end of the token');
  assert.ok(Date.now() >= expiresAt.getTime());
  await deleteToken(harness.db.sql, 'long');
  await until(() => second.over(), 'a revoked token');
  assert.equal(third.over(), false);
  end();
  await until(() => third.over(), 'the end of the server');
});

test('all streams of a revoked token end, and count as no attempts to sign in', async () => {
  const { token } = await createToken(harness.db, { name: 'many', role: 'read', expiresAt: null });
  const { app } = eventsAlone(20, { kind: 'tokens' });
  const ask = (bearer: string) => app.request('/api/events', { headers: { authorization: `Bearer ${bearer}` } });
  const lines = await Promise.all(Array.from({ length: 24 }, async () => read(await ask(token))));
  await deleteToken(harness.db.sql, 'many');
  await until(() => lines.every(({ over }) => over()), 'the ends of all');
  assert.equal((await readProblem(await ask('wrong'))).code, 'token-wrong');
});

test('a disconnected client is unsubscribed', async () => {
  const { app, followers } = eventsAlone(10_000);
  const server = createAdaptorServer({ fetch: app.fetch });
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  const abort = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}/api/events`, { signal: abort.signal });
  assert.equal(response.status, 200);
  assert.equal(followers.size, 1);
  abort.abort();
  await until(() => followers.size === 0, 'its line is taken down');
  await new Promise((resolve) => server.close(resolve));
});

describe('throttle', () => {
  test('passes the first at once, then one per interval, and always the last', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const passed: number[] = [];
    const throttled = throttle(100, bySweep, ({ revision }) => passed.push(revision));
    for (let revision = 1; revision <= 60; revision++) {
      throttled.push({ sweepId: 'a', revision, state: 'running' });
      t.mock.timers.tick(5);
    }
    // 60 of them within 300 ms.
    assert.deepEqual(passed, [1, 20, 40, 60]);
    t.mock.timers.tick(200);
    assert.deepEqual(passed, [1, 20, 40, 60]);
    throttled.stop();
  });
  test('keeps sweeps apart, and passes no older news after newer', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const passed: string[] = [];
    const throttled = throttle(50, bySweep, ({ sweepId, revision }) => passed.push(`${sweepId}${revision}`));
    for (const [sweepId, revision] of [
      ['a', 1],
      ['b', 1],
      ['a', 3],
      ['a', 2],
    ] as const)
      throttled.push({ sweepId, revision, state: 'running' });
    assert.deepEqual(passed, ['a1', 'b1']);
    t.mock.timers.tick(50);
    assert.deepEqual(passed, ['a1', 'b1', 'a3']);
    throttled.stop();
  });
});

/**
 * Returns the API with a heartbeat interval in milliseconds, and a function that ends all streams.
 */
function eventsAlone(beat: number, access: Access = OPEN) {
  const followers = new Set<{ close(): void }>();
  const events = {
    ...harness.events,
    subscribe: (follower: Parameters<typeof harness.events.subscribe>[0]) => {
      followers.add(follower);
      const leave = harness.events.subscribe(follower);
      return () => {
        followers.delete(follower);
        leave();
      };
    },
  };
  const app = harness.app({ access, events, beatMilliseconds: beat });
  return {
    app,
    followers,
    end: () => {
      for (const follower of followers) follower.close();
    },
  };
}
