import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { exposeInstallation } from '../../infra/metrics/installation.ts';
import { createMetrics } from '../../infra/metrics/metrics.ts';
import { createInstallationReader, type InstallationState } from '../../operations/installation.ts';
import { type BareServers, startBareServers } from '../infra/bare-servers.ts';
import { type Installation, install } from '../infra/worker/installation.ts';
import { until } from '../support/until.ts';

let servers: BareServers;
let it: Installation;
before(async () => {
  servers = await startBareServers();
  it = await install(servers.address);
});
after(async () => {
  await it?.[Symbol.asyncDispose]();
  await servers?.[Symbol.asyncDispose]();
});

const queue = ({ queues }: InstallationState, role: string) => queues?.find((one) => one.role === role);

test('packs that wait, workers and sweeps are those of the whole installation', async () => {
  const read = createInstallationReader(it, 0);
  assert.deepEqual((await read()).queues, [
    { role: 'orchestrator', class: null, engine: null, tasks: 0, workers: 0 },
    { role: 'trainer', class: 'cpu', engine: null, tasks: 0, workers: 0 },
  ]);
  const id = await it.start(30);
  await using _orchestrator = await it.work({ role: 'orchestrator' });
  await until(async () => (queue(await read(), 'trainer')?.tasks ?? 0) > 0, 'packs wait');
  const waiting = await read();
  assert.deepEqual([waiting.facts?.sweeps.running, waiting.facts?.slots], [1, 0]);
  assert.equal(queue(waiting, 'orchestrator')?.workers, 1);

  const metrics = createMetrics('api', { role: 'api', version: '1' });
  exposeInstallation(metrics, read);
  const text = await metrics.expose();
  assert.match(text, /^narrows_sweeps\{state="running"\} 1$/m);
  assert.match(text, /^narrows_sweeps\{state="failed"\} 0$/m);
  assert.match(text, /^narrows_queue_tasks\{role="trainer",class="cpu",engine=""\} [1-9]\d*$/m);
  assert.match(text, /^narrows_queue_workers\{role="trainer",class="cpu",engine=""\} 0$/m);
  for (const source of ['database', 'temporal'])
    assert.match(text, new RegExp(`^narrows_source_up\\{source="${source}"\\} 1$`, 'm'));

  await using _trainer = await it.work({ role: 'trainer' });
  await until(async () => (await findSweep(it.db.sql, id)).state === 'completed', 'the sweep completes');
  const ended = await read();
  assert.deepEqual([ended.facts?.sweeps.running, ended.facts?.sweeps.completed], [0, 1]);
  assert.deepEqual([queue(ended, 'trainer')?.workers, ended.facts?.slots], [1, 2]);
});

test('callers share an answer for some seconds', async () => {
  const read = createInstallationReader(it);
  const [first, second] = [read(), read()];
  assert.equal(first, second);
  assert.equal(await read(), await first);
});

test('a server that has not answered is not asked again', async () => {
  const { promise, resolve } = Promise.withResolvers<never[]>();
  let [transactions, statements] = [0, 0];
  const ask = () => {
    statements += 1;
    return promise;
  };
  const begin = () => {
    transactions += 1;
    return promise;
  };
  const read = createInstallationReader({ db: { sql: Object.assign(ask, { begin }) }, temporal: null } as never, -1);
  const answers = [read(), read()];
  const asked = [transactions, statements];
  answers.push(read());
  assert.deepEqual([transactions, statements], asked);
  assert.equal(transactions, 1);
  resolve([]);
  await Promise.all(answers);
  await read();
  assert.equal(transactions, 2);
});

test('a source that does not answer says so, and its figures are gone', async () => {
  const metrics = createMetrics('api', { role: 'api', version: '1' });
  const up = createInstallationReader(it, 0);
  let state = await up();
  exposeInstallation(metrics, async () => state);
  assert.match(await metrics.expose(), /^narrows_database_size_bytes [1-9]/m);
  state = { facts: null, queues: null };
  const text = await metrics.expose();
  for (const source of ['database', 'temporal'])
    assert.match(text, new RegExp(`^narrows_source_up\\{source="${source}"\\} 0$`, 'm'));
  assert.doesNotMatch(text, /^narrows_(sweeps|queue_tasks|queue_workers|database_size_bytes|sweep_silence_seconds|messages)/m);
});
