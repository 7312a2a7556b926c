import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { findSweep, setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import { loadComparisonScores, saveTestRows } from '../../../db/queries/sweeps/test-errors.ts';
import { dropWorseModels } from '../../../db/queries/trials/models.ts';
import { recordReports } from '../../../db/queries/trials/trials.ts';
import { planLatents, removeLatents } from '../../../operations/lifecycle/latents.ts';
import { FINISHED_STATES } from '../../../search/states.ts';
import { migratedDatabase } from '../../db/database.ts';
import { completed, PROVENANCE, seedSweep, trialOf } from '../../db/fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

const ID = 's1';
const CHOICE = { olderThanSeconds: null, states: FINISHED_STATES, name: null };
/** Squared lengths of three structures; latents of trial i are i, i + 1, ... two for each row. */
const SQUARES = Float64Array.of(2e4, 3e4, 4e4);

/** Sets the scores that follow from the errors of rows: 1, 2, 3, and what expansions leave. */
const setScores = () => db.sql`
  update covered_variances v set covered_variance = 1 - 6 / 60.0,
    structure_covered_variance = case when v.method = 'nnca'
      then (select sum((t.index + n) ^ 2) from generate_series(0, 5) as n) / 90000.0 end
  from trials t where t.id = v.trial_id and v.split = 'test'`;

beforeEach(async () => {
  await db.sql`delete from sweeps`;
  await seedSweep(db.sql, ID);
  const rows = { spreads: Float64Array.of(10, 20, 30), structureSpreads: SQUARES, structureSquares: SQUARES };
  await saveTestRows(db.sql, ID, 0, { ...rows, units: Int32Array.of(0, 1, 2), strata: null });
  // More than a batch.
  const entries = Array.from({ length: 120 }, (_, i) =>
    completed(ID, trialOf(i, { method: i % 2 === 0 ? 'nnca' : 'ednn', k: 2 }), 0.9 - 0.001 * i, { rows: 3 }),
  );
  await recordReports(db.sql, ID, PROVENANCE, entries);
  await dropWorseModels(db.sql, ID);
  await setScores();
});

const latents = async () =>
  (await db.sql<{ id: string }[]>`select distinct trial_id as id from latents order by 1`).map(({ id }) => id);
const structureErrors = async () =>
  (await loadComparisonScores(db.sql, [ID])).trials.map(({ trialId, rows }) => [trialId, rows?.structureErrors ?? null] as const);

test('those of trials with weights are kept, or none; a second call changes nothing; running sweeps are left', async () => {
  const models = (await db.sql<{ id: string }[]>`select trial_id as id from models order by 1`).map(({ id }) => id);
  assert.equal((await planLatents(db, CHOICE, 'none')).sweeps.length, 0, 'the sweep is not finished');
  await setSweepState(db.sql, ID, 'completed');
  const { revision } = await findSweep(db.sql, ID);
  const plan = await planLatents(db, CHOICE, 'best');
  // Three splits of three rows, two float32 each.
  assert.deepEqual(plan.sweeps, [{ sweepId: ID, name: 'waist', trials: 114, bytes: 114 * 3 * 3 * 2 * 4 }]);
  const removed = await removeLatents(db, plan, { compact: false });
  assert.deepEqual(removed.sweeps, plan.sweeps);
  assert.deepEqual(await latents(), models);
  assert.ok((await findSweep(db.sql, ID)).revision > revision, 'pages load the trials again');
  assert.deepEqual((await removeLatents(db, plan, { compact: false })).sweeps[0]?.trials, 0);
  await removeLatents(db, await planLatents(db, CHOICE, 'none'), { compact: false });
  assert.deepEqual(await latents(), []);
});

test('comparisons keep the errors of structures, to the 11 bits in which errors are stored', async () => {
  await setSweepState(db.sql, ID, 'completed');
  const before = await structureErrors();
  await removeLatents(db, await planLatents(db, CHOICE, 'none'), { compact: false });
  const after = await structureErrors();
  assert.ok(before.some(([, errors]) => errors !== null));
  assert.deepEqual(
    after.map(([trial, errors]) => [trial, errors?.length]),
    before.map(([trial, errors]) => [trial, errors?.length]),
  );
  for (const [i, [, errors]] of after.entries()) {
    errors?.forEach((error, row) => {
      const exact = before[i]?.[1]?.[row] ?? Number.NaN;
      assert.ok(Math.abs(error - exact) <= 2 ** -10 * exact, `${error} instead of ${exact}`);
    });
  }
});
