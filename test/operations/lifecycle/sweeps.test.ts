import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { markRemoved } from '../../../db/queries/lifecycle/removal.ts';
import { registerChampion } from '../../../db/queries/retraining/champions.ts';
import { saveRetraining } from '../../../db/queries/retraining/retrainings.ts';
import { createSweep, findSweep, listSweeps, setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import { saveTestRows } from '../../../db/queries/sweeps/test-errors.ts';
import { recordReports } from '../../../db/queries/trials/trials.ts';
import { compareSweeps } from '../../../operations/compare.ts';
import { planPrune, planSweepRemoval, removeSweeps, type SweepChoice } from '../../../operations/lifecycle/sweeps.ts';
import { FINISHED_STATES, type SweepState } from '../../../search/states.ts';
import { migratedDatabase, storageOf } from '../../db/database.ts';
import { completed, PROVENANCE, SPEC, seedSweep, trialOf, VERSION } from '../../db/fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());
beforeEach(async () => {
  await db.sql`delete from champions`;
  await db.sql`delete from sweeps`;
});

const ROWS = {
  ...{
    spreads: Float64Array.of(4, 5, 6),
    structureSpreads: Float64Array.of(4, 5, 6),
    structureSquares: Float64Array.of(4, 5, 6),
  },
  ...{ units: Int32Array.of(0, 1, 2), strata: null },
};

async function seed(id: string, name: string, { trials = 6, rows = 3, state = 'completed' as SweepState } = {}) {
  await seedSweep(db.sql, id, { name });
  await saveTestRows(db.sql, id, 0, ROWS);
  const methods = ['ednn', 'eca', 'nnca'] as const;
  const entries = Array.from({ length: trials }, (_, i) => {
    const method = methods[i % 3] ?? 'ednn';
    return completed(id, trialOf(i, { method, k: 2 }), 0.9 - 0.01 * i, { rows });
  });
  await recordReports(db.sql, id, PROVENANCE, entries);
  if (state !== 'running') await setSweepState(db.sql, id, state);
}

const adopt = async (sweepId: string) => {
  const options = { watchDir: null, url: null } as never;
  await saveRetraining(db.sql, { name: 'water', spec: SPEC, dataset: 'water', target: 'xes', options });
  const about = { name: 'water', dataset: 'water', target: 'xes', datasetVersion: VERSION, runId: null };
  await registerChampion(db.sql, 'adopted', { ...about, method: 'ednn', k: 2, trialId: `${sweepId}-0`, sweepId });
};

const warmFrom = async (id: string, name: string, source: string) => {
  const about = { dataset: 'water', datasetVersion: VERSION, target: 'xes', planned: 1, packSizes: [1], codeVersion: '0' };
  await createSweep(db.sql, { id, name, spec: { ...SPEC, warm: { 'ednn/2': `${source}-0` } }, ...about });
};

const choice = (changes: Partial<SweepChoice> = {}): SweepChoice => ({
  ...{ olderThanSeconds: null, states: FINISHED_STATES, name: null },
  ...changes,
});
const ids = async () => (await listSweeps(db.sql)).map(({ id }) => id).sort();

test('pruning half of the sweeps frees at least 40 % of the bytes, and changes no comparison that is kept', async () => {
  const names = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? `old-${i}` : `kept-${i}`));
  // 192 kB of latents each.
  for (const [i, name] of names.entries()) await seed(`s${i}`, name, { trials: 50, rows: 8000 });
  const compared = async (which: string[]) => JSON.stringify(await compareSweeps(db, which));
  const kept = names.filter((name) => name.startsWith('kept'));
  const before = [await compared(kept), ...(await Promise.all(kept.map((name) => compared([name]))))];
  const plan = await planPrune(db, choice({ name: 'old-*' }));
  const { sweeps: removed, trials, space } = await removeSweeps(storageOf(db), plan, { compact: false });
  assert.deepEqual([removed.length, trials], [4, 200]);
  assert.ok(
    removed.every(({ bytes, trials }) => trials === 50 && bytes > 9e6),
    JSON.stringify(removed),
  );
  assert.equal(space.freed, space.before - space.after);
  assert.ok(space.freed >= 0.4 * space.before, `${space.freed} of ${space.before} bytes`);
  assert.deepEqual(space.left, []);
  assert.deepEqual([await compared(kept), ...(await Promise.all(kept.map((name) => compared([name]))))], before);
});

test('what a champion and a warm start need is kept and named; a second prune changes nothing', async () => {
  for (const id of ['sa', 'sb', 'sc', 'sd']) await seed(id, id);
  await adopt('sa');
  await warmFrom('se', 'near', 'sb');
  const plan = await planPrune(db, choice());
  assert.deepEqual(plan.kept, [
    { sweepId: 'sb', name: 'sb', reason: 'trials of near start from its models' },
    { sweepId: 'sa', name: 'sa', reason: 'the retraining water has or had champions of it' },
  ]);
  const first = await removeSweeps(storageOf(db), plan, { compact: false });
  assert.deepEqual(first.sweeps.map(({ sweepId }) => sweepId).sort(), ['sc', 'sd']);
  assert.deepEqual(await ids(), ['sa', 'sb', 'se']);
  const second = await removeSweeps(storageOf(db), await planPrune(db, choice()), { compact: false });
  assert.deepEqual([second.sweeps, second.trials, second.kept.length], [[], 0, 2]);
  // The sweep at work keeps the tables from being locked.
  assert.equal(second.space.reason === null || /near is not finished/.test(second.space.reason), true);
});

test('what came to be needed after the plan is kept', async () => {
  await seed('sa', 'sa');
  const plan = await planPrune(db, choice());
  await adopt('sa');
  const { sweeps: removed, kept } = await removeSweeps(storageOf(db), plan, { compact: false });
  assert.deepEqual([removed, kept.map(({ sweepId }) => sweepId)], [[], ['sa']]);
  assert.equal((await findSweep(db.sql, 'sa')).state, 'completed');
});

test('a sweep that is not finished is refused, also where it was continued after the plan', async () => {
  await seed('sa', 'waist', { state: 'running' });
  const refused = { code: 'sweep-running', fix: 'cancel it first: "narrows sweep cancel waist"' };
  await assert.rejects(planSweepRemoval(db, ['waist']), refused);
  await setSweepState(db.sql, 'sa', 'cancelled');
  const plan = await planSweepRemoval(db, ['waist']);
  await setSweepState(db.sql, 'sa', 'running');
  await assert.rejects(removeSweeps(storageOf(db), plan, { compact: false }), refused);
  assert.deepEqual(await ids(), ['sa']);
  await setSweepState(db.sql, 'sa', 'cancelled');
  await removeSweeps(storageOf(db), plan, { compact: false });
  assert.deepEqual(await ids(), []);
});

test('sweeps are removed by name; with one that starts from them, not without it', async () => {
  for (const id of ['sa', 'sb']) await seed(id, `name-${id}`);
  await warmFrom('sc', 'near', 'sa');
  await setSweepState(db.sql, 'sc', 'cancelled');
  await assert.rejects(planSweepRemoval(db, ['name-sa', 'sb']), {
    code: 'sweep-in-use',
    message: /trials of near start from/,
  });
  await assert.rejects(planSweepRemoval(db, ['snone']), { code: 'sweep-unknown' });
  const plan = await planSweepRemoval(db, ['name-sa', 'near', 'sa']);
  assert.deepEqual(plan.sweeps.map(({ sweepId }) => sweepId).sort(), ['sa', 'sc']);
  await removeSweeps(storageOf(db), plan, { compact: false });
  assert.deepEqual(await ids(), ['sb']);
});

test('a removal that was interrupted is finished by the same command, or by any other', async () => {
  for (const id of ['sa', 'sb']) await seed(id, id);
  await markRemoved(db.sql, 'sa', async () => {});
  const plan = await planSweepRemoval(db, ['sa']);
  assert.deepEqual(plan, { sweeps: [], kept: [] });
  assert.equal((await removeSweeps(storageOf(db), plan, { compact: false })).trials, 6);
  await markRemoved(db.sql, 'sb', async () => {});
  assert.equal((await removeSweeps(storageOf(db), { sweeps: [], kept: [] }, { compact: false })).trials, 6);
  await assert.rejects(planSweepRemoval(db, ['sa']), { code: 'sweep-unknown' });
});
