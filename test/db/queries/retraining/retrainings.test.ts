import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '../../../../db/client.ts';
import {
  findChampion,
  findRollbackReplacement,
  listChampionHistory,
  listCurrentChampions,
  type NewChampion,
  registerChampion,
  replaceChampion,
  restorePreviousChampion,
} from '../../../../db/queries/retraining/champions.ts';
import {
  ensurePendingMessages,
  listEventsOfRun,
  listMessagesOfRun,
  markMessagesUndeliverable,
  recordAttempt,
  recordEvent,
} from '../../../../db/queries/retraining/notifications.ts';
import {
  findLastProcessedVersion,
  findRetraining,
  findRun,
  finishRun,
  listRuns,
  listShards,
  markRetrainingRemoved,
  saveRetraining,
  saveShard,
  startRun,
  updateRun,
} from '../../../../db/queries/retraining/retrainings.ts';
import { recordReports } from '../../../../db/queries/trials/trials.ts';
import type { RetrainOptions } from '../../../../search/retraining.ts';
import { migratedDatabase } from '../../database.ts';
import { completed, PROVENANCE, SPEC, seedSweep, trialOf, VERSION } from '../../fixtures.ts';

const OPTIONS: RetrainOptions = {
  ...{ watchDir: null, url: null, settle: 10, margin: 0.003, alpha: 0.05, scope: 'champion', onlyOnDrift: false },
  schedule: { every: 3600, cron: null, overlap: 'skip', catchUp: 3600, jitter: 0 },
};
const ROW = { name: 'waist', spec: SPEC, dataset: 'water', target: 'xes', options: OPTIONS };

let db: Database;
before(async () => {
  db = await migratedDatabase();
  await seedSweep(db.sql, 's1');
  await recordReports(
    db.sql,
    's1',
    PROVENANCE,
    [0, 1, 2].map((index) => completed('s1', trialOf(index), 0.9 + 0.01 * index)),
  );
  assert.equal(await saveRetraining(db.sql, ROW), true);
});
after(() => db.close());

const championOf = (index: number, runId: string | null = null, name = 'waist'): NewChampion => ({
  ...{
    name,
    dataset: 'water',
    target: 'xes',
    method: 'ednn',
    k: 2,
    trialId: `s1-${index}`,
    sweepId: 's1',
    datasetVersion: VERSION,
  },
  runId,
});
const inUse = async () => (await listCurrentChampions(db.sql, 'waist')).map(({ trialId }) => trialId);

test('a name is in use until its removal, and keeps its champions', async () => {
  assert.equal(await saveRetraining(db.sql, ROW), false);
  assert.equal(await saveRetraining(db.sql, { ...ROW, name: 'other' }), true);
  await markRetrainingRemoved(db.sql, 'other');
  await assert.rejects(findRetraining(db.sql, 'other'), { code: 'retraining-unknown', kind: 'not-found' });
  assert.equal(await saveRetraining(db.sql, { ...ROW, name: 'other', target: 'xas' }), true);
  assert.equal((await findRetraining(db.sql, 'other')).target, 'xas');
  await markRetrainingRemoved(db.sql, 'other');
});

test('a run starts and ends once', async () => {
  await startRun(db.sql, 'r1', 'waist');
  await startRun(db.sql, 'r1', 'waist');
  await updateRun(db.sql, 'r1', { toVersion: VERSION });
  await updateRun(db.sql, 'r1', { sweepIds: ['s1'] });
  assert.equal(await findLastProcessedVersion(db.sql, 'waist'), null);
  assert.equal(await finishRun(db.sql, 'r1', 'kept', 'stays'), true);
  assert.equal(await finishRun(db.sql, 'r1', 'failed', 'too late'), false);
  const { outcome, message, toVersion, sweepIds, finishedAt } = await findRun(db.sql, 'r1');
  assert.deepEqual([outcome, message, toVersion, sweepIds, finishedAt !== null], ['kept', 'stays', VERSION, ['s1'], true]);
  assert.equal(await findLastProcessedVersion(db.sql, 'waist'), VERSION);
  assert.deepEqual(
    (await listRuns(db.sql, 'waist', 5)).map(({ id }) => id),
    ['r1'],
  );
  await assert.rejects(findRun(db.sql, 'r9'), { code: 'run-unknown', kind: 'not-found' });
});

test('a run that finds nothing new is less than 2 kB of rows', async () => {
  const size = async () => {
    const [row] = await db.sql<{ bytes: number }[]>`
      select coalesce(sum(pg_column_size(r.*)), 0)::int as bytes from retrain_runs r where name = 'waist'`;
    return row?.bytes ?? 0;
  };
  const before = await size();
  await startRun(db.sql, 'retrain-waist-2026-01-01T00:00:00Z-01234567', 'waist');
  await finishRun(db.sql, 'retrain-waist-2026-01-01T00:00:00Z-01234567', 'nothing-new', 'nothing new');
  assert.ok((await size()) - before < 2000);
});

test('one champion is in use after promotions, roll-backs and repeated calls', async () => {
  assert.equal(await registerChampion(db.sql, 'first', championOf(0, 'r1')), true);
  assert.equal(await registerChampion(db.sql, 'first', championOf(1)), false);
  const first = await findChampion(db.sql, 'waist', 'ednn', 2);
  assert.deepEqual([first.trialId, first.origin, first.validation, first.codeVersion], ['s1-0', 'first', 0.899, '0.1.0']);

  await startRun(db.sql, 'r2', 'waist');
  assert.equal(await replaceChampion(db.sql, championOf(1, 'r2'), first.id), true);
  // Repeats the promotion, and tries one against a former champion.
  const history = await listChampionHistory(db.sql, 'waist');
  assert.equal(await replaceChampion(db.sql, championOf(1, 'r2'), first.id), false);
  assert.equal(await replaceChampion(db.sql, championOf(2), first.id), false);
  assert.deepEqual(await listChampionHistory(db.sql, 'waist'), history);
  assert.deepEqual(await inUse(), ['s1-1']);
  const second = await findChampion(db.sql, 'waist', 'ednn', 2);
  await startRun(db.sql, 'r3', 'waist');
  assert.equal(await replaceChampion(db.sql, championOf(2, 'r3'), second.id), true);

  const restored: string[] = [];
  const back = async () => {
    const from = await findChampion(db.sql, 'waist', 'ednn', 2);
    return restorePreviousChampion(db.sql, from, async (_, to) => void restored.push(`${from.trialId} -> ${to.trialId}`));
  };
  await back();
  await back();
  assert.deepEqual(restored, ['s1-2 -> s1-1', 's1-1 -> s1-0']);
  assert.deepEqual(await inUse(), ['s1-0']);
  await assert.rejects(back(), { code: 'nothing-to-roll-back' });
  const [ended] = (await listChampionHistory(db.sql, 'waist')).slice(2);
  assert.ok(ended);
  await assert.rejects(
    restorePreviousChampion(db.sql, ended, async () => {}),
    { code: 'champion-ended' },
  );
  assert.equal((await findRollbackReplacement(db.sql, ended))?.trialId, 's1-1');
  assert.equal(await findRollbackReplacement(db.sql, await findChampion(db.sql, 'waist', 'ednn', 2)), null);
  assert.deepEqual(
    (await listChampionHistory(db.sql, 'waist')).map(({ trialId, origin, endedBy }) => [trialId, origin, endedBy]),
    [
      ['s1-0', 'rollback', null],
      ['s1-1', 'rollback', 'rollback'],
      ['s1-2', 'promotion', 'rollback'],
      ['s1-1', 'promotion', 'promotion'],
      ['s1-0', 'first', 'promotion'],
    ],
  );
  await assert.rejects(findChampion(db.sql, 'waist', 'eca', 2), { code: 'champion-unknown', kind: 'not-found' });
});

test('an interrupted promotion changes nothing', async () => {
  const before = await listChampionHistory(db.sql, 'waist');
  const [champion] = before;
  await assert.rejects(
    db.sql.begin(async (sql) => {
      assert.equal(await replaceChampion(sql, championOf(2), champion?.id as number), true);
      throw new Error('power cut');
    }),
    { message: 'power cut' },
  );
  assert.deepEqual(await listChampionHistory(db.sql, 'waist'), before);
});

test('a roll-back whose event cannot be written changes nothing', async () => {
  await replaceChampion(db.sql, championOf(2), (await findChampion(db.sql, 'waist', 'ednn', 2)).id);
  await assert.rejects(
    restorePreviousChampion(db.sql, await findChampion(db.sql, 'waist', 'ednn', 2), async () => {
      throw new Error('no space left');
    }),
    { message: 'no space left' },
  );
  assert.deepEqual(await inUse(), ['s1-2']);
});

test('shards are recorded by folder and content', async () => {
  const shard = {
    content: 'ab'.repeat(32),
    folder: '/in/a',
    fingerprint: '1',
    outcome: 'rejected',
    version: null,
    message: 'NaN',
  } as const;
  assert.equal(await saveShard(db.sql, 'waist', shard), true);
  assert.equal(await saveShard(db.sql, 'waist', { ...shard, fingerprint: '2' }), false);
  assert.equal(await saveShard(db.sql, 'waist', { ...shard, folder: '/in/b' }), true);
  assert.equal(await saveShard(db.sql, 'waist', { ...shard, content: 'cd'.repeat(32), outcome: 'taken' }), true);
  assert.deepEqual(
    (await listShards(db.sql, 'waist')).map(({ folder, fingerprint, outcome }) => `${folder} ${fingerprint} ${outcome}`).sort(),
    ['/in/a 1 taken', '/in/a 2 rejected', '/in/b 1 rejected'],
  );
  // Content that is back counts as the newest again.
  const newest = async () => (await listShards(db.sql, 'waist')).find(({ folder }) => folder === '/in/a')?.fingerprint;
  assert.equal(await newest(), '1');
  assert.equal(await saveShard(db.sql, 'waist', { ...shard, fingerprint: '2' }), false);
  assert.equal(await newest(), '1', 'nothing has changed');
  assert.equal(await saveShard(db.sql, 'waist', { ...shard, fingerprint: '3' }), false);
  assert.equal(await newest(), '3');
});

test('an event is unique per run, kind and subject, its message per channel', async () => {
  const event = { kind: 'kept', name: 'waist', runId: 'r1', subject: '', text: 'stays', payload: { k: 2 } } as const;
  await recordEvent(db.sql, event);
  await recordEvent(db.sql, { ...event, text: 'stays, said again' });
  await recordEvent(db.sql, { ...event, kind: 'shard-rejected', subject: 'a' });
  const [kept, ...others] = await listEventsOfRun(db.sql, 'r1');
  assert.ok(kept);
  assert.deepEqual([kept.text, kept.payload, others.length], ['stays', { k: 2 }, 1]);

  assert.deepEqual(await ensurePendingMessages(db.sql, kept.id, ['webhook', 'mail']), ['mail', 'webhook']);
  await recordAttempt(db.sql, kept.id, 'webhook', 'refused');
  await recordAttempt(db.sql, kept.id, 'webhook', null);
  await recordAttempt(db.sql, kept.id, 'webhook', null);
  assert.deepEqual(await ensurePendingMessages(db.sql, kept.id, ['webhook', 'mail']), ['mail']);
  await recordAttempt(db.sql, kept.id, 'mail', 'no route');
  await markMessagesUndeliverable(db.sql, 'r1');
  assert.deepEqual(
    (await listMessagesOfRun(db.sql, 'r1')).map(({ channel, state, attempts, lastError }) => [
      channel,
      state,
      attempts,
      lastError,
    ]),
    [
      ['mail', 'failed', 1, 'no route'],
      ['webhook', 'delivered', 2, null],
    ],
  );
});
