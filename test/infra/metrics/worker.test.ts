/** Metrics of whole workers: that they say what the database says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sql } from '../../../db/client.ts';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { createMetrics, type ExposedMetrics } from '../../../infra/metrics/metrics.ts';
import { createNullEngine } from '../../../models/engines/null-engine.ts';
import { retrySweep } from '../../../operations/sweeps/start.ts';
import { isFinished } from '../../../search/states.ts';
import { until } from '../../support/until.ts';
import { startBareServers } from '../bare-servers.ts';
import { install } from '../worker/installation.ts';

/** Returns the sum of a counter over processes, by its labels, without those that count nothing. */
async function totals(processes: readonly ExposedMetrics[], name: string): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const metrics of processes) {
    for (const [, labels = '', value] of (await metrics.expose()).matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, 'gm')))
      sums[labels] = (sums[labels] ?? 0) + Number(value);
  }
  return Object.fromEntries(Object.entries(sums).filter(([, value]) => value !== 0));
}

/** Returns the counts of rows, labelled as the counter. */
async function rowCounts(sql: Sql): Promise<Record<string, number>> {
  const rows = await sql<{ outcome: string; method: string; engine: string; count: number }[]>`
    select outcome, method, engine, count(*)::int as count from trials where outcome <> 'rung' group by 1, 2, 3`;
  return Object.fromEntries(
    rows.map(({ outcome, method, engine, count }) => [`outcome="${outcome}",method="${method}",engine="${engine}"`, count]),
  );
}

const measured = (role: string) => createMetrics('worker', { role, version: 'test' });
const sum = (values: Readonly<Record<string, number>>) => Object.values(values).reduce((all, one) => all + one, 0);

test('trials of all processes add up to the rows, also after a trainer was replaced', async () => {
  await using servers = await startBareServers();
  await using it = await install(servers.address);
  const { sql } = it.db;
  const [orchestrator, first, second] = [measured('orchestrator'), measured('trainer'), measured('trainer')];
  await using _orchestrator = await it.work({ role: 'orchestrator', metrics: orchestrator });
  const ended = async () => (await sql<[{ n: number }]>`select count(*)::int as n from trials where outcome <> 'rung'`)[0].n;
  const stop = new AbortController();
  await using trainer = await it.work({
    ...{ role: 'trainer', metrics: first, stop: stop.signal, graceSeconds: 2 },
    engine: createNullEngine({ secondsPerTrial: 0.05, ending: ({ seed }) => (seed % 5 === 0 ? 'diverged' : null) }),
  });
  const id = await it.start(40);
  await until(async () => (await ended()) >= 8, 'the first trainer has trained some');
  stop.abort();
  await trainer.ended;
  await using _next = await it.work({ role: 'trainer', metrics: second });
  await until(async () => isFinished((await findSweep(sql, id)).state), 'the sweep ends');

  const processes = [orchestrator, first, second];
  assert.deepEqual(await totals(processes, 'narrows_trials_total'), await rowCounts(sql));
  assert.equal(sum(await totals(processes, 'narrows_trials_total')), 40);
  assert.ok(sum(await totals([first], 'narrows_trials_total')) >= 8 && sum(await totals([second], 'narrows_trials_total')) > 0);

  const text = await second.expose();
  // What the SDK measures comes with it, under names of its own.
  assert.match(text, /^temporal_/m);
  const names = Array.from(text.matchAll(/^# TYPE (\S+) /gm), ([, name]) => name);
  assert.equal(new Set(names).size, names.length, 'every metric is described once');
  const packs = await totals(processes, 'narrows_activity_seconds_count');
  assert.ok((packs['type="trainPack",outcome="completed"'] ?? 0) > 0);
  assert.deepEqual(await totals(processes, 'narrows_activities_running'), {});
});

test('rows that are written again by a retry, or by a second delivery, count as the database counts them', async () => {
  await using servers = await startBareServers();
  await using it = await install(servers.address);
  const { sql } = it.db;
  const processes = [measured('all'), measured('all')];
  const [failing, mending] = processes as [ExposedMetrics, ExposedMetrics];
  const stop = new AbortController();
  await using worker = await it.work({
    metrics: failing,
    stop: stop.signal,
    engine: createNullEngine({ ending: () => 'failed' }),
  });
  const id = await it.start(6);
  await until(async () => isFinished((await findSweep(sql, id)).state), 'all fail');
  stop.abort();
  await worker.ended;
  assert.deepEqual(await totals(processes, 'narrows_trials_total'), await rowCounts(sql));
  await using _mending = await it.work({ metrics: mending });
  await retrySweep(it, await findSweep(sql, id), true);
  await until(async () => (await findSweep(sql, id)).state === 'completed', 'the retry succeeds');
  assert.deepEqual(await totals(processes, 'narrows_trials_total'), {
    'outcome="failed",method="ednn",engine="null"': 6,
    'outcome="completed",method="ednn",engine="null"': 6,
  });
  const [{ written }] = await sql<[{ written: number }]>`select sum(ended)::int as written from writes where sweep_id = ${id}`;
  assert.equal(written, 12);
});
