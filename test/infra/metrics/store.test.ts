import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { SweepStore } from '../../../activities/ports.ts';
import type { Database } from '../../../db/client.ts';
import { decideRung, recordReports } from '../../../db/queries/trials/trials.ts';
import { createMetrics } from '../../../infra/metrics/metrics.ts';
import { measureStore } from '../../../infra/metrics/store.ts';
import { migratedDatabase } from '../../db/database.ts';
import { atRung, completed, diverged, failed, PROVENANCE, seedSweep, trialOf } from '../../db/fixtures.ts';

const ENGINE = { name: 'kernel', build: 'a' };

let db: Database;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

test('each end is counted once, when it is committed', async () => {
  const metrics = createMetrics('worker', { role: 'all', version: '1' });
  const { sql } = db;
  const id = await seedSweep(sql, 'scounted');
  const store = measureStore(
    {
      recordReports: (sweepId, { name, build }, entries) =>
        recordReports(sql, sweepId, { ...PROVENANCE, engine: name, engineBuild: build }, entries),
      decideRung: (sweepId, rung, decision) => decideRung(sql, sweepId, rung, decision),
    } satisfies Partial<SweepStore>,
    metrics,
  );
  assert.match(await metrics.expose(), /^narrows_trials_total\{outcome="failed",method="nnca",engine="tfjs"\} 0$/m);
  const counts = async () =>
    Object.fromEntries(
      Array.from(
        (await metrics.expose()).matchAll(/^narrows_trials_total\{outcome="(\w+)",method="(\w+)",engine="kernel"\} (\d+)$/gm),
        ([, outcome, method, n]) => [`${outcome} ${method}`, Number(n)] as const,
      ).filter(([, n]) => n > 0),
    );
  const reports = [
    completed(id, trialOf(0), 0.9),
    diverged(id, trialOf(1)),
    failed(id, trialOf(2)),
    atRung(id, trialOf(3), 0, 0.5),
    atRung(id, trialOf(4), 0, 0.4),
  ];
  await store.recordReports(id, ENGINE, reports);
  const once = { 'completed ednn': 1, 'diverged ednn': 1, 'failed ednn': 1 };
  assert.deepEqual(await counts(), once);
  await store.recordReports(id, ENGINE, reports);
  assert.deepEqual(await counts(), once, 'a second delivery');
  await store.decideRung(id, 0, { promoted: [3], pruned: [4] });
  await store.decideRung(id, 0, { promoted: [3], pruned: [4] });
  assert.deepEqual(await counts(), { ...once, 'pruned ednn': 1 });
  await assert.rejects(store.recordReports('snone', ENGINE, [failed('snone', trialOf(0))]), { code: 'sweep-unknown' });
  await store.recordReports(id, ENGINE, [completed(id, trialOf(3), 0.9, { rung: 1 }), completed(id, trialOf(2), 0.9)]);
  const all = { 'completed ednn': 3, 'diverged ednn': 1, 'failed ednn': 1, 'pruned ednn': 1 };
  assert.deepEqual(await counts(), all);
  const [{ ended }] = await sql<[{ ended: number }]>`select sum(ended)::int as ended from writes where sweep_id = ${id}`;
  assert.equal(ended, 6);
});
