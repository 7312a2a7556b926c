/**
 * Delivers every activity of a retraining run twice. The run must end as it does without: one
 * version, one promotion, one message.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RetrainRunRow } from '../../db/queries/retraining/retrainings.ts';
import { startWebhookReceiver } from '../support/receiver.ts';
import { TEN_YEARS } from '../support/seeded-retraining.ts';
import { writeShard } from '../support/shards.ts';
import { until } from '../support/until.ts';
import { startFaultStack } from './fault-stack.ts';

const SPEC = `
name: repeated
dataset: little
target: xes
methods: [ednn]
space: { k: 1, hidden: [8], learningRate: 0.02 }
seeds: 1
training: { epochs: 12, batch: 32 }
`;

const ACTIVITIES = ['takeIn', 'lookForDrift', 'planRetraining', 'challenge', 'promote', 'deliver'];

test('a run of a retraining whose activities are delivered twice promotes once', async () => {
  await using hook = await startWebhookReceiver();
  await using stack = await startFaultStack({ NARROWS_WEBHOOK_URL: hook.url, NARROWS_WEBHOOK_SECRET: 'shared' });
  const { project: it, sql } = stack;
  writeFileSync(join(it.directory, 'spec.yaml'), SPEC);
  const incoming = join(it.directory, 'incoming');
  mkdirSync(incoming);
  await it.json(['data', 'import', writeShard(join(it.directory, 'first'))]);
  await stack.strike({ kind: 'repeat', target: 'activities' });
  await it.json(['sweep', 'start', 'spec.yaml', '--name', 'one', '--watch']);
  const options = ['--every', TEN_YEARS.text, '--watch-dir', 'incoming', '--settle', '0', '--adopt', 'one', '--margin', '0.2'];
  await it.json(['retrain', 'start', 'spec.yaml', ...options]);
  writeShard(join(incoming, 'hot'), { seed: 2, spread: 1.7 });
  const run = await it.json<RetrainRunRow>(['retrain', 'run', 'repeated']);
  assert.equal(run.outcome, 'promoted', run.message ?? '');
  await until(async () => (await sql`select from messages where state = 'delivered'`).length > 0, 'the message is delivered');
  const repeated = new Set(stack.endRepeats());
  assert.deepEqual(
    ACTIVITIES.filter((type) => !repeated.has(type)),
    [],
  );
  const count = async (table: string) => (await sql.unsafe(`select from ${table}`)).length;
  assert.deepEqual(
    [await count('retrain_runs'), await count('sweeps'), await count('dataset_versions'), await count('shards')],
    [1, 2, 2, 1],
  );
  assert.deepEqual([await count('champions'), await count('events'), await count('messages')], [2, 1, 1]);
  // A receiver drops the second delivery of a message by its id.
  assert.equal(new Set(hook.received.map(({ headers }) => headers['narrows-event'])).size, 1);
});
