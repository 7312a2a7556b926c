import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { markRemoved } from '../../../../db/queries/lifecycle/removal.ts';
import { saveBaselines, saveComparison } from '../../../../db/queries/sweeps/comparison.ts';
import { saveInterpretation } from '../../../../db/queries/sweeps/interpretation.ts';
import { reviseSweep } from '../../../../db/queries/sweeps/revision.ts';
import { findSweep, setSweepState } from '../../../../db/queries/sweeps/sweeps.ts';
import { dropWorseModels } from '../../../../db/queries/trials/models.ts';
import { type OutcomeColumns, outcomesSince } from '../../../../db/queries/trials/outcomes.ts';
import { decideRung, recordReports } from '../../../../db/queries/trials/trials.ts';
import { shuffle } from '../../../../models/random.ts';
import { valueAt } from '../../../../search/columns/column.ts';
import type { OutcomeColumnName } from '../../../../search/columns/trial-columns.ts';
import { migratedDatabase } from '../../database.ts';
import { atRung, completed, failed, PROVENANCE, seedSweep, trialOf } from '../../fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

const ridge = {
  ...{ name: 'ridge', k: null, seed: null, configurationHash: null, partition: 0 },
  ...{ split: 'test' as const, coveredVariance: 0.5, errors: null },
};

const revisionOf = async (id: string) => (await findSweep(db.sql, id)).revision;

test('every change increases the revision once; writes without a change do not', async () => {
  const { sql } = db;
  const id = await seedSweep(sql, 'scount');
  const steps: [string, () => Promise<unknown>, number][] = [
    ['reports', () => recordReports(sql, id, PROVENANCE, [atRung(id, trialOf(0), 0, 0.5), atRung(id, trialOf(1), 0, 0.4)]), 1],
    ['the same again', () => recordReports(sql, id, PROVENANCE, [atRung(id, trialOf(0), 0, 0.5)]), 1],
    ['a decision', () => decideRung(sql, id, 0, { promoted: [0], pruned: [1] }), 2],
    ['the same again', () => decideRung(sql, id, 0, { promoted: [0], pruned: [1] }), 2],
    ['an end', () => recordReports(sql, id, PROVENANCE, [completed(id, trialOf(0), 0.9, { rung: 1 })]), 3],
    ['baselines', () => saveBaselines(sql, id, [ridge]), 4],
    ['the same again', () => saveBaselines(sql, id, [ridge]), 4],
    ['weights, none dropped', () => dropWorseModels(sql, id), 4],
    ['a comparison', () => saveComparison(sql, id, {}), 5],
    ['an interpretation', () => saveInterpretation(sql, id, { result: {}, codeVersion: '1', fields: [] }), 6],
    ['a state', () => setSweepState(sql, id, 'completed'), 7],
  ];
  for (const [what, step, revision] of steps) {
    await step();
    assert.equal(await revisionOf(id), revision, what);
  }
  const rows = await sql<{ index: number; revision: number }[]>`
    select t.index, w.revision::int as revision from trials t join writes w using (sweep_id, write_id)
    where t.sweep_id = ${id} order by t.index`;
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { index: 0, revision: 3 },
      { index: 1, revision: 2 },
    ],
  );
});

test('a failed write leaves no gap in the revisions', async () => {
  const id = await seedSweep(db.sql, 'sgap');
  await assert.rejects(
    reviseSweep(db.sql, id, async () => {
      throw new Error('in the middle');
    }),
    /in the middle/,
  );
  await recordReports(db.sql, id, PROVENANCE, [failed(id, trialOf(0))]);
  assert.equal(await revisionOf(id), 1);
  await assert.rejects(recordReports(db.sql, 'snone', PROVENANCE, [failed('snone', trialOf(0))]), { code: 'sweep-unknown' });
});

test('a report does not wait for one that is being written', async () => {
  const id = await seedSweep(db.sql, 'swait');
  const written = Promise.withResolvers<void>();
  const slow = reviseSweep(db.sql, id, async (transaction, writeId) => {
    await transaction`
      insert into writes (sweep_id, write_id, ended) values (${id}, ${writeId + 1}, 0)`;
    await written.promise;
    return 'other';
  });
  // Its process may have stalled, with everything written but the commit.
  await recordReports(db.sql, id, PROVENANCE, [failed(id, trialOf(0))]);
  const { rows, revision } = await outcomesSince(db.sql, id, -1);
  assert.deepEqual([rows, revision], [1, 1]);
  written.resolve();
  await slow;
  assert.equal(await revisionOf(id), 3, 'revisions are in the order of the commits, whichever began first');
});

test('a report that is being written while its sweep is removed is refused', async () => {
  const id = await seedSweep(db.sql, 'slate');
  await setSweepState(db.sql, id, 'cancelled');
  await assert.rejects(
    reviseSweep(db.sql, id, async () => {
      await markRemoved(db.sql, id, () => {});
      return 'other';
    }),
    { code: 'sweep-unknown' },
  );
});

test('columns of outcomes equal the rows for any values', async () => {
  const id = await seedSweep(db.sql, 'scolumns');
  assert.deepEqual((await outcomesSince(db.sql, id, -1)).rows, 0);
  await recordReports(db.sql, id, PROVENANCE, [
    completed(id, trialOf(70_000), -0.123456789),
    failed(id, trialOf(3), { rung: 2 }),
  ]);
  const text = 'an engine, with "marks"';
  await recordReports(db.sql, id, { ...PROVENANCE, engine: text }, [atRung(id, trialOf(1), 1, 0.25)]);
  const found = await outcomesSince(db.sql, id, -1);
  const rows = await db.sql<Record<string, number | string | null>[]>`
    select index, outcome, rung, validation, epochs, seconds, extract(epoch from finished_at)::float8 * 1000 as finished, engine
    from trials where sweep_id = ${id} order by index`;
  assert.deepEqual(
    rows.map(({ index, outcome, rung, validation, epochs, seconds, engine }) => ({
      index,
      outcome,
      rung,
      validation,
      epochs,
      seconds,
      engine,
    })),
    Array.from(found.index, (index, i) => {
      const value = (name: OutcomeColumnName) => valueAt(found.columns[name], i);
      return {
        index,
        outcome: value('outcome'),
        rung: value('rung'),
        validation: value('validation'),
        epochs: value('epochs'),
        seconds: value('seconds'),
        engine: value('engine'),
      };
    }),
  );
  for (const [i, { finished }] of rows.entries())
    assert.ok(Math.abs((finished as number) - (found.columns.finishedAt.values[i] as number)) < 1);
  assert.equal(found.revision, 2);
});

test('a polling reader sees every change of concurrent writers exactly once', async () => {
  const id = await seedSweep(db.sql, 'sstress', { planned: 400 });
  const WRITERS = 6;
  const order = [
    ...shuffle(
      Uint32Array.from({ length: 400 }, (_, i) => i),
      3,
      'writers',
    ),
  ];
  let writing = true;
  const seen = new Map<number, number>();
  let answers = 0;
  const reader = (async () => {
    for (let since = -1, last = false; !last; ) {
      // Polls once more after the last writer, when everything must be visible.
      last = !writing;
      const found: OutcomeColumns = await outcomesSince(db.sql, id, since);
      answers++;
      for (let i = 0; i < found.rows; i++) {
        const [index, revision] = [found.index[i] as number, found.revisions[i] as number];
        assert.ok(revision > since);
        assert.ok((seen.get(index) ?? -1) < revision);
        seen.set(index, revision);
      }
      since = Math.max(since, found.revision);
    }
  })();
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      const own = order.filter((_index, i) => i % WRITERS === writer);
      for (let from = 0; from < own.length; from += 5) {
        const some = own.slice(from, from + 5);
        const entries = some.map((index) =>
          index % 3 === 0 ? failed(id, trialOf(index)) : atRung(id, trialOf(index), 0, index / 400),
        );
        await recordReports(db.sql, id, PROVENANCE, entries);
        if (writer === 0 && from % 25 === 0)
          await decideRung(db.sql, id, 0, {
            promoted: some.filter((index) => index % 3 === 1),
            pruned: some.filter((index) => index % 3 === 2),
          });
        // A repeated delivery, which changes nothing.
        if (from % 15 === 0) await recordReports(db.sql, id, PROVENANCE, entries);
      }
    }),
  ).finally(() => {
    writing = false;
  });
  await reader;
  const rows = await db.sql<{ index: number; revision: number }[]>`
    select t.index, w.revision::int as revision from trials t join writes w using (sweep_id, write_id)
    where t.sweep_id = ${id} order by t.index`;
  assert.equal(rows.length, 400);
  for (const { index, revision } of rows) assert.equal(seen.get(index), revision, `trial ${index}`);
  assert.ok(answers > 5, `${answers} answers`);
  // Revisions have no gaps: one per transaction that wrote.
  const [distinct] = await db.sql<[{ revisions: number }]>`select count(*)::int as revisions from writes where sweep_id = ${id}`;
  assert.ok((await revisionOf(id)) >= distinct.revisions);
});
