import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type FieldAxis,
  findInterpretation,
  loadComponents,
  saveInterpretation,
} from '../../../../db/queries/sweeps/interpretation.ts';
import { recordReports } from '../../../../db/queries/trials/trials.ts';
import { migratedDatabase } from '../../database.ts';
import { completed, PROVENANCE, seedSweep, trialOf } from '../../fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

const axis = (name: string): FieldAxis => ({ name, unit: 'angstrom', from: 0.8, to: 1.2, points: 2 });
const field = (name: string, values: number[]) => ({
  name,
  axes: [axis('a'), axis('b'), axis('c')] as const,
  values: Float32Array.from(values),
});

test('components are stored in order as exact float32; a second report adds none', async () => {
  const sweepId = await seedSweep(db.sql, 'components');
  const entry = completed(sweepId, trialOf(1, { method: 'nnca', k: 2 }), 0.9);
  const without = completed(sweepId, trialOf(2, { method: 'ednn', k: 2 }), 0.9);
  for (let delivery = 0; delivery < 2; delivery++) await recordReports(db.sql, sweepId, PROVENANCE, [entry, without]);
  const found = await loadComponents(db.sql, [`${sweepId}-1`, `${sweepId}-2`]);
  assert.deepEqual([...found.keys()], [`${sweepId}-1`]);
  assert.deepEqual(found.get(`${sweepId}-1`), 'components' in entry.report ? entry.report.components : null);
  const [{ rows }] = await db.sql<
    [{ rows: number }]
  >`select count(*)::int as rows from components where trial_id like ${`${sweepId}-%`}`;
  assert.equal(rows, 2);
});

test('an interpretation and its fields are stored together, read back exactly, and replaced together', async () => {
  const sweepId = await seedSweep(db.sql, 'interpreted');
  assert.equal(await findInterpretation(db.sql, sweepId), null);
  const first = {
    result: { cells: [1, 2] },
    codeVersion: '1',
    fields: [field('ednn', [1, 2, Number.NaN, 4, 5, 6, 7, 8]), field('sensitivity', [0, 0, 0, 0, 0, 0, 0, 0.1])],
  };
  await saveInterpretation(db.sql, sweepId, first);
  const { interpretedAt, ...found } = (await findInterpretation(db.sql, sweepId)) as NonNullable<
    Awaited<ReturnType<typeof findInterpretation>>
  >;
  assert.ok(interpretedAt instanceof Date);
  assert.deepEqual(found, first);
  await saveInterpretation(db.sql, sweepId, { result: {}, codeVersion: '2', fields: [] });
  const again = await findInterpretation(db.sql, sweepId);
  assert.deepEqual([again?.codeVersion, again?.fields], ['2', []]);
});

test('a corrupt field is an error', async () => {
  const sweepId = await seedSweep(db.sql, 'corrupt');
  await saveInterpretation(db.sql, sweepId, { result: {}, codeVersion: '1', fields: [field('ednn', [1, 2, 3, 4, 5, 6, 7, 8])] });
  await db.sql`update fields set bytes = set_byte(bytes, 3, 1) where sweep_id = ${sweepId}`;
  await assert.rejects(findInterpretation(db.sql, sweepId), { code: 'field-corrupt' });
});
