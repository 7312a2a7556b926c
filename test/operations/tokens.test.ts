import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Database, openDatabase } from '../../db/client.ts';
import { recogniseSession, startSession } from '../../operations/sessions.ts';
import { ADMIN_TOKEN_NAME, ensureAdminToken, listAllTokens, recogniseToken, storeToken } from '../../operations/tokens.ts';
import { closedDatabase, urlFor } from '../db/database.ts';

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

test('weak tokens are refused without being shown', async () => {
  for (const token of ['', 'aB3-short-and-diverse', 'x'.repeat(40), `${randomToken()} `, `${randomToken()}é`]) {
    await assert.rejects(ensureAdminToken(db, token), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'token-weak');
      return token === '' || !error.message.includes(token);
    });
  }
});
