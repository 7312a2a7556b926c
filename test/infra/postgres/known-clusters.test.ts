import assert from 'node:assert/strict';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openHome } from '../../../infra/home.ts';
import { recordCluster, requireKnownCluster } from '../../../infra/postgres/known-clusters.ts';
import { writePassword } from '../../../infra/postgres/passwords.ts';
import { preparePostgres } from '../../../infra/postgres/server.ts';
import { temporaryFolder } from '../folders.ts';

/** Writes what a checkout could bring: the files of a cluster and its password. */
function clusterOfCheckout(t: TestContext) {
  const folder = temporaryFolder(t);
  const home = openHome(join(folder, 'project', '.narrows'));
  mkdirSync(join(home.postgres, 'global'), { recursive: true, mode: 0o700 });
  writeFileSync(join(home.postgres, 'PG_VERSION'), '18\n');
  writeFileSync(join(home.postgres, 'global', 'pg_control'), '');
  writePassword(home, 'superuser');
  return { home, cache: { userCache: join(folder, 'cache') }, control: join(home.postgres, 'global', 'pg_control') };
}

test('a cluster that came with a checkout is not started', async (t) => {
  const { home, cache, control } = clusterOfCheckout(t);
  const refusal = { code: 'home-unknown', path: home.postgres, fix: /narrows up --trust/, kind: 'failure' };
  await assert.rejects(preparePostgres(home, cache), refusal);
  // An archive gives its files any time, before they are written here or after now.
  for (const time of [0, Date.now() / 1000 + 86_400]) {
    utimesSync(control, time, time);
    await assert.rejects(preparePostgres(home, cache), refusal);
  }
});

test('a cluster is started where its user vouches for it, then and later', async (t) => {
  const { home, cache } = clusterOfCheckout(t);
  await preparePostgres(home, cache, { trust: true });
  await preparePostgres(home, cache);
});

test('a cluster is known by its password wherever its folder is moved, and by no other', (t) => {
  const { home, cache } = clusterOfCheckout(t);
  recordCluster(home, cache);
  requireKnownCluster(home, cache);
  writePassword(home, 'superuser');
  assert.throws(() => requireKnownCluster(home, cache), { code: 'home-unknown' });
});
