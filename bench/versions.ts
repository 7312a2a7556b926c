/**
 * Cost of a long dataset history: `narrows data ls` and `data show` as whole processes, and their
 * queries alone, with 1,000 versions of one dataset in the embedded Postgres. For comparison: the
 * bare runtime, and a command of narrows that contacts no server.
 *
 * `npm run bench:versions -- --versions 1000`
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withScratch } from '../datasets/files/scratch.ts';
import { checkDatasetFolder } from '../datasets/import/check.ts';
import { storeDataset } from '../datasets/import/store.ts';
import { createBlobStore } from '../db/blobs.ts';
import { openDatabase } from '../db/client.ts';
import { findDatasetVersion, listDatasetVersions, saveDatasetVersion } from '../db/queries/datasets/datasets.ts';
import { type ServerAddresses, serversOfState } from '../infra/servers.ts';
import { appendShard } from '../operations/append.ts';
import { writeShard } from '../test/support/shards.ts';
import { type BenchHarness, measureOnStack } from './harness.ts';
import { median } from './statistics.ts';

const { values } = parseArgs({
  options: { versions: { type: 'string', default: '1000' }, runs: { type: 'string', default: '15' } },
});
const [versions, runs] = [Number(values.versions), Number(values.runs)];
if (!Number.isInteger(versions) || versions < 2 || !Number.isInteger(runs) || runs < 1) {
  console.error('--versions must be an integer of at least 2, and --runs an integer of at least 1');
  process.exit(2);
}

const NAME = 'little';
const ROWS = 10;
const root = fileURLToPath(new URL('../', import.meta.url));
const narrows = join(root, 'bin', 'narrows.js');

/** Adds the versions, then times the queries. */
async function measureQueries(
  { databaseUrl }: ServerAddresses,
  { folder, signal }: BenchHarness,
): Promise<Record<string, number>> {
  const db = await openDatabase(databaseUrl);
  const blobs = createBlobStore(db.sql, null);
  try {
    await withScratch(folder, async (scratch) => {
      const first = await checkDatasetFolder(writeShard(join(folder, 'shard'), { rows: ROWS }), scratch);
      await storeDataset(first, blobs, (row) => saveDatasetVersion(db.sql, row));
    });
    let loggedAt = performance.now();
    for (let seed = 2; seed <= versions; seed++) {
      signal.throwIfAborted();
      const shard = writeShard(join(folder, 'shard'), { rows: ROWS, seed });
      await withScratch(folder, (scratch) => appendShard({ db, blobs, scratch }, NAME, { folder: shard }));
      if (performance.now() - loggedAt < 10_000) continue;
      loggedAt = performance.now();
      console.error(`${seed} of ${versions} versions`);
    }
    return {
      listMs: await medianMilliseconds(() => listDatasetVersions(db.sql)),
      lineageMs: await medianMilliseconds(() => findDatasetVersion(db.sql, NAME)),
    };
  } finally {
    await db.close();
  }
}

async function medianMilliseconds(work: () => Promise<unknown> | unknown): Promise<number> {
  const taken: number[] = [];
  for (let run = 0; run < runs; run++) {
    const from = performance.now();
    await work();
    taken.push(performance.now() - from);
  }
  return Math.round(median(taken));
}

/** Returns the median milliseconds of a Node process from its start to its end. */
function timeCommand({ folder, environment }: BenchHarness, ...args: string[]): Promise<number> {
  const env = { ...process.env, NARROWS_HOME: environment.home, NARROWS_DATABASE_URL: undefined, TEMPORAL_ADDRESS: undefined };
  return medianMilliseconds(() => {
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${args.join(' ')} exited with ${status}: ${stderr}`);
  });
}

await measureOnStack('none', async (harness) => {
  const servers = serversOfState(harness.state);
  if (servers === null) throw new Error('the stack runs without servers');
  const queries = await measureQueries(servers, harness);
  return {
    bench: 'versions',
    versions,
    runs,
    dataLsMs: await timeCommand(harness, narrows, 'data', 'ls'),
    dataShowMs: await timeCommand(harness, narrows, 'data', 'show', NAME),
    ...queries,
    helpMs: await timeCommand(harness, narrows, 'data', '--help'),
    nodeMs: await timeCommand(harness, '--eval', '0'),
  };
});
