/** How a worker stops, and what it logs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { createLogger } from '../../../infra/logger.ts';
import type { Engine } from '../../../models/engines/engine.ts';
import { createNullEngine } from '../../../models/engines/null-engine.ts';
import { createHealth } from '../../../operations/health.ts';
import { sweepWorkflowId } from '../../../workflows/sweep-input.ts';
import { until } from '../../support/until.ts';
import { startBareServers } from '../bare-servers.ts';
import { install } from './installation.ts';

/** The SDK has one logger in a process. */
const lines: string[] = [];
const logger = createLogger('tested', 'json', (line) => lines.push(line));

test('a trainer that stops is not ready while it still trains, and hands its packs back within its grace', async () => {
  await using servers = await startBareServers();
  await using it = await install(servers.address);
  const stop = new AbortController();
  const health = createHealth({ stopping: stop.signal });
  await using _orchestrator = await it.work({ role: 'orchestrator', logger });
  await using trainer = await it.work({ role: 'trainer', secondsPerPack: 1000, health, graceSeconds: 3, stop: stop.signal });
  const id = await it.start(2);
  const trained = async () => {
    const [row] = await it.db.sql<[{ trained: number }]>`select count(*)::int as trained from trials where sweep_id = ${id}`;
    return row.trained;
  };
  const handle = it.temporal.workflow.getHandle(sweepWorkflowId(await findSweep(it.db.sql, id)));
  await until(
    async () => ((await handle.describe()).raw.pendingActivities ?? []).some(({ lastHeartbeatTime }) => lastHeartbeatTime),
    'it trains',
  );
  assert.equal((await health.ready()).status, 'ok');
  stop.abort();
  assert.deepEqual([(await health.ready()).checks.process, (await health.live()).status], ['stopping', 'ok']);
  await trainer.ended;
  assert.equal(await trained(), 0);
  await using _next = await it.work({ role: 'trainer' });
  await until(async () => (await trained()) === 2, 'another trainer trains them');
});

test('a worker whose work outlasts its grace ends normally, with a warning', async () => {
  await using servers = await startBareServers();
  await using it = await install(servers.address);
  await using _orchestrator = await it.work({ role: 'orchestrator', logger });
  const training = Promise.withResolvers<void>();
  const released = Promise.withResolvers<never>();
  const engine = createNullEngine();
  const deaf: Engine = {
    ...engine,
    train: () => {
      training.resolve();
      return released.promise;
    },
  };
  await using trainer = await it.work({ role: 'trainer', engine: deaf, graceSeconds: 1, logger, stop: stopOf(training.promise) });
  await it.start(1);
  lines.length = 0;
  await trainer.ended;
  released.reject(new Error('released'));
  const written = lines.map((line) => JSON.parse(line));
  assert.ok(written.some(({ level, msg }) => level === 'warn' && /has not ended in time/.test(msg)));
  assert.deepEqual(
    written.filter(({ level }) => level === 'error'),
    [],
  );
});

/** Returns a signal that aborts once this has come. */
function stopOf(event: Promise<void>): AbortSignal {
  const stop = new AbortController();
  event.then(() => stop.abort());
  return stop.signal;
}

test('a failed trial is logged with its sweep, workflow and run', async () => {
  await using servers = await startBareServers();
  await using it = await install(servers.address);
  await using _worker = await it.work({ engine: createNullEngine({ ending: () => 'failed' }), logger });
  const id = await it.start(1);
  const failures = () => lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'trial failed');
  await until(() => failures().length > 0, 'the line');
  const [{ role, level, sweep, trial, workflowId, runId, code }] = failures();
  const expected = { role: 'tested', level: 'warn', sweep: id, workflowId: sweepWorkflowId(await findSweep(it.db.sql, id)) };
  assert.deepEqual({ role, level, sweep, workflowId }, expected);
  assert.ok(trial.startsWith(id) && typeof runId === 'string' && typeof code === 'string');
});
