import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeBrush, describeForest, describeTrial } from '../../../../../dashboards/web/sweep/views/descriptions.ts';
import { createTable } from '../../../../../dashboards/web/trials/table.ts';
import { filled, PARAMETERS, plan } from '../../trials/synthetic.ts';

test('brushes, trials and forests have descriptions', () => {
  const table = filled(10);
  const text = (name: string, range: [number, number] | null, categories: string[] | null = null, none = false) =>
    describeBrush(table, name, { range, categories, none });
  assert.equal(text('validation', [0.5, 0.998765]), 'covered variance (validation) 0.500 to 0.9988');
  assert.equal(
    text('validation', [Number.NEGATIVE_INFINITY, 0.5], null, true),
    'covered variance (validation) up to 0.500 or none',
  );
  assert.equal(text('k', [2, 2]), 'k 2');
  assert.equal(text('method', null, ['eca', 'nnca']), 'method eca or nnca');
  assert.equal(describeTrial(table, 4), 'Trial 4: ECA, k = 2, covered variance 0.400, completed');
  assert.equal(describeTrial(createTable(plan(2), PARAMETERS), 0), 'Trial 0: EDNN, k = 1, no covered variance, not finished');
  assert.match(describeForest(0.1), /only 10 %.*mean little.*Interactions/);
  assert.match(describeForest(0.5), /50 %.*order of the large total indices/);
  assert.match(describeForest(0.9), /90 %.*the most that total indices can account for: trust the order/);
  assert.match(describeForest(null), /Too few/);
});
