/** Views for Grafana and autoscalers, as the role that reads them sees them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pendingIndices } from '../../activities/pending-trials.ts';
import { connectTo, type Sql } from '../../db/client.ts';
import { saveBaselines, saveComparison } from '../../db/queries/sweeps/comparison.ts';
import { recordMissingRoutes, recordRetry, setSweepState } from '../../db/queries/sweeps/sweeps.ts';
import { recordTrainer } from '../../db/queries/trainers.ts';
import type { TrialState } from '../../db/queries/trials/trials.ts';
import { recordReports } from '../../db/queries/trials/trials.ts';
import { cellName, METHODS } from '../../models/methods/catalogue.ts';
import { type CellLimits, leftOutTrials } from '../../search/limits/limits.ts';
import { plannedRoutesOf } from '../../search/routes.ts';
import { cellsOf, previewTrials, trialCount, trialsOf } from '../../search/space.ts';
import { partitionCount, type SweepSpec } from '../../search/spec.ts';
import { closedDatabase, type TestDatabase, urlFor } from './database.ts';
import { completed, limitCells, PROVENANCE, SPEC, seedMonitored, seedSweep, trialOf } from './fixtures.ts';

let database: TestDatabase;
let sql: Sql;
let reader: Sql;
before(async () => {
  database = await closedDatabase();
  sql = connectTo(database.url, 2);
  reader = connectTo(urlFor(database.url, 'read'), 1);
});
after(async () => {
  await Promise.all([sql?.end({ timeout: 1 }), reader?.end({ timeout: 1 })]);
  await database?.close();
});

interface Demand {
  readonly class: string;
  readonly running: number;
  readonly waiting: number;
  readonly packs: number;
}

const demand = async () =>
  Object.fromEntries(
    (await reader<Demand[]>`select class, running, waiting, packs from pack_demand order by class`).map(
      ({ class: name, ...counts }) => [name, Object.values(counts)],
    ),
  );

const clear = async () => {
  await sql`delete from sweeps`;
  await sql`delete from trainers`;
};

/** A trial's row, with the highest rung that it was promoted into. */
interface SeededTrial extends TrialState {
  readonly promotedInto: number;
  /** Trials that were promoted before it, where rungs overlap. */
  readonly promotion?: number;
}

/** Inserts rows of a sweep's trials, which ended a minute ago. */
async function insertTrials(id: string, spec: SweepSpec, rows: readonly SeededTrial[]): Promise<void> {
  const byIndex = new Map(
    previewTrials(
      spec,
      rows.map(({ index }) => index),
    ).map((trial) => [trial.index, trial]),
  );
  for (const { index, outcome, rung, promotedInto, promotion } of rows) {
    const trial = byIndex.get(index);
    assert.ok(trial);
    await sql`
      insert into trials (id, sweep_id, index, method, k, cell, configuration, configuration_hash, seed, partition, outcome, rung, promoted_into,
        failure_code, epochs, seconds, started_at, finished_at, dataset_version, engine, engine_build, code_version, host)
      values (${`${id}-${index}`}, ${id}, ${index}, ${trial.configuration.method}, ${trial.configuration.k}, ${trial.cell}, '{}',
        ${`h${index}`}, ${trial.seed}, ${trial.partition}, ${outcome}, ${rung}, ${promotedInto},
        ${outcome === 'failed' ? 'EngineLost' : null}, 1, 1, now(), now() - interval '1 minute', repeat('ab', 32), 'kernel', '1', '0', 'h')`;
    if (promotion !== undefined)
      await sql`insert into rung_scores (trial_id, rung, validation, promotion) values (${`${id}-${index}`}, 0, 0.5, ${promotion})`;
  }
}

async function setPackSizes(id: string, sizes: readonly number[]): Promise<void> {
  await sql`update sweeps set pack_sizes = ${[...sizes]}::int[] where id = ${id}`;
}

/** A number of [0, 1), the same in each run. */
function drawer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A small sweep whose methods, partitions, seeds, cells and trainers vary. */
function drawSpec(draw: () => number): SweepSpec {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(draw() * values.length)] as T;
  const methods = METHODS.filter(() => draw() < 0.7);
  const some = methods.length > 0 ? methods : (['eca'] as const);
  const seeds = pick([[0], [0, 1], [3, 4, 5]]);
  return {
    ...SPEC,
    methods: some,
    split: { ...SPEC.split, ...pick([{}, { repeats: 2 }, { folds: 3 }]) },
    space: { ...SPEC.space, k: pick([[1], [1, 2], [2, 3, 5]]), learningRate: { kind: 'log', low: 1e-4, high: 1e-2 } },
    seeds,
    sampler: { kind: 'random', trials: seeds.length * (4 + Math.floor(draw() * 12)) } as SweepSpec['sampler'],
    ...pick<Pick<SweepSpec, 'class' | 'engine'>>([{}, { class: 'gpu' }, { class: { eca: 'gpu' } }, { engine: { nnca: 'tfjs' } }]),
  };
}

/** Limits of some cells; null: of none. */
function drawLimits(spec: SweepSpec, draw: () => number): CellLimits | null {
  const limited = cellsOf(spec).filter(() => draw() < 0.4);
  return limited.length === 0 ? null : Object.fromEntries(limited.map((cell) => [cellName(cell), Math.floor(draw() * 5)]));
}

test('packs that have not ended are those in which a trial is pending', async () => {
  for (let seed = 0; seed < 40; seed++) {
    await clear();
    const draw = drawer(seed);
    const spec = drawSpec(draw);
    const sizes = [1 + Math.floor(draw() * 6), 1 + Math.floor(draw() * 3)].slice(0, draw() < 0.5 ? 1 : 2);
    await seedSweep(sql, 's', { spec, planned: trialCount(spec) });
    await setPackSizes('s', sizes);
    const limits = drawLimits(spec, draw);
    if (limits !== null) await limitCells(sql, 's', limits);
    const isLeftOut = leftOutTrials(spec, limits);
    await saveBaselines(sql, 's', baselinesOf(spec));
    const [retries, isFailedOnly, ended] = [draw() < 0.5, draw() < 0.5, draw()];
    const halved = sizes.length === 2;
    const rows = Array.from({ length: trialCount(spec) }, (_, index) => index).flatMap((index): SeededTrial[] => {
      if (draw() > ended || isLeftOut(index)) return [];
      const fate = draw();
      if (fate < 0.2)
        return [{ index, outcome: 'failed', rung: halved && fate < 0.1 ? 1 : 0, promotedInto: halved && fate < 0.1 ? 1 : 0 }];
      if (halved && fate < 0.5) return [{ index, outcome: 'rung', rung: 0, promotedInto: fate < 0.4 ? 1 : 0 }];
      return [{ index, outcome: 'completed', rung: sizes.length - 1, promotedInto: sizes.length - 1 }];
    });
    const promoted = rows.filter(({ promotedInto }) => promotedInto > 0);
    if (halved && draw() < 0.5) {
      const order = promoted.map((row) => [draw(), row] as const).sort(([a], [b]) => a - b);
      for (const [promotion, [, row]] of order.entries()) rows[rows.indexOf(row)] = { ...row, promotion };
    }
    await insertTrials('s', spec, rows);
    if (retries) {
      await setSweepState(sql, 's', 'partial');
      await recordRetry(sql, 's', isFailedOnly);
      await setSweepState(sql, 's', 'running');
    }
    const expected = plannedRoutesOf(spec).map(({ class: name, engine, methods }) => {
      const { count, indexAt } = trialsOf(spec, methods);
      const own = Array.from({ length: count }, (_, place) => indexAt(place));
      const promoted = rows
        .filter(({ index, promotedInto }) => promotedInto > 0 && own.includes(index))
        .sort((a, b) => (a.promotion ?? 0) - (b.promotion ?? 0))
        .map(({ index }) => index);
      const packs = sizes.flatMap((size, rung) => {
        const entrants = rung === 0 ? own : promoted;
        return Array.from({ length: Math.ceil(entrants.length / size) }, (_, i) =>
          entrants.slice(i * size, (i + 1) * size),
        ).filter(
          (indices) =>
            pendingIndices(indices, rows, rung, false).filter(
              (index) => !isLeftOut(index) && (!(retries && isFailedOnly) || rows.some((row) => row.index === index)),
            ).length > 0 ||
            (retries && pendingIndices(indices, rows, rung, true).length > 0),
        );
      });
      return { class: name, engine, packs: packs.length };
    });
    // A sweep that is about to end, or was started again, asks for one at least.
    const isOpen = retries || expected.every(({ packs }) => packs === 0);
    const found = await reader`select class, engine, packs from sweep_demand`;
    assert.deepEqual(
      found.map((row) => ({ ...row })).sort(byName),
      expected.map((route) => ({ ...route, packs: Math.max(route.packs, isOpen ? 1 : 0) })).sort(byName),
      `seed ${seed}`,
    );
  }
});

const byName = (a: object, b: object) => JSON.stringify(a).localeCompare(JSON.stringify(b));

const baselinesOf = (spec: SweepSpec) =>
  Array.from({ length: partitionCount(spec) }, (_, partition) => ({
    ...{ name: 'ridge', k: null, seed: null, configurationHash: null, split: 'test', coveredVariance: 0.5, errors: null },
    partition,
  })) as Parameters<typeof saveBaselines>[2];

test('a class asks for its packs, which are running or wait', async () => {
  await clear();
  assert.deepEqual(await demand(), {});
  // 15 trials of EDNN and NNCA at three widths each, five seeds: 30, and 5 of ECA.
  const spec: SweepSpec = { ...SPEC, class: { eca: 'gpu' } };
  await seedSweep(sql, 's', { spec, planned: trialCount(spec) });
  await setPackSizes('s', [4]);
  assert.deepEqual(await demand(), { cpu: [0, 8, 8], gpu: [0, 2, 2] });
  const trainer = { id: 'a', class: 'cpu', engines: ['kernel'], slots: 2, packs: 2 };
  await recordTrainer(sql, trainer);
  await recordTrainer(sql, { ...trainer, id: 'b', packs: 1 });
  await recordTrainer(sql, { ...trainer, id: 'c', class: 'large', packs: 0 });
  assert.deepEqual(await demand(), { cpu: [3, 5, 8], gpu: [0, 2, 2], large: [0, 0, 0] });
  // One that died has no packs.
  await sql`update trainers set seen_at = now() - interval '2 minutes' where id = 'b'`;
  assert.deepEqual(await demand(), { cpu: [2, 6, 8], gpu: [0, 2, 2], large: [0, 0, 0] });
});

test('sweeps that are paused, cancelled, failed or removed ask for nothing', async () => {
  for (const state of ['paused', 'cancelled', 'failed', 'partial', 'completed'] as const) {
    await clear();
    await seedSweep(sql, 's');
    assert.ok((await demand()).cpu?.[2]);
    await setSweepState(sql, 's', state);
    assert.deepEqual(await demand(), {}, state);
    await setSweepState(sql, 's', 'running');
    assert.ok((await demand()).cpu?.[2]);
  }
  await sql`update sweeps set removed_at = now()`;
  assert.deepEqual(await demand(), {});
});

test('a sweep asks for a trainer until it has baselines, and for none once it is compared', async () => {
  await clear();
  const spec: SweepSpec = { ...SPEC, methods: ['ednn'], class: { ednn: 'gpu' }, space: { ...SPEC.space, k: [2] } };
  await seedSweep(sql, 's', { spec, planned: trialCount(spec) });
  await recordReports(
    sql,
    's',
    PROVENANCE,
    spec.seeds.map((_, i) => completed('s', trialOf(i), 0.9)),
  );
  assert.deepEqual(await demand(), { gpu: [0, 1, 1] });
  await saveComparison(sql, 's', { rows: [] });
  assert.deepEqual(await demand(), { gpu: [0, 0, 0] });
  // Its packs are passed again, though nothing in them has failed.
  await recordRetry(sql, 's', false);
  assert.deepEqual(await demand(), { gpu: [0, 1, 1] });
});

test('sweeps without recorded routes ask for the class of their spec, until their routes are recorded', async () => {
  await clear();
  const spec: SweepSpec = { ...SPEC, class: 'gpu' };
  await seedSweep(sql, 'one', { spec, planned: trialCount(spec) });
  await seedSweep(sql, 'two', { spec: { ...SPEC, class: { ednn: 'gpu' } }, planned: trialCount(spec) });
  const recorded = await demand();
  await sql`update sweeps set routes = null`;
  const [{ packs }] = (await reader`select packs from sweep_demand where sweep_id = 'one' and class = 'gpu'`) as unknown as [
    { packs: number },
  ];
  assert.equal(packs, Math.ceil(trialCount(spec) / 16));
  await recordMissingRoutes(sql);
  assert.deepEqual(await demand(), recorded);
});

test('views show sweeps, methods, throughput, retrainings and trainers', async () => {
  await clear();
  await seedMonitored(sql);
  const [sweep] = await reader`select * from sweep_overview`;
  const { started_at: startedAt, last_written_at: lastWrittenAt, seconds, ...stated } = sweep ?? {};
  assert.ok(lastWrittenAt >= startedAt && seconds >= 0);
  assert.deepEqual(stated, {
    ...{
      sweep_id: 's',
      name: 'shown',
      state: 'running',
      message: null,
      dataset: 'water',
      dataset_version: 'abababababab',
      target: 'xes',
    },
    ...{
      methods: ['ednn', 'eca', 'nnca'],
      classes: ['cpu'],
      planned: 4,
      completed: 2,
      pruned: 0,
      diverged: 0,
      failed: 1,
      percent: 75,
    },
    ...{ core_seconds: 5, finished_at: null, left_out: 0 },
  });
  // Of four trials, one is not trained.
  await sql`update sweeps set left_out = 1`;
  const [limited] = await reader`select percent, left_out from sweep_overview`;
  assert.deepEqual({ ...limited }, { percent: 100, left_out: 1 });
  const [method] = await reader`select * from method_overview where method = 'ednn' and k = 2`;
  assert.deepEqual(
    { ...method },
    {
      ...{ sweep_id: 's', name: 'shown', target: 'xes', method: 'ednn', k: 2, trials: 2 },
      ...{ validation_best: 0.899, validation_mean: method?.validation_mean },
      ...{ test_mean: 0.85, test_low: 0.8, test_high: 0.9, test_best: 0.88, structure_test_mean: null },
    },
  );
  const hours =
    await reader`select engine, method, outcome, trials, epochs::int, core_seconds from throughput where sweep_id = 's' order by outcome`;
  assert.deepEqual(
    hours.map((row) => Object.values(row)),
    [
      ['kernel', 'ednn', 'completed', 2, 40, 4],
      ['kernel', 'ednn', 'failed', 1, 0, 1],
    ],
  );
  const [run] =
    await reader`select name, target, outcome, from_version, sweeps, challenges, promoted, seconds from retraining_overview`;
  assert.deepEqual(Object.values(run ?? {}), ['r', 'xes', 'promoted', 'a'.repeat(12), 1, 2, 1, 60]);
  const [trainer] = await reader`select trainer_id, class, engines, slots, packs from trainer_overview`;
  assert.deepEqual(Object.values(trainer ?? {}), ['a', 'gpu', ['kernel'], 2, 1]);
});
