/** Specs that cost more than they should, checked off the main thread and within limits. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LIMITS } from '../../../dashboards/server/limits.ts';
import { createSpecChecks } from '../../../dashboards/server/spec-checks.ts';
import { LocatedSpecError } from '../../../search/fault.ts';
import { storageOf } from '../../db/database.ts';
import { type ApiHarness, post, readProblem, startApiHarness } from './harness.ts';
import { seedDataset } from './seed-sweeps.ts';

let harness: ApiHarness;
before(async () => {
  harness = await startApiHarness();
  await seedDataset(harness.db.sql, harness.dependencies.blobs);
});
after(async () => {
  await harness[Symbol.asyncDispose]();
  assert.deepEqual(harness.logged, []);
});

const GOOD = 'dataset: little\ntarget: xes\nspace: { k: [1] }\ntraining: { batch: 16 }\n';
/** YAML compares each key of a map with those before it: 190 kB take many seconds. */
const COSTLY = `dataset: little\ntarget: xes\nspace: { ${Array.from({ length: 20_000 }, (_, i) => `a${i}: 1`).join()} }\n`;

test('a costly spec is given up with an error, while the server answers others', async () => {
  const app = harness.app({ limits: { ...LIMITS, specMs: 500 } });
  let isDone = false;
  const costly = Promise.resolve(app.request('/api/plan', post({ spec: COSTLY }))).finally(() => {
    isDone = true;
  });
  let answered = 0;
  while (!isDone) {
    assert.equal((await app.request('/api/session')).status, 200);
    answered += 1;
    await nextTurn();
  }
  const response = await costly;
  const { code, fix } = await readProblem(response);
  assert.deepEqual([response.status, code], [422, 'spec-too-costly']);
  assert.match(fix ?? '', /narrows sweep plan/);
  assert.ok(answered > 20, `${answered} requests were answered meanwhile`);
  assert.equal((await app.request('/api/plan', post({ spec: GOOD }))).status, 200, 'another thread takes over');
});

test('a caller who checks costly specs delays no other', async () => {
  const { checkText: check } = createSpecChecks(storageOf(harness.db), { ...LIMITS, specMs: 3000 });
  let isDone = false;
  const costly = [1, 2, 3].map(() => check('a', COSTLY, undefined));
  const failed = Promise.allSettled(costly).then(() => {
    isDone = true;
  });
  const [checked] = await check('b', GOOD, 'mine');
  assert.deepEqual([checked?.spec.name, isDone], ['mine', false]);
  await failed;
  for (const result of await Promise.allSettled(costly)) {
    assert.equal(result.status, 'rejected');
    assert.equal(result.reason.code, 'spec-too-costly');
  }
});

test('errors keep their faults and lines on the way between threads', async () => {
  const { checkText: check } = createSpecChecks(storageOf(harness.db), LIMITS);
  const error = async (text: string) => {
    const [result] = await Promise.allSettled([check('a', text, undefined)]);
    assert.ok(result?.status === 'rejected' && result.reason instanceof LocatedSpecError, text);
    const { code, faults } = result.reason;
    return [code, ...faults.map(({ path, line }) => `${path} ${line}`)];
  };
  assert.deepEqual(await error('dataset: little\nsplt: 5\ntarget: xes\nspace: { k: [1] }\n'), ['spec-invalid', 'splt 2']);
  assert.deepEqual(await error('dataset: [\n'), ['spec-invalid', ' 2']);
  assert.deepEqual(await error(GOOD.replace('xes', 'none')), ['spec-invalid', 'target 2']);
  assert.deepEqual(await error('target: xes\ndataset: gone\nspace: { k: [1] }\n'), ['dataset-missing', 'dataset 2']);
});
