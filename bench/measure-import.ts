/**
 * Reads and checks a dataset folder, or reads one array of it, and prints the seconds and the peak
 * memory of this process: `node measure-import.ts FOLDER [--array REFERENCE | --box]`. With
 * `--database URL` the dataset is stored as well, and removed again afterwards.
 */
import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import type { CheckedDataset } from '../datasets/import/check.ts';

// As the command line does, for a box as well.
enableCompileCache();
const {
  values: { array, box = false, database },
  positionals: [folder = ''],
} = parseArgs({
  options: { array: { type: 'string' }, box: { type: 'boolean' }, database: { type: 'string' } },
  allowPositionals: true,
});

const { withScratch } = await import('../datasets/files/scratch.ts');
const { checkInBox } = box ? await import('../datasets/box/box.ts') : { checkInBox: null };
const { checkDatasetFolder } = box ? { checkDatasetFolder: null } : await import('../datasets/import/check.ts');
const { openDatasetFolder } = box ? { openDatasetFolder: null } : await import('../datasets/import/folder.ts');
const storage = database === undefined ? null : await openStorage(database);

const from = performance.now();
await withScratch(tmpdir(), async (scratch) => {
  if (array === undefined) {
    const checked = await (checkInBox ?? checkDatasetFolder)?.(folder, scratch);
    if (checked) await storage?.store(checked);
  } else for await (const _ of openDatasetFolder?.(folder, scratch).matrix(array) ?? []);
});
const until = performance.now();
// getrusage may report the peak of the parent process; VmHWM does not.
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
console.log(
  JSON.stringify({
    seconds: (until - from) / 1000,
    // From the start of the process on.
    totalSeconds: until / 1000,
    peakRssMb: Math.round(peak / 1024),
  }),
);
await storage?.empty();
process.exit(0);

/** Returns the storage of an import, as commands open it. */
async function openStorage(url: string) {
  const { openDatabase } = await import('../db/client.ts');
  const { createBlobStore } = await import('../db/blobs.ts');
  const { saveDatasetVersion } = await import('../db/queries/datasets/datasets.ts');
  const { storeDataset } = await import('../datasets/import/store.ts');
  const { sql } = await openDatabase(url);
  const blobs = createBlobStore(sql, null);
  return {
    store: (dataset: CheckedDataset) => storeDataset(dataset, blobs, (row) => saveDatasetVersion(sql, row)),
    // Content that is stored already would not be stored again.
    empty: () => sql`truncate blobs, dataset_versions cascade`,
  };
}
