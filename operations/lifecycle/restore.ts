/** Sweeps read back from an archive. */
import type { ArchiveContent, ArchiveManifest } from '../../datasets/archives/format.ts';
import { type ArchiveSummary, damagedError, readArchive } from '../../datasets/archives/read.ts';
import { checkSweepsInBox } from '../../datasets/box/box.ts';
import { withScratch } from '../../datasets/files/scratch.ts';
import type { BlobStore } from '../../db/blobs.ts';
import type { Queryable } from '../../db/client.ts';
import { completeWrites, insertRows, isSweepTable, ownerOf, takeOver } from '../../db/queries/lifecycle/archive.ts';
import { withArraysHeld } from '../../db/queries/lifecycle/arrays.ts';
import { purgeMarked } from '../../db/queries/lifecycle/removal.ts';
import { findSweepsById } from '../../db/queries/sweeps/sweeps.ts';
import { readJournal } from '../../db/schema-version.ts';
import { NarrowsError } from '../../errors.ts';
import { sweepOfTrial } from '../../search/space.ts';
import type { Storage } from '../servers.ts';

export interface Restored {
  readonly file: string;
  /** Those that were not there. */
  readonly sweeps: ArchiveManifest['sweeps'];
  /** Those that were there already, and were left as they are. */
  readonly existing: ArchiveManifest['sweeps'];
  readonly datasets: ArchiveManifest['datasets'];
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
}

/**
 * Restores the sweeps of an archive that do not exist here, all or none, with their data; a second
 * call changes nothing. Throws NarrowsErrors of checkSweepsInBox, and `archive-newer`.
 */
export async function restoreSweeps(
  { db, blobs }: Storage,
  file: string,
  { scratch, signal }: { readonly scratch: string; readonly signal: AbortSignal },
): Promise<Restored> {
  const summary = await withScratch(scratch, (files) => checkSweepsInBox(file, files, { signal }), signal);
  requireKnownSchema(file, summary.manifest);
  await purgeMarked(db.sql);
  const { sweeps, datasets } = summary.manifest;
  const there = await findSweepsById(
    db.sql,
    sweeps.map(({ id }) => id),
  );
  const isThere = (id: string) => there.some((row) => row.id === id);
  const wanted = sweeps.filter(({ id }) => !isThere(id));
  const existing = sweeps.filter(({ id }) => isThere(id));
  if (wanted.length === 0) return { file, sweeps: [], existing, datasets, rows: {} };
  const rows = await withArraysHeld(db.sql, (sql) =>
    readInto({ sql, blobs, file, wanted: new Set(wanted.map(({ id }) => id)), signal }, summary),
  );
  return { file, sweeps: wanted, existing, datasets, rows };
}

/** An older archive lacks columns, which get their defaults; a newer one may mean others. */
function requireKnownSchema(file: string, { schema }: ArchiveManifest): void {
  if (readJournal().some(({ tag }) => tag === schema)) return;
  throw new NarrowsError('archive-newer', `${file} was written from the tables of a newer narrows (${schema})`, {
    path: file,
    fix: 'update narrows',
  });
}

interface Target {
  readonly sql: Queryable;
  readonly blobs: BlobStore;
  readonly file: string;
  /** Ids of the sweeps to restore. */
  readonly wanted: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** Stores arrays and inserts rows of an archive that the box has found to be sound. */
async function readInto({ sql, blobs, file, wanted, signal }: Target, checked: ArchiveSummary): Promise<Record<string, number>> {
  const known = new Set(checked.manifest.sweeps.map(({ id }) => id));
  const counts: Record<string, number> = {};
  const reader = readArchive(file);
  for (;;) {
    signal.throwIfAborted();
    const step = await reader.next();
    if (step.done) {
      // The file may have changed since it was checked.
      if (step.value.end.sha256 !== checked.end.sha256) throw damagedError(file, 'it changed while it was read');
      break;
    }
    const content = step.value;
    if ('array' in content) await storeArray(blobs, content.array, reader, file);
    else if ('piece' in content) throw damagedError(file, 'a piece of it belongs to no array');
    else {
      const rows = chooseRows(content, known, wanted, file);
      const { table } = content;
      if (rows.length > 0) counts[table] = (counts[table] ?? 0) + (await insertRows(sql, table as never, rows));
    }
  }
  await completeWrites(sql, [...wanted]);
  await takeOver(sql, [...wanted]);
  return counts;
}

/** Returns the rows of the wanted sweeps. Throws where one belongs to no sweep of the archive. */
function chooseRows(
  { table, rows }: Extract<ArchiveContent, { readonly table: string }>,
  known: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
  file: string,
) {
  if (table === 'dataset_versions') return rows;
  if (!isSweepTable(table)) throw damagedError(file, `it has rows of "${table}"`);
  return rows.filter((row) => {
    const { id, isTrial } = ownerOf(table, row);
    const sweep = isTrial ? sweepOfTrial(id) : id;
    if (!known.has(sweep)) throw damagedError(file, `a row of ${table} belongs to none of its sweeps`);
    return wanted.has(sweep);
  });
}

/** Stores an array from the pieces that follow; its hash is checked as it is stored. */
async function storeArray(
  blobs: BlobStore,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: number },
  reader: AsyncGenerator<ArchiveContent, unknown>,
  file: string,
): Promise<void> {
  let left = bytes;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    while (left > 0) {
      const { value, done } = await reader.next();
      if (done || !(typeof value === 'object' && value !== null && 'piece' in value))
        throw damagedError(file, `the array ${sha256} is not complete`);
      const piece = Buffer.from(String(value.piece), 'base64');
      left -= piece.length;
      yield piece;
    }
  }
  const rest = pieces();
  await blobs.put({ sha256, bytes, pieces: rest });
  // One that is stored already was not read.
  for await (const _ of pieces());
}
