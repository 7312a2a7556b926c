/**
 * Time from an extended xyz file to the Coulomb matrices of its sites: 8 O and 8 Ge around each Ge,
 * 240 atoms and 80 sites in a periodic cell. Prints the best of several runs.
 *
 * `npm run bench:descriptors -- --sites 10000 --runs 5`
 */
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { type DescribeOptions, describeStructures } from '../datasets/descriptors/describe.ts';
import type { DescriptorSetting } from '../datasets/descriptors/setting.ts';
import { openDatasetFiles } from '../datasets/import/files.ts';
import { stream } from '../models/random.ts';
import { SITES_PER_FRAME, writeGlassFrame } from './synthetic-glass.ts';

const { values } = parseArgs({
  options: { sites: { type: 'string', default: '10000' }, runs: { type: 'string', default: '5' } },
});
const [sites, runs] = [Number(values.sites), Number(values.runs)];
if (!Number.isInteger(sites) || sites < SITES_PER_FRAME || sites % SITES_PER_FRAME !== 0 || !Number.isInteger(runs) || runs < 1) {
  console.error(`--sites must be a multiple of ${SITES_PER_FRAME}, and --runs an integer of at least 1`);
  process.exit(2);
}

const setting: DescriptorSetting = {
  kind: 'coulomb-matrix',
  file: 'bench.xyz',
  site: 'Ge',
  neighbours: [
    { element: 'O', count: 8 },
    { element: 'Ge', count: 8 },
  ],
};

const labels = { ids: null, groups: 'snapshot' };
const folder = mkdtempSync(join(tmpdir(), 'narrows-bench-'));
const file = join(folder, setting.file);

function* writeFrames(): Generator<string> {
  const { uniform } = stream(1, 'bench');
  for (let frame = 0; frame < sites / SITES_PER_FRAME; frame++) yield writeGlassFrame(uniform, ` snapshot=s${frame}`);
}

/** As an import does it (no threads for a file this small), on all threads, and on one thread. */
const VARIANTS = {
  seconds: {},
  secondsInThreads: { smallBytes: 0 },
  secondsInOneThread: { smallBytes: 0, threads: 1 },
} as const;

async function measureSeconds(options: DescribeOptions): Promise<number> {
  const from = performance.now();
  let values = 0;
  const source = { file: setting.file, name: null, chunks: openDatasetFiles(folder).stream(setting.file) };
  for await (const { rows } of describeStructures([source], setting, labels, options)) values += rows.x.length;
  if (values !== sites * 136) throw new Error(`expected ${sites * 136} values, got ${values}`);
  return (performance.now() - from) / 1000;
}

try {
  await pipeline(Readable.from(writeFrames()), createWriteStream(file));
  const best = new Map<string, number>();
  for (let run = 0; run < runs; run++) {
    for (const [name, options] of Object.entries(VARIANTS)) {
      const taken = Number((await measureSeconds(options)).toFixed(3));
      best.set(name, Math.min(taken, best.get(name) ?? taken));
      console.error(`${name}: ${taken}`);
    }
  }
  console.log(
    JSON.stringify({
      bench: 'descriptors',
      kind: setting.kind,
      sites,
      neighbours: 16,
      columns: 136,
      fileMb: Number((statSync(file).size / 2 ** 20).toFixed(1)),
      threads: availableParallelism(),
      runs,
      ...Object.fromEntries(best),
      matrixMb: Number(((sites * 136 * 4) / 2 ** 20).toFixed(1)),
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
