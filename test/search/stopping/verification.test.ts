/** Decisions at rungs, verified afterwards: right ones in any order, and each kind of wrong one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../../models/random.ts';
import { decideReached, type Entrant } from '../../../search/stopping/asynchronous.ts';
import { createBrackets } from '../../../search/stopping/brackets.ts';
import { decidePromotions, type HalvingSettings } from '../../../search/stopping/halving.ts';
import { median } from '../../../search/stopping/median.ts';
import type { RungCurve, RungScore } from '../../../search/stopping/rung.ts';
import { checkReached, checkTogether, type ReachedTrial } from '../../../search/stopping/verification.ts';

type Fate = RungScore['decided'];

const FATES: Readonly<Record<string, Fate>> = { '+': 'promoted', '-': 'pruned', '?': null };

/**
 * Trials of a cell in shorthand, 'a +0.5 -0.4, b -0.3': of each configuration its hash, and the
 * fate and score of each seed; promoted ones may have a place, '+0.5@3'.
 */
function trials(text: string, { cell = 'ednn/1', partition = 0, from = 0 } = {}): ReachedTrial[] {
  let index = from;
  return text.split(', ').flatMap((configuration) => {
    const [configurationHash = '', ...seeds] = configuration.split(' ');
    return seeds.map((seed) => {
      const [score = '', place] = seed.slice(1).split('@');
      return {
        ...{ index: index++, cell, partition, configurationHash, decided: FATES[seed.charAt(0)] ?? null },
        ...{ validation: Number(score), place: place === undefined ? null : Number(place) },
      };
    });
  });
}

const inHalves = (rows: readonly ReachedTrial[]) => checkTogether(rows, 0, (scores) => decidePromotions(scores, 2));

test('decisions that the rule gives again have no fault', () => {
  const rows = [
    ...trials('a +0.5 +0.4, b -0.3 -0.2, c +0.4 +0.4, d -0.9'),
    ...trials('a -0.5, b +0.6', { partition: 1, from: 10 }),
    ...trials('e +0.1', { cell: 'eca', from: 20 }),
  ];
  assert.deepEqual(inHalves(rows), { decisions: 10, faults: [] });
});

test('a rung about which nothing has been decided yet is left out', () => {
  assert.deepEqual(inHalves(trials('a ?0.5, b ?0.3')), { decisions: 0, faults: [] });
});

test('trials that were wrongly promoted, pruned or left waiting are named', () => {
  const { decisions, faults } = inHalves(trials('a -0.5, b +0.3, c +0.4, d ?0.2'));
  assert.equal(decisions, 3);
  assert.deepEqual(faults, [
    { index: 0, problem: 'it was pruned at rung 1, past which the rule promotes it', dependsOnArrivals: true },
    { index: 1, problem: 'it was promoted past rung 1, where the rule prunes it', dependsOnArrivals: true },
    { index: 3, problem: 'it waits at rung 1, which has ended', dependsOnArrivals: true },
  ]);
});

test('seeds of a configuration with two fates are wrong whatever arrived later', () => {
  const { faults } = inHalves(trials('a +0.5 -0.4, b -0.3 -0.2'));
  assert.deepEqual(
    faults.map(({ index, dependsOnArrivals }) => [index, dependsOnArrivals]),
    [[1, false]],
  );
});

test('trials that completed early are compared with, and were not decided about', () => {
  const curve = (index: number, decided: RungCurve['decided'], scores: number[]): RungCurve => ({
    ...{ index, cell: 'eca', partition: 0, configurationHash: String(index), decided, curve: scores },
  });
  const rows = [
    curve(0, 'completed', [0.5, 0.6]),
    curve(1, 'promoted', [0.1, 0.8]),
    curve(2, 'pruned', [0.2, 0.3]),
    curve(3, 'promoted', [0.6, 0.7]),
  ];
  const decide = (curves: readonly RungCurve[]) => median.decide({ rungs: 2 }, curves, { rung: 0, epochs: 4, pointOf: Number });
  assert.deepEqual(checkTogether(rows, 0, decide), { decisions: 3, faults: [] });
  // Without the completed one, the median is lower.
  assert.deepEqual(
    checkTogether([curve(2, 'pruned', [0.2, 0.6]), ...rows.slice(0, 2), rows[3] as RungCurve], 0, decide).faults.map(
      ({ index }) => index,
    ),
    [2],
  );
});

const THIRDS: HalvingSettings = { reduction: 3, rungs: 3, asynchronous: true };
const FIRST = { rung: 0, pointOf: (index: number) => index };
const problemsOf = (rows: readonly ReachedTrial[], settings = THIRDS) =>
  checkReached(settings, rows, FIRST).faults.map(({ index, problem }) => `${index}: ${problem}`);

test('where rungs overlap, early promotions of trials that turn out worse are possible', () => {
  // c was the best of the first three, then a of six.
  assert.deepEqual(problemsOf(trials('a +0.6@1, b ?0.5, c +0.4@0, d ?0.3, e ?0.2, f ?0.1')), []);
});

test('a promotion is impossible where too few worse ones can have been there', () => {
  assert.deepEqual(problemsOf(trials('a ?0.6, b ?0.5, c ?0.4, d ?0.3, e +0.2@0, f ?0.1')), [
    '4: it was promoted past rung 1 after 0 better and with at most 1 worse ones, and is not among the best 1/3',
  ]);
  // Third of six at the time: possible only before the other two.
  const text = (places: readonly number[]) =>
    `a +0.6@${places[0]}, b +0.5@${places[1]}, c +0.4@${places[2]}, d ?0.3, e ?0.2, f ?0.1`;
  assert.deepEqual(problemsOf(trials(text([1, 2, 0]))), []);
  assert.deepEqual(problemsOf(trials(text([0, 1, 2]))), [
    '2: it was promoted past rung 1 after 2 better and with at most 3 worse ones, and is not among the best 1/3',
  ]);
});

test('at the end of a rung the best have been promoted, and nothing waits', () => {
  assert.deepEqual(problemsOf(trials('a -0.6, b +0.5@0, c -0.4, d -0.3, e ?0.2, f -0.1')), [
    '0: it was pruned at rung 1, and is among the best 2 of the 6 that reached it',
    '4: it waits at rung 1, which has ended',
  ]);
  assert.deepEqual(problemsOf(trials('a +0.6@0, b -0.5')), [], 'at least one goes on');
});

test('places and fates of seeds are compared where rungs overlap', () => {
  assert.deepEqual(problemsOf(trials('a +0.6 +0.5@0, b -0.5 -0.4, c -0.3 -0.3')), [
    '0: it was promoted past rung 1, and has no place among those that were',
  ]);
  const { faults } = checkReached(THIRDS, trials('a +0.6@0 -0.5, b -0.5 -0.4, c -0.3 -0.3'), FIRST);
  assert.deepEqual(faults, [
    {
      index: 1,
      problem: 'it was pruned at rung 1, past which another seed of its configuration was promoted',
      dependsOnArrivals: false,
    },
  ]);
});

test('a bracket passes its first rungs', () => {
  const settings = { ...THIRDS, brackets: 3 };
  const rows = trials('a -0.1, b -0.2, c -0.3, d -0.4, e -0.5, f -0.6, g -0.7, h -0.8');
  const passing = rows.filter(({ index }) => createBrackets(settings)(index) > 0);
  assert.ok(passing.length > 0);
  assert.deepEqual(
    checkReached(settings, rows, FIRST).faults.filter(({ dependsOnArrivals }) => !dependsOnArrivals),
    passing.map(({ index }) => ({
      index,
      problem: 'it was pruned at rung 1, which its bracket passes',
      dependsOnArrivals: false,
    })),
  );
});

test('whatever the order of trials, decisions of asynchronous halving are possible', () => {
  const { uniform } = stream(5, 'arrivals');
  for (let run = 0; run < 60; run++) {
    const settings: HalvingSettings = {
      reduction: 2 + Math.floor(2 * uniform()),
      rungs: 3,
      asynchronous: true,
      brackets: 1 + (run % 2),
    };
    const seeds = 1 + (run % 3);
    const count = 3 + Math.floor(25 * uniform());
    const entrants: Entrant[] = Array.from({ length: count * seeds }, (_, index) => ({
      ...{ index, cell: 'eca', partition: 0, configurationHash: `c${Math.floor(index / seeds)}`, decided: null },
      // Some are lost: they failed or diverged.
      ...{ validation: uniform() < 0.1 ? null : uniform(), isPending: false },
    }));
    const reached: (Entrant & { place: number | null })[] = [];
    const waiting = [...entrants];
    const context = { rung: 0, seeds, pointOf: (index: number) => Math.floor(index / seeds) };
    const check = () => {
      const scored = reached.filter((trial): trial is Entrant & ReachedTrial => trial.validation !== null);
      assert.deepEqual(checkReached(settings, scored, context).faults, [], `run ${run}`);
      return scored;
    };
    let places = 0;
    const decide = (isComplete: boolean) => {
      const { promoted, pruned } = decideReached(settings, reached, { ...context, isComplete });
      for (const [at, trial] of reached.entries()) {
        if (promoted.includes(trial.index)) reached[at] = { ...trial, decided: 'promoted', place: places++ };
        else if (pruned.includes(trial.index)) reached[at] = { ...trial, decided: 'pruned' };
      }
    };
    while (waiting.length > 0) {
      const [arrived] = waiting.splice(Math.floor(waiting.length * uniform()), 1);
      reached.push({ ...(arrived as Entrant), place: null });
      if (uniform() < 0.4) continue;
      decide(false);
      check();
    }
    decide(true);
    const scored = check();
    const worst = scored
      .filter(({ decided }) => decided === 'pruned' && seeds === 1)
      .toSorted((a, b) => a.validation - b.validation)[0];
    if (worst === undefined || settings.brackets === 2) continue;
    const wrong = scored.map((trial) => (trial === worst ? { ...trial, decided: 'promoted' as const, place: places } : trial));
    assert.deepEqual(
      checkReached(settings, wrong, context).faults.map(({ index }) => index),
      [worst.index],
      `run ${run}, changed`,
    );
  }
});
