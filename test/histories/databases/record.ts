/**
 * Records a small database with the code of a checkout, for migrate.test.ts:
 * `npm run record:database [-- CHECKOUT]`. Records this checkout's by default, under the name of
 * its newest migration. Databases of that code must open with all later code, with the same
 * figures.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { connectTo, type Sql } from '../../../db/client.ts';
import { writeShard } from '../../support/shards.ts';
import type { RecordedDatabase, RecordedFigures } from './read.ts';

/** Three methods and halving: every kind of row of a sweep. */
const SPEC = `name: old
dataset: little
target: xes
methods: [ednn, eca, nnca]
space: { k: [1, 2], hidden: [4], learningRate: { choice: [0.02, 0.05] } }
seeds: 2
halving: { reduction: 2, rungs: 2 }
training: { epochs: 8, batch: 32 }
`;

const RETRAINING = `name: again
dataset: little
target: xes
methods: [ednn]
space: { k: 1, hidden: [4], learningRate: 0.02 }
seeds: 1
training: { epochs: 8, batch: 32 }
`;

const checkout = resolve(process.argv[2] ?? '.');
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'narrows-record-')));
try {
  const { tag, ...database } = await record();
  const file = new URL(`${tag}.json.gz`, import.meta.url);
  writeFileSync(file, gzipSync(anonymise(JSON.stringify(database)), { level: 9 }));
  console.error(`${file.pathname}: recorded`);
} finally {
  await narrows('down').catch(() => {});
  rmSync(directory, { recursive: true, force: true });
}

async function record(): Promise<RecordedDatabase & { readonly tag: string }> {
  writeFileSync(join(directory, 'sweep.yaml'), SPEC);
  writeFileSync(join(directory, 'retraining.yaml'), RETRAINING);
  mkdirSync(join(directory, 'incoming'));
  await narrows('data', 'import', writeShard(join(directory, 'little'), { rows: 60, energies: 3 }));
  await narrows('sweep', 'start', 'sweep.yaml', '--watch');
  const hasRetrainings = await narrows('retrain', 'ls').then(
    () => true,
    () => false,
  );
  if (hasRetrainings) {
    await narrows(...'retrain start retraining.yaml --every 24h --watch-dir incoming --settle 0'.split(' '));
    await until(async () => JSON.stringify(await narrows('retrain', 'show', 'again')).includes('"outcome":"first"'));
    writeShard(join(directory, 'incoming', 'hot'), { rows: 60, energies: 3, seed: 2, spread: 1.7 });
    await narrows('retrain', 'run', 'again');
  }
  const figures: RecordedFigures = {
    results: await narrows('results', 'old', '--split', 'all'),
    comparison: await narrows('compare', 'old'),
    champions: hasRetrainings ? await narrows('champion', 'ls') : [],
  };
  const { databaseUrl } = JSON.parse(readFileSync(join(directory, '.narrows', 'state.json'), 'utf8')) as { databaseUrl: string };
  const sql = connectTo(databaseUrl, 1);
  try {
    return { tag: newestMigration(), tables: await readTables(sql), figures };
  } finally {
    await sql.end();
  }
}

async function narrows<T>(...args: string[]): Promise<T> {
  const bin = join(checkout, 'bin', 'narrows.js');
  const { NARROWS_DATABASE_URL: _, TEMPORAL_ADDRESS: __, NARROWS_HOME: ___, ...env } = process.env;
  const options = { cwd: directory, env, maxBuffer: 2 ** 28 };
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...args, '--output', 'json'], options);
  return (stdout.trim() === '' ? null : JSON.parse(stdout)) as T;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 300));
}

/** Returns the name of the last entry of the checkout's journal. */
function newestMigration(): string {
  const journal = readFileSync(join(checkout, 'db', 'migrations', 'meta', '_journal.json'), 'utf8');
  return (JSON.parse(journal) as { entries: { tag: string }[] }).entries.at(-1)?.tag ?? '';
}

async function readTables(sql: Sql): Promise<Record<string, unknown[]>> {
  const names = await sql<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public' order by 1`;
  const tables: Record<string, unknown[]> = {};
  for (const { name } of names) {
    // Maps of interpretations are large, and alike: the smallest one is enough.
    const limit = name === 'fields' ? 1 : null;
    const rows = await sql<{ row: unknown }[]>`
      select row from (select to_jsonb(t) as row from ${sql(name)} t) r order by length(row::text), row limit ${limit}`;
    if (rows.length > 0) tables[name] = rows.map(({ row }) => row);
  }
  return tables;
}

/** Removes names and paths of the recording machine. */
function anonymise(text: string): string {
  return text.replaceAll(directory, '/srv/project').replaceAll(`"${hostname()}"`, '"host"');
}
