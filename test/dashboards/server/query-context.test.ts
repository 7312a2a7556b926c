import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { type Columns, decodeColumns } from '../../../dashboards/contract/columns.ts';
import type { Coverage, SweepDetail, SweepSummary } from '../../../dashboards/contract/sweeps.ts';
import { setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import type { TrialEntry } from '../../../db/queries/trials/report-details.ts';
import { decideRung, recordReports } from '../../../db/queries/trials/trials.ts';
import type { Trial } from '../../../search/space.ts';
import { adaptiveSpec, createAdaptiveSweep } from '../../activities/adaptive-sweep.ts';
import { atRung, failed, PROVENANCE } from '../../db/fixtures.ts';
import { type ApiHarness, startApiHarness } from './harness.ts';
import { DATASET_VERSION, seedDataset, seedSweep, smallSpec } from './seed-sweeps.ts';

let harness: ApiHarness;

before(async () => {
  harness = await startApiHarness();
  await seedDataset(harness.db.sql, harness.dependencies.blobs);
});
after(async () => {
  await harness?.[Symbol.asyncDispose]();
});

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

async function readBytes(server: OpenAPIHono, path: string): Promise<Buffer> {
  const response = await server.request(path);
  assert.equal(response.status, 200, path);
  return Buffer.from(await response.arrayBuffer());
}

const readColumns = async (server: OpenAPIHono, path: string): Promise<Columns> =>
  decodeColumns(Uint8Array.from(await readBytes(server, path)).buffer);

const readJson = async <T>(server: OpenAPIHono, path: string): Promise<T> => JSON.parse(String(await readBytes(server, path)));

test('a server that has followed a sweep answers like one that starts anew', async () => {
  const { db, dependencies } = harness;
  const { sql } = db;
  const spec = smallSpec({ name: 'followed', split: { repeats: 2 }, seeds: 3, sampler: { random: { trials: 60 } } });
  const own = await seedSweep(sql, dependencies.blobs, 'sfollowed', spec);
  // A response about a running sweep may be slightly stale.
  await setSweepState(sql, own.id, 'paused');
  const trial = (index: number) => own.trials[index] as Trial;
  const report = (...entries: TrialEntry[]) =>
    recordReports(sql, own.id, { ...PROVENANCE, datasetVersion: DATASET_VERSION }, entries);
  const steps: readonly (() => Promise<unknown>)[] = [
    () => own.record(...range(40, 70)),
    // Late, and out of order.
    () => own.record(...range(100, 120)),
    () => own.record(...range(0, 20)),
    // Trials that reach a rung, of which one is pruned and one goes on.
    () => report(atRung(own.id, trial(20), 0, 0.2), atRung(own.id, trial(21), 0, 0.3)),
    () => decideRung(sql, own.id, 0, { promoted: [21], pruned: [20] }),
    () => report({ ...own.entry(21), rung: 1 }),
    // A failed trial is trained again.
    () => report(failed(own.id, trial(22))),
    () => own.record(22),
    // Reports that are delivered twice change nothing.
    () => own.record(...range(0, 25)),
    () => own.record(...range(70, 100)),
  ];
  const paths = ['coverage', 'importance', 'importance?method=eca', 'outcomes', 'outcomes?since=4', 'trials?limit=100'];
  const filtered = ['histogram?where=validation>=0.3', 'histogram?column=outcome'];
  const followed = harness.app();
  const countsOf = ({ counts, methods }: SweepDetail) => ({ counts, methods });
  for (const [step, write] of steps.entries()) {
    await write();
    const anew = harness.app();
    const sweep = `/api/sweeps/${own.id}`;
    for (const path of [...paths, ...filtered]) {
      const [known, fresh] = [await readBytes(followed, `${sweep}/${path}`), await readBytes(anew, `${sweep}/${path}`)];
      assert.ok(known.equals(fresh), `${path} after step ${step}: ${known} is not ${fresh}`);
    }
    // Elapsed times differ.
    const detail = countsOf(await readJson<SweepDetail>(followed, sweep));
    assert.deepEqual(detail, countsOf(await readJson<SweepDetail>(anew, sweep)), `step ${step}`);
    const [listed] = (await readJson<{ items: SweepSummary[] }>(anew, '/api/sweeps')).items;
    assert.deepEqual(listed?.counts, detail.counts, `step ${step}`);
  }
  const { rows, emulator } = await readJson<Coverage>(followed, `/api/sweeps/${own.id}/coverage`);
  assert.equal(rows.length, 6);
  assert.notEqual(emulator, null);
});

test('parameters of proposed points come with the outcomes, and are those of the rows', async () => {
  const { db } = harness;
  const spec = adaptiveSpec({ split: { repeats: 2 } });
  const trainer = await createAdaptiveSweep(db, 'sproposing', spec);
  await setSweepState(db.sql, 'sproposing', 'paused');
  const followed = harness.app();
  const sweep = '/api/sweeps/sproposing';
  const planned = await readColumns(followed, `${sweep}/configurations`);
  const rateOf = ({ columns }: Columns) => columns.find(({ name }) => name === 'learningRate')?.values ?? [];
  assert.ok([...rateOf(planned)].every(Number.isNaN), 'nothing has been proposed');
  const paths = [
    'coverage',
    'outcomes',
    'outcomes?since=2',
    'trials?limit=100',
    'trials?sort=hidden',
    'histogram?column=learningRate',
  ];
  for (const range of [
    { from: 24, to: 60 },
    { from: 0, to: 30 },
    { from: 180, to: 190 },
  ]) {
    await trainer.train(range);
    const anew = harness.app();
    for (const path of paths) {
      const [known, fresh] = [await readBytes(followed, `${sweep}/${path}`), await readBytes(anew, `${sweep}/${path}`)];
      assert.ok(known.equals(fresh), `${path} after ${range.to}`);
    }
  }
  const outcomes = await readColumns(followed, `${sweep}/outcomes`);
  const indices = outcomes.columns.find(({ name }) => name === 'index')?.values ?? [];
  const rows = await db.sql<{ index: number; rate: number }[]>`
    select index, (configuration ->> 'learningRate')::float8 as rate from trials where sweep_id = 'sproposing' order by index`;
  assert.deepEqual(
    Array.from(indices, (index, i) => ({ index, rate: rateOf(outcomes)[i] })),
    rows.map((row) => ({ ...row })),
  );
  assert.equal(rows.length, 70);
  const { proposals, sampler } = await readJson<SweepDetail>(followed, sweep);
  assert.deepEqual([sampler, proposals], ['tpe', { made: 30, planned: 90 }]);
});
