/**
 * Seeds a database with large sweeps without training: rows as the engine would have written them,
 * metrics derived from the parameters, and untrained weights that can predict.
 */
import { tmpdir } from 'node:os';
import { joinLineage } from '../../datasets/description.ts';
import { withScratch } from '../../datasets/files/scratch.ts';
import { checkDatasetFolder } from '../../datasets/import/check.ts';
import { storeDataset } from '../../datasets/import/store.ts';
import { loadPackData } from '../../datasets/pack-data.ts';
import type { BlobStore } from '../../db/blobs.ts';
import type { Queryable, Sql } from '../../db/client.ts';
import { findDatasetVersion, saveDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { saveComparison } from '../../db/queries/sweeps/comparison.ts';
import { saveInterpretation } from '../../db/queries/sweeps/interpretation.ts';
import { reviseSweep } from '../../db/queries/sweeps/revision.ts';
import { setSweepState } from '../../db/queries/sweeps/sweeps.ts';
import { SPLITS, type SplitName } from '../../models/axes.ts';
import { METHOD_DEFINITIONS } from '../../models/methods/catalogue.ts';
import { initialParameters } from '../../models/networks/initial.ts';
import { stream } from '../../models/random.ts';
import { packModel } from '../../models/stored/model-file.ts';
import type { TrialConfiguration } from '../../models/training/configuration.ts';
import type { PackData } from '../../models/training/task.ts';
import { compareSweeps } from '../../operations/compare.ts';
import { sha256Of } from '../../platform.ts';
import { completeSpec } from '../../search/recipe.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import { previewTrials, trialCount } from '../../search/space.ts';
import type { StatedSpec, SweepSpec } from '../../search/spec.ts';
import type { FollowedSweep } from './per-new-row.ts';
import { createSyntheticSweep, insertSyntheticTrials, PACK, type Provenance, writtenTrials } from './synthetic-trials.ts';

export interface SeededLargeSweep {
  readonly sweepId: string;
  /** A running sweep of as many trials, the first half of which is written. */
  readonly runningId: string;
  /** A finished sweep of a tenth of the trials. */
  readonly tenth: FollowedSweep;
  readonly trials: number;
  /** Trials with weights. */
  readonly models: readonly string[];
  /** Trials with latents. */
  readonly latents: readonly string[];
  /** Small sweeps. */
  readonly others: readonly string[];
  readonly dataset: { readonly name: string; readonly version: string };
}

const SEEDS = 10;
const BLOCK = 4000;
const OTHERS = 40;
const OTHER_TRIALS = 210;
const CODE = 'bench';
const TRAIN_ROWS = 5600;

function specOf(name: string, trials: number, seeds: number): SweepSpec {
  const [spec] = parseSweepSpec({
    name,
    dataset: 'water',
    target: 'xes',
    space: {
      k: [1, 2, 3],
      hidden: {
        choice: [
          [16, 16],
          [32, 32],
          [48, 32, 24],
          [64, 64],
        ],
      },
      activation: { choice: ['gelu', 'elu', 'tanh'] },
      layerNorm: { choice: [false, true] },
      dropout: { uniform: [0, 0.3] },
      optimiser: { choice: ['adam', 'sgd'] },
      weightDecay: { log: [1e-6, 1e-2] },
      learningRate: { log: [1e-4, 1e-1] },
      schedule: { choice: ['one-cycle', 'cosine'] },
    },
    seeds,
    sampler: { random: { trials } },
    training: { epochs: 40, batch: 64 },
  });
  return completeSpec(spec as StatedSpec, { trainRows: TRAIN_ROWS, descriptors: 1, energies: 1 });
}

/** Seeds everything; `note` reports progress. */
export async function seedLargeSweep(
  sql: Sql,
  blobs: BlobStore,
  trials: number,
  note: (text: string) => void,
): Promise<SeededLargeSweep> {
  note('importing the water dataset');
  const water = new URL('../../examples/water', import.meta.url).pathname;
  await withScratch(tmpdir(), async (scratch) =>
    storeDataset(await checkDatasetFolder(water, scratch), blobs, (row) => saveDatasetVersion(sql, row)),
  );
  const found = await findDatasetVersion(sql, 'water');
  const { name, version } = found;
  const provenance = { datasetVersion: version, codeVersion: CODE };
  const spec = specOf('great', trials, SEEDS);
  note(`seeding ${trials} trials`);
  const sweepId = 'sgreat';
  await seedSweep(sql, sweepId, spec, provenance);
  const runningId = 'srunning';
  note('seeding a running sweep');
  const running = specOf('running', trials, SEEDS);
  await createSyntheticSweep(sql, runningId, running, provenance);
  for (let from = 0; from < trials / 2; from += BLOCK)
    await seedRange(sql, runningId, running, provenance, { from, until: Math.min(from + BLOCK, trials / 2) });
  await recordWrites(sql, runningId);
  const others = Array.from({ length: OTHERS }, (_, i) => `sother${String(i).padStart(2, '0')}`);
  for (const [i, id] of others.entries()) await seedSweep(sql, id, specOf(`other-${i}`, OTHER_TRIALS, 5), provenance);
  const tenth = { sweepId: 'stenth', rows: SEEDS * Math.ceil(trials / 10 / SEEDS) };
  await seedSweep(sql, tenth.sweepId, specOf('tenth', tenth.rows, SEEDS), provenance);
  note('seeding weights and latents');
  const pack = await loadPackData(blobs, joinLineage(found), spec.target, spec.split, spec.scale);
  const models = await seedModels(sql, sweepId, spec, pack);
  for (const id of others.slice(0, 2)) await seedModels(sql, id, specOf('other', OTHER_TRIALS, 5), pack);
  await seedInterpretation(sql, sweepId);
  note('comparing');
  for (const id of [sweepId, ...others.slice(0, 2)]) await saveComparison(sql, id, await compareSweeps({ sql }, [id]));
  await sql`analyze`;
  return { sweepId, runningId, tenth, trials, models, latents: models, others, dataset: { name, version } };
}

async function seedSweep(sql: Sql, id: string, spec: SweepSpec, provenance: Provenance): Promise<void> {
  const planned = trialCount(spec);
  await createSyntheticSweep(sql, id, spec, provenance);
  for (let from = 0; from < planned; from += BLOCK)
    await seedRange(sql, id, spec, provenance, { from, until: Math.min(from + BLOCK, planned) });
  await sql`
    insert into baselines (sweep_id, name, k, seed, configuration_hash, split, covered_variance)
    select ${id}, 'pls2', k, 0, '', s.split, 0.3 + 0.1 * k
    from generate_series(1, 3) as k cross join unnest(array['train', 'validation', 'test']) as s (split)`;
  // One revision per pack.
  await sql`update trials set write_id = 1 + index / ${PACK} where sweep_id = ${id}`;
  await recordWrites(sql, id);
  await sql`update sweeps set revision = ${Math.ceil(planned / PACK)}, started_at = now() - interval '1 day' where id = ${id}`;
  await setSweepState(sql, id, 'completed');
}

/** Records the writes of trials, whose ids are their revisions. */
const recordWrites = (sql: Sql, id: string) => sql`
  insert into writes (sweep_id, write_id, revision, written_at, ended, engine, engine_build, host)
  select sweep_id, write_id, write_id, max(finished_at), count(*), min(engine), min(engine_build), min(host)
  from trials where sweep_id = ${id} group by sweep_id, write_id`;

interface Range {
  readonly from: number;
  readonly until: number;
  readonly writeId?: number;
}

/** Writes the trials of a range with their results; a sweep's trials end over one day. */
async function seedRange(
  sql: Queryable,
  id: string,
  spec: SweepSpec,
  provenance: Provenance,
  { from, until, writeId = 0 }: Range,
): Promise<void> {
  const planned = trialCount(spec);
  const indices = Array.from({ length: until - from }, (_, i) => from + i);
  await insertSyntheticTrials(sql, id, {
    ...provenance,
    trials: previewTrials(spec, indices),
    writeId,
    age: ({ index }) => 86_400 * (1 - index / planned),
    splitGap: 0.002,
    hasStructure: true,
    curveInterval: 20,
  });
  await sql`
    insert into baselines (sweep_id, name, k, seed, configuration_hash, split, covered_variance)
    select t.sweep_id, 'emulator', 0, t.seed, t.configuration_hash, s.split, 0.97 + 0.02 * t.validation
    from trials t cross join unnest(array['train', 'validation', 'test']) as s (split)
    where t.sweep_id = ${id} and t.index >= ${from} and t.index < ${until} and t.outcome = 'completed' and t.method = 'eca'`;
}

interface Growth {
  readonly rowsPerSecond: number;
  readonly signal: AbortSignal;
  /** Called after each pack with the revision of the sweep. */
  readonly onPack: (revision: number) => void;
}

/** Writes the second half of the running sweep, pack by pack, each a revision. Returns the rows. */
export async function growSweep(
  sql: Sql,
  { runningId, trials, dataset }: SeededLargeSweep,
  { rowsPerSecond, signal, onPack }: Growth,
): Promise<number> {
  const spec = specOf('running', trials, SEEDS);
  const provenance = { datasetVersion: dataset.version, codeVersion: CODE };
  const started = performance.now();
  const first = trials / 2;
  let from = first;
  while (!signal.aborted && from < trials) {
    const until = Math.min(from + PACK, trials);
    await reviseSweep(sql, runningId, async (own, writeId) => {
      await seedRange(own, runningId, spec, provenance, { from, until, writeId });
      return writtenTrials(until - from);
    });
    from = until;
    onPack(Math.ceil((from - first) / PACK));
    const due = started + (1000 * (from - first)) / rowsPerSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  }
  return from - first;
}

/** Stores the best three trials of each method and width, with latents. Returns their ids. */
async function seedModels(sql: Sql, sweepId: string, spec: SweepSpec, pack: PackData): Promise<string[]> {
  const best = await sql<{ id: string; index: number; configuration: TrialConfiguration; seed: number }[]>`
    select id, index, configuration, seed::float8 as seed from (
      select *, row_number() over (partition by method, k order by validation desc, index) as rank
      from trials where sweep_id = ${sweepId} and outcome = 'completed'
    ) as ranked where rank <= 3 order by index`;
  for (const { id, configuration, seed } of best) {
    const bytes = modelOf(configuration, seed, pack);
    await sql`insert into models (trial_id, sweep_id, sha256, bytes) values (${id}, ${sweepId}, ${sha256Of(bytes)}, ${Buffer.from(bytes)})`;
    for (const split of SPLITS) await seedLatents(sql, id, configuration.k, split, pack);
    if (configuration.method !== 'ednn') {
      const D = spec.methods.length > 0 ? pack.x.columns : 0;
      for (let j = 0; j < configuration.k; j++) {
        const coefficients = Array.from({ length: D }, (_, d) => (d === j ? 1 : 0));
        await sql`insert into components (trial_id, component, coefficients) values (${id}, ${j + 1}, ${coefficients})`;
      }
    }
  }
  return best.map(({ id }) => id);
}

function modelOf(configuration: TrialConfiguration, seed: number, { x, y, scaling }: PackData): Uint8Array {
  const { method, k } = configuration;
  const [D, E] = [x.columns, y.columns];
  const shape = METHOD_DEFINITIONS[method].layers(D, E, configuration);
  const components = Float32Array.from({ length: method === 'eca' ? k * D : 0 }, (_, i) => (i % D === Math.floor(i / D) ? 1 : 0));
  const latentRange = Array.from({ length: k }, () => [-3, 3] as const);
  return packModel({ method, k, shape, parameters: initialParameters(shape, seed), components, scaling, latentRange });
}

async function seedLatents(sql: Sql, id: string, k: number, split: SplitName, pack: PackData): Promise<void> {
  const rows = pack.rows[split].length;
  const { normal } = stream(11, `${id} ${split}`);
  for (let from = 0, block = 0; from < rows; from += 4096, block++) {
    const count = Math.min(4096, rows - from);
    const bytes = Buffer.from(Float32Array.from({ length: count * k }, normal).buffer);
    await sql`
      insert into latents (trial_id, split, block, first_row, rows, k, dtype, sha256, bytes, sample_step, sample)
      values (${id}, ${split}, ${block}, ${from}, ${count}, ${k}, 'float32le', ${sha256Of(bytes)}, ${bytes}, 1, ${[]}::real[])`;
  }
}

/** Stores an interpretation of realistic size: some 100 kB, and a field of 32 points per axis. */
async function seedInterpretation(sql: Sql, sweepId: string): Promise<void> {
  const { normal } = stream(13, 'interpretation');
  const spectra = Array.from({ length: 9 }, () => Array.from({ length: 121 }, normal));
  const cells = Array.from({ length: 9 }, (_, i) => ({ method: 'nnca', k: 1 + (i % 3), latents: [{ response: { spectra } }] }));
  const axis = (name: string) => ({ name, unit: 'angstrom', from: 0.8, to: 1.2, points: 32 });
  await saveInterpretation(sql, sweepId, {
    result: { format: 1, cells, descriptors: [], structures: [] },
    codeVersion: CODE,
    fields: [
      { name: 'sensitivity', axes: [axis('a'), axis('b'), axis('c')], values: Float32Array.from({ length: 32 ** 3 }, normal) },
    ],
  });
}
