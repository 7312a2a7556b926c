import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideReached, type Entrant } from '../../../search/stopping/asynchronous.ts';
import { createBrackets } from '../../../search/stopping/brackets.ts';
import { decidePromotions } from '../../../search/stopping/halving.ts';

/**
 * Trials of a cell in shorthand, 'a 0.5 pending lost, b 0.3': of each configuration its hash, and
 * the validation score of each seed, or why it has none. `decided`: configurations by their fate.
 */
function entrants(
  text: string,
  { cell = 'ednn/1', partition = 0, from = 0 } = {},
  decided: Readonly<Record<string, 'promoted' | 'pruned'>> = {},
): Entrant[] {
  let index = from;
  return text.split(', ').flatMap((configuration) => {
    const [configurationHash = '', ...seeds] = configuration.split(' ');
    return seeds.map((seed) => ({
      ...{ index: index++, cell, partition, configurationHash, decided: decided[configurationHash] ?? null },
      validation: seed === 'pending' || seed === 'lost' ? null : Number(seed),
      isPending: seed === 'pending',
    }));
  });
}

/** Every trial is the point of its number. */
const FIRST = { rung: 0, pointOf: (index: number) => index };

interface Case {
  readonly name: string;
  readonly rows: readonly Entrant[];
  readonly reduction?: number;
  readonly seeds?: number;
  readonly promoted: readonly number[];
  /** Pruned once the rung is complete, and promoted then as well. */
  readonly complete: { readonly promoted: readonly number[]; readonly pruned: readonly number[] };
}

const table: readonly Case[] = [
  {
    name: 'fewer configurations than the reduction wait for more',
    rows: entrants('a 0.1, b 0.3'),
    promoted: [],
    complete: { promoted: [1], pruned: [0] },
  },
  {
    name: 'the best of the first three goes on at once',
    rows: entrants('a 0.1, b 0.3, c 0.2'),
    promoted: [1],
    complete: { promoted: [1], pruned: [0, 2] },
  },
  {
    name: 'those that went on before keep their place among the best',
    rows: entrants('a 0.1, b 0.3, c 0.2, d 0.25', {}, { b: 'promoted' }),
    promoted: [],
    complete: { promoted: [], pruned: [0, 2, 3] },
  },
  {
    name: 'a better one goes on although enough have',
    rows: entrants('a 0.1, b 0.3, c 0.2, d 0.9', {}, { b: 'promoted' }),
    promoted: [3],
    complete: { promoted: [3], pruned: [0, 2] },
  },
  {
    name: 'one that waited goes on when more have come',
    rows: entrants('a 0.1, b 0.3, c 0.2, d 0, e 0, f 0', {}, { b: 'promoted' }),
    promoted: [2],
    complete: { promoted: [2], pruned: [0, 3, 4, 5] },
  },
  {
    name: 'a configuration counts when all of its seeds have ended',
    rows: entrants('a 0.1 0.1, b 0.9'),
    ...{ reduction: 2, seeds: 2 },
    promoted: [],
    complete: { promoted: [0, 1], pruned: [2] },
  },
  {
    name: 'trials on their way through the rung are waited for',
    rows: entrants('a 0.1, b 0.3 pending'),
    reduction: 2,
    promoted: [],
    complete: { promoted: [1], pruned: [0] },
  },
  {
    name: 'a configuration that lost a seed ranks below the whole ones',
    rows: entrants('a 0.9 lost, b 0.5 0.5'),
    ...{ reduction: 2, seeds: 2 },
    promoted: [2, 3],
    complete: { promoted: [2, 3], pruned: [0] },
  },
  {
    name: 'configurations without any score do not count',
    rows: entrants('a 0.9, b lost, c lost'),
    promoted: [],
    complete: { promoted: [0], pruned: [] },
  },
  {
    name: 'cells and partitions do not compete with each other',
    rows: [
      ...entrants('a 0.1, b 0.2'),
      ...entrants('a 0.9, b 0.8', { partition: 1, from: 2 }),
      ...entrants('c 0.7', { cell: 'eca', from: 4 }),
    ],
    reduction: 2,
    promoted: [1, 2],
    complete: { promoted: [1, 2, 4], pruned: [0, 3] },
  },
  {
    name: 'late trials follow their siblings',
    rows: [...entrants('a 0.1, b 0.3', {}, { a: 'pruned', b: 'promoted' }), ...entrants('a 0.9, b 0.0', { from: 2 })],
    promoted: [3],
    complete: { promoted: [3], pruned: [2] },
  },
  { name: 'an empty rung', rows: [], promoted: [], complete: { promoted: [], pruned: [] } },
];

for (const { name, rows, reduction = 3, seeds = 1, promoted, complete } of table) {
  test(name, () => {
    for (const ordered of [rows, rows.toReversed()]) {
      const now = decideReached({ reduction, rungs: 3 }, ordered, { ...FIRST, seeds, isComplete: false });
      assert.deepEqual(now.promoted, promoted);
      assert.deepEqual(decideReached({ reduction, rungs: 3 }, ordered, { ...FIRST, seeds, isComplete: true }), complete);
    }
  });
}

test('deciding once more changes nothing', () => {
  for (const { rows, reduction = 3, seeds = 1 } of table) {
    for (const isComplete of [false, true]) {
      const { promoted, pruned } = decideReached({ reduction, rungs: 3 }, rows, { ...FIRST, seeds, isComplete });
      const after = rows.map((row): Entrant => {
        if (promoted.includes(row.index)) return { ...row, decided: 'promoted' };
        return pruned.includes(row.index) ? { ...row, decided: 'pruned' } : row;
      });
      assert.deepEqual(decideReached({ reduction, rungs: 3 }, after, { ...FIRST, seeds, isComplete }), {
        promoted: [],
        pruned: [],
      });
    }
  }
});

test('a rung about which nothing was decided before it was complete ends as a synchronous one', () => {
  const rows = Array.from({ length: 60 }, (_, i) =>
    entrants(`h${i % 20} ${((i * 37) % 61) / 61}`, { cell: i % 2 === 0 ? 'eca' : 'ednn/2', from: i }),
  ).flat();
  const scores = rows.map(({ isPending: _, validation, ...row }) => ({ ...row, validation: validation as number }));
  for (const reduction of [2, 3, 7]) {
    assert.deepEqual(
      decideReached({ reduction, rungs: 3 }, rows, { ...FIRST, seeds: 3, isComplete: true }),
      decidePromotions(scores, reduction),
    );
  }
});

test('brackets compete by themselves, and pass the rungs before they begin', () => {
  const settings = { reduction: 3, rungs: 2, brackets: 2 };
  const bracketOf = createBrackets(settings);
  const rows = entrants(Array.from({ length: 30 }, (_, i) => `h${i} ${i / 100}`).join(', '));
  const [first, second] = [0, 1].map((bracket) => rows.map(({ index }) => index).filter((index) => bracketOf(index) === bracket));
  assert.ok(first && second && first.length > 3 && second.length > 3);
  const best = first.slice(-Math.floor(first.length / 3));
  const { promoted } = decideReached(settings, rows, { ...FIRST, seeds: 1, isComplete: false });
  assert.deepEqual(
    promoted,
    [...best, ...second].toSorted((a, b) => a - b),
  );
});
