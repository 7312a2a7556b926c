/** Sweeps written to a file, with their data. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { basename, dirname, resolve } from 'node:path';
import { createGzip } from 'node:zlib';
import { ARCHIVE_VERSION, type ArchiveManifest } from '../../datasets/archives/format.ts';
import type { Queryable } from '../../db/client.ts';
import { ARCHIVED_TABLES, listArraysOf, listVersionRows, streamRows } from '../../db/queries/lifecycle/archive.ts';
import { countOutcomes, findSweep, type SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { withSnapshot } from '../../db/queries/trials/export.ts';
import { readJournal } from '../../db/schema-version.ts';
import { NarrowsError } from '../../errors.ts';
import { countFinished, isFinished, sumCounts } from '../../search/states.ts';
import { writeFolder } from '../output-folder.ts';
import type { Storage } from '../servers.ts';

export interface Archived {
  readonly file: string;
  readonly bytes: number;
  readonly sweeps: ArchiveManifest['sweeps'];
  readonly datasets: ArchiveManifest['datasets'];
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly arrays: number;
}

/** Bytes of a line of rows, about; single rows may be longer. */
const LINE_BYTES = 2 ** 20;

/**
 * Writes finished sweeps with all their rows and the datasets that they were trained on, as of one
 * moment; a file that exists is whole. Throws NarrowsError `sweep-unknown`, `sweep-running`, and
 * those of writeFolder.
 */
export async function archiveSweeps(
  { db, blobs }: Storage,
  idsOrNames: readonly string[],
  file: string,
  { codeVersion, signal }: { readonly codeVersion: string; readonly signal: AbortSignal },
): Promise<Archived> {
  const path = resolve(file);
  return withSnapshot(db.sql, async (sql) => {
    const sweeps = await findFinished(sql, idsOrNames);
    const manifest = await describe(sql, sweeps, codeVersion);
    const counts: Record<string, number> = {};
    let arrays = 0;
    const lines = async function* (): AsyncGenerator<string> {
      yield JSON.stringify(manifest);
      for (const { sha256, bytes } of await listArraysOf(sql, manifest.datasets)) {
        arrays += 1;
        yield JSON.stringify({ array: { sha256, bytes } });
        for await (const piece of blobs.pieces(sha256)) yield JSON.stringify({ piece: Buffer.from(piece).toString('base64') });
      }
      for await (const [table, rows] of blocksOf(sql, sweeps, manifest)) {
        signal.throwIfAborted();
        counts[table] = (counts[table] ?? 0) + rows.length;
        yield `{"table":"${table}","rows":[${rows.join(',')}]}`;
      }
    };
    const bytes = await writeFolder(dirname(path), (folder) =>
      folder.write(basename(path), (append) =>
        writeLines(lines(), append, (sha256) => ({ end: { rows: counts, arrays, sha256 } })),
      ),
    );
    const { sweeps: named, datasets } = manifest;
    return { file, bytes, sweeps: named, datasets, rows: counts, arrays };
  });
}

async function findFinished(sql: Queryable, idsOrNames: readonly string[]): Promise<SweepRow[]> {
  const found = new Map<string, SweepRow>();
  for (const one of idsOrNames) {
    const row = await findSweep(sql, one);
    if (!isFinished(row.state)) {
      throw new NarrowsError('sweep-running', `${row.name} is ${row.state}: only what is finished is archived`, {
        path: 'sweep',
        fix: `wait for its end, or cancel it: "narrows sweep cancel ${row.name}"`,
        kind: 'failure',
      });
    }
    found.set(row.id, row);
  }
  return [...found.values()];
}

async function describe(sql: Queryable, sweeps: readonly SweepRow[], codeVersion: string): Promise<ArchiveManifest> {
  const datasets = new Map(sweeps.map(({ dataset: name, datasetVersion: version }) => [`${name}@${version}`, { name, version }]));
  const named: ArchiveManifest['sweeps'] = [];
  for (const { id, name } of sweeps) named.push({ id, name, trials: countFinished(sumCounts(await countOutcomes(sql, id))) });
  return {
    format: 'narrows-archive',
    version: ARCHIVE_VERSION,
    schema: readJournal().at(-1)?.tag ?? '',
    codeVersion,
    createdAt: new Date().toISOString(),
    sweeps: named,
    datasets: [...datasets.values()],
  };
}

/** Yields rows as text, by table, in an order in which they can be inserted. */
async function* blocksOf(
  sql: Queryable,
  sweeps: readonly SweepRow[],
  { datasets }: ArchiveManifest,
): AsyncGenerator<readonly [table: string, rows: string[]]> {
  for (const { name, version } of datasets) {
    for (const { row } of await listVersionRows(sql, name, version)) yield ['dataset_versions', [row]];
  }
  for (const table of ARCHIVED_TABLES) {
    for (const { id } of sweeps) {
      let rows: string[] = [];
      let length = 0;
      for await (const block of streamRows(sql, table, id)) {
        for (const { row } of block) {
          rows.push(row);
          length += row.length;
          if (length < LINE_BYTES) continue;
          yield [table, rows];
          [rows, length] = [[], 0];
        }
      }
      if (rows.length > 0) yield [table, rows];
    }
  }
}

/** Compresses lines, and after them the end, which has their hash. */
async function writeLines(
  lines: AsyncIterable<string>,
  append: (bytes: Uint8Array) => Promise<void>,
  endOf: (sha256: string) => unknown,
): Promise<void> {
  const gzip = createGzip({ level: 4 });
  const writing = (async () => {
    for await (const chunk of gzip as AsyncIterable<Uint8Array>) await append(chunk);
  })();
  // Its error is thrown below, also where it comes before the last line.
  writing.catch((error: unknown) => gzip.destroy(error as Error));
  const hash = createHash('sha256');
  try {
    for await (const line of lines) {
      hash.update(line).update('\n');
      if (!gzip.write(`${line}\n`)) await once(gzip, 'drain');
    }
    gzip.end(`${JSON.stringify(endOf(hash.digest('hex')))}\n`);
    await writing;
  } finally {
    gzip.destroy();
    await writing.catch(() => {});
  }
}
