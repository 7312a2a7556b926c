import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { holdSweeps, listSweepUses } from '../../../../db/queries/lifecycle/sweep-uses.ts';
import { registerChampion } from '../../../../db/queries/retraining/champions.ts';
import {
  finishRun,
  markRetrainingRemoved,
  saveRetraining,
  startRun,
  updateRun,
} from '../../../../db/queries/retraining/retrainings.ts';
import { createSweep, setSweepState } from '../../../../db/queries/sweeps/sweeps.ts';
import { dropWorseModels } from '../../../../db/queries/trials/models.ts';
import { recordReports } from '../../../../db/queries/trials/trials.ts';
import { migratedDatabase } from '../../database.ts';
import { completed, failed, PROVENANCE, SPEC, seedSweep, trialOf, VERSION } from '../../fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

test('champions, warm starts and retrainings need sweeps', async () => {
  const { sql } = db;
  for (const id of ['sa', 'sb', 'sc', 'sd']) await seedSweep(sql, id, { name: id });
  await recordReports(sql, 'sa', PROVENANCE, [completed('sa', trialOf(0), 0.5)]);
  const options = { watchDir: null, url: null } as never;
  const warm = { ...SPEC, warm: { 'ednn/2': 'sc-3' } };
  await saveRetraining(sql, { name: 'water', spec: warm, dataset: 'water', target: 'xes', options });
  const about = { name: 'water', dataset: 'water', target: 'xes', sweepId: 'sa', datasetVersion: VERSION, runId: null };
  await registerChampion(sql, 'adopted', { ...about, method: 'ednn', k: 2, trialId: 'sa-0' });
  const rest = { dataset: 'water', datasetVersion: VERSION, target: 'xes', planned: 1, packSizes: [1], codeVersion: '0' };
  await createSweep(sql, { id: 'se', name: 'near', spec: { ...SPEC, warm: { 'ednn/2': 'sb-0', eca: 'sb-1' } }, ...rest });
  await startRun(sql, 'run', 'water');
  await updateRun(sql, 'run', { sweepIds: ['sd'] });
  assert.deepEqual(
    [...(await listSweepUses(sql, ['sa', 'sb', 'sc', 'sd', 'se']))],
    [
      { sweepId: 'sa', kind: 'champion', name: 'water', by: null },
      { sweepId: 'sb', kind: 'warm-start', name: 'near', by: 'se' },
      { sweepId: 'sc', kind: 'retraining', name: 'water', by: null },
      { sweepId: 'sd', kind: 'retraining', name: 'water', by: null },
    ],
  );
  assert.equal((await listSweepUses(sql, ['se'])).length, 0);
  await finishRun(sql, 'run', 'kept', '');
  await markRetrainingRemoved(sql, 'water');
  assert.deepEqual(
    (await listSweepUses(sql, ['sa', 'sb', 'sc', 'sd'])).map(({ sweepId }) => sweepId),
    ['sa', 'sb'],
    'champions of a removed retraining are kept: its name may be started again',
  );
});

test('the weights of champions and of starts of other sweeps are kept, however good later trials are', async () => {
  const { sql } = db;
  await seedSweep(sql, 'sbest', { name: 'best' });
  await recordReports(sql, 'sbest', PROVENANCE, [
    ...[0, 1, 2].map((index) => completed('sbest', trialOf(index), 0.5 + index / 100)),
    ...[3, 4, 5].map((index) => failed('sbest', trialOf(index))),
  ]);
  await dropWorseModels(sql, 'sbest');
  const options = { watchDir: null, url: null } as never;
  await saveRetraining(sql, { name: 'best', spec: SPEC, dataset: 'water', target: 'xes', options });
  const about = { name: 'best', dataset: 'water', target: 'xes', sweepId: 'sbest', datasetVersion: VERSION, runId: null };
  await registerChampion(sql, 'adopted', { ...about, method: 'ednn', k: 2, trialId: 'sbest-2' });
  const rest = { dataset: 'water', datasetVersion: VERSION, target: 'xes', planned: 1, packSizes: [1], codeVersion: '0' };
  await createSweep(sql, { id: 'safter', name: 'after', spec: { ...SPEC, warm: { 'ednn/2': 'sbest-1' } }, ...rest });
  // As a retry of the failed trials does.
  await recordReports(
    sql,
    'sbest',
    PROVENANCE,
    [3, 4, 5].map((index) => completed('sbest', trialOf(index), 0.9)),
  );
  await dropWorseModels(sql, 'sbest');
  const kept = await sql<{ id: string }[]>`select trial_id as id from models where sweep_id = 'sbest' order by 1`;
  assert.deepEqual(
    kept.map(({ id }) => id),
    ['sbest-1', 'sbest-2', 'sbest-3', 'sbest-4', 'sbest-5'],
  );
});

test('an extension needs its parent until it has ended', async () => {
  const { sql } = db;
  await seedSweep(sql, 'sparent', { name: 'parent' });
  await seedSweep(sql, 'slarger', { name: 'larger', spec: { ...SPEC, extends: 'sparent' } });
  const uses = async () => [...(await listSweepUses(sql, ['sparent']))];
  assert.deepEqual(await uses(), [{ sweepId: 'sparent', kind: 'extension', name: 'larger', by: 'slarger' }]);
  await setSweepState(sql, 'slarger', 'completed');
  assert.deepEqual(await uses(), []);
});

test('sweeps that exist can be held, others not', async () => {
  await holdSweeps(db.sql, ['sa', 'sb']);
  await assert.rejects(holdSweeps(db.sql, ['sa', 'snone']), { code: 'sweep-removed', message: /"snone"/ });
});
