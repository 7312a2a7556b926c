/**
 * Reads and checks a dataset folder, or reads one array of it, and prints the seconds and the peak
 * memory of this process: `node measure-import.ts FOLDER [--array REFERENCE | --box]`. With
 * `--database URL` the dataset is stored as well, and removed again afterwards.
 */
import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { useBundledLibraries } from '../libraries.ts';
import type { Storage } from '../operations/servers.ts';

// As the command line does, for a box as well.
enableCompileCache();
useBundledLibraries();
const {
  values: { array, box = false, database },
  positionals: [folder = ''],
} = parseArgs({
  options: { array: { type: 'string' }, box: { type: 'boolean' }, database: { type: 'string' } },
  allowPositionals: true,
});
const loadStorage = () => Promise.all([import('../db/client.ts'), import('../db/blobs.ts')]);
const closings: (() => Promise<unknown>)[] = [];

let from = 0;
if (array !== undefined) await readArray(array);
else if (box) await readInBox();
else await read();
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
for (const close of closings) await close();
process.exit(0);

async function readArray(reference: string): Promise<void> {
  const { withScratch } = await import('../datasets/files/scratch.ts');
  const { openDatasetFolder } = await import('../datasets/import/folder.ts');
  from = performance.now();
  await withScratch(tmpdir(), async (scratch) => {
    for await (const _ of openDatasetFolder(folder, scratch).matrix(reference));
  });
}

/** Imports as the command does, or checks the folder alone. */
async function readInBox(): Promise<void> {
  if (database === undefined) {
    const { withScratch } = await import('../datasets/files/scratch.ts');
    const { checkInBox } = await import('../datasets/box/box.ts');
    from = performance.now();
    return void (await withScratch(tmpdir(), (scratch) => checkInBox(folder, scratch)));
  }
  const { importDataset } = await import('../operations/dataset-files.ts');
  from = performance.now();
  const { signal } = new AbortController();
  await Promise.all([importDataset(folder, { scratch: tmpdir(), signal }, connectTo(database)), loadStorage()]);
}

/** Does the same in this process: first the check, then what the storing needs. */
async function read(): Promise<void> {
  const { withScratch } = await import('../datasets/files/scratch.ts');
  const { checkDatasetFolder } = await import('../datasets/import/check.ts');
  from = performance.now();
  await withScratch(tmpdir(), async (scratch) => {
    const checked = await checkDatasetFolder(folder, scratch);
    if (database === undefined) return;
    const { findWarnings } = await import('../datasets/import/warnings.ts');
    const { storeDataset } = await import('../datasets/import/store.ts');
    const { saveDatasetVersion } = await import('../db/queries/datasets/datasets.ts');
    const { withArraysHeld } = await import('../db/queries/lifecycle/arrays.ts');
    findWarnings(checked);
    await connectTo(database)(({ db, blobs }) =>
      withArraysHeld(db.sql, (transaction) => storeDataset(checked, blobs, (row) => saveDatasetVersion(transaction, row))),
    );
  });
}

function connectTo(url: string) {
  return async <T>(work: (storage: Storage) => Promise<T>): Promise<T> => {
    const [{ openDatabase }, { createBlobStore }] = await loadStorage();
    const db = await openDatabase(url);
    // Content that is stored already would not be stored again.
    closings.push(() => db.sql`truncate blobs, dataset_versions cascade`);
    return work({ db, blobs: createBlobStore(db.sql, null) });
  };
}
