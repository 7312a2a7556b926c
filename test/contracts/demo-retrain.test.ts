/** Runs the whole retraining demo in an empty folder and checks what the guide promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RetrainRunRow } from '../../db/queries/retraining/retrainings.ts';
import { project } from '../support/command.ts';

test('retraining on water, then water-hot: drift is detected, challengers are promoted, messages are delivered', async () => {
  await using it = project();
  const answer = await it.narrows(['demo-retrain', '--epochs', '15', '--output', 'json']);
  assert.equal(answer.code, 0, answer.stderr);
  const run = JSON.parse(answer.stdout) as RetrainRunRow & {
    champions: { method: string; origin: string; until: string | null }[];
  };
  assert.deepEqual([run.outcome, run.drift?.verdict, run.drift?.freshRows], ['promoted', 'performance', 1000]);
  assert.ok(run.drift?.descriptors.every(({ shifted }) => shifted));
  const ednn = run.challenges?.find(({ method }) => method === 'ednn');
  assert.ok(ednn?.fresh && ednn.old && ednn.promoted, ednn?.reason);
  assert.ok(ednn.fresh.challenger >= 0.99, `${ednn.fresh.challenger}`);
  assert.ok(ednn.fresh.difference.low > 0);
  assert.ok(ednn.old.challenger >= ednn.old.champion - 0.003);
  const inUse = run.champions.find(({ method, until }) => method === 'ednn' && until === null);
  assert.equal(inUse?.origin, 'promotion');
  assert.match(answer.stderr, /message received \(first\)[\s\S]*message received \(promoted\)/);
  assert.equal(answer.stderr.match(/message received/g)?.length, 2);
  const { state } = await it.json<{ state: string }>(['status']);
  assert.equal(state, 'down');
});
