import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Database, openDatabase } from '../../db/client.ts';
import { deleteToken } from '../../db/queries/api/tokens.ts';
import { recogniseSession, startSession } from '../../operations/sessions.ts';
import { ADMIN_TOKEN_NAME, ensureAdminToken, listAllTokens, recogniseToken, storeToken } from '../../operations/tokens.ts';
import { sha256Of } from '../../platform.ts';
import { closedDatabase, urlFor } from '../db/database.ts';
import { until } from '../support/until.ts';

let db: Database;
let asApi: Database;
let close: () => Promise<void>;
before(async () => {
  const database = await closedDatabase();
  close = () => database.close();
  db = await openDatabase(database.url);
  asApi = await openDatabase(urlFor(database.url, 'api'));
});
after(async () => {
  for (const one of [db, asApi]) await one?.close();
  await close?.();
});

const randomToken = () => randomBytes(24).toString('base64');
const kindOf = async (token: string) => (await recogniseToken(db, token)).kind;

test('a given administrator token is valid once, however many servers make it so', async () => {
  const token = randomToken();
  await Promise.all(Array.from({ length: 5 }, () => ensureAdminToken(db, token)));
  await ensureAdminToken(db, token);
  const rows = await listAllTokens(db);
  assert.deepEqual(
    rows.map(({ name, role, expiresAt }) => [name, role, expiresAt]),
    [[ADMIN_TOKEN_NAME, 'admin', null]],
  );
  assert.equal(await kindOf(token), 'valid');
  assert.ok(!JSON.stringify(rows).includes(token));
});

test('another token replaces the one before and ends its sessions; the same one keeps them', async () => {
  const [first, second] = [randomToken(), randomToken()];
  await ensureAdminToken(db, first);
  const found = await recogniseToken(db, first);
  assert.ok(found.kind === 'valid');
  const { id } = await startSession(db, found.row);
  await ensureAdminToken(db, first);
  assert.equal((await recogniseSession(db, id)).kind, 'valid');
  await ensureAdminToken(db, second);
  assert.deepEqual(
    [await kindOf(first), await kindOf(second), (await recogniseSession(db, id)).kind],
    ['unknown', 'valid', 'unknown'],
  );
});

test('a role that may not create tokens needs one that the owner has stored', async () => {
  const token = randomToken();
  await assert.rejects(ensureAdminToken(asApi, token), { code: 'right-missing' });
  const stored = await storeToken(db, { token, name: 'operations', role: 'admin', expiresAt: null });
  assert.deepEqual(await storeToken(db, { token, name: 'operations', role: 'admin', expiresAt: null }), stored);
  await ensureAdminToken(asApi, token);
  await assert.rejects(storeToken(db, { token: randomToken(), name: 'operations', role: 'admin', expiresAt: null }), {
    code: 'token-name-taken',
  });
});

test('a token that is stored again expires when the repeated call says', async () => {
  const given = { token: randomToken(), name: 'again', role: 'read' } as const;
  await storeToken(db, { ...given, expiresAt: new Date(0) });
  assert.equal(await kindOf(given.token), 'expired');
  const later = new Date(Date.now() + 3_600_000);
  assert.deepEqual((await storeToken(db, { ...given, expiresAt: later })).expiresAt, later);
  assert.equal(await kindOf(given.token), 'valid');
});

test('one text is not stored under two names, nor given more rights', async () => {
  const token = randomToken();
  await storeToken(db, { token, name: 'reader', role: 'read', expiresAt: null });
  const isNamed = (error: Error & { code?: string }) => error.code === 'token-duplicate' && error.message.includes('"reader"');
  await assert.rejects(storeToken(db, { token, name: 'other', role: 'read', expiresAt: null }), isNamed);
  await assert.rejects(ensureAdminToken(db, token), isNamed);
  const rows = (await listAllTokens(db)).filter(({ name }) => name === 'reader');
  assert.deepEqual(
    rows.map(({ role }) => role),
    ['read'],
  );
});

test('of several administrator tokens at once, one is valid', async () => {
  const tokens = Array.from({ length: 5 }, randomToken);
  await Promise.all(tokens.map((token) => ensureAdminToken(db, token)));
  const kinds = await Promise.all(tokens.map(kindOf));
  assert.deepEqual(kinds.sort(), ['unknown', 'unknown', 'unknown', 'unknown', 'valid']);
});

test('a server that comes later replaces the token of one that stores its own meanwhile', async () => {
  const [first, second] = [randomToken(), randomToken()];
  await deleteToken(db.sql, ADMIN_TOKEN_NAME);
  const faster = Promise.withResolvers<void>();
  const inserted = Promise.withResolvers<void>();
  const row = { id: 'faster', name: ADMIN_TOKEN_NAME, role: 'admin', sha256: sha256Of(first), expires_at: null };
  const storing = db.sql.begin(async (tx) => {
    await tx`insert into api_tokens ${tx(row)}`;
    inserted.resolve();
    await faster.promise;
  });
  await inserted.promise;
  const replacing = ensureAdminToken(db, second);
  const waits = async () => (await db.sql`select 1 from pg_locks where not granted`).length > 0;
  await until(waits, 'it waits for the other');
  faster.resolve();
  await Promise.all([storing, replacing]);
  assert.deepEqual([await kindOf(first), await kindOf(second)], ['unknown', 'valid']);
});

test('weak tokens are refused without being shown', async () => {
  for (const token of ['', 'aB3-short-and-diverse', 'x'.repeat(40), `${randomToken()} `, `${randomToken()}é`]) {
    await assert.rejects(ensureAdminToken(db, token), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'token-weak');
      return token === '' || !error.message.includes(token);
    });
  }
});
