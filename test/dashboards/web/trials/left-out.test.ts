import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '../../../../dashboards/web/trials/decode.ts';
import { markLeftOut } from '../../../../dashboards/web/trials/left-out.ts';
import { selectTrials } from '../../../../dashboards/web/trials/selection.ts';
import { createTable } from '../../../../dashboards/web/trials/table.ts';
import { rowsOf } from '../../../../search/columns/column.ts';
import { plannedColumns } from '../../../../search/columns/planned.ts';
import { leftOutTrials } from '../../../../search/limits/limits.ts';
import { trialCount } from '../../../../search/space.ts';
import { specOf } from '../../../search/specs.ts';

test('trials that are left out on the page are those that the sweep leaves out', () => {
  const spec = specOf({
    space: { k: [1, 2], learningRate: { log: [0.001, 0.01] } },
    seeds: 2,
    split: { repeats: 3 },
    sampler: { random: { trials: 44 } },
  });
  const columns = plannedColumns(spec);
  let step = columns.next();
  while (!step.done) step = columns.next();
  const table = createTable(decode({ rows: trialCount(spec), about: {}, columns: step.value }), []);
  const isLeftOut = leftOutTrials(spec, { 'ednn/1': 2, eca: 0 });
  const mask = markLeftOut(table, [
    { method: 'ednn', k: 1, trials: 4 },
    { method: 'eca', k: 2, trials: 0 },
  ]);
  const numbers = [...Array(table.rows).keys()];
  assert.deepEqual(
    [...(mask ?? [])],
    numbers.map((index) => Number(isLeftOut(index))),
  );
  const selection = selectTrials(table, new Map(), null, null, mask);
  assert.deepEqual(
    [...rowsOf(selection.mask)],
    numbers.filter((index) => !isLeftOut(index)),
  );
  assert.deepEqual([selection.outOf, selection.isEverything], [selection.count, true]);
});

test('without limits, none is marked', () => {
  const table = createTable(decode({ rows: 0, about: {}, columns: [] }), []);
  assert.equal(markLeftOut(table, []), null);
});
