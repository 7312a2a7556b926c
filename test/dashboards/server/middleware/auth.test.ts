/** Authentication, roles and rate limits. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Session } from '../../../../dashboards/contract/system.ts';
import { type IsProxy, networkPrefix, trustProxies } from '../../../../dashboards/server/middleware/peer.ts';
import { createRateLimiter } from '../../../../dashboards/server/middleware/rate-limit.ts';
import type { Role } from '../../../../db/enums.ts';
import { deleteToken, listTokens } from '../../../../db/queries/api/tokens.ts';
import { createToken } from '../../../../operations/tokens.ts';
import { seedSweep } from '../../../db/fixtures.ts';
import { type ApiHarness, fromAddress, post, readProblem, startApiHarness } from '../harness.ts';

const DAY = 86_400_000;

let harness: ApiHarness;
let app: OpenAPIHono;
const tokens = {} as Record<Role | 'expired', string>;
before(async () => {
  harness = await startApiHarness();
  for (const role of ['read', 'submit', 'admin'] as const)
    tokens[role] = (await createToken(harness.db, { name: role, role, expiresAt: null })).token;
  tokens.expired = (await createToken(harness.db, { name: 'old', role: 'admin', expiresAt: new Date(Date.now() - 1000) })).token;
});
after(() => harness[Symbol.asyncDispose]());
beforeEach(() => {
  app = harness.app({ access: { kind: 'tokens' }, hosts: ['narrows.example'] });
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const cookieOf = (response: Response) => (response.headers.get('set-cookie') ?? '').split(';')[0] as string;

test('a token is long, random, and stored as a hash only', async () => {
  assert.match(tokens.read, /^nrw_[\w-]{43}$/);
  assert.notEqual(tokens.read.slice(4), tokens.submit.slice(4));
  const rows = await listTokens(harness.db.sql);
  assert.equal(rows.length, 4);
  for (const token of Object.values(tokens)) assert.ok(!JSON.stringify(rows).includes(token.slice(4)));
  await assert.rejects(createToken(harness.db, { name: 'read', role: 'read', expiresAt: null }), { code: 'token-name-taken' });
  await assert.rejects(createToken(harness.db, { name: 'a\nb', role: 'read', expiresAt: null }), { code: 'name-invalid' });
});

test('missing, wrong, expired and revoked tokens are rejected', async () => {
  const told = async (headers: Record<string, string>) => {
    const response = await app.request('/api/system', { headers });
    return [response.status, (await readProblem(response)).code, response.headers.get('www-authenticate')];
  };
  assert.deepEqual(await told({}), [401, 'token-missing', 'Bearer']);
  assert.deepEqual(await told({ authorization: 'Basic abc' }), [401, 'token-missing', 'Bearer']);
  assert.deepEqual(await told(bearer(`${tokens.read}x`)), [401, 'token-wrong', 'Bearer']);
  assert.deepEqual(await told(bearer('nrw_')), [401, 'token-wrong', 'Bearer']);
  assert.deepEqual(await told({ cookie: `narrows_session=${tokens.read.slice(1)}` }), [401, 'token-wrong', 'Bearer']);
  assert.deepEqual(await told(bearer(tokens.expired)), [401, 'token-expired', 'Bearer']);
  const { token, row } = await createToken(harness.db, {
    name: 'short-lived',
    role: 'read',
    expiresAt: new Date(Date.now() + DAY),
  });
  assert.equal((await app.request('/api/system', { headers: bearer(token) })).status, 200);
  assert.equal(await deleteToken(harness.db.sql, row.id), true);
  assert.deepEqual(await told(bearer(token)), [401, 'token-wrong', 'Bearer']);
  assert.equal(await deleteToken(harness.db.sql, row.id), false);
});

test('no response and no log contains a token', async () => {
  const wrong = `nrw_${'w'.repeat(43)}`;
  const answers = [
    await app.request('/api/system', { headers: bearer(wrong) }),
    await app.request('/api/session', post({ token: wrong })),
    await app.request('/api/session', post({ token: tokens.read })),
    await app.request('/api/session', post({ token: [tokens.read] })),
    await app.request('/api/session', { headers: bearer(tokens.read) }),
  ];
  for (const answer of answers) {
    const text = await answer.text();
    assert.ok(!text.includes(wrong) && !text.includes(tokens.read), text);
  }
  assert.ok(!String(harness.logged).includes('nrw_'));
});

test('pages and the OpenAPI document are served without signing in', async () => {
  for (const path of ['/', '/sweeps/demo', '/assets/index-abc.js', '/openapi.json', '/api/session'])
    assert.equal((await app.request(path)).status, 200, path);
});

describe('roles', () => {
  before(() => seedSweep(harness.db.sql, 'sothers'));
  const asked = async (role: Role, path: string, body: unknown = {}) => {
    const response = await app.request(path, post(body, { ...bearer(tokens[role]), 'idempotency-key': 'k' }));
    return [response.status, (await readProblem(response)).code];
  };
  test('read allows reading only', async () => {
    assert.equal((await app.request('/api/system', { headers: bearer(tokens.read) })).status, 200);
    assert.deepEqual(await asked('read', '/api/plan', { spec: 'a: 1' }), [422, 'spec-invalid'], 'a plan changes nothing');
    assert.deepEqual(await asked('read', '/api/sweeps', { spec: 'a: 1' }), [403, 'role-too-small']);
    for (const act of ['pause', 'resume', 'cancel', 'retry'])
      assert.deepEqual(await asked('read', `/api/sweeps/sothers/${act}`), [403, 'role-too-small'], act);
  });
  test('submit allows planning, starting and controlling, but cancelling own sweeps only', async () => {
    assert.deepEqual(await asked('submit', '/api/plan', { spec: 'a: 1' }), [422, 'spec-invalid']);
    assert.deepEqual(await asked('submit', '/api/sweeps', { spec: 'a: 1' }), [422, 'spec-invalid']);
    assert.deepEqual(await asked('submit', '/api/sweeps/sothers/cancel'), [403, 'role-too-small']);
    const [me] = (await listTokens(harness.db.sql)).filter(({ name }) => name === 'submit');
    await harness.db.sql`insert into sweep_starters values ('sothers', ${`token:${me?.id}`})`;
    assert.deepEqual(await asked('submit', '/api/sweeps/sothers/cancel'), [503, 'temporal-unreachable']);
  });
  test('admin allows cancelling any sweep', async () => {
    await harness.db.sql`delete from sweep_starters`;
    assert.deepEqual(await asked('admin', '/api/sweeps/sothers/cancel'), [503, 'temporal-unreachable']);
  });
});

describe('signing in with a browser', () => {
  test('starts a session, whose cookie is HttpOnly and SameSite=Strict', async () => {
    assert.deepEqual(await (await app.request('/api/session')).json(), {
      role: null,
      name: null,
      needsToken: true,
      expiresAt: null,
    });
    const signedIn = await app.request('/api/session', post({ token: tokens.submit }));
    assert.equal(signedIn.status, 200);
    assert.equal(((await signedIn.json()) as { role: string }).role, 'submit');
    const cookie = signedIn.headers.get('set-cookie') ?? '';
    assert.match(cookie, /HttpOnly/);
    assert.match(cookie, /SameSite=Strict/);
    assert.match(cookie, /Path=\//);
    assert.doesNotMatch(cookie, /Secure/, 'plain HTTP');
    const headers = { cookie: cookieOf(signedIn) };
    assert.equal((await app.request('/api/system', { headers })).status, 200);
    assert.equal(((await (await app.request('/api/session', { headers })).json()) as { name: string }).name, 'submit');

    const out = await app.request('/api/session', { method: 'DELETE', headers });
    assert.match(out.headers.get('set-cookie') ?? '', /narrows_session=;.*Max-Age=0/);
    assert.equal(((await out.json()) as { role: null }).role, null);
  });
  test('the cookie is not the token, is stored as a hash, and means nothing after signing out', async () => {
    const sessions = () => harness.db.sql<{ sha256: string }[]>`select * from api_sessions`;
    await harness.db.sql`delete from api_sessions`;
    const signIn = async (headers = {}) => cookieOf(await app.request('/api/session', post({ token: tokens.submit }, headers)));
    const read = async (cookie: string) => {
      const response = await app.request('/api/system', { headers: { cookie } });
      return response.status === 200 ? 200 : [response.status, (await readProblem(response)).code];
    };
    const [first, second] = [await signIn(), await signIn()];
    const id = first.split('=')[1] as string;
    assert.match(id, /^[\w-]{43}$/);
    assert.notEqual(first, second);
    assert.ok(!tokens.submit.includes(id) && !JSON.stringify(await sessions()).includes(id));
    assert.deepEqual(await read(`narrows_session=${tokens.submit}`), [401, 'token-wrong'], 'the token is no cookie');
    const stray = await app.request('/api/system', { headers: bearer(id) });
    assert.equal((await readProblem(stray)).code, 'token-wrong', 'and the cookie is no token');
    await app.request('/api/session', { method: 'DELETE', headers: { cookie: first } });
    assert.deepEqual(await read(first), [401, 'token-wrong']);
    assert.equal(await read(second), 200, 'other browsers stay signed in');
    await signIn({ cookie: second });
    assert.deepEqual(await read(second), [401, 'token-wrong'], 'signing in again replaces the session');
  });
  test('a session ends with its token, and after its own time', async () => {
    const { token, row } = await createToken(harness.db, { name: 'of a session', role: 'read', expiresAt: null });
    const signIn = async () => cookieOf(await app.request('/api/session', post({ token })));
    const read = async (cookie: string) => {
      const response = await app.request('/api/system', { headers: { cookie } });
      return response.status === 200 ? '200' : (await readProblem(response)).detail;
    };
    const old = await signIn();
    const expiresAt = ((await (await app.request('/api/session', { headers: { cookie: old } })).json()) as Session).expiresAt;
    const days = (new Date(expiresAt ?? 0).getTime() - Date.now()) / DAY;
    assert.ok(days > 29 && days <= 30, String(days));
    await harness.db.sql`update api_sessions set expires_at = now() where token_id = ${row.id}`;
    assert.equal(await read(old), 'the session has expired');
    const cookie = await signIn();
    assert.equal(await read(cookie), '200');
    await deleteToken(harness.db.sql, row.id);
    assert.equal(await read(cookie), 'the token is not valid');
    const left = await harness.db.sql`select 1 from api_sessions where token_id = ${row.id}`;
    assert.equal(left.length, 0);
  });
  test('a token has at most 100 sessions', async () => {
    const cookies: string[] = [];
    for (let i = 0; i < 102; i++) cookies.push(cookieOf(await app.request('/api/session', post({ token: tokens.admin }))));
    const statuses = [0, 1, 2, 101].map((i) => app.request('/api/system', { headers: { cookie: cookies[i] as string } }));
    assert.deepEqual(
      (await Promise.all(statuses)).map(({ status }) => status),
      [401, 401, 200, 200],
    );
  });
  test('makes the cookie secure over TLS, and lets it expire with its token', async () => {
    const expiresAt = new Date(Date.now() + DAY);
    const { token } = await createToken(harness.db, { name: 'until tomorrow', role: 'read', expiresAt });
    for (const [url, headers] of [
      ['https://narrows.example/api/session', {}],
      ['http://narrows.example/api/session', { 'x-forwarded-proto': 'https' }],
    ] as const) {
      const cookie = (await app.request(url, post({ token }, headers))).headers.get('set-cookie') ?? '';
      assert.match(cookie, /Secure/);
      assert.ok(cookie.includes(`Expires=${expiresAt.toUTCString()}`), cookie);
    }
  });
  test('is limited to ten failures in five minutes', async () => {
    const attempt = (token: string) => app.request('/api/session', post({ token }));
    for (let i = 0; i < 10; i++) assert.equal((await attempt(`wrong ${i}`)).status, 401);
    const refused = await attempt(tokens.read);
    assert.deepEqual([refused.status, (await readProblem(refused)).code], [429, 'too-many-attempts'], 'whatever token it is');
    const wait = Number(refused.headers.get('retry-after'));
    assert.ok(wait > 290 && wait <= 300);
    assert.equal((await app.request('/api/system', { headers: bearer(tokens.read) })).status, 200, 'who has signed in stays');
    assert.equal((await app.request('/api/session')).status, 200);
  });
  test('counts wrong bearer tokens separately, and still accepts valid ones', async () => {
    const asked = async (token: string) => (await app.request('/api/system', { headers: bearer(token) })).status;
    for (let i = 0; i < 10; i++) assert.equal(await asked(`wrong ${i}`.replace(' ', '')), 401);
    assert.equal(await asked('wrong'), 429);
    assert.equal(await asked(tokens.read), 200);
  });
  test('is not blocked by repeated requests with an expired cookie', async () => {
    for (const token of ['nrw_revoked', tokens.expired]) {
      for (let i = 0; i < 20; i++) await app.request('/api/system', { headers: { cookie: `narrows_session=${token}` } });
      assert.equal((await app.request('/api/session', post({ token: tokens.read }))).status, 200);
    }
  });
});

describe('the rate limiter', () => {
  test('counts failures per address, forgets them in time, and bounds the number of addresses', () => {
    let now = 0;
    const attempts = createRateLimiter(() => now, 3);
    for (let i = 0; i < 10; i++) {
      assert.equal(attempts.retryAfterSeconds('a'), 0);
      attempts.recordFailure('a');
      now += 1000;
    }
    assert.equal(attempts.retryAfterSeconds('a'), 290);
    assert.equal(attempts.retryAfterSeconds('b'), 0);
    now = 300_000;
    assert.equal(attempts.retryAfterSeconds('a'), 0, 'the first of ten is five minutes old');
    attempts.recordFailure('a');
    assert.equal(attempts.retryAfterSeconds('a'), 1);
    for (const other of ['b', 'c', 'd']) attempts.recordFailure(other);
    assert.equal(attempts.retryAfterSeconds('a'), 0, 'the one that failed longest ago makes room');
  });
  test('treats a /64 network of IPv6 as one address', () => {
    assert.equal(networkPrefix('2001:db8:1:2:3::1'), networkPrefix('2001:db8:1:2:ffff::1'));
    assert.notEqual(networkPrefix('2001:db8:1:2::1'), networkPrefix('2001:db8:1:3::1'));
    for (const address of ['10.0.0.1', '::ffff:10.0.0.1', 'unknown']) assert.equal(networkPrefix(address), address);
  });
});

test('behind a proxy, its header sets the role, and is required', async () => {
  const behind = harness.app({ access: { kind: 'proxy', header: 'x-role', userHeader: null } });
  const asked = (path: string, headers: Record<string, string>) => behind.request(path, { headers });
  assert.equal((await asked('/api/system', { 'x-role': 'read' })).status, 200);
  for (const headers of [{}, { 'x-role': 'root' }, { 'x-role': '' }, bearer(tokens.admin)] as Record<string, string>[]) {
    const response = await asked('/api/system', headers);
    assert.deepEqual([response.status, (await readProblem(response)).code], [401, 'token-missing']);
  }
  const session = await (await asked('/api/session', { 'x-role': 'submit' })).json();
  assert.deepEqual(session, { role: 'submit', name: null, needsToken: true, expiresAt: null });
  const small = await behind.request('/api/sweeps', post({ spec: 'a' }, { 'x-role': 'read' }));
  assert.equal((await readProblem(small)).code, 'role-too-small');
});

test('past the proxy, its header means nothing', async () => {
  const access = { kind: 'proxy', header: 'x-role', userHeader: null } as const;
  const asked = async (isProxy: IsProxy, address: string, path = '/api/system') => {
    const behind = harness.app({ access, isProxy });
    const response = await behind.request(path, { headers: { 'x-role': 'admin' } }, fromAddress(address));
    return response.status === 200 ? 200 : [response.status, (await readProblem(response)).code];
  };
  const local = trustProxies([]);
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) assert.equal(await asked(local, address), 200, address);
  for (const address of ['10.0.0.5', '::ffff:10.0.0.5', '2001:db8::1', 'unknown']) {
    for (const path of ['/api/system', '/api/session'])
      assert.deepEqual(await asked(local, address, path), [403, 'peer-refused'], address);
  }
  const named = trustProxies(['10.0.0.5', '192.0.2.0/24', '2001:db8::/32']);
  for (const address of ['10.0.0.5', '::ffff:10.0.0.5', '192.0.2.77', '2001:db8::1'])
    assert.equal(await asked(named, address), 200, address);
  for (const address of ['127.0.0.1', '10.0.0.6', '192.0.3.1', '2001:db9::1'])
    assert.deepEqual(await asked(named, address), [403, 'peer-refused'], address);
  for (const address of ['', 'proxy.example', '10.0.0.0/33', '10.0.0', '::1/129', '10.0.0.5/'])
    assert.throws(() => trustProxies([address]), { code: 'proxy-address-invalid', path: '--proxy-address' }, address);
});

test('users named by a proxy are distinct principals', async () => {
  const behind = harness.app({ access: { kind: 'proxy', header: 'x-role', userHeader: 'x-user' } });
  const headers = (user: string) => ({ 'x-role': 'submit', 'x-user': user });
  for (const user of ['', 'u'.repeat(201), 'a\u00adb']) {
    const refused = await readProblem(await behind.request('/api/system', { headers: headers(user) }));
    assert.deepEqual([refused.code, refused.path], ['token-missing', 'x-user']);
  }
  assert.equal((await readProblem(await behind.request('/api/system', { headers: { 'x-role': 'read' } }))).path, 'x-user');
  const session = (await (await behind.request('/api/session', { headers: headers('ada') })).json()) as { name: string };
  assert.equal(session.name, 'ada');
  await seedSweep(harness.db.sql, 'sadas');
  await harness.db.sql`insert into sweep_starters values ('sadas', 'proxy:ada')`;
  const cancel = async (user: string) => {
    const response = await behind.request('/api/sweeps/sadas/cancel', post({}, headers(user)));
    return (await readProblem(response)).code;
  };
  assert.equal(await cancel('bob'), 'role-too-small');
  assert.equal(await cancel('ada'), 'temporal-unreachable', 'Ada may; here only nobody is there to do it');
});

test('failures are counted by remote address, or by the last forwarded one behind a local proxy', async () => {
  const from = (address: string, forwarded: string) => {
    return app.request('/api/session', post({ token: 'wrong' }, { 'x-forwarded-for': forwarded }), fromAddress(address));
  };
  for (let i = 0; i < 10; i++) assert.equal((await from('127.0.0.1', `10.0.0.${i}, 192.0.2.1`)).status, 401);
  assert.equal((await from('127.0.0.1', '10.0.0.99, 192.0.2.1')).status, 429, 'earlier addresses are set by the client');
  assert.equal((await from('::ffff:127.0.0.1', '192.0.2.1')).status, 429);
  assert.equal((await from('127.0.0.1', '192.0.2.2')).status, 401, 'others may still try');
  assert.equal((await from('127.0.0.1', 'nonsense')).status, 401);
  for (let i = 0; i < 10; i++) assert.equal((await from('198.51.100.7', `192.0.2.${50 + i}`)).status, 401);
  assert.equal((await from('198.51.100.7', '192.0.2.77')).status, 429, 'nobody from elsewhere chooses their address');
});

test('without tokens every local request is allowed', async () => {
  const open = harness.app();
  assert.deepEqual(await (await open.request('/api/session')).json(), {
    role: 'admin',
    name: null,
    needsToken: false,
    expiresAt: null,
  });
  assert.equal((await open.request('/api/session', post({ token: 'whatever' }))).headers.get('set-cookie'), null);
});
