import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Choice, createAutoEngine } from '../../../models/engines/auto-engine.ts';
import { createKernelEngine } from '../../../models/engines/kernel/engine.ts';
import { createNullEngine } from '../../../models/engines/null-engine.ts';
import { smoothData, taskOf, unwatched } from '../../support/data.ts';
import { engineContract } from './contract.ts';

engineContract(
  'the choice between two engines',
  (threads) => createAutoEngine([createKernelEngine({ threads }), createKernelEngine({ threads: 1 })], () => {}),
  {
    data: smoothData(60),
    tasks: [
      taskOf({ method: 'ednn', k: 1, hidden: [8] }),
      taskOf({ method: 'nnca', k: 2, hidden: [8] }),
      taskOf({ method: 'ednn', k: 2, hidden: [8, 4], dropout: 0.1 }, { trialId: 'dropout' }),
    ],
  },
);

test('the faster engine on the first pack trains every pack, and its build says what was measured', async () => {
  const choices: Choice[] = [];
  const slow = { ...createNullEngine({ secondsPerTrial: 0.2 }), build: 'slow/1' };
  const auto = createAutoEngine([slow, createNullEngine()], (choice) => choices.push(choice));
  const data = smoothData(60);
  const pack = { data, tasks: [taskOf({ method: 'ednn', k: 1 })] };
  assert.deepEqual(await auto.train({ data, tasks: [] }, unwatched()), []);
  assert.equal(choices.length, 0, 'an empty pack measures nothing');
  const [report] = await auto.train(pack, unwatched());
  assert.equal(report?.outcome, 'completed');
  const [choice] = choices as [Choice];
  assert.deepEqual(Object.keys(choice.rates), ['slow/1', 'null/1']);
  assert.equal(choice.engine.build, 'null/1');
  assert.match(auto.build, /^null\/1 \(auto: slow\/1 .*\/s, null\/1 .*\/s\)$/);
  await auto.train(pack, unwatched());
  assert.equal(choices.length, 1);
  await auto.close();
});
