import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../../models/random.ts';
import { type Axis, axesOf, encodePoint, isOn } from '../../../search/proposers/axes.ts';
import { createMixture, type Mixture } from '../../../search/proposers/mixture.ts';
import { sobol } from '../../../search/samplers/sobol.ts';
import { type MIXED, spaceOf } from './spaces.ts';

/** Returns coordinates of points that crowd in a corner of the space. */
function pointsOf(space: typeof MIXED, count: number, seed = 3): Float64Array[] {
  const axes = axesOf(space);
  const at = sobol.createPoints({ trials: count, seed }, { space, cells: 1, widths: [1], seeds: 1 });
  return Array.from({ length: count }, (_, n) =>
    encodePoint(axes, at(n)).map((coordinate, i) => (axes[i]?.kind === 'real' ? coordinate ** 2 : coordinate)),
  );
}

const weightsOf = (count: number) => Float64Array.from({ length: count }, (_, i) => 0.5 + (i % 3));

const STEPS = 400;

/** Returns the coordinates of an axis with their weights in an integral, by Simpson's rule. */
function nodesOf(axis: Axis): (readonly [coordinate: number, weight: number])[] {
  if (axis.kind === 'choice') return Array.from({ length: axis.size }, (_, i) => [i, 1]);
  if (axis.kind === 'whole') return Array.from({ length: axis.high - axis.low + 1 }, (_, i) => [axis.low + i, 1]);
  return Array.from({ length: STEPS + 1 }, (_, i) => [i / STEPS, (i === 0 || i === STEPS ? 1 : i % 2 === 1 ? 4 : 2) / 3 / STEPS]);
}

/** Returns the integral of a function times the density. */
function integrate(axes: readonly Axis[], mixture: Mixture, f: (coordinates: readonly number[]) => number): number {
  let nodes: (readonly [coordinates: readonly number[], weight: number])[] = [[[], 1]];
  for (const axis of axes) {
    nodes = nodes.flatMap(([known, weight]) => {
      const own = isOn(axis, Float64Array.from(known)) ? nodesOf(axis) : [[Number.NaN, 1] as const];
      return own.map(([coordinate, share]) => [[...known, coordinate], weight * share] as const);
    });
  }
  return nodes.reduce((sum, [at, weight]) => sum + weight * f(at) * Math.exp(mixture.logDensity(Float64Array.from(at))), 0);
}

for (const [name, space] of Object.entries({
  'a real and a choice of names': spaceOf({
    learningRate: { kind: 'log', low: 1e-4, high: 1e-1 },
    activation: { kind: 'choice', values: ['gelu', 'tanh', 'elu'] },
  }),
  'a real and whole numbers': spaceOf({
    dropout: { kind: 'uniform', low: 0, high: 0.5 },
    batch: { kind: 'log', low: 8, high: 24, whole: true },
  }),
  'names and a real that one of them has': spaceOf({
    optimiser: { kind: 'choice', values: ['adam', 'sgd', 'adamw'] },
    momentum: { kind: 'uniform', low: 0, high: 0.9 },
    schedule: { kind: 'choice', values: ['one-cycle', 'cosine'] },
    warmUp: { kind: 'choice', values: [0.1, 0.2, 0.4] },
  }),
  'layers and numbers': spaceOf({
    hidden: { kind: 'choice', values: [[8], [64], [8, 8], [64, 16], [64, 64, 64]] },
    patience: { kind: 'choice', values: [0, 5, 20] },
    batch: { kind: 'uniform', low: 16, high: 18, whole: true },
  }),
})) {
  const axes = axesOf(space);
  for (const count of [0, 1, 2, 30]) {
    const mixture = createMixture(axes, pointsOf(space, count), weightsOf(count), 0.6);

    test(`the density over ${name} integrates to one, with ${count} points`, () => {
      const integral = integrate(axes, mixture, () => 1);
      assert.ok(Math.abs(integral - 1) < 1e-5, `${integral}`);
    });

    test(`points over ${name} are drawn from the density, with ${count} points`, () => {
      const random = stream(5, 'mixture');
      const draws = Array.from({ length: 4000 }, () => mixture.sample(random));
      axes.forEach((_, i) => {
        // Where a point has no coordinate, any number will do.
        const at = (coordinates: ArrayLike<number>) => (Number.isNaN(coordinates[i]) ? 2 : (coordinates[i] as number));
        const mean = integrate(axes, mixture, at);
        const square = integrate(axes, mixture, (coordinates) => at(coordinates) ** 2);
        const found = draws.reduce((sum, coordinates) => sum + at(coordinates), 0) / draws.length;
        const error = Math.sqrt((square - mean ** 2) / draws.length);
        assert.ok(Math.abs(found - mean) < 4 * error, `axis ${i}: ${found} instead of ${mean}`);
      });
    });
  }
}

/** Share of a standard normal distribution between two numbers: Simpson's rule. */
function normalShare(from: number, to: number): number {
  const h = (to - from) / STEPS;
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  return Array.from(
    { length: STEPS + 1 },
    (_, i) => (i === 0 || i === STEPS ? 1 : i % 2 === 1 ? 4 : 2) * density(from + i * h),
  ).reduce((sum, one) => sum + (one * h) / 3, 0);
}

test('the density is that of the formula', () => {
  const space = spaceOf({
    dropout: { kind: 'uniform', low: 0, high: 1 },
    activation: { kind: 'choice', values: ['gelu', 'tanh', 'elu'] },
  });
  const scale = 0.7;
  const points = [
    { x: 0.2, name: 0, weight: 2 },
    { x: 0.25, name: 0, weight: 1 },
    { x: 0.6, name: 2, weight: 0.5 },
  ];
  const mixture = createMixture(
    axesOf(space),
    points.map(({ x, name }) => Float64Array.of(x, name)),
    Float64Array.from(points, ({ weight }) => weight),
    scale,
  );
  // Scott's rule in two dimensions; an even distribution has the moments of a point of weight 1.
  const total = 2 + 1 + 0.5 + 1;
  const mean = (2 * 0.2 + 0.25 + 0.5 * 0.6 + 0.5) / total;
  const second = (2 * 0.2 ** 2 + 0.25 ** 2 + 0.5 * 0.6 ** 2 + 1 / 3) / total;
  const effective = total ** 2 / (4 + 1 + 0.25 + 1);
  const width = scale * Math.sqrt(second - mean ** 2) * effective ** (-1 / 6);
  for (const x of [0.01, 0.22, 0.5, 0.97]) {
    for (const name of [0, 1, 2]) {
      const kernels = points.map((point) => {
        const normal = Math.exp(-(((x - point.x) / width) ** 2) / 2) / Math.sqrt(2 * Math.PI) / width;
        // A fourth of a point is even: three points and the prior.
        const probability = ((point.name === name ? 1 : 0) + 1 / 4 / 3) / (1 + 1 / 4);
        return ((point.weight * normal) / normalShare(-point.x / width, (1 - point.x) / width)) * probability;
      });
      const expected = (kernels.reduce((sum, one) => sum + one, 0) + 1 / 3) / total;
      const found = Math.exp(mixture.logDensity(Float64Array.of(x, name)));
      assert.ok(Math.abs(found / expected - 1) < 1e-6, `(${x}, ${name}): ${found} instead of ${expected}`);
    }
  }
});

test('an axis that a point does not have leaves its density as it is', () => {
  const names = spaceOf({ optimiser: { kind: 'choice', values: ['adam', 'sgd'] } });
  const more = spaceOf({ ...names, momentum: { kind: 'uniform', low: 0, high: 0.9 } });
  const mixtureOf = (space: typeof names, points: readonly Float64Array[]) =>
    createMixture(axesOf(space), points, Float64Array.of(2, 1), 0.5);
  const plain = mixtureOf(names, [Float64Array.of(0), Float64Array.of(1)]);
  const own = mixtureOf(more, [Float64Array.of(0, Number.NaN), Float64Array.of(1, 0.3)]);
  assert.equal(own.logDensity(Float64Array.of(0, Number.NaN)), plain.logDensity(Float64Array.of(0)));
  const [near, far] = [0.3, 0.9].map((momentum) => own.logDensity(Float64Array.of(1, momentum)));
  assert.ok((near as number) > (far as number), 'and the kernel of another point is felt where it has the axis');
});

test('values near those of the points are likelier, by rank and by layers', () => {
  const probabilitiesOf = (changes: Parameters<typeof spaceOf>[0], own: number) => {
    const axes = axesOf(spaceOf(changes));
    const mixture = createMixture(axes, [Float64Array.of(own)], Float64Array.of(1), 0.5);
    return nodesOf(axes[0] as Axis).map(([coordinate]) => mixture.logDensity(Float64Array.of(coordinate)));
  };
  const [own = 0, near = 0, far = 0] = probabilitiesOf({ learningRate: { kind: 'choice', values: [0.001, 0.01, 0.1] } }, 0);
  assert.ok(own > near && near > far);
  const layers = [[16], [16, 16], [64, 64], [64, 64, 64, 64]];
  const [one = 0, two = 0, wide = 0, deep = 0] = probabilitiesOf({ hidden: { kind: 'choice', values: layers } }, 0);
  assert.ok(one > two && two > wide && wide > deep);
  const [same = 0, ...others] = probabilitiesOf({ activation: { kind: 'choice', values: ['gelu', 'tanh', 'elu'] } }, 0);
  assert.ok(others.every((other) => other === others[0] && other < same));
});
