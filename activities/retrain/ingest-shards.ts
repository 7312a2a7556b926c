/** The first step of a run: ingests new shards, and decides whether there is anything to do. */
import { join } from 'node:path';
import { fetchArchive } from '../../datasets/sources/archive.ts';
import { withCopyFolder } from '../../datasets/sources/copy-folder.ts';
import { copyShard, scanFolder } from '../../datasets/sources/watched-folder.ts';
import type { Queryable } from '../../db/client.ts';
import { listCurrentChampions } from '../../db/queries/retraining/champions.ts';
import { findLastEvent, listEventsOfRun, recordEvent } from '../../db/queries/retraining/notifications.ts';
import {
  findLastProcessedVersion,
  findRetraining,
  findRun,
  findSourceUrl,
  findVersionFromFolder,
  finishRun,
  listShards,
  type RetrainingRow,
  type RetrainRunRow,
  type ShardRow,
  saveShard,
  startRun,
  updateRun,
} from '../../db/queries/retraining/retrainings.ts';
import { NarrowsError } from '../../errors.ts';
import type { ShardFiles } from '../../operations/append.ts';
import { knownRows } from './known-rows.ts';
import type { RetrainPorts, RetrainRun } from './ports.ts';
import { describeFault, isOfShard, isShortage } from './shard-faults.ts';

export interface IngestResult {
  /** `end`: no new rows, or no source that can be read; `first`: there are no champions yet. */
  readonly next: 'end' | 'first' | 'challenge';
  /** Whether the run has events to notify about. */
  readonly tell: boolean;
}

/** A run that reads its sources. */
interface Reading {
  readonly ports: RetrainPorts;
  readonly retraining: RetrainingRow;
  readonly run: RetrainRunRow;
  readonly signal: AbortSignal | undefined;
}

export async function ingestShards(
  ports: RetrainPorts,
  { runId, name }: RetrainRun,
  signal?: AbortSignal,
): Promise<IngestResult> {
  const { sql } = ports.db;
  const retraining = await findRetraining(sql, name);
  await startRun(sql, runId, name);
  const run = await findRun(sql, runId);
  const hasEvents = async () => (await listEventsOfRun(sql, runId)).length > 0;
  if (run.outcome !== 'running') return { next: 'end', tell: await hasEvents() };

  const failures = await readSources({ ports, retraining, run, signal });
  const newest = await ports.data.newest(retraining.dataset);
  const champions = await listCurrentChampions(sql, name);
  if (champions.length === 0) {
    await updateRun(sql, runId, { toVersion: newest.version });
    return { next: 'first', tell: await hasEvents() };
  }
  const handled = await findLastProcessedVersion(sql, name);
  const settled = newest.version === handled || champions.every(({ datasetVersion }) => datasetVersion === newest.version);
  if (settled) {
    const [outcome, message] =
      failures.length > 0 ? (['failed-source', failures.join('; ')] as const) : (['nothing-new', 'nothing new'] as const);
    await finishRun(sql, runId, outcome, message);
    return { next: 'end', tell: await hasEvents() };
  }
  // Rows that are gone need a person: fail before anything is computed.
  for (const { datasetVersion } of champions) knownRows(newest, datasetVersion, retraining.dataset);
  const latest = champions.toSorted((a, b) => b.since.getTime() - a.since.getTime())[0];
  await updateRun(sql, runId, { fromVersion: latest?.datasetVersion ?? null, toVersion: newest.version });
  return { next: 'challenge', tell: await hasEvents() };
}

/** Errors of a source as a whole, which leave the others to be read. */
const SOURCE_FAILURES: readonly string[] = ['source-missing', 'source-unreachable', 'archive-too-large'];

/** Reads the sources; returns the errors of those that cannot be read. */
async function readSources(reading: Reading): Promise<string[]> {
  const { watchDir, url } = reading.retraining.options;
  const failures: string[] = [];
  const read = async (source: string | null, readSource: (reading: Reading, source: string) => Promise<void>) => {
    if (source === null) return;
    try {
      await readSource(reading, source);
      await noteSource(reading, source, null);
    } catch (error) {
      if (!(error instanceof NarrowsError) || !SOURCE_FAILURES.includes(error.code)) throw error;
      failures.push(error.message);
      await noteSource(reading, source, error.message);
    }
  };
  await read(watchDir, readFolder);
  await read(url, readUrl);
  return failures;
}

/** Records one event when a source fails and one when it recovers, whatever runs are between. */
async function noteSource({ ports, run }: Reading, source: string, failure: string | null): Promise<void> {
  const { sql } = ports.db;
  const { id: runId, name } = run;
  const last = await findLastEvent(sql, name, ['source-failed', 'source-recovered'], source);
  const lost = last?.kind === 'source-failed';
  if (lost === (failure !== null)) return;
  const kind = failure === null ? 'source-recovered' : 'source-failed';
  const text =
    failure === null ? `${source} can be read again.` : `${failure}. The champions stay in use; it is tried again at every run.`;
  await recordEvent(sql, { kind, name, runId, subject: source, text, payload: { source } });
}

async function readFolder(reading: Reading, directory: string): Promise<void> {
  const { ports, retraining, signal } = reading;
  const { settle } = retraining.options;
  const now = Date.now();
  const { ready } = await scanFolder(directory, { settle, now });
  if (ready.length === 0) return;
  const seen = new Set(
    (await listShards(ports.db.sql, retraining.name)).map(({ folder, fingerprint }) => `${folder} ${fingerprint}`),
  );
  let shortage: unknown = null;
  for (const shard of ready) {
    if (seen.has(`${shard.folder} ${shard.fingerprint}`)) continue;
    try {
      await withCopyFolder(ports.scratch, async (copy) => {
        const copied = await copyShard(shard, copy, { settle, now, signal });
        if (copied === null) return;
        await ingestShard(reading, { ...shard, ...copied, files: { folder: copy } });
      });
    } catch (error) {
      if (!isShortage(error)) throw error;
      shortage ??= error;
    }
  }
  // After the others: there may be enough for them.
  if (shortage !== null) throw shortage;
}

/** `shown`: the URL without its query, which stays in this function. */
async function readUrl(reading: Reading, shown: string): Promise<void> {
  const { ports, retraining, signal } = reading;
  const url = await findSourceUrl(ports.db.sql, retraining.name);
  const seen = (await listShards(ports.db.sql, retraining.name)).find(({ folder }) => folder === shown);
  await withCopyFolder(ports.scratch, async (scratch) => {
    const archive = join(scratch, 'archive.zip');
    const { privateHosts } = ports;
    const fetched = await fetchArchive(url, archive, { fingerprint: seen?.fingerprint ?? null, privateHosts, signal });
    if (fetched === null) return;
    await ingestShard(reading, {
      ...fetched,
      folder: shown,
      fault: null,
      files: { archive },
    });
  });
}

interface FoundShard extends Pick<ShardRow, 'folder' | 'fingerprint' | 'content'> {
  readonly fault: NarrowsError | null;
  /** Its content, to which nobody else writes. */
  readonly files: ShardFiles;
}

/** Appends and records a shard. A fault is reported once, until the shard's content changes. */
async function ingestShard(
  { ports: { db, data }, retraining: { name, dataset }, run, signal }: Reading,
  { folder, fingerprint, content, fault, files }: FoundShard,
): Promise<void> {
  const known = (await listShards(db.sql, name)).filter((shard) => shard.content === content);
  const shard = { content, folder, fingerprint };
  const here = known.find((other) => other.folder === folder);
  const elsewhere = known.find(({ outcome }) => outcome !== 'rejected');
  if (here || elsewhere) {
    const { version } = (here ?? elsewhere) as ShardRow;
    await saveShard(db.sql, name, { ...shard, outcome: 'duplicate', version, message: 'the same shard was seen before' });
    return;
  }
  try {
    if (fault) throw fault;
    const { version, created, added, duplicates } = await data.append(dataset, files, { as: folder, signal });
    // A run that was interrupted after storing this shard finds no new rows in it.
    const stored = created ? version : await findVersionFromFolder(db.sql, dataset, folder, run.startedAt);
    await saveShard(db.sql, name, {
      ...shard,
      outcome: stored === null ? 'duplicate' : 'taken',
      version: stored ?? version,
      message: `${added} rows are new, ${duplicates} were there already`,
    });
  } catch (error) {
    if (signal?.aborted || !isOfShard(error)) throw error;
    const message = describeFault(error, 'folder' in files ? files.folder : '');
    const rejected = { ...shard, outcome: 'rejected', version: null, message } as const;
    await db.sql.begin(async (sql) => {
      if (await saveShard(sql, name, rejected)) await recordRejection(sql, name, run.id, rejected);
    });
  }
}

function recordRejection(sql: Queryable, name: string, runId: string, { content, folder, message }: Omit<ShardRow, 'seenAt'>) {
  const text = `${folder} is not taken: ${message}. It is looked at again when its content changes.`;
  return recordEvent(sql, { kind: 'shard-rejected', name, runId, subject: content, text, payload: { folder, message } });
}
