import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '../../../../dashboards/web/trials/decode.ts';
import { createTable, type Field, mergeOutcomes, type TrialTable } from '../../../../dashboards/web/trials/table.ts';
import { OUTCOMES } from '../../../../search/states.ts';
import { outcomeColumns, outcomes, PARAMETERS, plan, planColumns } from './synthetic.ts';

const values = (table: TrialTable, name: string) => Array.from((table.fields.get(name) as Field).values);

function outcomeCounts(table: TrialTable): Record<string, number> {
  const counts: Record<string, number> = { rung: 0, completed: 0, pruned: 0, diverged: 0, failed: 0, none: 0 };
  for (const value of values(table, 'outcome')) {
    const outcome = OUTCOMES[value] ?? 'none';
    counts[outcome] = (counts[outcome] as number) + 1;
  }
  return counts;
}

test('a plan is a table of trials that have not started, where only outcomes are missing', () => {
  const table = createTable(plan(6), PARAMETERS);
  assert.equal(table.rows, 6);
  assert.equal(table.known, 0);
  assert.equal(table.revision, null);
  assert.deepEqual(values(table, 'index'), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(values(table, 'method'), [0, 1, 2, 0, 1, 2]);
  assert.deepEqual(values(table, 'validation'), Array(6).fill(Number.NaN));
  assert.deepEqual(outcomeCounts(table), { rung: 0, completed: 0, pruned: 0, diverged: 0, failed: 0, none: 6 });
  const rate = table.fields.get('learningRate') as Field;
  assert.deepEqual([rate.lowest, rate.highest, rate.missing, rate.spread], [1e-4, 0.1, 0, 'log']);
});

test('outcomes are merged into the rows of their trials, whatever their order and the numbers of the categories', () => {
  const table = createTable(plan(6), PARAMETERS);
  assert.equal(
    mergeOutcomes(
      table,
      outcomes(7, [
        { index: 4, validation: 0.5 },
        { index: 1, outcome: 'diverged' },
      ]),
    ),
    2,
  );
  assert.deepEqual(values(table, 'validation'), [NaN, NaN, NaN, NaN, 0.5, NaN]);
  assert.deepEqual(outcomeCounts(table), { rung: 0, completed: 1, pruned: 0, diverged: 1, failed: 0, none: 4 });
  assert.deepEqual([table.known, table.revision, table.version], [2, 7, 1]);

  // A trial that was retried: its latest outcome counts, once.
  mergeOutcomes(table, outcomes(9, [{ index: 1, validation: 0.8 }]));
  assert.deepEqual([table.known, table.revision, table.version], [2, 9, 2]);
  assert.deepEqual(outcomeCounts(table).completed, 2);
  const validation = table.fields.get('validation') as Field;
  assert.deepEqual([validation.lowest, validation.highest, validation.missing], [0.5, 0.8, 4]);
});

test('outcomes of every trial merge equally in any order of rows and of categories', () => {
  const ended = Array.from({ length: 6 }, (_, index) => ({
    index,
    ...(index === 4 ? { outcome: 'diverged' as const } : { validation: 0.9 - index / 10 }),
  }));
  const tables = [ended, [...ended].reverse()].flatMap((rows) =>
    [OUTCOMES, undefined].map((categories) => {
      const table = createTable(plan(6), PARAMETERS);
      assert.equal(mergeOutcomes(table, decode(outcomeColumns(3, rows, categories))), 6);
      return table;
    }),
  );
  const [first, ...others] = tables as [TrialTable, ...TrialTable[]];
  assert.deepEqual(outcomeCounts(first), { rung: 0, completed: 5, pruned: 0, diverged: 1, failed: 0, none: 0 });
  const validation = first.fields.get('validation') as Field;
  assert.deepEqual([validation.lowest, validation.highest, validation.missing], [0.4, 0.9, 1]);
  for (const other of others) assert.deepEqual(other, first);
  // What comes later is written over it.
  mergeOutcomes(first, outcomes(5, [{ index: 4, validation: 0.95 }]));
  assert.deepEqual(values(first, 'validation')[4], 0.95);
  assert.equal(validation.highest, 0.95);
});

test('an answer without rows only advances the revision', () => {
  const table = createTable(plan(3), PARAMETERS);
  assert.equal(mergeOutcomes(table, outcomes(4, [])), 0);
  assert.deepEqual([table.known, table.revision], [0, 4]);
});

test('the largest number of an integer type is a missing outcome', () => {
  const table = createTable(plan(3), PARAMETERS);
  const answer = outcomeColumns(1, [
    { index: 0, validation: 0.5 },
    { index: 2, outcome: 'failed' },
  ]);
  const none: Record<string, number> = { rung: 0xff, epochs: 0xffffffff };
  for (const { name, values: own } of answer.columns) if (name in none) own[1] = none[name] as number;
  mergeOutcomes(table, decode(answer));
  assert.deepEqual(values(table, 'rung'), [0, NaN, NaN]);
  assert.deepEqual(values(table, 'epochs'), [40, NaN, NaN]);
});

test('an outcome of a trial outside the plan is an error', () => {
  assert.throws(() => mergeOutcomes(createTable(plan(3), PARAMETERS), outcomes(1, [{ index: 3 }])), RangeError);
});

test('listed numbers that span decades have a logarithmic axis', () => {
  const { rows, about, columns } = planColumns(3);
  const batch = { name: 'batch', values: Float64Array.of(1, 10, 100) };
  const table = createTable(decode({ rows, about, columns: [...columns, batch] }), PARAMETERS);
  assert.equal(table.fields.get('batch')?.spread, 'log');
  assert.equal(table.fields.get('k')?.spread, 'linear');
  assert.equal(table.fields.get('hidden')?.spread, 'categories');
});
