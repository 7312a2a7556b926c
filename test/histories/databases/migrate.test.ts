/**
 * Databases that earlier code wrote, at each schema that there has been, open with this code and
 * keep their figures.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { connectTo, openDatabase, type Queryable } from '../../../db/client.ts';
import { migrate } from '../../../db/migrate.ts';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { withSnapshot } from '../../../db/queries/trials/export.ts';
import { outcomesSince } from '../../../db/queries/trials/outcomes.ts';
import { MIGRATIONS, readJournal } from '../../../db/schema-version.ts';
import { compareSweeps } from '../../../operations/compare.ts';
import { checkRungs } from '../../../operations/lifecycle/rung-checks.ts';
import { parseResultQuery, readResults } from '../../../operations/results.ts';
import { listChampions } from '../../../operations/retraining/champions.ts';
import { readSweep } from '../../../operations/sweeps/status.ts';
import { emptyDatabase } from '../../db/database.ts';
import { readRecorded, recordedTags } from './read.ts';

/** Schemas that no code had: it came and went within one change. */
const NEVER_RELEASED = ['0000_initial'];

test('a database was recorded at every schema before the newest', () => {
  const earlier = readJournal()
    .map(({ tag }) => tag)
    .slice(0, -1);
  assert.deepEqual(
    earlier.filter((tag) => !NEVER_RELEASED.includes(tag) && !recordedTags().includes(tag)),
    [],
    'check out a commit without the newest migration, and run "npm run record:database -- CHECKOUT"',
  );
});

for (const tag of recordedTags()) {
  test(`a database of ${tag} keeps its figures`, async (t) => {
    const { tables, figures } = readRecorded(tag);
    const empty = await emptyDatabase();
    t.after(() => empty.close());
    const sql = connectTo(empty.url, 1);
    await sql.begin(async (transaction) => {
      await applyUntil(transaction, tag);
      await insertAll(transaction, tables);
    });
    const countRows = async () => Object.fromEntries(await Promise.all(Object.keys(tables).map((name) => countOf(sql, name))));
    const counts = await countRows();
    await migrate(empty.url);
    assert.deepEqual(await countRows(), counts, 'no row is lost');
    await sql.end();

    const db = await openDatabase(empty.url, { max: 2 });
    t.after(() => db.close());
    const { status } = await readSweep({ db, temporal: null }, 'old');
    assert.deepEqual([status.state, status.counts.completed + status.counts.pruned], ['completed', status.counts.planned]);
    const { rows } = await readResults({ db }, 'old', parseResultQuery('all', ''));
    const results: unknown[] = [];
    for await (const block of rows) results.push(...block);
    assert.partialDeepStrictEqual(results, figures.results);
    assert.equal(results.length, figures.results.length);
    const feed = await outcomesSince(db.sql, status.sweepId, 0);
    assert.equal(feed.rows, status.counts.planned, 'pages see every trial');
    const comparison = await compareSweeps(db, ['old']);
    const cellOf = (cell: (typeof figures.comparison.rows)[number]) => ({
      ...{ method: cell.method, k: cell.k, trials: cell.trials },
      ...{ mean: cell.coveredVariance.mean, best: cell.coveredVariance.best },
    });
    assert.deepEqual(comparison.rows.map(cellOf), figures.comparison.rows.map(cellOf));
    const baselineOf = ({ name, k, coveredVariance }: (typeof figures.comparison.baselines)[number]) => ({
      name,
      k,
      coveredVariance,
    });
    assert.deepEqual(comparison.baselines.map(baselineOf), figures.comparison.baselines.map(baselineOf));
    const decided = await withSnapshot(db.sql, async (sql) => checkRungs(sql, await findSweep(sql, 'old')));
    assert.deepEqual([decided.report?.check, decided.report?.unverified, decided.faults], ['recomputed', 0, []]);
    assert.equal(decided.report?.decisions, status.counts.planned, 'one decision about each trial');
    const champions = await listChampions({ db });
    assert.deepEqual(
      champions.map(({ trialId, method, k }) => ({ trialId, method, k })),
      figures.champions.map(({ trialId, method, k }) => ({ trialId, method, k })),
    );
  });
}

/** Applies the migrations up to one, as the code of that time did. */
async function applyUntil(sql: Queryable, last: string): Promise<void> {
  await sql`create schema drizzle`;
  await sql`create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`;
  for (const { tag, when } of readJournal()) {
    const text = readFileSync(`${MIGRATIONS}/${tag}.sql`, 'utf8');
    for (const statement of text.split('--> statement-breakpoint')) await sql.unsafe(statement);
    const hash = createHash('sha256').update(text).digest('hex');
    await sql`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${when})`;
    if (tag === last) return;
  }
}

/** Inserts rows whatever refers to them, without what triggers would do. */
async function insertAll(sql: Queryable, tables: ReturnType<typeof readRecorded>['tables']): Promise<void> {
  await sql`set local session_replication_role = replica`;
  // The migration drew another identity.
  if (tables.installation) await sql`delete from installation`;
  for (const [name, rows] of Object.entries(tables))
    await sql`insert into ${sql(name)} overriding system value select * from jsonb_populate_recordset(null::${sql(name)}, ${JSON.stringify(rows)}::text::jsonb)`;
}

async function countOf(sql: Queryable, name: string): Promise<[string, number]> {
  const [row] = await sql<[{ count: number }]>`select count(*)::int as count from ${sql(name)}`;
  return [name, row.count];
}
