/** Space on disk: what the database takes, and what deleted rows give back. */
import type { Queryable, Sql } from '../../client.ts';

/** Returns the bytes of the database's files, as Postgres measures them. */
export async function measureDatabase(sql: Queryable): Promise<number> {
  const [row] = await sql<{ bytes: number }[]>`select pg_database_size(current_database())::float8 as bytes`;
  return row?.bytes ?? 0;
}

/** Tables of which rows are removed: nothing else grows without end. */
const TABLES = [
  ...['sweeps', 'proposals', 'trials', 'covered_variances', 'test_errors', 'test_rows', 'rung_scores', 'latents', 'components'],
  ...['learning_curves', 'checkpoints', 'models', 'baselines', 'baseline_errors', 'comparisons', 'interpretations'],
  ...['fields', 'writes', 'dataset_versions', 'blobs', 'blob_parts'],
] as const;

/** Lets Postgres reuse the space of deleted rows; readers and writers go on meanwhile. */
export async function vacuumTables(sql: Sql): Promise<void> {
  await sql.unsafe(`vacuum (skip_locked, analyze) ${TABLES.join(', ')}`);
}

/** Below this size a table is not worth a rewrite. */
const SMALLEST_BYTES = 2 ** 20;

/**
 * Rewrites the tables of at most so many bytes without the space of deleted rows, which goes back
 * to the file system. A table is locked while it is rewritten; those in use now are left out.
 * Returns the names of the rewritten tables, and of those that were too large or in use.
 */
export async function compactTables(
  sql: Sql,
  mostBytes: number,
): Promise<{ readonly compacted: string[]; readonly left: string[] }> {
  const sizes = await readTables(sql);
  const worthIt = sizes.filter(({ bytes }) => bytes >= SMALLEST_BYTES);
  const compacted: string[] = [];
  for (const { name, bytes, file } of worthIt) {
    if (bytes > mostBytes) continue;
    await sql.unsafe(`vacuum (full, skip_locked, analyze) ${name}`);
    const now = (await readTables(sql)).find((table) => table.name === name);
    if (now?.file !== file) compacted.push(name);
  }
  return { compacted, left: worthIt.flatMap(({ name }) => (compacted.includes(name) ? [] : [name])) };
}

const readTables = (sql: Queryable) =>
  sql<{ name: string; bytes: number; file: string }[]>`
    select name, pg_total_relation_size(name::regclass)::float8 as bytes, pg_relation_filenode(name::regclass)::text as file
    from unnest(${[...TABLES]}::text[]) as name`;
