import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FindTrial, replaySweep, type TrainedTrial } from '../../../bench/search/sweep-replay.ts';
import { gridOf, specOfCell } from '../../../bench/search/tuning.ts';

const SIZE = { trainRows: 1000, descriptors: 12, energies: 40 };
const CELL = { method: 'ednn', k: 2 } as const;
const EPOCHS = 40;
const GRID = gridOf(CELL, SIZE);
const GRID_SECONDS = GRID.length * (EPOCHS + 2);

/** Scores quality - 1 / e after epoch e; takes a second per epoch, and two at its end. */
function trialOf(quality: number): TrainedTrial {
  const curve = Array.from({ length: EPOCHS }, (_, i) => quality - 1 / (i + 1));
  return { curve, score: curve.at(-1) as number, epochSeconds: 1, endSeconds: 2 };
}

/** Different qualities, in no order. */
const QUALITIES = new Map(GRID.map(({ configurationHash }, i) => [configurationHash, ((i * 89) % GRID.length) / GRID.length]));
const findTrial: FindTrial = (hash) => trialOf(QUALITIES.get(hash) as number);
const BEST = trialOf((GRID.length - 1) / GRID.length).score;

/** Replays a sweep; returns the hashes of its configurations as well, in their order. */
function replay(parts: object, find = findTrial) {
  const begun: string[] = [];
  const finding: FindTrial = (hash) => {
    begun.push(hash);
    return find(hash);
  };
  return { ...replaySweep(specOfCell(CELL, parts, SIZE), SIZE, finding), begun };
}

const tpe = (trials: number) => ({ tpe: { trials, seed: 3 } });
const random = (trials: number) => ({ random: { trials, seed: 3 } });
const HALVING = { reduction: 3, rungs: 3 };

test('the grid has 240 configurations, and a sweep of all of them costs as much as it', () => {
  assert.equal(GRID.length, 240);
  for (const sampler of [{ grid: {} }, random(240), tpe(240)]) {
    const { ended, spent, begun } = replay({ sampler });
    assert.equal(new Set(begun).size, 240);
    assert.equal(spent, GRID_SECONDS);
    assert.deepEqual(
      ended.map((one) => one.spent),
      GRID.map((_, i) => (i + 1) * (EPOCHS + 2)),
    );
    assert.equal(Math.max(...ended.map(({ score }) => score)), BEST);
  }
});

test('a trial that diverges costs its epochs, starts that are compared included, and never ends', () => {
  const nnca = { method: 'nnca', k: 2 } as const;
  const spec = specOfCell(nnca, { sampler: random(20) }, SIZE);
  const diverged: TrainedTrial = { curve: [0.1, 0.2], score: null, epochSeconds: 1, endSeconds: 0 };
  // Six starts of two epochs each.
  assert.deepEqual(
    replaySweep(spec, SIZE, () => diverged),
    { ended: [], spent: 20 * 14 },
  );
  const halved = { ...spec, halving: HALVING };
  assert.deepEqual(
    replaySweep(halved, SIZE, () => diverged),
    { ended: [], spent: 20 * 14 },
  );
});

test('halving trains a share of the configurations to the end, and the best of them is among those', () => {
  // Rungs end after 5, 14 and 40 epochs.
  const { ended, spent } = replay({ sampler: random(90), halving: HALVING });
  assert.equal(ended.length, 10);
  assert.equal(spent, 90 * 5 + 30 * 9 + 10 * (26 + 2));
  const { ended: all } = replay({ sampler: random(90) });
  assert.equal(Math.max(...ended.map(({ score }) => score)), Math.max(...all.map(({ score }) => score)));
});

test('where rungs overlap, the best of all that reach a rung go on', () => {
  const { ended, spent } = replay({ sampler: random(90), halving: { ...HALVING, asynchronous: true } });
  const { ended: synchronous } = replay({ sampler: random(90), halving: HALVING });
  const scores = new Set(ended.map(({ score }) => score));
  assert.ok(synchronous.every(({ score }) => scores.has(score)));
  assert.equal(ended.at(-1)?.spent, spent);
});

test('rules by curves stop what is behind', () => {
  // Powers of the epochs, whose extrapolations are exact.
  const straight: FindTrial = (hash) => {
    const quality = QUALITIES.get(hash) as number;
    const curve = Array.from({ length: EPOCHS }, (_, i) => 1 - (1 - quality / 2) / (i + 1));
    return { curve, score: curve.at(-1) as number, epochSeconds: 1, endSeconds: 2 };
  };
  const extrapolated = replay({ sampler: random(60), stopping: { extrapolate: {} } }, straight);
  assert.ok(extrapolated.ended.length < 60 && extrapolated.spent < 60 * (EPOCHS + 2));
  const whole = replay({ sampler: random(60) }, straight);
  const bestOf = ({ ended }: typeof whole) => Math.max(...ended.map(({ score }) => score));
  assert.equal(bestOf(extrapolated), bestOf(whole));
});

test('proposals see scores at the end of the first rung, or of the whole training', () => {
  /** As before up to the end of the first rung, and the other way round from there on. */
  const reversed: FindTrial = (hash) => {
    const trial = findTrial(hash);
    const curve = trial.curve.map((score, i) => (i < 5 ? score : -score));
    return { ...trial, curve, score: -(trial.score as number) };
  };
  const halved = { sampler: tpe(60), halving: HALVING };
  assert.deepEqual(replay(halved, reversed).begun, replay(halved).begun);
  const whole = { sampler: tpe(60) };
  assert.notDeepEqual(replay(whole, reversed).begun, replay(whole).begun);
});

test('points of a pack are proposed together', () => {
  // The last of 4 % of 60 points: it does not know the score of the one before.
  const { begun } = replay({ sampler: tpe(60) });
  const [pack, first] = [2, 10];
  const changed =
    (place: number): FindTrial =>
    (hash) =>
      hash === begun[place] ? trialOf(2) : findTrial(hash);
  const firstChange = (place: number) =>
    replay({ sampler: tpe(60) }, changed(place)).begun.findIndex((hash, i) => hash !== begun[i]);
  assert.ok(firstChange(first) >= first + pack);
});
