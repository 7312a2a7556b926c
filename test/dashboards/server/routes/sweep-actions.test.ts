/** Actions over HTTP, on real servers. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Champion, RetrainHistory, Retraining } from '../../../../dashboards/contract/retraining.ts';
import type { Plan, SamplerOffers, Started, SweepDetail, SweepStatus } from '../../../../dashboards/contract/sweeps.ts';
import { storeDataset } from '../../../../datasets/import/store.ts';
import { findSweepStarter, recordRequest } from '../../../../db/queries/api/idempotency-keys.ts';
import { saveDatasetVersion } from '../../../../db/queries/datasets/datasets.ts';
import { type ChampionRow, listCurrentChampions, replaceChampion } from '../../../../db/queries/retraining/champions.ts';
import { listEvents } from '../../../../db/queries/retraining/notifications.ts';
import { findRetraining, listRuns, saveRetraining } from '../../../../db/queries/retraining/retrainings.ts';
import { createSweep, findSweep, listSweeps, setSweepState } from '../../../../db/queries/sweeps/sweeps.ts';
import { removeRetraining, startRetraining } from '../../../../operations/retraining/retrainings.ts';
import { readSpec } from '../../../../operations/specs.ts';
import { checkSpec } from '../../../../operations/sweeps/check.ts';
import { planExtension } from '../../../../operations/sweeps/extend.ts';
import { sweepIdOf } from '../../../../operations/sweeps/start.ts';
import { createToken } from '../../../../operations/tokens.ts';
import { readWorkflowState } from '../../../../operations/workflow-ends.ts';
import { trialCount } from '../../../../search/space.ts';
import type { SweepState } from '../../../../search/states.ts';
import { sweepWorkflowId } from '../../../../workflows/sweep-input.ts';
import { storageOf } from '../../../db/database.ts';
import { RETRAIN_OPTIONS } from '../../../support/seeded-retraining.ts';
import { until } from '../../../support/until.ts';
import { WATER } from '../../../support/water.ts';
import { checkFolder } from '../../../support/whole.ts';
import { type ApiHarness, post, readProblem, startApiHarness } from '../harness.ts';
import { startWorkerHarness } from '../worker-harness.ts';

const spec = ({ name = 'little', epochs = 2, target = 'xes' } = {}) => `name: ${name}
dataset: water
target: ${target}
methods: [eca]
space: { k: 1, hidden: [8] }
seeds: 2
training: { epochs: ${epochs}, batch: 512 }
`;
const ENDLESS = 200_000;

let harness: ApiHarness;
let app: OpenAPIHono;
before(async () => {
  harness = await startWorkerHarness();
  app = harness.app();
});
after(async () => {
  await harness[Symbol.asyncDispose]();
  assert.deepEqual(harness.logged, [], 'nothing failed on the server');
});

const start = (source: string, key: string | null, to = app, headers: Record<string, string> = {}) =>
  to.request('/api/sweeps', post({ spec: source }, { ...headers, ...(key !== null && { 'idempotency-key': key }) }));
const started = async (response: Response): Promise<readonly SweepStatus[]> => {
  assert.equal(response.status, 201, await response.clone().text());
  return ((await response.json()) as Started).sweeps;
};
const act = (sweep: string, what: string, body: unknown = {}, headers: Record<string, string> = {}) =>
  app.request(`/api/sweeps/${encodeURIComponent(sweep)}/${what}`, post(body, headers));
const stateAfter = async (response: Response): Promise<string> => {
  assert.equal(response.status, 200, await response.clone().text());
  return ((await response.json()) as SweepStatus).state;
};
/** Waits for the state: on a busy machine the response may come first. */
async function comesTo(state: string, response: Response): Promise<void> {
  const told = await stateAfter(response);
  if (told === state) return;
  await until(async () => (await findSweep(harness.db.sql, 'long one')).state === state, `${state} after ${told}`);
}
const refusal = async (response: Response) => [response.status, (await readProblem(response)).code];

async function ended(sweepId: string): Promise<string> {
  for (;;) {
    const { state } = await findSweep(harness.db.sql, sweepId);
    if (state !== 'running') return state;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a plan', () => {
  const faults = async (source: string) => {
    const response = await app.request('/api/plan', post({ spec: source }));
    assert.equal(response.status, 422, await response.clone().text());
    const told = await readProblem(response);
    return { code: told.code, places: told.errors?.map(({ path, line, column }) => [path, line, column]), told };
  };
  test('describes the sweeps of a spec, by its own name or another, and starts nothing', async () => {
    const response = await app.request('/api/plan', post({ spec: spec({ target: '[xes, xas]' }), name: 'mine' }));
    const { sweeps } = (await response.json()) as Plan;
    assert.deepEqual(
      sweeps.map(({ name, target, trials, byMethod, dataset }) => ({ name, target, trials, byMethod, rows: dataset.rows })),
      ['xes', 'xas'].map((target) => ({
        name: `mine-${target}`,
        target,
        trials: 2,
        byMethod: [{ method: 'eca', trials: 2 }],
        rows: 8000,
      })),
    );
    assert.equal((await listSweeps(harness.db.sql)).length, 0);
  });
  test('is made with each sampler, whose spec keeps what else the text says', async () => {
    const text = `# a comment\n${spec().replace('hidden: [8]', 'hidden: [8], learningRate: { log: [0.001, 0.1] }')}`;
    const response = await app.request('/api/plan/samplers', post({ spec: text, name: 'mine' }));
    const { samplers } = (await response.json()) as SamplerOffers;
    assert.deepEqual(
      samplers.map(({ sampler, isCurrent, plan }) => [sampler, isCurrent, plan?.trials]),
      [
        ['grid', true, 6],
        ['random', false, 40],
        ['sobol', false, 32],
        ['tpe', false, 80],
        ['gp', false, 50],
        ['cmaes', false, 400],
        // All networks have the same size.
        ['nsga2', false, undefined],
      ],
    );
    const tpe = samplers.find(({ sampler }) => sampler === 'tpe');
    assert.match(tpe?.spec ?? '', /^# a comment\n/);
    assert.match(tpe?.spec ?? '', /^sampler: \{ tpe: \{ trials: 80 \} \}$/m);
    const planned = (await (await app.request('/api/plan', post({ spec: tpe?.spec, name: 'mine' }))).json()) as Plan;
    assert.deepEqual([planned.sweeps[0]?.trials, planned.sweeps[0]?.sampler], [80, 'tpe']);
  });
  test('gives the reason why a sampler does not suit the spec, and the faults of the spec itself', async () => {
    const choices = spec().replace('[8]', '{ choice: [[8], [16]] }');
    const response = await app.request('/api/plan/samplers', post({ spec: choices }));
    const { samplers } = (await response.json()) as SamplerOffers;
    const gp = samplers.find(({ sampler }) => sampler === 'gp');
    assert.equal(gp?.plan, null);
    assert.match(gp?.problem ?? '', /^each method and width has 2 points, and the first 10 are random/);
    assert.equal((await app.request('/api/plan/samplers', post({ spec: 'a: 1' }))).status, 422);
  });
  test('says which widths a search may try, where they are not stated', async () => {
    const widthsOf = async (k: string) => {
      const response = await app.request('/api/plan', post({ spec: spec().replace(/k: [^,]+,/, `k: ${k},`) }));
      return ((await response.json()) as Plan).sweeps.map(({ widths }) => widths);
    };
    assert.deepEqual(await widthsOf('1'), [null]);
    assert.deepEqual(await widthsOf('auto'), ['searches 1 to 3 for the smallest that suffices; at most these trials']);
  });
  test('names trials that no trainer at work could train', async () => {
    const response = await app.request('/api/plan', post({ spec: `${spec()}class: { eca: gpu }\n` }));
    const { sweeps } = (await response.json()) as Plan;
    const reason = 'no trainer of class "gpu" is at work: start one with "narrows worker --role trainer --class gpu"';
    assert.deepEqual(sweeps[0]?.waiting, [{ class: 'gpu', engine: null, methods: ['eca'], trials: 2, reason }]);
  });
  test('leaves networks out that are larger than the space allows, and says so', async () => {
    const limited = (max: number) =>
      spec().replace('hidden: [8]', `hidden: { choice: [[8], [16], [64, 64]] }, parameters: { max: ${max} }`);
    const response = await app.request('/api/plan', post({ spec: limited(5000) }));
    const { sweeps } = (await response.json()) as Plan;
    const warning = '1 of 3 architectures have more than 5000 parameters, and are left out';
    assert.deepEqual([sweeps[0]?.trials, sweeps[0]?.warnings], [4, [warning]]);
    const { places, told } = await faults(limited(9));
    assert.deepEqual(places, [['space.parameters.max', 5, 73]]);
    assert.match(told.detail, /the smallest \(8\) has \d+ parameters with eca/);
  });
  test('warns of trials that are judged while their learning rate warms up', async () => {
    const judged = `${spec({ epochs: 40 }).replace('k: 1,', 'k: 1, warmUp: 0.4,')}stopping: { median: {} }\n`;
    const response = await app.request('/api/plan', post({ spec: judged }));
    const { sweeps } = (await response.json()) as Plan;
    assert.match(
      sweeps[0]?.warnings.join() ?? '',
      /^trials are first judged after epoch 10 of 40, .* state a grace of 17 or more/,
    );
  });
  test('reports every error with its line', async () => {
    const { code, places, told } = await faults(
      'name: a\ndataset: water\ntarget: xes\nspace:\n  k: [2, 1]\n  hiden: [8]\n  learningRate: -1\nseeds: []\n',
    );
    assert.equal(code, 'spec-invalid');
    assert.deepEqual(
      places?.toSorted((a, b) => Number(a[1]) - Number(b[1])),
      [
        ['space.k', 5, 3],
        ['space.hiden', 6, 3],
        ['space.learningRate', 7, 3],
        ['seeds', 8, 1],
      ],
    );
    assert.match(told.errors?.find(({ path }) => path === 'space.hiden')?.fix ?? '', /hidden/);
  });
  test('locates errors in lists, and missing keys', async () => {
    assert.deepEqual((await faults('dataset: water\ntarget: xes\nspace:\n  k: 1\n  hidden: [8,\n    no]\n')).places, [
      ['space.hidden[1]', 6, 5],
    ]);
    assert.deepEqual((await faults('dataset: water\nspace: { k: 1 }\n')).places, [['target', 1, 1]]);
  });
  test('reports what the dataset lacks', async () => {
    assert.deepEqual((await faults(spec({ target: 'xex' }))).places, [['target', 3, 1]]);
    const several = await faults('dataset: water\ntarget: [xex, xas, xos]\nspace: { k: [9] }\ntraining:\n  batch: 100000\n');
    assert.deepEqual(
      several.told.errors?.map(({ path, line, message }) => [path, line, /xex|xos/.exec(message)?.[0] ?? '']),
      [
        ['target', 2, 'xex'],
        ['space.k', 3, ''],
        ['training.batch', 5, ''],
        ['target', 2, 'xos'],
      ],
    );
    const unknown = await faults(spec().replace('dataset: water', 'dataset: wine'));
    assert.deepEqual([unknown.code, unknown.places], ['dataset-missing', [['dataset', 2, 1]]]);
  });
  test('rejects text that is neither YAML nor JSON', async () => {
    const { code, places, told } = await faults('name: a\ntarget: [xes\nspace: { k: 1 }\n');
    assert.equal(code, 'spec-invalid');
    assert.equal(places?.[0]?.[1], 3);
    assert.match(told.detail, /neither YAML nor JSON in line 3/);
  });
});

describe('a start', () => {
  test('needs an idempotency key', async () => {
    assert.deepEqual(await refusal(await start(spec(), null)), [400, 'idempotency-key-missing']);
    assert.deepEqual(await refusal(await start(spec(), 'x'.repeat(201))), [422, 'parameter-invalid']);
    assert.equal((await listSweeps(harness.db.sql)).length, 0);
  });
  test('is executed once for concurrent and repeated requests at two servers', async () => {
    const other = harness.app();
    const answers = await Promise.all([start(spec(), 'one'), start(spec(), 'one', other), start(spec(), 'one')]);
    const [first, ...others] = await Promise.all(answers.map(started));
    for (const one of others) assert.deepEqual(one, first);
    const sweepId = first?.[0]?.sweepId as string;
    assert.equal(await ended(sweepId), 'completed');
    assert.deepEqual(await started(await start(spec(), 'one', other)), first, 'the answer of then, not of now');
    assert.equal((await listSweeps(harness.db.sql)).length, 1);
    await harness.db.sql`delete from api_requests`;
    assert.equal((await started(await start(spec(), 'one')))[0]?.state, 'completed', 'a day later it is found again');
    assert.equal((await listSweeps(harness.db.sql)).length, 1);
  });
  test('rejects the key of another request; a failed request frees its key', async () => {
    assert.deepEqual(await refusal(await start(spec({ name: 'other' }), 'one')), [422, 'idempotency-key-reused']);
    assert.deepEqual(await refusal(await act('little', 'retry', {}, { 'idempotency-key': 'one' })), [
      422,
      'idempotency-key-reused',
    ]);
    assert.deepEqual(await refusal(await start('name: a', 'two')), [422, 'spec-invalid']);
    assert.equal((await started(await start(spec({ name: 'second' }), 'two'))).length, 1);
  });
  test('scopes keys to the principal', async () => {
    const tokens = harness.app({ access: { kind: 'tokens' } });
    const ids = new Set<string>();
    for (const name of ['ann', 'bob']) {
      const { token } = await createToken(harness.db, { name, role: 'submit', expiresAt: null });
      const [sweep] = await started(await start(spec({ name }), 'mine', tokens, { authorization: `Bearer ${token}` }));
      ids.add(sweep?.sweepId as string);
      assert.equal(await ended(sweep?.sweepId as string), 'completed');
    }
    assert.equal(ids.size, 2);
  });
  test('starts one sweep per target', async () => {
    const sweeps = await started(await start(spec({ name: 'both', target: '[xes, xas]' }), 'three'));
    assert.deepEqual(
      sweeps.map(({ name, target }) => [name, target]),
      [
        ['both-xes', 'xes'],
        ['both-xas', 'xas'],
      ],
    );
    for (const { sweepId } of sweeps) assert.equal(await ended(sweepId), 'completed');
  });
  test('resumes after a server was killed between row and workflow', async () => {
    const source = spec({ name: 'killed' });
    const [parsed] = readSpec(source);
    assert.ok(parsed);
    const { spec: whole, dataset } = await checkSpec(storageOf(harness.db), parsed, 2);
    const id = sweepIdOf('local', 'four', source, 'killed', 'xes');
    const body = JSON.stringify({ spec: source });
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    await recordRequest(harness.db.sql, { principal: 'local', key: 'four', route: 'POST /api/sweeps', bodySha256 });
    await createSweep(harness.db.sql, {
      id,
      name: 'killed',
      spec: whole,
      dataset: dataset.name,
      datasetVersion: dataset.version,
      target: 'xes',
      planned: trialCount(whole),
      packSizes: [1],
      codeVersion: '0',
    });
    assert.equal((await started(await start(source, 'four')))[0]?.sweepId, id);
    assert.equal(await ended(id), 'completed');
  });
});

describe('controlling a sweep', () => {
  let sweepId: string;
  before(async () => {
    const [sweep] = await started(await start(spec({ name: 'long one', epochs: ENDLESS }), 'five'));
    sweepId = sweep?.sweepId as string;
  });
  test('pauses and resumes by name or id, repeatedly', async () => {
    await comesTo('paused', await act('long one', 'pause'));
    await comesTo('paused', await act(sweepId, 'pause'));
    assert.equal(await stateAfter(await act(sweepId, 'resume')), 'running');
    assert.equal(await stateAfter(await app.request(`/api/sweeps/${sweepId}/resume`, { method: 'POST' })), 'running');
  });
  test('executes one of two conflicting actions, and rejects the other', async () => {
    const answers = await Promise.all([act(sweepId, 'pause'), act(sweepId, 'resume'), act(sweepId, 'pause')]);
    const statuses = answers.map(({ status }) => status);
    // The order is undefined.
    const wins = statuses[0] === 200 ? 'pause' : 'resume';
    assert.deepEqual(statuses, wins === 'pause' ? [200, 409, 200] : [409, 200, 409]);
    for (const answer of answers) if (answer.status === 409) assert.equal((await readProblem(answer)).code, 'action-running');
    assert.equal((await findSweep(harness.db.sql, sweepId)).state, wins === 'pause' ? 'paused' : 'running');
    assert.equal(await stateAfter(await act(sweepId, 'resume')), 'running');
  });
  test('repeats the response to a key, even after the sweep has changed', async () => {
    const paused = await stateAfter(await act(sweepId, 'pause', {}, { 'idempotency-key': 'six' }));
    await act(sweepId, 'resume');
    assert.equal(await stateAfter(await act(sweepId, 'pause', {}, { 'idempotency-key': 'six' })), paused);
    assert.equal((await findSweep(harness.db.sql, sweepId)).state, 'running', 'it was not paused again');
  });
  test('cancels; then only a retry restarts the sweep', async () => {
    await comesTo('cancelled', await act(sweepId, 'cancel'));
    await comesTo('cancelled', await act(sweepId, 'cancel'));
    assert.deepEqual(await refusal(await act(sweepId, 'pause')), [409, 'sweep-ended']);
    assert.deepEqual(await refusal(await act(sweepId, 'resume')), [409, 'sweep-ended']);
    assert.equal(await stateAfter(await act(sweepId, 'retry', { failedOnly: false })), 'running');
    await comesTo('cancelled', await act(sweepId, 'cancel'));
  });
  test('rejects cancelling or retrying a completed sweep', async () => {
    assert.deepEqual(await refusal(await act('little', 'cancel')), [409, 'sweep-ended']);
    assert.deepEqual(await refusal(await act('little', 'retry')), [409, 'nothing-to-retry']);
  });
  test('rejects unknown names and invalid bodies', async () => {
    for (const what of ['pause', 'resume', 'cancel', 'retry'])
      assert.deepEqual(await refusal(await act('nothing', what)), [404, 'sweep-unknown']);
    assert.deepEqual(await refusal(await act('little', 'retry', { failed: true })), [422, 'request-invalid']);
  });
});

describe('an extension', () => {
  const seeds = { seeds: [1, 2, 3], name: 'larger' };
  /** Leaves the row of an extension whose server died before it started the workflow. */
  async function kill(state: SweepState) {
    const { sql } = harness.db;
    const request = { seeds: [1, 2, 3, 4, 5], name: `killed ${state}` };
    const [key, body] = [request.name, JSON.stringify(request)];
    const id = sweepIdOf('local', key, 'little', body);
    const bodySha256 = createHash('sha256').update(body).digest('hex');
    await recordRequest(sql, { principal: 'local', key, route: 'POST /api/sweeps/little/extend', bodySha256 });
    const { spec: whole, dataset } = (await planExtension(storageOf(harness.db), 'little', request, 2)).checked;
    await createSweep(sql, {
      ...{ id, name: whole.name, spec: whole, dataset: dataset.name, datasetVersion: dataset.version, target: 'xes' },
      ...{ planned: trialCount(whole), packSizes: [1], codeVersion: '0' },
    });
    await setSweepState(sql, id, state);
    return { id, extend: () => act('little', 'extend', request, { 'idempotency-key': key }) };
  }
  test('starts a larger sweep once, which adopts the trials of the other', async () => {
    const extend = () => act('little', 'extend', seeds, { 'idempotency-key': 'more' });
    const [first, second] = await Promise.all([extend(), extend()].map(async (response) => started(await response)));
    assert.deepEqual(first, second);
    const [{ sweepId, name, counts }] = first as [SweepStatus];
    assert.deepEqual([name, counts.planned], ['larger', 3]);
    assert.equal(await ended(sweepId), 'completed');
    const [adopted] = await harness.db.sql`
      select count(*)::int as trials from trials e join trials p on p.finished_at = e.finished_at
        and p.configuration_hash = e.configuration_hash and p.seed = e.seed
        and p.sweep_id = ${(await findSweep(harness.db.sql, 'little')).id} where e.sweep_id = ${sweepId}`;
    assert.equal(adopted?.trials, 2);
  });
  test('is the same one for a repeated request, by a name that is its own by now', async () => {
    const request = { seeds: [1, 2, 3, 4] };
    const extend = () => act('little', 'extend', request, { 'idempotency-key': 'again' });
    const [first] = await started(await extend());
    const sweepId = first?.sweepId as string;
    assert.deepEqual((await started(await extend()))[0], first, 'the answer of then');
    assert.equal(await ended(sweepId), 'completed');
    const sweeps = (await listSweeps(harness.db.sql)).length;
    // As after a day, or where the server died before it had saved its answer.
    await harness.db.sql`delete from api_requests`;
    const [again] = await started(await extend());
    assert.deepEqual([again?.sweepId, again?.state], [sweepId, 'completed']);
    assert.equal((await listSweeps(harness.db.sql)).length, sweeps);
    await harness.db.sql`update sweeps set name = 'little-4' where id = ${sweepId}`;
  });
  test('goes on after a server was killed between row and workflow, also when its loss was recorded', async () => {
    for (const state of ['running', 'failed'] as const) {
      const { id, extend } = await kill(state);
      const [first, second] = await Promise.all([extend(), extend()]);
      const [sweep] = await started(first);
      assert.deepEqual([sweep?.sweepId, sweep?.state], [id, 'running']);
      assert.deepEqual(await started(second), [sweep]);
      assert.equal(await ended(id), 'completed');
      assert.equal(await findSweepStarter(harness.db.sql, id), 'local', 'who started it may cancel it');
    }
  });
  test('that was cancelled meanwhile stays so', async () => {
    const { id, extend } = await kill('cancelled');
    const [sweep] = await started(await extend());
    assert.deepEqual([sweep?.sweepId, sweep?.state], [id, 'cancelled']);
    const workflowId = sweepWorkflowId(await findSweep(harness.db.sql, id));
    assert.deepEqual(await readWorkflowState(harness.dependencies.temporal, workflowId), { kind: 'missing' });
  });
  test('needs a key, and is refused where it changes what was trained', async () => {
    assert.deepEqual(await refusal(await act('little', 'extend', seeds)), [400, 'idempotency-key-missing']);
    for (const [body, code] of [
      [{ epochs: 9 }, 'spec-invalid'],
      [{ seeds: [1] }, 'spec-invalid'],
      [{ seed: 3 }, 'request-invalid'],
    ] as const)
      assert.deepEqual(await refusal(await act('little', 'extend', body, { 'idempotency-key': 'less' })), [422, code]);
    assert.deepEqual(await refusal(await act('nothing', 'extend', seeds, { 'idempotency-key': 'no' })), [404, 'sweep-unknown']);
  });
  test('of a failed sweep is a conflict', async () => {
    const { id } = await findSweep(harness.db.sql, 'killed cancelled');
    await setSweepState(harness.db.sql, id, 'failed', 'no space left');
    assert.deepEqual(await refusal(await act(id, 'extend', seeds, { 'idempotency-key': 'failed' })), [409, 'sweep-failed']);
  });
});

describe('retrainings', () => {
  const ask = (path: string, key?: string) =>
    app.request(`/api${path}`, post({}, key === undefined ? {} : { 'idempotency-key': key }));
  const scheduleAfter = async (response: Response) => {
    assert.equal(response.status, 200, await response.clone().text());
    return ((await response.json()) as Retraining).schedule;
  };
  const servers = () => ({ db: harness.db, temporal: harness.dependencies.temporal });
  let adopted: ChampionRow;
  before(async () => {
    const sweep = await findSweep(harness.db.sql, 'little');
    const checked = await checkSpec(storageOf(harness.db), sweep.spec, 1);
    const options = { ...RETRAIN_OPTIONS, watchDir: null };
    await startRetraining(servers(), { name: 'kept fresh', checked, options, adopt: sweep.id });
    adopted = (await listCurrentChampions(harness.db.sql, 'kept fresh'))[0] as ChampionRow;
  });

  test('pause removes the upcoming runs, resume restores them', async () => {
    assert.deepEqual(await scheduleAfter(await ask('/retrainings/kept%20fresh/pause')), {
      ...{ state: 'paused', words: 'every 3650 d', next: [] },
    });
    const { state, next } = await scheduleAfter(await ask('/retrainings/kept%20fresh/resume'));
    assert.equal(state, 'active');
    assert.ok(next.length > 1 && next.every((at) => new Date(at).getTime() > Date.now()));
  });
  test('a run is triggered once per key', async () => {
    const answers = [ask('/retrainings/kept%20fresh/run', 'fire'), ask('/retrainings/kept%20fresh/run', 'fire')];
    for (const answer of await Promise.all(answers)) await scheduleAfter(answer);
    await until(async () => (await listRuns(harness.db.sql, 'kept fresh', 9))[0]?.outcome === 'nothing-new', 'the run');
    assert.equal((await listRuns(harness.db.sql, 'kept fresh', 9)).length, 1);
  });
  test('a missing schedule is a conflict', async () => {
    const { spec, dataset, target } = await findRetraining(harness.db.sql, 'kept fresh');
    await saveRetraining(harness.db.sql, { name: 'lost', spec, dataset, target, options: RETRAIN_OPTIONS });
    assert.deepEqual(await refusal(await ask('/retrainings/lost/pause')), [409, 'schedule-missing']);
    const lost = (await (await app.request('/api/retrainings/lost')).json()) as Retraining;
    assert.equal(lost.schedule.state, 'missing');
  });
  test('a repeated roll-back is executed and announced once', async () => {
    const { id, ...champion } = adopted;
    assert.deepEqual(await refusal(await ask(`/champions/${id}/rollback`)), [409, 'nothing-to-roll-back']);
    await replaceChampion(harness.db.sql, { ...champion, runId: null }, id);
    const better = (await listCurrentChampions(harness.db.sql, 'kept fresh'))[0] as ChampionRow;
    assert.deepEqual(await refusal(await ask(`/champions/${id}/rollback`)), [409, 'champion-ended']);
    const back = async (key?: string) => (await (await ask(`/champions/${better.id}/rollback`, key)).json()) as Champion;
    const first = await back('back');
    assert.deepEqual([first.origin, first.until, first.trialId], ['rollback', null, adopted.trialId]);
    assert.deepEqual(await back('back'), first);
    assert.deepEqual(await back(), first, 'as another request: the wish is fulfilled already');
    const events = await listEvents(harness.db.sql, 'kept fresh', 9);
    assert.equal(events.filter(({ kind }) => kind === 'rollback').length, 1);
    const history = (await (await app.request('/api/retrainings/kept%20fresh/history')).json()) as RetrainHistory;
    assert.deepEqual(
      history.steps.map(({ kind }) => kind),
      ['adopted', 'rollback'],
    );
    const figures = history.cells[0]?.points.map(({ coveredVariance }) => coveredVariance);
    assert.equal(figures?.[0], figures?.[1], 'what was found of it on these data holds');
    assert.equal(typeof figures?.[0], 'number');
  });
  test('started again under its name keeps its champions, of the same data and split alone', async () => {
    const sweep = await findSweep(harness.db.sql, 'little');
    const options = { ...RETRAIN_OPTIONS, watchDir: null };
    const startAgain = async (changes: Partial<typeof sweep.spec>, adopt: string | null) => {
      const checked = await checkSpec(storageOf(harness.db), { ...sweep.spec, ...changes }, 1);
      return startRetraining(servers(), { name: 'kept fresh', checked, options, adopt });
    };
    await removeRetraining(servers(), 'kept fresh');
    const refused = (message: RegExp) => ({ code: 'champions-unfit', path: 'name', message });
    await assert.rejects(startAgain({ target: 'xas' }, null), refused(/are of water xes, the spec of water xas/));
    const split = { ...sweep.spec.split, seed: 99 };
    await assert.rejects(startAgain({ split }, null), refused(/trained with another split/));
    await assert.rejects(startAgain({}, sweep.id), refused(/a champion of eca at k = 1 is in use/));
    assert.equal((await startAgain({}, null)).champions, 1);
  });
});

test('a sweep without a workflow is reported with its ways out, and can be cancelled', async () => {
  const { id } = (await findSweep(harness.db.sql, 'little')) as { id: string };
  const lost = 's2222222222';
  await harness.db.sql`
    insert into sweeps (id, name, spec, dataset, dataset_version, target, state, planned, pack_sizes, code_version, started_at)
    select ${lost}, 'lost', spec, dataset, dataset_version, target, 'running', planned, pack_sizes, code_version, now() - interval '1 minute'
    from sweeps where id = ${id}`;
  const { message } = (await (await app.request(`/api/sweeps/${lost}`)).json()) as SweepDetail;
  assert.match(message ?? '', /^nothing works on it: Temporal has no workflow of it; continue it with .*retry lost.*cancel lost/);
  assert.deepEqual(await refusal(await act(lost, 'pause')), [409, 'sweep-lost']);
  assert.equal(await stateAfter(await act(lost, 'cancel')), 'cancelled');
});

test('a sweep that was terminated in Temporal is shown as cancelled, and can be retried', async () => {
  const [sweep] = await started(await start(spec({ name: 'ended', epochs: ENDLESS }), 'nine'));
  const id = sweep?.sweepId as string;
  const read = async () => (await (await app.request(`/api/sweeps/${id}`)).json()) as SweepDetail;
  await until(async () => (await read()).counts.running > 0, 'it trains');
  const { temporal } = harness.dependencies;
  await temporal?.workflow.getHandle(sweepWorkflowId(await findSweep(harness.db.sql, id))).terminate();
  const { state, message, counts } = await read();
  assert.deepEqual([state, counts.running], ['cancelled', 0]);
  assert.match(message ?? '', /ended as terminated; continue it with "narrows sweep retry ended"/);
  assert.equal(await stateAfter(await act(id, 'retry')), 'running');
  assert.equal(await stateAfter(await act(id, 'cancel')), 'cancelled');
});

test('without Temporal nothing is started or written', async () => {
  await using alone = await startApiHarness();
  await storeDataset(await checkFolder(WATER), alone.dependencies.blobs, (row) => saveDatasetVersion(alone.db.sql, row));
  assert.deepEqual(await refusal(await start(spec(), 'a', alone.app())), [503, 'temporal-unreachable']);
  assert.equal((await listSweeps(alone.db.sql)).length, 0);
  const [left] = await alone.db.sql`select count(*)::int as n from api_requests`;
  assert.equal(left?.n, 0);
});
