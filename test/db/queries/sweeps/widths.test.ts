import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findLimits, leaveOutCells } from '../../../../db/queries/sweeps/limits.ts';
import { findSweep } from '../../../../db/queries/sweeps/sweeps.ts';
import { countByCell, listWidthScores } from '../../../../db/queries/sweeps/widths.ts';
import { recordReports } from '../../../../db/queries/trials/trials.ts';
import { migratedDatabase } from '../../database.ts';
import { completed, diverged, failed, limitCells, PROVENANCE, seedSweep, trialOf } from '../../fixtures.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
});
after(() => db?.close());

test('a search reads the best configuration of each width or rank, on the first partition', async () => {
  const { sql } = db;
  await seedSweep(sql, 'sscores');
  const eca = (index: number) => trialOf(index, { method: 'eca', k: 2 });
  await recordReports(sql, 'sscores', PROVENANCE, [
    // Two configurations of five seeds; the second is better, and has lost a seed.
    ...[0, 1, 2, 3, 4].map((index) => completed('sscores', trialOf(index), 0.8 + index / 100)),
    ...[5, 6, 7, 8].map((index) => completed('sscores', trialOf(index), 0.9)),
    diverged('sscores', trialOf(9)),
    completed('sscores', eca(10), 0.7),
    completed('sscores', eca(11), 0.6),
    failed('sscores', trialOf(15, { method: 'nnca', k: 1 })),
    completed('sscores', { ...trialOf(20, { k: 3 }), partition: 1 }, 0.99),
  ]);
  const rounded = (scores: readonly { seed: number; validation: number }[]) =>
    scores.map(({ seed, validation }) => [seed, Number(validation.toFixed(6))]);
  const { emulator, cells } = await listWidthScores(sql, 'sscores');
  assert.deepEqual(rounded(emulator), [
    [0, 0.99],
    [1, 0.99],
  ]);
  assert.deepEqual(
    cells.map(({ method, k, scores }) => [method, k, rounded(scores)]),
    [
      [
        'eca',
        1,
        [
          [0, 0.599],
          [1, 0.499],
        ],
      ],
      [
        'eca',
        2,
        [
          [0, 0.699],
          [1, 0.599],
        ],
      ],
      [
        'ednn',
        2,
        [
          [0, 0.799],
          [1, 0.809],
          [2, 0.819],
          [3, 0.829],
          [4, 0.839],
        ],
      ],
    ],
  );
  assert.deepEqual(Object.fromEntries(await countByCell(sql, 'sscores')), { eca: 2, 'ednn/2': 10, 'ednn/3': 1, 'nnca/1': 1 });
});

test('cells are left out and opened again; limits of others stay', async () => {
  const { sql } = db;
  await seedSweep(sql, 'sleft');
  await limitCells(sql, 'sleft', { eca: 1 });
  const { revision } = await findSweep(sql, 'sleft');
  await leaveOutCells(sql, 'sleft', { closed: ['ednn/2', 'ednn/3'], opened: [] });
  await leaveOutCells(sql, 'sleft', { closed: ['ednn/3'], opened: ['ednn/2', 'eca'] });
  assert.deepEqual(await findLimits(sql, 'sleft'), { eca: 1, 'ednn/3': 0 });
  const [row] = await sql`select left_out from sweeps where id = 'sleft'`;
  assert.equal(row?.left_out, 5);
  // A decision that is made again changes nothing.
  await leaveOutCells(sql, 'sleft', { closed: ['ednn/3'], opened: [] });
  assert.equal((await findSweep(sql, 'sleft')).revision, revision + 2);
  await assert.rejects(leaveOutCells(sql, 'snone', { closed: [], opened: [] }), { code: 'sweep-unknown' });
});
