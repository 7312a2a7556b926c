import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrialTable } from '../../../../dashboards/server/cache/trial-table.ts';
import type { OutcomeColumns } from '../../../../db/queries/trials/outcomes.ts';
import { METHODS } from '../../../../models/methods/catalogue.ts';
import { stream } from '../../../../models/random.ts';
import { encodeText } from '../../../../search/columns/column.ts';
import { plannedColumns } from '../../../../search/columns/planned.ts';
import { trialCount } from '../../../../search/space.ts';
import { OUTCOMES } from '../../../../search/states.ts';
import { smallSpec } from '../seed-sweeps.ts';

const spec = smallSpec();
const PLANNED = trialCount(spec);

interface Row {
  readonly outcome: number;
  readonly validation: number;
  readonly revision: number;
}

const createTable = () => {
  const columns = plannedColumns(spec);
  for (;;) {
    const { done, value } = columns.next();
    if (done) return new TrialTable('s', spec, value);
  }
};

/** Rows as the database sends them. */
function columnsOf(rows: ReadonlyMap<number, Row>, revision: number): OutcomeColumns {
  const sorted = [...rows].sort(([a], [b]) => a - b);
  const numbers = (of: (row: Row) => number) => Float64Array.from(sorted, ([, row]) => of(row));
  const number = (of: (row: Row) => number) => ({ values: numbers(of), categories: null });
  return {
    rows: sorted.length,
    revision,
    index: Uint32Array.from(sorted, ([index]) => index),
    revisions: numbers((row) => row.revision),
    columns: {
      outcome: { values: Uint8Array.from(sorted, ([, { outcome }]) => outcome), categories: OUTCOMES },
      rung: { values: new Uint8Array(sorted.length), categories: null },
      validation: number(({ validation }) => validation),
      epochs: { values: new Uint32Array(sorted.length), categories: null },
      seconds: number(() => 1),
      engine: encodeText(sorted.map(() => 'kernel')),
      finishedAt: number(() => 0),
    },
  };
}

test('counts and samples of rows that come in any order and change equal those of all rows', () => {
  const { uniform } = stream(13, 'rows');
  const table = createTable();
  const known = new Map<number, Row>();
  for (let revision = 1; revision <= 200; revision++) {
    const written = new Map<number, Row>();
    for (let i = Math.floor(5 * uniform()); i >= 0; i--) {
      const validation = uniform() < 0.2 ? Number.NaN : uniform();
      written.set(Math.floor(PLANNED * uniform()), { outcome: Math.floor(OUTCOMES.length * uniform()), validation, revision });
    }
    for (const [index, row] of written) known.set(index, row);
    table.merge(columnsOf(written, revision), revision);
    const anew = createTable();
    anew.merge(columnsOf(known, revision), revision);
    assert.deepEqual(table.tally(), anew.tally());
    const method = (index: number) => METHODS[anew.column('method').values[index] ?? 0];
    for (const { method: name, ...counts } of table.tally()) {
      for (const [place, outcome] of OUTCOMES.entries()) {
        const own = [...known].filter(([index, row]) => method(index) === name && row.outcome === place);
        assert.equal(counts[outcome], own.length, `${name} ${outcome}`);
      }
    }
    for (const name of [null, ...METHODS]) {
      const scored = [...known]
        .filter(([index, row]) => (name ?? method(index)) === method(index) && row.outcome === OUTCOMES.indexOf('completed'))
        .filter(([, { validation }]) => !Number.isNaN(validation))
        .map(([index]) => index);
      // Fewer trials than the sample holds.
      const { matched, sample } = table.sampleScored(name);
      assert.equal(matched, scored.length);
      assert.deepEqual(sample, Uint32Array.from(scored).sort());
    }
  }
  assert.equal(table.total, known.size);
});

test('pages of scores below 0, and of trials without one, hold every trial once', () => {
  const { uniform } = stream(14, 'scores');
  const completed = OUTCOMES.indexOf('completed');
  const rows = Array.from({ length: 40 }, (_, i): [number, Row] => [
    i,
    { outcome: completed, validation: i % 9 === 0 ? Number.NaN : uniform() - 0.6, revision: 1 },
  ]);
  const table = createTable();
  table.merge(columnsOf(new Map(rows), 1), 1);
  for (const order of ['asc', 'desc'] as const) {
    const sorted = rows.toSorted(([i, { validation: a }], [j, { validation: b }]) => {
      if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || i - j;
      return order === 'asc' ? a - b : b - a;
    });
    const found: number[] = [];
    let after: ReturnType<typeof table.page>['next'] = null;
    do {
      const page = table.page({ where: [], sort: 'validation', order, limit: 7, after });
      found.push(...page.indices);
      after = page.next;
    } while (after !== null);
    assert.deepEqual(
      found,
      sorted.map(([index]) => index),
      order,
    );
  }
});
