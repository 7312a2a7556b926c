/** Decisions at rungs: verified on what was trained, and red on each thing that was changed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { activitiesOver } from '../../../activities/index.ts';
import { createStorage } from '../../../activities/storage.ts';
import { createBlobStore } from '../../../db/blobs.ts';
import type { Database } from '../../../db/client.ts';
import { findSweep, recordRetry } from '../../../db/queries/sweeps/sweeps.ts';
import { createNullEngine, type NullEngineOptions } from '../../../models/engines/null-engine.ts';
import { verifyPlan } from '../../../operations/lifecycle/plan-checks.ts';
import { checkRungs } from '../../../operations/lifecycle/rung-checks.ts';
import { verifyStorage } from '../../../operations/lifecycle/verify.ts';
import { seedDataset, seedSweep, smallSpec } from '../../dashboards/server/seed-sweeps.ts';
import { migratedDatabase } from '../../db/database.ts';

const { signal } = new AbortController();
const PACK = 6;

let db: Database;
before(async () => {
  db = await migratedDatabase();
  await seedDataset(db.sql, createBlobStore(db.sql, null));
});
after(() => db?.close());

/** Creates a sweep of 36 trials: 6 points of each of 3 cells, 2 seeds. */
async function create(id: string, rule: Record<string, unknown>): Promise<number> {
  const spec = smallSpec({ methods: ['ednn', 'eca'], seeds: 2, sampler: { random: { trials: 36 } }, ...rule });
  await seedSweep(db.sql, createBlobStore(db.sql, null), id, spec);
  return (await findSweep(db.sql, id)).planned;
}

/** Returns what workers do for a sweep: trains packs, with the null engine, and promotes. */
function workerOf(sweepId: string, engine: NullEngineOptions = {}) {
  const storage = createStorage({ db, blobs: createBlobStore(db.sql, null), codeVersion: '0', host: 'here' });
  const { trainPack, promoteRung, promoteReached } = activitiesOver(storage, createNullEngine(engine));
  const run = <Input, Output>(activity: (input: Input) => Promise<Output>, input: Input): Promise<Output> =>
    new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(activity, input);
  return {
    train: (rung: number, from: number, to: number, retry = false) => run(trainPack, { sweepId, rung, from, to, retry }),
    promote: (rung: number) => run(promoteRung, { sweepId, rung }) as Promise<number>,
    promoteReached: (rung: number, isComplete: boolean) => run(promoteReached, { sweepId, rung, isComplete }),
  };
}

/** Trains a sweep rung by rung. */
async function trainTogether(id: string, planned: number, rungs: number): Promise<void> {
  const worker = workerOf(id);
  for (let rung = 0, entrants = planned; rung < rungs; rung++) {
    await worker.train(rung, 0, entrants);
    if (rung + 1 < rungs) entrants = await worker.promote(rung);
  }
}

/** Trains a sweep whose rungs overlap, the packs of the first one in reverse order. */
async function trainOverlapping(id: string, planned: number): Promise<void> {
  const worker = workerOf(id);
  const trained = [0, 0, 0];
  for (let to = planned; to > 0; to -= PACK) {
    await worker.train(0, to - PACK, to);
    for (const rung of [0, 1]) {
      const entrants = await worker.promoteReached(rung, false);
      if (entrants > (trained[rung + 1] as number)) await worker.train(rung + 1, trained[rung + 1] as number, entrants);
      trained[rung + 1] = entrants;
    }
  }
  for (const rung of [0, 1]) {
    const entrants = await worker.promoteReached(rung, true);
    await worker.train(rung + 1, trained[rung + 1] as number, entrants);
  }
}

const check = async (id: string) => checkRungs(db.sql, await findSweep(db.sql, id));

/** Changes rows within a transaction that is undone; returns what is found of them there. */
async function faultsAfter(id: string, change: string): Promise<string[]> {
  const undone = new Error('undone');
  let found: string[] = [];
  const changed = db.sql.begin(async (sql) => {
    const { count } = await sql.unsafe(change);
    assert.ok(count > 0, 'the change finds rows');
    const { faults } = await checkRungs(sql, await findSweep(sql, id));
    found = faults.map(({ trialId, problem }) => `${trialId}: ${problem}`);
    throw undone;
  });
  await assert.rejects(changed, undone);
  return found;
}

/** Returns the number of a trial of the first cell with that fate, of the best or worst score. */
async function trialWith(id: string, condition: string, order: 'best' | 'worst'): Promise<number> {
  const [row] = await db.sql.unsafe<{ index: number }[]>(
    `select t.index from trials t join rung_scores s on s.trial_id = t.id and s.rung = 0
     where t.sweep_id = '${id}' and t.cell = 'ednn/1' and ${condition} order by s.validation ${order === 'best' ? 'desc' : 'asc'} limit 1`,
  );
  assert.ok(row, 'there is such a trial');
  return row.index;
}

const HALVING = { reduction: 3, rungs: 3 };

test('decisions of halving are recomputed, as far as they have been made', async () => {
  const planned = await create('shalved', { halving: HALVING });
  const report = { rule: 'halving', check: 'recomputed', decisions: 0, unverified: 0 };
  const worker = workerOf('shalved');
  await worker.train(0, 0, planned);
  assert.deepEqual(await check('shalved'), { report, faults: [] });
  const entrants = await worker.promote(0);
  assert.equal(entrants, 12, 'two of six configurations of each cell');
  assert.deepEqual(await check('shalved'), { report: { ...report, decisions: 36 }, faults: [] });
  await worker.train(1, 0, entrants);
  await worker.train(2, 0, await worker.promote(1));
  assert.deepEqual(await check('shalved'), { report: { ...report, decisions: 48 }, faults: [] });
  const plan = await verifyPlan(db, 'shalved', signal);
  assert.deepEqual([plan.identical, plan.trials, plan.rungs?.decisions], [true, 36, 48]);
});

test('a trial that was wrongly promoted or stopped is named, and so is a changed score', async () => {
  const [pruned, completed] = [
    await trialWith('shalved', `t.outcome = 'pruned' and t.rung = 0`, 'worst'),
    await trialWith('shalved', `t.outcome = 'completed'`, 'best'),
  ];
  assert.deepEqual(
    await faultsAfter(
      'shalved',
      `update trials set promoted_into = 1, rung = 1, outcome = 'diverged' where id = 'shalved-${pruned}'`,
    ),
    [`shalved-${pruned}: it was promoted past rung 1, where the rule prunes it`],
  );
  assert.deepEqual(
    (
      await faultsAfter(
        'shalved',
        `update trials set promoted_into = 0, rung = 0, outcome = 'pruned' where id = 'shalved-${completed}'`,
      )
    )[0],
    `shalved-${completed}: it was pruned at rung 1, past which the rule promotes it`,
  );
  const [score, ...decisions] = await faultsAfter(
    'shalved',
    `update rung_scores set validation = 0.999 where rung = 0 and trial_id = 'shalved-${pruned}'`,
  );
  assert.match(
    score as string,
    new RegExp(`^shalved-${pruned}: its score at rung 1 is 0.999, and its learning curve has 0\\.\\d+$`),
  );
  assert.ok(
    decisions.includes(`shalved-${pruned}: it was pruned at rung 1, past which the rule promotes it`),
    decisions.join('\n'),
  );
});

test('rows of rungs that contradict each other are named', async () => {
  const index = await trialWith('shalved', `t.outcome = 'completed'`, 'best');
  const id = `shalved-${index}`;
  assert.equal(
    (await faultsAfter('shalved', `delete from rung_scores where rung = 1 and trial_id = '${id}'`))[0],
    `${id}: its score of a rung that it passed is missing`,
  );
  assert.equal(
    (await faultsAfter('shalved', `update trials set promoted_into = 1 where id = '${id}'`))[0],
    `${id}: it was trained on rung 3, into which it was not promoted`,
  );
  assert.equal(
    (await faultsAfter('shalved', `update trials set outcome = 'pruned' , rung = 0 where id = '${id}'`))[0],
    `${id}: it ended at rung 1, past which it was promoted`,
  );
  assert.equal(
    (await faultsAfter('shalved', `delete from learning_curves where trial_id = '${id}'`))[0]?.replace(/0\.\d+/, 'x'),
    `${id}: its score at rung 1 is x, and its learning curve has none`,
  );
});

test('brackets are verified, each from the rung on at which it begins to halve', async () => {
  await trainTogether('sbrackets', await create('sbrackets', { halving: { ...HALVING, brackets: 3 } }), 3);
  const { report, faults } = await check('sbrackets');
  assert.deepEqual([faults, report?.unverified], [[], 0]);
});

test('decisions by learning curves are recomputed', async () => {
  await trainTogether('smedian', await create('smedian', { stopping: { median: { rungs: 3 } } }), 3);
  const { report, faults } = await check('smedian');
  assert.deepEqual([report?.rule, report?.check, report?.unverified, faults], ['median', 'recomputed', 0, []]);
  const pruned = await trialWith('smedian', `t.outcome = 'pruned' and t.rung = 0`, 'worst');
  const changed = await faultsAfter(
    'smedian',
    `update learning_curves set validation = '{0.999}' where trial_id = 'smedian-${pruned}'`,
  );
  assert.match(changed[0] as string, /^smedian-\d+: its score at rung 1 is 0\.\d+, and its learning curve has 0\.999$/);
  assert.ok(changed.includes(`smedian-${pruned}: it was pruned at rung 1, past which the rule promotes it`), changed.join('\n'));
});

test('of rungs that overlap, decisions are found that no order of trials can give', async () => {
  await trainOverlapping('soverlapping', await create('soverlapping', { halving: { ...HALVING, asynchronous: true } }));
  const { report, faults } = await check('soverlapping');
  assert.deepEqual([report?.check, report?.unverified, faults], ['possible', 0, []]);
  assert.ok((report?.decisions ?? 0) >= 48);
  const worst = await trialWith('soverlapping', `t.outcome = 'pruned' and t.rung = 0`, 'worst');
  const sibling = worst % 2 === 0 ? worst + 1 : worst - 1;
  const promoted = (
    await db.sql<[{ count: number }]>`
    select count(promotion)::int as count from rung_scores s join trials t on t.id = s.trial_id where t.sweep_id = 'soverlapping' and s.rung = 0`
  )[0].count;
  const both = `('soverlapping-${worst}', 'soverlapping-${sibling}')`;
  const impossible = await faultsAfter(
    'soverlapping',
    `with promoted as (update trials set promoted_into = 1, rung = 1, outcome = 'diverged' where id in ${both} returning id)
     update rung_scores s set promotion = ${promoted} + right(s.trial_id, 1)::int % 2 from promoted p where s.trial_id = p.id and s.rung = 0`,
  );
  assert.equal(impossible.length, 2, impossible.join('\n'));
  assert.match(
    impossible[0] as string,
    /: it was promoted past rung 1 after \d better and with at most \d worse ones, and is not among the best 1\/3$/,
  );
  const best = await trialWith('soverlapping', `t.outcome = 'completed'`, 'best');
  const prune = `update trials set promoted_into = 0, rung = 0, outcome = 'pruned' where id = 'soverlapping-${best}'`;
  assert.match(
    (await faultsAfter('soverlapping', prune)).join('\n'),
    /^soverlapping-\d+: it was pruned at rung 1, past which another seed of its configuration was promoted$/m,
  );
  const last = `(select max(promotion) from rung_scores where trial_id like 'soverlapping-%' and rung = 1)`;
  assert.match(
    (
      await faultsAfter('soverlapping', `update rung_scores set promotion = promotion + 1 where rung = 1 and promotion = ${last}`)
    ).join('\n'),
    /^soverlapping-\d+: its place on rung 3 does not follow those of the trials before it$/,
  );
});

test('decisions that trials reached too late for are not judged', async () => {
  const planned = await create('slate', { halving: HALVING });
  const late = await db.sql<{ index: number }[]>`
    select index from trials where sweep_id = 'shalved' and promoted_into > 0 order by index`;
  // The two best of each cell fail at first: the third goes on, and later they do as well.
  const isLate = new Set(late.map(({ index }) => `slate-${index}`));
  const worker = workerOf('slate', { ending: ({ trialId }) => (isLate.has(trialId) ? 'failed' : null) });
  await worker.train(0, 0, planned);
  await worker.promote(0);
  assert.deepEqual((await check('slate')).faults, []);
  assert.equal((await check('slate')).report?.unverified, 0);
  await recordRetry(db.sql, 'slate', true);
  const again = workerOf('slate');
  await again.train(0, 0, planned, true);
  await again.promote(0);
  const { report, faults } = await check('slate');
  assert.deepEqual(faults, []);
  assert.equal(report?.unverified, 6, 'both seeds of the third of each cell');
  // Seeds share a fate in any case.
  const index = late[0]?.index as number;
  assert.equal(
    (await faultsAfter('slate', `update trials set promoted_into = 0, outcome = 'pruned' where id = 'slate-${index}'`)).length,
    1,
  );
});

test('a wrong decision is damage of what is stored', async () => {
  const pruned = await trialWith('shalved', `t.outcome = 'pruned' and t.rung = 0`, 'worst');
  const id = `shalved-${pruned}`;
  const findings = async () =>
    (await verifyStorage({ db, blobs: createBlobStore(db.sql, null) }, ['shalved'], { signal })).findings.filter(
      ({ subject, problem }) => subject === id && problem.includes('at rung'),
    );
  assert.deepEqual(await findings(), []);
  await db.sql`update rung_scores set validation = 0.5 where trial_id = ${id} and rung = 0`;
  assert.deepEqual((await findings()).map(({ fix, result }) => [fix, result])[0], [
    'do not rely on it: restore the sweep from an archive or a backup, or start its spec again under another name, which ends with the same bits',
    'failed',
  ]);
  const { identical, first } = await verifyPlan(db, 'shalved', signal);
  assert.equal(identical, false);
  assert.equal(first?.subject, id);
});

test('a sweep that trains all trials to the end has no decisions', async () => {
  await create('swhole', {});
  assert.deepEqual(await check('swhole'), { report: null, faults: [] });
});
