import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../../../models/random.ts';
import type { Dimensions } from '../../../../search/parameters.ts';
import { axesOf, isOn } from '../../../../search/proposers/axes.ts';
import { findBest, type Landscape } from '../../../../search/proposers/gp/candidates.ts';
import { createEmbedding } from '../../../../search/proposers/gp/embedding.ts';
import { gainAt } from '../../../../search/proposers/gp/gain.ts';
import { createPosterior } from '../../../../search/proposers/gp/posterior.ts';
import { spaceOf } from '../spaces.ts';

/** Returns a landscape after observations of drawn points, with the function of its gain. */
function landscapeOf(changes: Partial<Dimensions>, count: number, score: (row: Float64Array) => number) {
  const axes = axesOf(spaceOf(changes));
  const embedding = createEmbedding(axes);
  const { uniform } = stream(8, 'landscape');
  const points = Array.from({ length: count }, () => {
    const point = new Float64Array(axes.length).fill(Number.NaN);
    for (const [i, axis] of axes.entries()) {
      if (!isOn(axis, point)) continue;
      if (axis.kind === 'choice') point[i] = Math.floor(uniform() * axis.size);
      else point[i] = axis.kind === 'whole' ? axis.numberAt(uniform()) : uniform();
    }
    return point;
  });
  const rows = points.map(embedding.embed);
  const sample = { rows, scores: Float64Array.from(rows, score) };
  const lengths = new Float64Array(embedding.groups).fill(0.3);
  const posterior = createPosterior(embedding, sample, [], { lengths, noise: 1e-4 });
  const landscape: Landscape = { axes, embedding, lengths, posterior };
  const gain = (...coordinates: number[]) => gainAt(posterior, embedding.embed(Float64Array.from(coordinates)));
  return { landscape, points, gain };
}

const every = () => true;
const random = () => stream(9, 'candidates');

test('the largest gain over ranges is found, as on a fine grid', () => {
  const { landscape, points, gain } = landscapeOf(
    {
      learningRate: { kind: 'log', low: 1e-4, high: 1 },
      dropout: { kind: 'uniform', low: 0, high: 1 },
    },
    12,
    (row) => Math.sin(6 * (row[0] as number)) - (row[1] as number),
  );
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i <= 200; i++) for (let j = 0; j <= 200; j++) most = Math.max(most, gain(i / 200, j / 200));
  const found = gain(...(findBest(landscape, points.slice(0, 3), random(), every) ?? []));
  assert.ok(found > most - 0.001, `${found} instead of ${most}`);
});

test('choices and whole numbers are searched as well', () => {
  const { landscape, points, gain } = landscapeOf(
    {
      dropout: { kind: 'uniform', low: 0, high: 1 },
      activation: { kind: 'choice', values: ['gelu', 'tanh', 'elu'] },
      batch: { kind: 'uniform', low: 1, high: 40, whole: true },
    },
    15,
    (row) => (row[0] as number) + (row[2] as number) - (row[4] as number),
  );
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i <= 100; i++)
    for (let name = 0; name < 3; name++)
      for (let batch = 1; batch <= 40; batch++) most = Math.max(most, gain(i / 100, name, batch));
  const found = findBest(landscape, points.slice(0, 3), random(), every) as Float64Array;
  assert.ok(gain(...found) > most - 0.001, `${gain(...found)} instead of ${most}`);
  assert.ok(Number.isInteger(found[1]) && Number.isInteger(found[2]), `${found}`);
});

test('no other value of a single choice, and no neighbour of a whole number, has a larger gain', () => {
  const values = [0, 0.1, 0.2, 0.3, 0.4, 0.5];
  const { landscape, points, gain } = landscapeOf(
    {
      learningRate: { kind: 'log', low: 1e-4, high: 1 },
      weightDecay: { kind: 'choice', values },
      dropout: { kind: 'choice', values },
      activation: { kind: 'choice', values: ['gelu', 'tanh', 'elu', 'relu'] },
      patience: { kind: 'choice', values: [0, 5, 10, 20, 40] },
      batch: { kind: 'uniform', low: 1, high: 40, whole: true },
    },
    30,
    (row) => row.reduce((sum, one, c) => sum + Math.sin(9 * one + c), 0),
  );
  const found = [...(findBest(landscape, points.slice(0, 3), random(), every) ?? [])];
  const most = gain(...found);
  for (const [i, axis] of landscape.axes.entries()) {
    if (axis.kind === 'real') continue;
    const own = found[i] as number;
    const others = axis.kind === 'choice' ? [...Array(axis.size).keys()] : [own - 1, own + 1];
    for (const other of others) assert.ok(gain(...found.with(i, other)) <= most, `${axis.name} ${other}`);
  }
});

const finite: Partial<Dimensions> = {
  activation: { kind: 'choice', values: ['gelu', 'tanh', 'elu'] },
  batch: { kind: 'uniform', low: 3, high: 9, whole: true },
};

test('the best new point of a small space is found, until none is left', () => {
  const { landscape, gain } = landscapeOf(finite, 6, (row) => (row[0] as number) - (row[3] as number));
  const found: string[] = [];
  const gains: number[] = [];
  for (;;) {
    const best = findBest(landscape, [], random(), (one) => !found.includes(`${one}`));
    if (best === null) break;
    found.push(`${best}`);
    gains.push(gain(...best));
  }
  assert.equal(new Set(found).size, 3 * 7);
  assert.deepEqual(
    gains,
    gains.toSorted((a, b) => b - a),
  );
});

for (const steps of [false, true]) {
  test(`axes are searched where they exist, ${steps ? 'in a small space' : 'over ranges'}`, () => {
    const momenta: Dimensions['momentum'] = steps
      ? { kind: 'choice', values: [0, 0.2, 0.4, 0.6, 0.8] }
      : { kind: 'uniform', low: 0, high: 0.8 };
    const changes: Partial<Dimensions> = { optimiser: { kind: 'choice', values: ['adam', 'sgd', 'adamw'] }, momentum: momenta };
    // Columns of the names, then of the momentum.
    const scores = [
      (row: Float64Array) => (row[0] as number) - Math.abs((row[3] as number) - 0.5),
      (row: Float64Array) => (row[1] as number) - Math.abs((row[3] as number) - 0.7),
    ];
    for (const score of scores) {
      const { landscape, points, gain } = landscapeOf(changes, 8, score);
      const momentaOf = (name: number) =>
        name === 1 ? Array.from({ length: steps ? 5 : 401 }, (_, i) => (steps ? i : i / 400)) : [Number.NaN];
      const most = Math.max(...[0, 1, 2].flatMap((name) => momentaOf(name).map((momentum) => gain(name, momentum))));
      for (let seed = 1; seed <= 5; seed++) {
        const [name, momentum] = findBest(landscape, points.slice(0, 3), stream(seed, 'candidates'), every) as Float64Array;
        assert.equal(Number.isNaN(momentum), name !== 1);
        assert.ok(gain(name as number, momentum as number) > most - 0.001);
      }
    }
  });
}

test('known points are passed over in large spaces', () => {
  const { landscape, points } = landscapeOf(
    { ...finite, patience: { kind: 'uniform', low: 0, high: 99, whole: true } },
    9,
    (row) => row.reduce((sum, one) => sum + one, 0),
  );
  const first = findBest(landscape, points.slice(0, 2), random(), every);
  const second = findBest(landscape, points.slice(0, 2), random(), (one) => `${one}` !== `${first}`);
  assert.notDeepEqual(second, first);
  assert.notEqual(second, null);
  assert.equal(
    findBest(landscape, points, random(), () => false),
    null,
  );
});
