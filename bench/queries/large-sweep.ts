/**
 * A database as it looks after a great sweep, without the days of training: rows as the engine
 * would have written them, figures made up from the parameters so that
 * there is something to find, weights that were never trained but predict.
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
import { createSweep, setSweepState } from '../../db/queries/sweeps/sweeps.ts';
import { SPLITS, type SplitName } from '../../models/axes.ts';
import { METHOD_DEFINITIONS } from '../../models/methods/catalogue.ts';
import { initialParameters } from '../../models/networks/initial.ts';
import { stream } from '../../models/random.ts';
import { packModel } from '../../models/stored/model-file.ts';
import type { TrialConfiguration } from '../../models/training/configuration.ts';
import type { PackData } from '../../models/training/task.ts';
import { compareSweeps } from '../../operations/compare.ts';
import { sha256Of } from '../../platform.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import { type Trial, trialCount, trialsAt } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';
import { syntheticRow } from './synthetic-row.ts';

export interface SeededLargeSweep {
  readonly sweepId: string;
  /** As many trials, the first half of which is written: the sweep runs. */
  readonly runningId: string;
  readonly trials: number;
  /** Trials whose weights are kept. */
  readonly models: readonly string[];
  /** Trials with latents. */
  readonly latents: readonly string[];
  /** Small sweeps beside the great one. */
  readonly others: readonly string[];
  readonly dataset: { readonly name: string; readonly version: string };
}

const SEEDS = 10;
const BLOCK = 4000;
const PACK = 64;
const OTHERS = 40;
const OTHER_TRIALS = 210;
const CODE = 'bench';

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
  return spec as SweepSpec;
}

/** Plants everything; `note` hears how far it is. */
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
  const dataset = { name, version };
  const spec = specOf('great', trials, SEEDS);
  note(`planting ${trials} trials`);
  const sweepId = 'sgreat';
  await seedSweep(sql, sweepId, spec, dataset);
  const runningId = 'srunning';
  note(`planting a sweep that runs`);
  await createFor(sql, runningId, specOf('running', trials, SEEDS), dataset);
  for (let from = 0; from < trials / 2; from += BLOCK)
    await plantRange(sql, runningId, { from, until: Math.min(from + BLOCK, trials / 2), planned: trials, version });
  const others = Array.from({ length: OTHERS }, (_, i) => `sother${String(i).padStart(2, '0')}`);
  for (const [i, id] of others.entries()) await seedSweep(sql, id, specOf(`other-${i}`, OTHER_TRIALS, 5), dataset);
  note('planting weights and latents');
  const pack = await loadPackData(blobs, joinLineage(found), spec.target, spec.split, spec.scale);
  const models = await plantModels(sql, sweepId, spec, pack);
  for (const id of others.slice(0, 2)) await plantModels(sql, id, specOf('other', OTHER_TRIALS, 5), pack);
  await plantInterpretation(sql, sweepId);
  note('comparing');
  for (const id of [sweepId, ...others.slice(0, 2)]) await saveComparison(sql, id, await compareSweeps({ sql }, [id]));
  await sql`analyze`;
  return { sweepId, runningId, trials, models, latents: models, others, dataset };
}

async function createFor(sql: Queryable, id: string, spec: SweepSpec, dataset: SeededLargeSweep['dataset']): Promise<void> {
  await createSweep(sql, {
    id,
    name: spec.name,
    spec,
    dataset: dataset.name,
    datasetVersion: dataset.version,
    target: spec.target,
    planned: trialCount(spec),
    packSizes: [PACK],
    codeVersion: CODE,
  });
}

async function seedSweep(sql: Sql, id: string, spec: SweepSpec, dataset: SeededLargeSweep['dataset']): Promise<void> {
  const planned = trialCount(spec);
  await createFor(sql, id, spec, dataset);
  for (let from = 0; from < planned; from += BLOCK)
    await plantRange(sql, id, { from, until: Math.min(from + BLOCK, planned), planned, version: dataset.version }, spec);
  await sql`
    insert into baselines (sweep_id, name, k, seed, configuration_hash, split, covered_variance)
    select ${id}, 'pls2', k, 0, '', s.split, 0.3 + 0.1 * k
    from generate_series(1, 3) as k cross join unnest(array['train', 'validation', 'test']) as s (split)`;
  // As many revisions as there were packs.
  await sql`update trials set revision = 1 + index / ${PACK} where sweep_id = ${id}`;
  await sql`update sweeps set revision = ${Math.ceil(planned / PACK)}, started_at = now() - interval '1 day' where id = ${id}`;
  await setSweepState(sql, id, 'completed');
}

interface Range {
  readonly from: number;
  readonly until: number;
  readonly planned: number;
  readonly version: string;
}

/** Trials with all that is written with them. `revision`: that they are written in. */
async function plantRange(
  sql: Queryable,
  id: string,
  { from, until, planned, version }: Range,
  spec = specOf('running', planned, SEEDS),
  revision = 0,
): Promise<void> {
  const indices = Array.from({ length: until - from }, (_, i) => from + i);
  await plantTrials(sql, id, trialsAt(spec, indices), planned, version);
  const written = sql`t.sweep_id = ${id} and t.index >= ${from} and t.index < ${until}`;
  if (revision > 0) await sql`update trials t set revision = ${revision} where ${written}`;
  await sql`
    insert into covered_variances (trial_id, split, k, covered_variance, structure_covered_variance, sweep_id, method)
    select t.id, s.split, r.k, t.validation - 0.08 * (t.k - r.k) - 0.002 * (s.place - 2),
           case when t.method <> 'ednn' then 0.2 * r.k end, t.sweep_id, t.method
    from trials t cross join unnest(array['train', 'validation', 'test']) with ordinality as s (split, place)
    cross join lateral generate_series(case when t.method = 'eca' then 1 else t.k end, t.k) as r (k)
    where ${written} and t.outcome = 'completed'`;
  await sql`
    insert into baselines (sweep_id, name, k, seed, configuration_hash, split, covered_variance)
    select t.sweep_id, 'emulator', 0, t.seed, t.configuration_hash, s.split, 0.97 + 0.02 * t.validation
    from trials t cross join unnest(array['train', 'validation', 'test']) as s (split)
    where ${written} and t.outcome = 'completed' and t.method = 'eca'`;
  await sql`
    insert into learning_curves (trial_id, train, validation, best)
    select t.id, array(select (t.validation * (1 - exp(-e / 8.0)))::real from generate_series(1, 40) as e),
           array(select (t.validation * (1 - exp(-e / 9.0)))::real from generate_series(1, 40) as e), 39
    from trials t where ${written} and t.outcome = 'completed' and t.index % 20 = 0`;
}

/**
 * Writes the second half of the running sweep, pack by pack as workers do, until it is told to stop
 * or has none left. Resolves to the rows written.
 */
export async function growSweep(
  sql: Sql,
  { runningId, trials, dataset }: SeededLargeSweep,
  { rowsPerSecond, signal }: { readonly rowsPerSecond: number; readonly signal: AbortSignal },
): Promise<number> {
  const begun = performance.now();
  const first = trials / 2;
  let from = first;
  while (!signal.aborted && from < trials) {
    const until = Math.min(from + PACK, trials);
    const range = { from, until, planned: trials, version: dataset.version };
    await reviseSweep(sql, runningId, async (own, revision) => {
      await plantRange(own, runningId, range, undefined, revision);
      return true;
    });
    from = until;
    const due = begun + (1000 * (from - first)) / rowsPerSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
  }
  return from - first;
}

async function plantTrials(
  sql: Queryable,
  sweepId: string,
  trials: readonly Trial[],
  planned: number,
  version: string,
): Promise<void> {
  // Of the day that the sweep took.
  const rows = trials.map((trial) => ({ ...syntheticRow(sweepId, trial), ago: 86_400 * (1 - trial.index / planned) }));
  await sql`
    insert into trials (
      id, sweep_id, index, method, k, cell, configuration, configuration_hash, seed, outcome, rung, validation, failure_code, message,
      epochs, seconds, started_at, finished_at, dataset_version, engine, engine_build, code_version, host)
    select row.id, ${sweepId}, row.index, row.method, row.k, row.cell, row.configuration, row.configuration_hash, row.seed, row.outcome, 0,
           row.validation, row.failure_code, row.message, row.epochs, row.seconds, now() - make_interval(secs => row.ago + row.seconds),
           now() - make_interval(secs => row.ago), ${version}, 'kernel', 'wasm/1', ${CODE}, 'here'
    from jsonb_to_recordset(${sql.json(rows as never)}) as row (
      id text, index int, method text, k int, cell text, configuration jsonb, configuration_hash text, seed bigint, outcome text,
      validation float8, failure_code text, message text, epochs int, seconds float8, ago float8)`;
}

/** The best three of each method and width keep weights and latents. */
async function plantModels(sql: Sql, sweepId: string, spec: SweepSpec, pack: PackData): Promise<string[]> {
  const best = await sql<{ id: string; index: number; configuration: TrialConfiguration; seed: number }[]>`
    select id, index, configuration, seed::float8 as seed from (
      select *, row_number() over (partition by method, k order by validation desc, index) as place
      from trials where sweep_id = ${sweepId} and outcome = 'completed'
    ) as ranked where place <= 3 order by index`;
  for (const { id, configuration, seed } of best) {
    const bytes = modelOf(configuration, seed, pack);
    await sql`insert into models (trial_id, sweep_id, sha256, bytes) values (${id}, ${sweepId}, ${sha256Of(bytes)}, ${Buffer.from(bytes)})`;
    for (const split of SPLITS) await plantLatents(sql, id, configuration.k, split, pack);
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

async function plantLatents(sql: Sql, id: string, k: number, split: SplitName, pack: PackData): Promise<void> {
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

/**
 * Of the size that a real one has: some hundred kilobytes, and a field of 32 points along each
 * axis.
 */
async function plantInterpretation(sql: Sql, sweepId: string): Promise<void> {
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
