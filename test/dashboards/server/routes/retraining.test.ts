/** Retrainings and champions over HTTP, without Temporal. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type {
  Champion,
  ChampionDetail,
  RetrainEvent,
  RetrainHistory,
  Retraining,
  RetrainingDetail,
  RetrainRun,
  RetrainRunDetail,
  Shard,
} from '../../../../dashboards/contract/retraining.ts';
import type { Page } from '../../../../dashboards/contract/shared.ts';
import type { Event } from '../../../../dashboards/contract/system.ts';
import { finishRun, markRetrainingRemoved, saveRetraining, startRun } from '../../../../db/queries/retraining/retrainings.ts';
import { findSweep, setSweepState } from '../../../../db/queries/sweeps/sweeps.ts';
import { createToken } from '../../../../operations/tokens.ts';
import { RETRAIN_OPTIONS, type SeededRetraining, seedRetraining } from '../../../support/seeded-retraining.ts';
import { until } from '../../../support/until.ts';
import { createApiClient } from '../api-client.ts';
import { type ApiHarness, post, readProblem, startApiHarness } from '../harness.ts';
import { DATASET_VERSION, seedDataset, seedSweep, smallSpec } from '../seed-sweeps.ts';

let harness: ApiHarness;
let app: OpenAPIHono;
let planted: SeededRetraining;
before(async () => {
  harness = await startApiHarness();
  app = harness.app();
  const { db, dependencies: parts } = harness;
  await seedDataset(db.sql, parts.blobs);
  const sweep = await seedSweep(db.sql, parts.blobs, 's1');
  await sweep.record(...sweep.trials.map(({ index }) => index));
  await setSweepState(db.sql, 's1', 'completed');
  planted = await seedRetraining(db.sql, await findSweep(db.sql, 's1'));
});
after(async () => {
  await harness[Symbol.asyncDispose]();
  assert.deepEqual(harness.logged, [], 'nothing failed on the server');
});

const { get, json, expectProblem } = createApiClient(() => app);

describe('read routes without Temporal', () => {
  test('the list has schedules of unknown state', async () => {
    const { items } = await json<{ items: Retraining[] }>('/retrainings');
    assert.equal(items.length, 1);
    const [one] = items as [Retraining];
    assert.deepEqual(
      [one.name, one.dataset, one.target, one.schedule, one.watchDir, one.champions, one.lastRun?.outcome, one.newest?.version],
      [
        ...['waist', 'little', 'xes', { state: 'unknown', words: 'every 3650 d', next: [] }, '/data/incoming'],
        ...[planted.cells.length, 'nothing-new', planted.versions[2]],
      ],
    );
    assert.deepEqual([one.newest?.rows, one.newest?.added, one.newest?.parent], [9400, 400, planted.versions[1]]);
  });
  test('a retraining has options and a spec', async () => {
    const one = await json<RetrainingDetail>('/retrainings/waist');
    assert.deepEqual([one.options.margin, one.options.overlap, one.removedAt], [0.003, 'skip', null]);
    assert.match(one.yaml, /^name: little\ndataset: little\ntarget: xes\n/);
    await expectProblem('/retrainings/nobody', 404, 'retraining-unknown');
  });
  test('runs are paged, newest first, and filtered by outcome', async () => {
    const all = await json<Page<RetrainRun>>('/retrainings/waist/runs');
    assert.deepEqual([all.matched, all.total, all.next], [7, 7, null]);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page<RetrainRun> = await json(`/retrainings/waist/runs?limit=3${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.items.map(({ runId }) => runId));
      cursor = page.next;
    }
    assert.deepEqual(
      seen,
      all.items.map(({ runId }) => runId),
    );
    const told = await json<Page<RetrainRun>>('/retrainings/waist/runs?outcome=promoted,kept');
    assert.deepEqual(
      told.items.map(({ outcome, verdict, challenged, promoted }) => [outcome, verdict, challenged, promoted]),
      [
        ['kept', 'none', planted.cells.length, 0],
        ['promoted', 'performance', planted.cells.length, Math.ceil(planted.cells.length / 2)],
      ],
    );
    assert.deepEqual([told.matched, told.total], [2, 7]);
    await expectProblem('/retrainings/waist/runs?outcome=great', 422, 'parameter-invalid');
    await expectProblem('/retrainings/waist/runs?cursor=made-up', 422, 'cursor-invalid');
  });
  test('a run has versions, drift, challenges, and notifications with their delivery', async () => {
    const run = await json<RetrainRunDetail>(`/retrainings/waist/runs/${planted.runs.promoted}`);
    assert.deepEqual([run.from?.version, run.to?.added, run.to?.rows, run.stage], [DATASET_VERSION, 1000, 9000, null]);
    assert.equal(run.drift?.descriptors[0]?.statistic, 0.3);
    assert.equal(run.challenges?.length, planted.cells.length);
    assert.deepEqual(run.trained, [{ sweepId: 's1', name: 'little', state: 'completed' }]);
    assert.equal(run.champions.length, run.promoted);
    assert.deepEqual(
      run.events.map(({ kind, messages }) => [
        kind,
        messages.map(({ channel, state, lastError }) => [channel, state, lastError]),
      ]),
      [
        [
          'promoted',
          [
            ['mail', 'pending', 'SMTP: ECONNREFUSED'],
            ['webhook', 'delivered', null],
          ],
        ],
      ],
    );
    await expectProblem('/retrainings/waist/runs/nothing', 404, 'run-unknown');
    await saveRetraining(harness.db.sql, {
      name: 'other',
      spec: smallSpec(),
      dataset: 'little',
      target: 'xes',
      options: RETRAIN_OPTIONS,
    });
    await expectProblem(`/retrainings/other/runs/${planted.runs.promoted}`, 404, 'run-unknown');
    await markRetrainingRemoved(harness.db.sql, 'other');
  });
  test('a run in progress has a stage', async () => {
    await startRun(harness.db.sql, 'now', 'waist');
    assert.equal((await json<RetrainRunDetail>('/retrainings/waist/runs/now')).stage, 'reading the sources');
    await finishRun(harness.db.sql, 'now', 'nothing-new', 'nothing new');
  });
  test('the history has champions and other candidates by data version', async () => {
    const { steps, cells } = await json<RetrainHistory>('/retrainings/waist/history');
    assert.deepEqual(
      steps.map(({ kind, version, rows, verdict }) => [kind, version, rows, verdict]),
      [
        ['first', planted.versions[0], 80, null],
        ['promoted', planted.versions[1], 9000, 'performance'],
        ['kept', planted.versions[2], 9400, 'none'],
      ],
    );
    assert.equal(cells.length, planted.cells.length);
    const first = cells.find(({ points }) => points[1]?.kind === 'promoted');
    assert.deepEqual(
      first?.points.map(({ step, kind }) => [step, kind]),
      [
        [0, 'first'],
        [1, 'promoted'],
        [2, 'kept'],
      ],
    );
    const [, won, stayed] = first?.points ?? [];
    assert.equal(won?.other?.trialId, first?.points[0]?.trialId, 'the champion before');
    assert.ok((won?.coveredVariance ?? 0) > (won?.other?.coveredVariance ?? 1));
    assert.equal(stayed?.trialId, won?.trialId);
    const [figure] = await harness.db.sql`
      select covered_variance as figure from covered_variances
      where trial_id = ${first?.points[0]?.trialId as string} and split = 'test' and k = ${first?.k as number}`;
    assert.equal(first?.points[0]?.coveredVariance, figure?.figure);
  });
  test('shards and notifications are paged', async () => {
    const shards = await json<Page<Shard>>('/retrainings/waist/shards');
    assert.deepEqual(
      shards.items.map(({ outcome, message }) => [outcome, message]),
      [
        ['rejected', 'row 3 of xes holds NaN'],
        ['taken', null],
        ['taken', null],
      ],
    );
    const rest = await json<Page<Shard>>(
      `/retrainings/waist/shards?limit=2&cursor=${(await json<Page<Shard>>('/retrainings/waist/shards?limit=2')).next}`,
    );
    assert.deepEqual(rest.items, shards.items.slice(2));
    const events = await json<Page<RetrainEvent>>('/retrainings/waist/events');
    assert.deepEqual(
      events.items.map(({ kind }) => kind),
      ['kept', 'shard-rejected', 'promoted', 'first'],
    );
    const { next } = await json<Page<RetrainEvent>>('/retrainings/waist/events?limit=1');
    const second = await json<Page<RetrainEvent>>(`/retrainings/waist/events?limit=3&cursor=${next}`);
    assert.deepEqual(second.items, events.items.slice(1));
    await expectProblem('/retrainings/waist/events?cursor=made-up', 422, 'cursor-invalid');
  });
  test('champions are listed, and have a lineage', async () => {
    const { items } = await json<{ items: Champion[] }>('/champions');
    assert.equal(items.length, planted.cells.length);
    assert.deepEqual((await json<{ items: Champion[] }>('/champions?retraining=nobody')).items, []);
    const promoted = items.find(({ origin }) => origin === 'promotion') as Champion;
    const one = await json<ChampionDetail>(`/champions/${promoted.championId}`);
    assert.deepEqual(
      one.lineage.versions.map(({ version }) => version),
      planted.versions.slice(0, 2),
    );
    assert.deepEqual(
      one.lineage.champions.map(({ origin, endedBy }) => [origin, endedBy]),
      [
        ['first', 'promotion'],
        ['promotion', null],
      ],
    );
    assert.deepEqual(
      one.lineage.runs.map(({ runId }) => runId),
      [planted.runs.first, planted.runs.promoted],
    );
    assert.deepEqual([one.codeVersion, one.configuration.method, typeof one.test], ['0.1.0', promoted.method, 'number']);
    await expectProblem('/champions/999', 404, 'champion-unknown');
    await expectProblem('/champions/none', 422, 'parameter-invalid');
  });
  test('an unchanged response is 304', async () => {
    for (const path of ['/retrainings', '/retrainings/waist/history', '/champions']) {
      const tag = (await get(path)).headers.get('etag');
      assert.equal((await get(path, { 'if-none-match': tag as string })).status, 304, path);
    }
  });
  test('a removed retraining is found by name, and not listed', async () => {
    await saveRetraining(harness.db.sql, {
      name: 'gone',
      spec: smallSpec(),
      dataset: 'little',
      target: 'xes',
      options: RETRAIN_OPTIONS,
    });
    await markRetrainingRemoved(harness.db.sql, 'gone');
    const gone = await json<RetrainingDetail>('/retrainings/gone');
    assert.deepEqual([gone.schedule.state, gone.removedAt === null], ['removed', false]);
    assert.deepEqual(
      (await json<{ items: Retraining[] }>('/retrainings')).items.map(({ name }) => name),
      ['waist'],
    );
  });
});

describe('actions', () => {
  test('need Temporal, and change nothing without it', async () => {
    const before = await json<{ items: Champion[] }>('/champions');
    const promoted = before.items.find(({ origin }) => origin === 'promotion') as Champion;
    for (const path of ['/retrainings/waist/pause', '/retrainings/waist/run', `/champions/${promoted.championId}/rollback`]) {
      const response = await app.request(`/api${path}`, post({}));
      assert.deepEqual([response.status, (await readProblem(response)).code], [503, 'temporal-unreachable'], path);
    }
    assert.deepEqual(await json<{ items: Champion[] }>('/champions'), before);
  });
  test('need the role submit and an existing retraining', async () => {
    const tokens = harness.app({ access: { kind: 'tokens' } });
    const { token } = await createToken(harness.db, { name: 'reader', role: 'read', expiresAt: null });
    const response = await tokens.request('/api/retrainings/waist/run', post({}, { authorization: `Bearer ${token}` }));
    assert.deepEqual([response.status, (await readProblem(response)).code], [403, 'role-too-small']);
    const unknown = await app.request('/api/retrainings/gone/run', post({}));
    assert.deepEqual([unknown.status, (await readProblem(unknown)).code], [404, 'retraining-unknown']);
  });
});

test('writes to a retraining are announced to event streams', async () => {
  const heard: Event[] = [];
  const leave = harness.events.subscribe({ send: (event) => void heard.push(event), close: () => {} });
  let count = 0;
  await until(async () => {
    await startRun(harness.db.sql, `content-${count++}`, 'waist');
    return heard.some((event) => event.kind === 'retraining' && event.name === 'waist');
  }, 'news');
  leave();
  const line = await app.request('/api/events?sweep=little');
  const reader = (line.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  const reading = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += new TextDecoder().decode(value);
    }
  })();
  await until(() => text.includes('hello'), 'hello');
  await startRun(harness.db.sql, 'last-one', 'waist');
  await setSweepState(harness.db.sql, 's1', 'completed');
  await until(() => text.includes('"kind":"sweep"'), 'the sweep');
  assert.ok(!text.includes('retraining'), 'a stream of one sweep sends that sweep only');
  await reader.cancel();
  await reading;
});
