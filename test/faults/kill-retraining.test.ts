/**
 * Kills the orchestrator in every step of a retraining run. The run must end as it does without,
 * with one promotion and one message.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectTo, type Sql } from '../../db/client.ts';
import type { MessageRow } from '../../db/queries/retraining/notifications.ts';
import type { RetrainRunRow } from '../../db/queries/retraining/retrainings.ts';
import { readEnvironment } from '../../infra/env.ts';
import { resolveHome } from '../../infra/home.ts';
import type { StackStatus } from '../../infra/stack/stack.ts';
import { readState } from '../../infra/stack/state.ts';
import { project } from '../support/command.ts';
import { startWebhookReceiver } from '../support/receiver.ts';
import { TEN_YEARS } from '../support/seeded-retraining.ts';
import { writeShard } from '../support/shards.ts';
import { until } from '../support/until.ts';

const SPEC = `
name: killed
dataset: little
target: xes
methods: [ednn]
space: { k: 1, hidden: [8], learningRate: 0.02 }
seeds: 1
training: { epochs: 12, batch: 32 }
`;

/**
 * The first write of each step, as a trigger's event and condition. The trigger holds the write
 * back until the test releases an advisory lock.
 */
const STEPS = [
  ['takeIn', 'before insert on shards', ''],
  ['lookForDrift', 'before update of drift on retrain_runs', 'when (new.drift is distinct from old.drift)'],
  ['planRetraining', 'before insert on sweeps', ''],
  ['challenge', 'before update of challenges on retrain_runs', 'when (old.challenges is null and new.challenges is not null)'],
  ['promote', 'before insert on events', ''],
  ['deliver', 'before update on messages', ''],
] as const;

async function holdWrites(sql: Sql): Promise<void> {
  for (const [i, [step, when, condition]] of STEPS.entries()) {
    await sql.unsafe(`
      create function hold_${i}() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock_shared(4200 + ${i}); return new; end $$;
      create trigger hold_${step} ${when} for each row ${condition} execute function hold_${i}();
      select pg_advisory_lock(4200 + ${i})`);
  }
}

const readWaiting = (sql: Sql, i: number) =>
  sql<{ waiting: boolean }[]>`
    select exists (select from pg_locks where locktype = 'advisory' and objid = ${4200 + i} and not granted) as waiting`;

test('a run survives kill -9 of the orchestrator in every step', async () => {
  await using it = project();
  await using hook = await startWebhookReceiver();
  writeFileSync(join(it.directory, 'spec.yaml'), SPEC);
  const incoming = join(it.directory, 'incoming');
  mkdirSync(incoming);
  writeShard(join(it.directory, 'first'));
  await it.narrows(['up', '--detach'], { variables: { NARROWS_WEBHOOK_URL: hook.url, NARROWS_WEBHOOK_SECRET: 'shared' } });
  await it.json(['data', 'import', 'first']);
  await it.json(['sweep', 'start', 'spec.yaml', '--name', 'one', '--watch']);
  const options = ['--every', TEN_YEARS.text, '--watch-dir', 'incoming', '--settle', '0', '--adopt', 'one', '--margin', '0.2'];
  await it.json(['retrain', 'start', 'spec.yaml', ...options]);

  const { databaseUrl } = readState(resolveHome(readEnvironment({ HOME: '/' }, it.directory).home)) as { databaseUrl: string };
  const sql = connectTo(databaseUrl, 1);
  const observer = connectTo(databaseUrl, 1);
  try {
    await holdWrites(sql);
    writeShard(join(incoming, 'hot'), { seed: 2, spread: 1.7 });
    const ran = it.json<RetrainRunRow & { messages: MessageRow[] }>(['retrain', 'run', 'killed']);
    for (const [i, [step]] of STEPS.entries()) {
      await until(async () => (await readWaiting(observer, i))[0]?.waiting ?? false, `${step} begins`);
      const { processes } = await it.json<StackStatus>(['status']);
      process.kill(processes.find(({ name }) => name === 'orchestrator')?.pid as number, 'SIGKILL');
      await sql`select pg_advisory_unlock(${4200 + i})`;
    }
    const run = await ran;
    assert.equal(run.outcome, 'promoted', run.message ?? '');
    assert.equal(run.challenges?.length, 1);
    await until(
      async () => (await observer`select from messages where state = 'delivered'`).length > 0,
      'the message is delivered',
    );

    const champions = await it.json<{ origin: string; until: string | null }[]>(['champion', 'show', 'killed']);
    assert.deepEqual(
      champions.map(({ origin, until: ended }) => [origin, ended === null]),
      [
        ['promotion', true],
        ['adopted', false],
      ],
    );
    const count = async (table: string) => (await observer.unsafe(`select from ${table}`)).length;
    // The adopted sweep and one that was trained; the import and one appended version.
    assert.deepEqual(
      [await count('retrain_runs'), await count('sweeps'), await count('dataset_versions'), await count('shards')],
      [1, 2, 2, 1],
    );
    assert.deepEqual([await count('events'), await count('messages')], [1, 1]);
    const [shard] = await observer<{ outcome: string }[]>`select outcome from shards`;
    assert.equal(shard?.outcome, 'taken');
    // A message sent before the worker died is sent again with the same id, so that a receiver can
    // drop the duplicate.
    assert.equal(new Set(hook.received.map(({ headers }) => headers['narrows-event'])).size, 1);
  } finally {
    await Promise.all([sql.end({ timeout: 1 }), observer.end({ timeout: 1 })]);
  }
});
