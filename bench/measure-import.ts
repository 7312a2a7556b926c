/**
 * Reads and checks a dataset folder, or reads one array of it, and prints the seconds and the peak
 * memory of this process: `node measure-import.ts FOLDER [--array REFERENCE | --box]`.
 */
import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';

// As the command line does, for a box as well.
enableCompileCache();
const {
  values: { array, box = false },
  positionals: [folder = ''],
} = parseArgs({ options: { array: { type: 'string' }, box: { type: 'boolean' } }, allowPositionals: true });

const { withScratch } = await import('../datasets/files/scratch.ts');
const { checkInBox } = box ? await import('../datasets/box/box.ts') : { checkInBox: null };
const { checkDatasetFolder } = box ? { checkDatasetFolder: null } : await import('../datasets/import/check.ts');
const { openDatasetFolder } = box ? { openDatasetFolder: null } : await import('../datasets/import/folder.ts');

const from = performance.now();
await withScratch(tmpdir(), async (scratch) => {
  if (array === undefined) await (checkInBox ?? checkDatasetFolder)?.(folder, scratch);
  else for await (const _ of openDatasetFolder?.(folder, scratch).matrix(array) ?? []);
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
process.exit(0);
