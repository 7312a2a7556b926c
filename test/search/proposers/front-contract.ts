/** Tests that every proposer has to pass which weighs scores against costs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hypervolume } from '../../../models/evaluation/pareto.ts';
import type { Dimension, Dimensions, Point } from '../../../search/parameters.ts';
import type { Observation, Proposer, SearchSettings } from '../../../search/proposers/proposer.ts';
import { random } from '../../../search/samplers/random.ts';
import { trying } from './proposer-contract.ts';
import { observe, requestOf, spaceOf } from './spaces.ts';

/** Two losses over a space, and a point that all of the front beat. */
export interface Problem {
  readonly space: Dimensions;
  readonly measure: (point: Point) => readonly [number, number];
  readonly reference: readonly [number, number];
}

const unit: Dimension<number> = { kind: 'uniform', low: 0, high: 1 };
export const fiveReals = spaceOf({ learningRate: unit, weightDecay: unit, dropout: unit, patience: unit, batch: unit });

/** ZDT1 and ZDT3 (Zitzler, Deb and Thiele 2000, doi:10.1162/106365600568202) of five numbers. */
const zdt = (shape: (x: number, g: number) => number): Problem => ({
  space: fiveReals,
  measure({ learningRate: x, weightDecay, dropout, patience, batch }) {
    const g = 1 + (9 * (weightDecay + dropout + patience + batch)) / 4;
    return [x, g * shape(x, g)];
  },
  reference: [1.1, 6],
});

/** Larger networks are better, if trained at a rate and batch that suit them. */
const architectures: Problem = {
  space: spaceOf({
    learningRate: { kind: 'log', low: 1e-4, high: 1e-1 },
    dropout: { kind: 'uniform', low: 0, high: 0.5 },
    batch: { kind: 'log', low: 8, high: 256, whole: true },
    activation: { kind: 'choice', values: ['gelu', 'tanh', 'elu'] },
    hidden: { kind: 'choice', values: [[4], [8], [16], [32], [64], [8, 8], [16, 16], [32, 32], [64, 64], [64, 64, 64]] },
  }),
  measure({ learningRate, dropout, batch, activation, hidden }) {
    const size = Math.log(hidden.reduce((sum, width, i) => sum + width * (hidden[i - 1] ?? 10), 0));
    const rate = Math.log10(learningRate) + 2.3 + 0.1 * (size - 5) - 0.5 * Math.log10(batch / 32);
    const loss = Math.exp(-size / 3) + 0.1 * rate ** 2 + dropout ** 2 + (activation === 'tanh' ? 0.03 : 0);
    return [loss, size];
  },
  reference: [1.5, 10],
};

export const PROBLEMS = {
  ZDT1: zdt((x, g) => 1 - Math.sqrt(x / g)),
  ZDT3: zdt((x, g) => 1 - Math.sqrt(x / g) - (x / g) * Math.sin(10 * Math.PI * x)),
  architectures,
};

export const scoreOf = (problem: Problem) => (point: Point) => -problem.measure(point)[0];
export const costsOf = (problem: Problem) => (point: Point) => [problem.measure(point)[1]];

export function volumeOf({ measure, reference }: Problem, points: readonly Point[]): number {
  return hypervolume(points.map((point) => measure(point).map((value, i) => (reference[i] as number) - value)));
}

export const pointsOf = (observations: readonly Observation[]): Point[] => observations.map(({ point }) => point);

/** Returns the function that weighs the losses of a problem, one point at a time. */
export const weighing =
  (proposer: Proposer<SearchSettings>) =>
  (problem: Problem, count: number, seed: number): Observation[] => {
    const { propose } = trying(proposer);
    const next = (observations: readonly Observation[]) => propose(requestOf(problem.space, { observations, seed }));
    return observe(count, next, scoreOf(problem), costsOf(problem));
  };

export const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** Draws random points, as many as are asked for. */
export function drawRandom({ space }: Problem, count: number, seed: number): Point[] {
  const at = random.createPoints({ trials: count, seed }, { space, cells: 1, widths: [1], seeds: 1 });
  return Array.from({ length: count }, (_, number) => at(number));
}

/** Tests a proposer by searches of so many points. */
export function frontContract(proposer: Proposer<SearchSettings>, count: number): void {
  const weigh = weighing(proposer);

  for (const [name, problem] of Object.entries(PROBLEMS)) {
    test(`${name}: the hypervolume of ${count} proposals exceeds that of as many random points`, () => {
      const better = SEEDS.filter(
        (seed) => volumeOf(problem, pointsOf(weigh(problem, count, seed))) > volumeOf(problem, drawRandom(problem, count, seed)),
      );
      // Of equally good ones nine would be in one case of ninety.
      assert.ok(better.length >= 9, `better for seeds ${better}`);
    });
  }

  test('costs count: without them proposals go where the score is best', () => {
    const problem = PROBLEMS.architectures;
    const meanSize = (observations: readonly Observation[]) =>
      observations.slice(60).reduce((sum, { point }) => sum + problem.measure(point)[1], 0) / 60;
    const alone = trying(proposer).run(problem.space, 120, scoreOf(problem));
    assert.ok(meanSize(weigh(problem, 120, 1)) < meanSize(alone) - 0.5);
  });

  test('points under way at the same time differ, and lead to the front', () => {
    const problem = PROBLEMS.ZDT1;
    const measured = (points: readonly Point[]) =>
      points.map((point): Observation => ({ point, score: scoreOf(problem)(point), costs: costsOf(problem)(point) }));
    const points: Point[] = [];
    while (points.length < 200) {
      const ended = Math.max(0, points.length + 1 - 16);
      const [observations, pending] = [measured(points.slice(0, ended)), points.slice(ended)];
      points.push(trying(proposer).propose(requestOf(problem.space, { observations, pending })));
    }
    assert.equal(new Set(points.map((point) => JSON.stringify(point))).size, 200);
    assert.ok(volumeOf(problem, points) > volumeOf(problem, drawRandom(problem, 200, 1)));
  });
}
