import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createBlobStore } from '../../../db/blobs.ts';
import { ARCHIVED_TABLES } from '../../../db/queries/lifecycle/archive.ts';
import { markRemoved } from '../../../db/queries/lifecycle/removal.ts';
import { saveBaselines, saveComparison } from '../../../db/queries/sweeps/comparison.ts';
import { saveInterpretation } from '../../../db/queries/sweeps/interpretation.ts';
import { createSweep, findSweep, setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import { saveTestRows } from '../../../db/queries/sweeps/test-errors.ts';
import { outcomesSince } from '../../../db/queries/trials/outcomes.ts';
import { recordReports } from '../../../db/queries/trials/trials.ts';
import { compareSweeps } from '../../../operations/compare.ts';
import { archiveSweeps } from '../../../operations/lifecycle/archive.ts';
import { restoreSweeps } from '../../../operations/lifecycle/restore.ts';
import { sha256Of } from '../../../platform.ts';
import { DATASET_VERSION, seedDataset, smallSpec } from '../../dashboards/server/seed-sweeps.ts';
import { migratedDatabase } from '../../db/database.ts';
import { atRung, completed, diverged, failed, PROVENANCE, trialOf } from '../../db/fixtures.ts';
import { temporaryFolder } from '../../infra/folders.ts';

type Own = Awaited<ReturnType<typeof migratedDatabase>>;
let [from, to]: Own[] = [];
before(async () => {
  [from, to] = [await migratedDatabase(), await migratedDatabase()];
  await seedDataset(own(from).sql, createBlobStore(own(from).sql, null));
  await seed('sa', 'first');
  await seed('sb', 'second');
});
after(async () => {
  await from?.close();
  await to?.close();
});
const own = (db: Own | undefined): Own => db as Own;
const storageOf = (db: Own | undefined) => ({ db: own(db), blobs: createBlobStore(own(db).sql, null) });
const options = { codeVersion: '0', signal: new AbortController().signal };

/** A sweep with rows in every table, and with values that JSON does not know. */
async function seed(id: string, name: string): Promise<void> {
  const { sql } = own(from);
  const about = {
    dataset: 'little',
    datasetVersion: DATASET_VERSION,
    target: 'xes',
    planned: 9,
    packSizes: [4, 2],
    codeVersion: '0',
  };
  await createSweep(sql, { id, name, spec: smallSpec(), ...about });
  const rows = {
    spreads: Float64Array.of(4, 5, 6.1),
    structureSpreads: Float64Array.of(1, 2, 3),
    structureSquares: Float64Array.of(1, 2, 1e-300),
  };
  await saveTestRows(sql, id, 0, { ...rows, units: Int32Array.of(0, 1, 2), strata: null });
  const provenance = { ...PROVENANCE, datasetVersion: DATASET_VERSION };
  await recordReports(sql, id, provenance, [
    completed(id, trialOf(0, { method: 'eca', k: 2 }), 0.1 + 0.2),
    completed(id, trialOf(1, { method: 'nnca', k: 2 }), 1 / 3, { rows: 5000 }),
    completed(id, trialOf(2), 2 / 3),
    diverged(id, trialOf(3)),
    failed(id, trialOf(4)),
    atRung(id, trialOf(5), 0, Number.NaN),
  ]);
  const baseline = { name: 'ridge', k: null, seed: null, configurationHash: null, split: 'test', partition: 0 };
  await saveBaselines(sql, id, [{ ...baseline, coveredVariance: 0.7, errors: Float64Array.of(1, 2, 3) }]);
  await saveComparison(sql, id, { rows: ['ü', 0.1] });
  const axis = { name: 'r', unit: 'Å', from: 0, to: 1, points: 2 };
  const field = { name: 'sensitivity', axes: [axis, axis, axis] as const, values: Float32Array.of(Number.NaN, 1) };
  await saveInterpretation(sql, id, { result: { format: 1 }, codeVersion: '0', fields: [field] });
  await sql`
    insert into proposals (sweep_id, cell, point, value, sampler, position, observations, revision, observed, score)
    values (${id}, 'eca', 0, '{"learningRate": 0.30000000000000004}', '{"name": "tpe"}', 0, 0, 2, 0, ${0.1 + 0.2})`;
  await setSweepState(sql, id, 'partial', 'one of them failed');
}

/** All rows about a sweep and its data as text, by table, but for the name of its installation. */
async function contentOf(db: Own | undefined, id: string): Promise<Record<string, string[]>> {
  const { sql } = own(db);
  const content: Record<string, string[]> = {};
  const tables = await sql<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public'`;
  for (const { name } of tables) {
    if (['api_requests', 'api_sessions', 'api_tokens', 'installation', 'blobs'].includes(name)) continue;
    const rows = await sql<{ row: string }[]>`select (to_jsonb(d) - 'identity')::text as row from ${sql(name)} d`;
    const isOwn = (row: string) => new RegExp(`"(sweep_id|trial_id|id)": "${id}(-\\d+)?"`).test(row);
    const isShared = name === 'dataset_versions' || name === 'blob_parts';
    content[name] = rows
      .map(({ row }) => row)
      .filter((row) => isShared || isOwn(row))
      .sort();
  }
  content.blobs = (await sql<{ row: string }[]>`select sha256 || bytes as row from blobs order by 1`).map(({ row }) => row);
  return content;
}

test('a sweep comes back in another database row by row, and a second time nothing changes', async (t) => {
  const file = join(temporaryFolder(t), 'both.narrows');
  const archived = await archiveSweeps(storageOf(from), ['first', 'sb', 'sa'], file, options);
  assert.deepEqual(archived.sweeps, [
    { id: 'sa', name: 'first', trials: 5 },
    { id: 'sb', name: 'second', trials: 5 },
  ]);
  assert.deepEqual(archived.datasets, [{ name: 'little', version: DATASET_VERSION }]);
  assert.equal(archived.bytes, readFileSync(file).length);
  // Every table of a sweep has rows here, so that none can be forgotten.
  for (const table of ARCHIVED_TABLES) assert.ok((archived.rows[table] ?? 0) >= 2, table);
  const scratch = temporaryFolder(t);
  const restored = await restoreSweeps(storageOf(to), file, { scratch, signal: options.signal });
  assert.deepEqual([restored.sweeps, restored.existing], [archived.sweeps, []]);
  assert.deepEqual(restored.rows, archived.rows);
  for (const id of ['sa', 'sb']) {
    const [before, after] = [await contentOf(from, id), await contentOf(to, id)];
    for (const [table, rows] of Object.entries(before)) assert.deepEqual(after[table], rows, table);
  }
  const [identity] = await own(to).sql`select identity = (select identity from installation) as own from sweeps where id = 'sa'`;
  assert.equal(identity?.own, true, 'a retry has the names of the new database');
  assert.deepEqual(await compareSweeps(own(to), ['sa', 'sb']), await compareSweeps(own(from), ['sa', 'sb']));
  const again = await restoreSweeps(storageOf(to), file, { scratch, signal: options.signal });
  assert.deepEqual([again.sweeps, again.existing, again.rows], [[], archived.sweeps, {}]);
  assert.deepEqual(readdirSync(scratch), []);
});

test('what is there is left as it is; what was removed comes back', async (t) => {
  const file = join(temporaryFolder(t), 'both.narrows');
  await archiveSweeps(storageOf(from), ['sa', 'sb'], file, options);
  const before = await contentOf(from, 'sa');
  await own(from).sql`update sweeps set message = 'changed' where id = 'sb'`;
  // Not even purged.
  await markRemoved(own(from).sql, 'sa', () => {});
  const { sweeps, existing } = await restoreSweeps(storageOf(from), file, {
    scratch: temporaryFolder(t),
    signal: options.signal,
  });
  assert.deepEqual([sweeps.map(({ id }) => id), existing.map(({ id }) => id)], [['sa'], ['sb']]);
  assert.deepEqual(await contentOf(from, 'sa'), before);
  assert.equal((await findSweep(own(from).sql, 'sb')).message, 'changed');
});

test('only what is finished is archived, and a failure leaves no file', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'x.narrows');
  await setSweepState(own(from).sql, 'sb', 'running');
  await assert.rejects(archiveSweeps(storageOf(from), ['sb'], file, options), { code: 'sweep-running' });
  await setSweepState(own(from).sql, 'sb', 'partial');
  await assert.rejects(archiveSweeps(storageOf(from), ['sa', 'snone'], file, options), { code: 'sweep-unknown' });
  assert.equal(existsSync(file), false);
  assert.deepEqual(readdirSync(folder), []);
});

test('hostile archives are refused, and leave nothing', async (t) => {
  const folder = temporaryFolder(t);
  const good = join(folder, 'good.narrows');
  await archiveSweeps(storageOf(from), ['sb'], good, options);
  const lines = gunzipSync(readFileSync(good)).toString().trimEnd().split('\n');
  const empty = await migratedDatabase();
  t.after(() => empty.close());
  /** Writes the lines with counts and a hash that fit them: only their content is wrong. */
  const resealed = (changed: readonly string[]): string => {
    const body = changed.slice(0, -1);
    const rows: Record<string, number> = {};
    for (const line of body) {
      const { table, rows: some = [] } = JSON.parse(line) as { table?: string; rows?: unknown[] };
      if (table) rows[table] = (rows[table] ?? 0) + some.length;
    }
    const arrays = body.filter((line) => line.startsWith('{"array"')).length;
    const sha256 = sha256Of(Buffer.from(body.map((line) => `${line}\n`).join('')));
    const file = join(folder, 'bad.narrows');
    writeFileSync(file, gzipSync(`${[...body, JSON.stringify({ end: { rows, arrays, sha256 } })].join('\n')}\n`));
    return file;
  };
  const change = (pattern: RegExp, replacement: string) => lines.map((line) => line.replace(pattern, replacement));
  const array = lines.findIndex((line) => line.startsWith('{"array"'));
  const cases: readonly (readonly [name: string, lines: readonly string[], error: RegExp | string])[] = [
    ['rows of a table that is none of a sweep', change(/"table":"models"/, '"table":"api_tokens"'), /rows of "api_tokens"/],
    ['rows of another sweep', change(/"trial_id":"sb-0"/, '"trial_id":"sc-0"'), /belongs to none of its sweeps/],
    [
      'an array with other bytes',
      lines.map((line, i) =>
        i === array + 1
          ? JSON.stringify({ piece: Buffer.alloc(Number(/"bytes":(\d+)/.exec(lines[array] ?? '')?.[1])).toString('base64') })
          : line,
      ),
      'content-changed',
    ],
    ['an array without its pieces', lines.filter((_, i) => i !== array + 1), 'archive-damaged'],
    ['columns that the tables do not have', change(/"outcome":/, '"outcome; drop table sweeps":'), 'archive-damaged'],
    ['tables of a newer version', change(/"schema":"\d+/, '"schema":"9999'), 'archive-newer'],
    ['a newer format', change(/"version":1/, '"version":2'), 'archive-newer'],
  ];
  for (const [name, changed, expected] of cases) {
    // An array that is stored already is not read.
    await empty.sql`delete from blobs`;
    const file = resealed(changed);
    const restoring = restoreSweeps(storageOf(empty), file, { scratch: folder, signal: options.signal });
    await assert.rejects(restoring, (error: { code?: string; message: string }) => {
      assert.match(
        typeof expected === 'string' ? String(error.code) : error.message,
        typeof expected === 'string' ? new RegExp(expected) : expected,
        name,
      );
      return true;
    });
    assert.equal((await empty.sql`select from sweeps`).length, 0, name);
    assert.equal((await empty.sql`select from trials`).length, 0, name);
  }
  await restoreSweeps(storageOf(empty), resealed(lines), { scratch: folder, signal: options.signal });
  assert.equal((await empty.sql`select from sweeps`).length, 1);

  // As archives were before writes had ids, and from trials that are older than revisions.
  for (const stored of [1, 0]) {
    await empty.sql`truncate sweeps cascade`;
    const former = lines
      .filter((line) => !line.startsWith('{"table":"writes"'))
      .map((line) => line.replaceAll(/"write_id":\d+/g, `"revision":${stored}`));
    await restoreSweeps(storageOf(empty), resealed(former), { scratch: folder, signal: options.signal });
    const { rows, revision } = await outcomesSince(empty.sql, 'sb', 0);
    assert.deepEqual([rows, revision], [6, stored || (await findSweep(empty.sql, 'sb')).revision]);
  }
});
