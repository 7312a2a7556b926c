import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { parse } from 'yaml';
import type { Columns } from '../../../../dashboards/contract/columns.ts';
import type { Page } from '../../../../dashboards/contract/shared.ts';
import type { Coverage, Histogram, Importance, SweepDetail, SweepSummary } from '../../../../dashboards/contract/sweeps.ts';
import type { TrialRow } from '../../../../dashboards/contract/trials.ts';
import { listEfforts, saveBaselines, saveComparison } from '../../../../db/queries/sweeps/comparison.ts';
import { setSweepState } from '../../../../db/queries/sweeps/sweeps.ts';
import { recordTrainer } from '../../../../db/queries/trainers.ts';
import { whereSql } from '../../../../db/queries/trials/where.ts';
import { type CellEffort, type ComparedTrial, compareMethods } from '../../../../models/evaluation/comparison.ts';
import { METHODS } from '../../../../models/methods/catalogue.ts';
import { compareSweeps } from '../../../../operations/compare.ts';
import { formatHidden, parseWhere } from '../../../../search/columns/where.ts';
import { parseSweepSpec } from '../../../../search/schemas/spec.ts';
import { createApiClient } from '../api-client.ts';
import { type ApiHarness, startApiHarness } from '../harness.ts';
import { DATASET_VERSION, type SeededSweep, seedDataset, seedSweep, smallSpec } from '../seed-sweeps.ts';

let harness: ApiHarness;
let app: OpenAPIHono;
/** Finished; the last ten trials are missing. */
let sweep: SeededSweep;

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

before(async () => {
  harness = await startApiHarness();
  app = harness.app();
  const { sql } = harness.db;
  await seedDataset(sql, harness.dependencies.blobs);
  sweep = await seedSweep(sql, harness.dependencies.blobs, 'slittle');
  await sweep.record(...range(0, 50));
  await sweep.record(...range(50, 90));
  const ridge = (split: string, coveredVariance: number) => ({
    name: 'ridge',
    k: null,
    seed: null,
    configurationHash: null,
    split,
    partition: 0,
    coveredVariance,
    errors: null,
  });
  await saveBaselines(sql, sweep.id, [ridge('train', 0.4), ridge('validation', 0.3), ridge('test', 0.2)]);
  await saveComparison(sql, sweep.id, await compareSweeps({ sql }, [sweep.id]));
  await setSweepState(sql, sweep.id, 'completed');
});
after(async () => {
  await harness?.[Symbol.asyncDispose]();
});

const { get, json, columns, expectProblem } = createApiClient(() => app);
const values = ({ columns: all }: Columns, name: string) => [...(all.find((column) => column.name === name)?.values ?? [])];

/** Loads all pages of length `limit`; `between` runs after the first. */
async function walk<T>(
  path: string,
  limit: number,
  between: () => Promise<void> = async () => {},
): Promise<{ items: T[]; pages: Page<T>[] }> {
  const pages: Page<T>[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page<T> = await json<Page<T>>(
      `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`,
    );
    pages.push(page);
    cursor = page.next;
    if (pages.length === 1) await between();
    assert.ok(pages.length < 200, 'the list does not end');
  }
  return { items: pages.flatMap(({ items }) => [...items]), pages };
}

const rowsInDb = () =>
  harness.db.sql<
    {
      id: string;
      index: number;
      outcome: string;
      validation: number | null;
      seconds: number;
      configuration: Record<string, unknown>;
    }[]
  >`select id, index, outcome, validation, seconds, configuration from trials where sweep_id = ${sweep.id} order by index`;

/** Efforts by their cell, with times as pages show them. */
const byCell = (efforts: readonly CellEffort[]) =>
  Object.fromEntries(
    efforts.map(({ method, k, coreSeconds = 0, ...counts }) => [
      `${method}/${k}`,
      { ...counts, seconds: coreSeconds.toFixed(3) },
    ]),
  );

test('a sweep has status, spec, equivalent YAML, parameters and progress by method', async () => {
  const detail = await json<SweepDetail>('/sweeps/slittle');
  const rows = await rowsInDb();
  const count = (outcome: string) => rows.filter((row) => row.outcome === outcome).length;
  assert.deepEqual(detail.counts, {
    planned: 100,
    leftOut: 0,
    running: 0,
    completed: count('completed'),
    pruned: 0,
    diverged: count('diverged'),
    failed: count('failed'),
  });
  const efforts = await listEfforts(harness.db.sql, ['slittle']);
  assert.deepEqual(byCell(detail.effort), byCell(efforts));
  assert.deepEqual(detail.spec, sweep.spec);
  assert.deepEqual(parseSweepSpec(parse(detail.yaml)), [{ ...sweep.spec, dataset: `little@${DATASET_VERSION.slice(0, 12)}` }]);
  assert.deepEqual(detail.widths, [1, 2]);
  assert.equal(
    detail.methods.reduce((sum, { ended }) => sum + ended, 0),
    90,
  );
  const parameter = (name: string) => detail.parameters.find((one) => one.name === name);
  assert.deepEqual(parameter('hidden'), { name: 'hidden', kind: 'choice', values: ['8-8', '12'] });
  assert.deepEqual(parameter('learningRate'), { name: 'learningRate', kind: 'log', low: 1e-4, high: 1e-1 });
  assert.deepEqual(parameter('optimiser'), { name: 'optimiser', kind: 'constant', values: ['adam'] });
  assert.deepEqual(parameter('layerNorm'), { name: 'layerNorm', kind: 'choice', values: [false, true] });
  assert.equal(detail.temporalUrl, null);
  // Two batches of reports, baselines, comparison, final state.
  assert.equal(detail.revision, 5);
  assert.deepEqual(await json('/sweeps/little'), { ...detail, secondsElapsed: detail.secondsElapsed });
});

test('an unknown sweep is 404 on every route', async () => {
  for (const rest of [
    '',
    '/trials',
    '/configurations',
    '/outcomes',
    '/coverage',
    '/importance',
    '/histogram',
    '/interpretation',
    '/fields/x',
  ])
    await expectProblem(`/sweeps/none${rest}`, 404, 'sweep-unknown');
});

test('a trial of the list equals its database row', async () => {
  const { items } = await json<Page<TrialRow>>('/sweeps/slittle/trials?where=index=12&limit=1');
  const [row] = (await rowsInDb()).filter(({ index }) => index === 12);
  assert.ok(items[0] && row);
  const { startedAt, finishedAt, ...rest } = items[0];
  assert.deepEqual(rest, {
    trialId: 'slittle-12',
    index: 12,
    method: sweep.trials[12]?.configuration.method,
    k: sweep.trials[12]?.configuration.k,
    seed: sweep.trials[12]?.seed,
    partition: 0,
    config: row.configuration,
    outcome: 'completed',
    rung: 0,
    validation: row.validation,
    epochs: 20,
    seconds: row.seconds,
    message: null,
  });
  assert.equal(Date.parse(finishedAt) - Date.parse(startedAt), 1000 * row.seconds);
});

const SORTS = [
  'index',
  'trial',
  'method',
  'k',
  'seed',
  'outcome',
  'rung',
  'validation',
  'epochs',
  'seconds',
  'engine',
  'finishedAt',
  'learningRate',
];
const PARAMETER_SORTS = ['weightDecay', 'optimiser', 'schedule', 'start', 'dropout', 'layerNorm', 'activation', 'hidden'];

for (const sort of [...SORTS, ...PARAMETER_SORTS]) {
  for (const order of ['asc', 'desc']) {
    test(`pages by ${sort}, ${order} have every trial once, ties by index, missing values last`, async () => {
      const { items, pages } = await walk<TrialRow>(`/sweeps/slittle/trials?sort=${sort}&order=${order}`, 7);
      assert.deepEqual(
        items.map(({ index }) => index).toSorted((a, b) => a - b),
        range(0, 90),
      );
      for (const { matched, total } of pages) assert.deepEqual([matched, total], [90, 90]);
      const shown = (row: TrialRow): unknown => {
        if (sort === 'hidden') return formatHidden(row.config.hidden);
        if (sort === 'trial') return row.index;
        if (sort === 'engine') return 'kernel';
        if (sort === 'start') return row.config.start ?? 'scratch';
        const own = { ...row.config, ...row } as Record<string, unknown>;
        return typeof own[sort] === 'boolean' ? String(own[sort]) : own[sort];
      };
      for (const [i, row] of items.slice(1).entries()) {
        const [a, b] = [shown(items[i] as TrialRow), shown(row)];
        if (a === null) assert.equal(b, null);
        else if (a === b) assert.ok((items[i] as TrialRow).index < row.index);
        else if (b !== null && typeof a === 'number') assert.ok(order === 'asc' ? a < (b as number) : a > (b as number));
        else if (b !== null) {
          const between = new Intl.Collator('en', { numeric: true }).compare(a as string, b as string);
          assert.ok(order === 'asc' ? between < 0 : between > 0, `${a} ${b}`);
        }
      }
    });
  }
}

const FILTERS = [
  'method=eca|nnca,k=2',
  'validation>=0.6',
  'validation=none',
  'validation!=none,outcome!=failed',
  'learningRate<0.01,dropout>0.1',
  'hidden=8-8,layerNorm=true',
  'activation=tanh,seed=1|2',
  'optimiser=adam,weightDecay=0,schedule=one-cycle',
  'trial=slittle-12|slittle-13',
  'engine=kernel,index>=80',
  'engine=other',
  'seconds>=2,epochs<20',
  'rung=0,outcome=failed|diverged',
  'start=scratch,warm=none',
  'start=warm',
  'method=eca,method=nnca',
];

for (const where of FILTERS) {
  test(`"${where}" means the same in memory as in SQL`, async () => {
    const { items } = await walk<TrialRow>(
      `/sweeps/slittle/trials?sort=index&order=asc&where=${encodeURIComponent(where)}`,
      1000,
    );
    const { sql } = harness.db;
    const expected = await sql<{ index: number }[]>`
      select t.index from trials t where t.sweep_id = ${sweep.id} ${whereSql(sql, parseWhere(where))} order by t.index`;
    assert.deepEqual(
      items.map(({ index }) => index),
      expected.map(({ index }) => index),
    );
  });
}

test('paging during writes returns every earlier trial once, and none twice', async () => {
  const { sql } = harness.db;
  for (const [id, sort] of [
    ['swhile1', 'index'],
    ['swhile2', 'validation'],
    ['swhile3', 'seconds'],
  ] as const) {
    const growing = await seedSweep(sql, harness.dependencies.blobs, id, smallSpec({ name: id }));
    const there = range(0, 100).filter((index) => index % 2 === 0);
    await growing.record(...there);
    const { items } = await walk<TrialRow>(`/sweeps/${id}/trials?sort=${sort}&order=desc`, 9, () =>
      growing.record(...range(0, 100).filter((index) => index % 2 === 1)),
    );
    const seen = items.map(({ index }) => index);
    assert.equal(new Set(seen).size, seen.length);
    for (const index of there) assert.ok(seen.includes(index), `${sort}: trial ${index} was left out`);
  }
});

test('invalid parameters of the trial list are rejected', async () => {
  assert.match((await expectProblem('/sweeps/slittle/trials?where=mehtod=eca', 422, 'where-invalid')).fix ?? '', /"method"/);
  const { next } = await json<Page<TrialRow>>('/sweeps/slittle/trials?sort=validation&limit=5');
  const made = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url');
  for (const cursor of ['x', made(['validation']), made(['validation', 'desc', {}, 1]), made(['validation', 'desc', 'word', 1])])
    await expectProblem(`/sweeps/slittle/trials?sort=validation&cursor=${cursor}`, 422, 'cursor-invalid');
  await expectProblem(`/sweeps/slittle/trials?sort=k&cursor=${next}`, 422, 'cursor-invalid');
  await expectProblem(
    `/sweeps/slittle/trials?sort=method&cursor=${made(['method', 'desc', 'no method', 1])}`,
    422,
    'cursor-invalid',
  );
  for (const limit of ['0', '1001', '-1', 'many', '1.5'])
    assert.equal((await expectProblem(`/sweeps/slittle/trials?limit=${limit}`, 422, 'parameter-invalid')).path, 'limit');
  assert.equal((await expectProblem('/sweeps/slittle/trials?sort=nothing', 422, 'parameter-invalid')).path, 'sort');
});

test('configurations list all planned trials, and are immutable by id', async () => {
  const found = await columns('/sweeps/slittle/configurations');
  assert.equal(found.rows, 100);
  const word = (name: string, place: number) => found.columns.find((column) => column.name === name)?.categories?.[place];
  assert.deepEqual(
    found.columns.map(({ name }) => name),
    ['method', 'k', 'seed', 'learningRate', 'dropout', 'layerNorm', 'activation', 'hidden'],
  );
  for (const { index, configuration, seed } of sweep.trials) {
    const at = (name: string) => values(found, name)[index] as number;
    assert.equal(word('method', at('method')), configuration.method);
    assert.equal(word('hidden', at('hidden')), formatHidden(configuration.hidden));
    assert.equal(word('layerNorm', at('layerNorm')), String(configuration.layerNorm));
    assert.equal(word('activation', at('activation')), configuration.activation);
    assert.deepEqual([at('k'), at('seed')], [configuration.k, seed]);
    assert.deepEqual([at('learningRate'), at('dropout')], [configuration.learningRate, configuration.dropout]);
  }
  assert.match((await get('/sweeps/slittle/configurations')).headers.get('cache-control') ?? '', /immutable/);
  // A name may pass to another sweep.
  assert.doesNotMatch((await get('/sweeps/little/configurations')).headers.get('cache-control') ?? '', /immutable/);
});

test('columns have names, types, categories and units', async () => {
  const header = async (path: string) => {
    const bytes = await (await get(path)).arrayBuffer();
    const length = new DataView(bytes).getUint32(0, true);
    const { columns: all } = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
    return all.map(({ offset: _, ...column }: { readonly offset: number }) => column);
  };
  assert.deepEqual(await header('/sweeps/slittle/configurations'), [
    { name: 'method', type: 'u8', words: METHODS },
    { name: 'k', type: 'u16' },
    { name: 'seed', type: 'u32' },
    { name: 'learningRate', type: 'f64' },
    { name: 'dropout', type: 'f64' },
    { name: 'layerNorm', type: 'u8', words: ['false', 'true'] },
    { name: 'activation', type: 'u8', words: ['gelu', 'tanh'] },
    { name: 'hidden', type: 'u8', words: ['8-8', '12'] },
  ]);
  assert.deepEqual(await header('/sweeps/slittle/outcomes'), [
    { name: 'index', type: 'u32' },
    { name: 'outcome', type: 'u8', words: ['rung', 'completed', 'pruned', 'diverged', 'failed'] },
    { name: 'rung', type: 'u8' },
    { name: 'validation', type: 'f32' },
    { name: 'epochs', type: 'u32' },
    { name: 'seconds', type: 'f32', unit: 's' },
    { name: 'finishedAt', type: 'f64', unit: 'ms' },
  ]);
});

test('outcomes are served in full, or since a revision', async () => {
  const all = await columns('/sweeps/slittle/outcomes');
  const rows = await rowsInDb();
  assert.deepEqual(values(all, 'index'), range(0, 90));
  const outcomes = all.columns.find(({ name }) => name === 'outcome');
  assert.deepEqual(
    values(all, 'outcome').map((place) => outcomes?.categories?.[place]),
    rows.map(({ outcome }) => outcome),
  );
  assert.deepEqual(
    values(all, 'validation'),
    rows.map(({ validation }) => Math.fround(validation ?? Number.NaN)),
  );
  assert.deepEqual(
    values(all, 'seconds'),
    rows.map(({ seconds }) => seconds),
  );
  assert.equal(all.about.revision, 5);
  const later = await columns('/sweeps/slittle/outcomes?since=1');
  assert.deepEqual(values(later, 'index'), range(50, 90));
  assert.equal((await columns('/sweeps/slittle/outcomes?since=2')).rows, 0);
  await expectProblem('/sweeps/slittle/outcomes?since=-1', 422, 'parameter-invalid');
});

/** Returns the scores of completed trials at every width or rank. */
async function figures(split: string): Promise<ComparedTrial[]> {
  return harness.db.sql<ComparedTrial[]>`
    select t.id as "trialId", t.sweep_id as "sweepId", t.method, v.k, t.seed::float8 as seed, t.configuration_hash as "configurationHash",
           v.covered_variance as validation, w.covered_variance as test, w.structure_covered_variance as "structureTest"
    from trials t join covered_variances v on v.trial_id = t.id and v.split = 'validation'
    join covered_variances w on w.trial_id = t.id and w.split = ${split} and w.k = v.k
    where t.sweep_id = ${sweep.id} and t.outcome = 'completed' order by t.index, v.k`;
}

for (const split of ['validation', 'test'] as const) {
  test(`coverage on ${split} rows equals the comparison, selected on validation`, async () => {
    const found = await json<Coverage>(`/sweeps/slittle/coverage?split=${split}`);
    const all = await figures(split);
    const expected = compareMethods({ sweeps: [sweep.id], dataset: '', target: 'xes' }, all, []);
    const close = (a: number | undefined, b: number | undefined) => assert.ok(Math.abs((a ?? 9) - (b ?? 0)) < 1e-12, `${a} ${b}`);
    assert.deepEqual(
      found.rows.map(({ method, k, trials }) => ({ method, k, trials })),
      expected.rows.map(({ method, k, trials }) => ({ method, k, trials })),
    );
    found.rows.forEach((row, i) => {
      const other = expected.rows[i];
      for (const part of ['mean', 'low', 'high', 'best'] as const) {
        close(row.coveredVariance[part], other?.coveredVariance[part]);
        if (row.method !== 'ednn') close(row.structureCoveredVariance?.[part], other?.structureCoveredVariance?.[part]);
      }
      const own = all.filter(({ method, k }) => method === row.method && k === row.k);
      assert.equal(row.configurations, new Set(own.map(({ configurationHash }) => configurationHash)).size);
      const seeds = own.filter(({ configurationHash }) => configurationHash === other?.configurationHash);
      assert.equal(row.bestTrial, seeds.reduce((a, b) => (b.validation > a.validation ? b : a)).trialId);
    });
    assert.deepEqual(found.contrasts, expected.contrasts);
    assert.equal(found.trials, (await rowsInDb()).filter(({ outcome }) => outcome === 'completed').length);
    assert.deepEqual([found.planned, found.split], [100, split]);
    assert.deepEqual(found.baselines, [{ name: 'ridge', k: null, coveredVariance: split === 'test' ? 0.2 : 0.3 }]);
    assert.equal(found.emulator?.mean, 0.99);
  });
}

test('test coverage needs a finished sweep with a comparison', async () => {
  const young = await seedSweep(harness.db.sql, harness.dependencies.blobs, 'syoung', smallSpec({ name: 'young' }));
  assert.deepEqual((await json<Coverage>('/sweeps/syoung/coverage')).rows, []);
  await young.record(0, 1);
  // A response about a running sweep may be slightly stale.
  await setSweepState(harness.db.sql, 'syoung', 'paused');
  await expectProblem('/sweeps/syoung/coverage?split=test', 409, 'sweep-running');
  assert.equal((await json<Coverage>('/sweeps/syoung/coverage')).rows.length, 1);
  await setSweepState(harness.db.sql, 'syoung', 'cancelled');
  await expectProblem('/sweeps/syoung/coverage?split=test', 404, 'comparison-missing');
});

test('importance covers the varying parameters, of all trials or of one method', async () => {
  const all = await json<Importance>('/sweeps/slittle/importance');
  assert.deepEqual(all.parameters.map(({ name }) => name).toSorted(), [
    'activation',
    'dropout',
    'hidden',
    'k',
    'layerNorm',
    'learningRate',
    'method',
  ]);
  const completedTrials = (await rowsInDb()).filter(({ outcome }) => outcome === 'completed');
  assert.deepEqual([all.trials, all.matched, all.method], [completedTrials.length, completedTrials.length, null]);
  // The seeded scores depend mostly on the width.
  assert.equal(all.parameters[0]?.name, 'k');
  const one = await json<Importance>('/sweeps/slittle/importance?method=ednn');
  assert.equal(one.method, 'ednn');
  assert.equal(one.matched, completedTrials.filter(({ configuration }) => configuration.method === 'ednn').length);
  assert.ok(one.parameters.every(({ name }) => name !== 'method'));
});

test('histograms have numeric bins, logarithmic for log-uniform parameters, or category counts', async () => {
  const rows = await rowsInDb();
  const found = await json<Histogram>('/sweeps/slittle/histogram?bins=13');
  const held = rows.flatMap(({ validation }) => (validation === null ? [] : [validation]));
  assert.deepEqual([found.matched, found.missing], [90, 90 - held.length]);
  assert.equal(found.bins?.length, 13);
  found.bins?.forEach(({ from, to, count }, i) => {
    const inside = held.filter((value) => value >= from - 1e-12 && (i === 12 ? value <= to : value < to - 1e-12));
    assert.equal(count, inside.length);
  });
  assert.deepEqual([found.bins?.[0]?.from, found.bins?.at(-1)?.to], [Math.min(...held), Math.max(...held)]);
  const rates = await json<Histogram>('/sweeps/slittle/histogram?column=learningRate&bins=4');
  const ratio = ({ from, to }: { from: number; to: number }) => to / from;
  for (const bin of rates.bins ?? []) assert.ok(Math.abs(ratio(bin) / ratio(rates.bins?.[0] as never) - 1) < 1e-9);
  const words = await json<Histogram>('/sweeps/slittle/histogram?column=outcome&where=method=eca');
  const eca = rows.filter(({ configuration }) => configuration.method === 'eca');
  for (const { word, count } of words.words ?? []) assert.equal(count, eca.filter(({ outcome }) => outcome === word).length);
  assert.equal(words.matched, eca.length);
  const flat = await json<Histogram>('/sweeps/slittle/histogram?column=rung');
  assert.deepEqual(flat.bins, [{ from: 0, to: 0, count: 90 }]);
  assert.deepEqual((await json<Histogram>('/sweeps/slittle/histogram?where=engine=other')).bins, []);
  await expectProblem('/sweeps/slittle/histogram?where=k', 422, 'where-invalid');
  await expectProblem('/sweeps/slittle/histogram?column=trial', 422, 'parameter-invalid');
});

test('sweeps are listed newest first, paged and filtered', async () => {
  const { sql } = harness.db;
  for (const i of range(0, 5)) await seedSweep(sql, harness.dependencies.blobs, `slist${i}`, smallSpec({ name: `list ${i}` }));
  // Equal times are ordered by id.
  await sql`update sweeps set started_at = '2020-01-01 00:00:00.123456+00' where id like 'slist%'`;
  const { items, pages } = await walk<SweepSummary>('/sweeps', 2);
  const started = items.map(({ startedAt }) => Date.parse(startedAt));
  assert.deepEqual(
    started,
    started.toSorted((a, b) => b - a),
  );
  const [count] = await sql<[{ count: number }]>`select count(*)::int as count from sweeps`;
  assert.equal(new Set(items.map(({ sweepId }) => sweepId)).size, count.count);
  assert.deepEqual([pages[0]?.total, pages[0]?.matched], [count.count, count.count]);
  assert.deepEqual(
    items.slice(-5).map(({ sweepId }) => sweepId),
    range(0, 5).map((i) => `slist${4 - i}`),
  );
  const summary = items.find(({ sweepId }) => sweepId === 'slittle');
  assert.equal(summary?.pace.length, 24);
  assert.equal(
    summary?.pace.reduce((sum, one) => sum + one),
    90,
  );
  const scores = await figures('validation');
  for (const { method, validation, trialId } of summary?.best ?? []) {
    const own = scores.filter((one) => one.method === method);
    assert.equal(validation, Math.max(...own.map((one) => one.validation)));
    assert.ok(own.some((one) => one.trialId === trialId && one.validation === validation));
  }
  assert.deepEqual(
    summary?.best.map(({ method }) => method),
    METHODS,
  );
  const ids = async (query: string) => (await json<Page<SweepSummary>>(`/sweeps?${query}`)).items.map(({ sweepId }) => sweepId);
  assert.deepEqual(await ids('search=LIST%203'), ['slist3']);
  assert.deepEqual(await ids('search=%25'), []);
  assert.equal((await ids('search=LITTLE')).length, count.count, 'the dataset of all');
  assert.deepEqual(await ids('state=completed'), ['slittle']);
  assert.equal((await ids('dataset=little')).length, count.count);
  assert.deepEqual(await ids('dataset=little@ffff'), []);
  assert.deepEqual(await ids('dataset=other'), []);
  await expectProblem('/sweeps?state=asleep', 422, 'parameter-invalid');
  await expectProblem('/sweeps?cursor=x', 422, 'cursor-invalid');
  const made = Buffer.from(JSON.stringify({ startedAt: "2020'--", id: 'x' })).toString('base64url');
  await expectProblem(`/sweeps?cursor=${made}`, 422, 'cursor-invalid');
});

test('an unchanged response is 304; after a write the ETag differs', async (t) => {
  // Those about running sweeps change with time as well.
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const growing = await seedSweep(harness.db.sql, harness.dependencies.blobs, 'sgrow', smallSpec({ name: 'grow' }));
  await growing.record(0, 1, 2, 4);
  // A response about a running sweep may be slightly stale.
  await setSweepState(harness.db.sql, 'sgrow', 'paused');
  const paths = [
    '/sweeps',
    '/sweeps/sgrow',
    '/sweeps/sgrow/trials',
    '/sweeps/sgrow/outcomes',
    '/sweeps/sgrow/outcomes?since=0',
    '/sweeps/sgrow/coverage',
    '/sweeps/sgrow/importance',
    '/sweeps/sgrow/histogram',
    '/trials/sgrow-0',
  ];
  const tags = new Map<string, string>();
  for (const path of paths) {
    const tag = (await get(path)).headers.get('etag') ?? '';
    assert.notEqual(tag, '');
    tags.set(path, tag);
    const again = await get(path, { 'if-none-match': tag });
    assert.equal(again.status, 304, path);
    assert.equal((await again.arrayBuffer()).byteLength, 0);
  }
  await growing.record(6);
  for (const path of paths) {
    const response = await get(path, { 'if-none-match': tags.get(path) as string });
    assert.equal(response.status, 200, path);
  }
  assert.equal((await json<Page<TrialRow>>('/sweeps/sgrow/trials')).total, 5);
});

test('the page of a running sweep is read again after a while, although nothing was written', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  await seedSweep(harness.db.sql, harness.dependencies.blobs, 'smoves', smallSpec({ name: 'moves' }));
  const tag = (await get('/sweeps/smoves')).headers.get('etag') ?? '';
  assert.equal((await get('/sweeps/smoves', { 'if-none-match': tag })).status, 304);
  t.mock.timers.tick(31_000);
  assert.equal((await get('/sweeps/smoves', { 'if-none-match': tag })).status, 200);
});

test('a name refers to its newest sweep, whose ETag differs', async () => {
  for (const id of ['ssame1', 'ssame2'])
    await seedSweep(harness.db.sql, harness.dependencies.blobs, id, smallSpec({ name: 'same' }));
  await harness.db.sql`update sweeps set started_at = started_at - interval '1 day' where id = 'ssame1'`;
  const tag = (await get('/sweeps/ssame1')).headers.get('etag') as string;
  const response = await get('/sweeps/same', { 'if-none-match': tag });
  assert.equal(response.status, 200);
  assert.equal(((await response.json()) as SweepDetail).sweepId, 'ssame2');
});

test('a cached response is the same compressed and uncompressed', async () => {
  const plain = await get('/sweeps/slittle/configurations', { 'accept-encoding': 'identity' });
  const small = await get('/sweeps/slittle/configurations', { 'accept-encoding': 'gzip' });
  assert.deepEqual([plain.headers.get('content-encoding'), small.headers.get('content-encoding')], [null, 'gzip']);
  assert.match(small.headers.get('vary') ?? '', /accept-encoding/i);
  const unpacked = new Response(small.body?.pipeThrough(new DecompressionStream('gzip')));
  assert.deepEqual(new Uint8Array(await unpacked.arrayBuffer()), new Uint8Array(await plain.arrayBuffer()));
});

test('trials of a running sweep that no trainer at work can train are named, until one can', async () => {
  const { sql } = harness.db;
  const spec = smallSpec({ name: 'on-gpu', class: { ednn: 'gpu' }, engine: { ednn: 'tfjs' } });
  const seeded = await seedSweep(sql, harness.dependencies.blobs, 'swaits', spec);
  await seeded.record(...range(0, 20));
  const trainer = { id: 'a', class: 'gpu', engines: ['kernel'], slots: 2 };
  await Promise.all([recordTrainer(sql, { ...trainer, id: 'b', class: 'cpu' }), recordTrainer(sql, trainer)]);
  const read = () => json<SweepDetail>('/sweeps/swaits');
  const { waiting, methods } = await read();
  const { planned = 0, ended = 0 } = methods.find(({ method }) => method === 'ednn') ?? {};
  const reason =
    'no trainer of class "gpu" trains with tfjs (those at work: kernel): start one with "narrows worker --role trainer --class gpu --engine tfjs"';
  assert.deepEqual(waiting, [{ class: 'gpu', engine: 'tfjs', methods: ['ednn'], trials: planned - ended, reason }]);
  assert.ok(ended > 0 && planned > ended);
  const { items } = await json<Page<SweepSummary>>('/sweeps?search=on-gpu');
  assert.deepEqual(items[0]?.waiting, waiting);
  const etag = (await get('/sweeps/swaits')).headers.get('etag') ?? '';
  assert.equal((await get('/sweeps/swaits', { 'if-none-match': etag })).status, 304);
  await recordTrainer(sql, { ...trainer, engines: ['kernel', 'tfjs'] });
  assert.equal((await get('/sweeps/swaits', { 'if-none-match': etag })).status, 200, 'although nothing was written of the sweep');
  assert.deepEqual((await read()).waiting, []);
  await sql`delete from trainers`;
  assert.equal((await read()).waiting.length, 2, 'without any trainer every method waits');
  await setSweepState(sql, 'swaits', 'cancelled');
  assert.deepEqual((await read()).waiting, []);
});

test('no internal errors were logged', () => {
  assert.deepEqual(harness.logged, []);
});
