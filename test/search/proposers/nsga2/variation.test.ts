import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../../../models/random.ts';
import { axesOf, decodePoint, encodePoint } from '../../../../search/proposers/axes.ts';
import { cross, crossPositions, mutate, mutatePosition } from '../../../../search/proposers/nsga2/variation.ts';
import { MIXED, spaceOf } from '../spaces.ts';

const COUNT = 20_000;
const drawn = (draw: (random: ReturnType<typeof stream>) => number): number[] => {
  const random = stream(1, 'variation');
  return Array.from({ length: COUNT }, () => draw(random));
};
const share = (values: readonly number[], test: (value: number) => boolean) => values.filter(test).length / values.length;
const near = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 0.015, `${found}, not ${expected}`);

test('children spread as those of simulated binary crossover', () => {
  // Far from the ends: the probability of a spread below b is b^(n + 1) / 2, beyond 1 the inverse.
  const [a, b] = [0.49, 0.51];
  const spreads = drawn((random) => Math.abs(crossPositions(a, b, random) - 0.5) / 0.01);
  for (const limit of [0.8, 0.9, 0.95, 1])
    near(
      share(spreads, (spread) => spread < limit),
      limit ** 16 / 2,
    );
  for (const limit of [1.05, 1.1, 1.2])
    near(
      share(spreads, (spread) => spread < limit),
      1 - limit ** -16 / 2,
    );
  near(
    share(
      drawn((random) => crossPositions(a, b, random)),
      (child) => child < 0.5,
    ),
    0.5,
  );
});

test('a crossover is symmetrical, stays in the range, and leaves equal parents', () => {
  const parents = [
    [0, 1],
    [0.9, 0.2],
    [0, 0.01],
    [1, 0.999],
    [0.001, 0.1],
    [0.8, 0.99],
  ] as const;
  for (const [a, b] of parents) {
    const children = drawn((random) => crossPositions(a, b, random));
    assert.ok(children.every((child) => child >= 0 && child <= 1));
    // None is cut off at an end.
    assert.ok(share(children, (child) => child !== a && child !== b && (child === 0 || child === 1)) === 0);
    assert.deepEqual(
      drawn((random) => crossPositions(b, a, random)),
      children,
    );
  }
  assert.equal(crossPositions(0.3, 0.3, stream(1, 'equal')), 0.3);
});

test('a mutation is polynomial, and as likely on either side', () => {
  // Far from the ends: a step below -s has the probability (1 - s)^(n + 1) / 2.
  const steps = drawn((random) => mutatePosition(0.5, random) - 0.5);
  for (const limit of [0.02, 0.05, 0.1, 0.2]) {
    near(
      share(steps, (step) => step < -limit),
      (1 - limit) ** 11 / 2,
    );
    near(
      share(steps, (step) => step > limit),
      (1 - limit) ** 11 / 2,
    );
  }
});

test('a mutation stays in the range, and leaves its ends', () => {
  for (const position of [0, 0.001, 1]) {
    const found = drawn((random) => mutatePosition(position, random));
    assert.ok(found.every((one) => one >= 0 && one <= 1));
    assert.ok(share(found, (one) => Math.abs(one - position) > 0.02) > 0.3);
  }
});

test('one coordinate in D is mutated; values of a choice become others, similar ones more often', () => {
  const axes = axesOf(MIXED);
  const lowest = Float64Array.from(axes, () => 0);
  const parent = encodePoint(axes, { ...decodePoint(MIXED, axes, lowest), batch: 8 });
  const random = stream(1, 'mutations');
  const children = Array.from({ length: COUNT }, () => mutate(axes, parent, random));
  const changed = axes.map((_, i) =>
    share(
      children.map((child) => child[i] as number),
      (one) => one !== parent[i],
    ),
  );
  // At the end of a range half of the steps lead nowhere.
  for (const [i, { kind }] of axes.entries()) near(changed[i] as number, (kind === 'choice' ? 1 : 0.5) / axes.length);
  const counts = (name: string) => {
    const at = axes.findIndex((axis) => axis.name === name);
    const all = children.map((child) => child[at] as number);
    return (value: number) => all.filter((one) => one === value).length;
  };
  const [activations, layers, decays] = [counts('activation'), counts('hidden'), counts('weightDecay')];
  // Names have no order.
  assert.ok(Math.abs(activations(1) - activations(2)) < 200, `${activations(1)}, ${activations(2)}`);
  // [8, 8] is nearer to [8] than [64, 64, 64] is; 0.01 nearer to 0 than 0.1.
  assert.ok(layers(2) > 1.5 * layers(4), `${layers(2)}, ${layers(4)}`);
  assert.ok(decays(1) > 1.5 * decays(2), `${decays(1)}, ${decays(2)}`);
});

test('a child has values of its parents, or between and around them where they are numbers', () => {
  const axes = axesOf(MIXED);
  const [a, b] = [
    { learningRate: 1e-3, dropout: 0.1, weightDecay: 0, batch: 10, activation: 'gelu', hidden: [8] },
    { learningRate: 1e-2, dropout: 0.2, weightDecay: 0.1, batch: 20, activation: 'elu', hidden: [64, 16] },
  ].map((point) => encodePoint(axes, point as never)) as [Float64Array, Float64Array];
  const random = stream(1, 'children');
  const children = Array.from({ length: 2000 }, () => decodePoint(MIXED, axes, cross(axes, a, b, random)));
  const values = (of: (child: (typeof children)[number]) => unknown) => new Set(children.map(of));
  assert.deepEqual(
    values(({ activation }) => activation),
    new Set(['gelu', 'elu']),
  );
  assert.deepEqual(
    values(({ hidden }) => hidden.join('-')),
    new Set(['8', '64-16']),
  );
  assert.deepEqual(
    values(({ weightDecay }) => weightDecay),
    new Set([0, 0.1]),
  );
  for (const { batch } of children) assert.ok(Number.isInteger(batch) && batch >= 8 && batch <= 24);
  assert.ok(values(({ batch }) => batch).size > 5);
  assert.ok(values(({ learningRate }) => learningRate).size > 500);
  const unchanged = share(
    children.map(({ learningRate }) => learningRate),
    (rate) => Math.abs(rate - 1e-3) < 1e-9,
  );
  // 0.1 without a crossover, and half of the axes of the others.
  near(unchanged, 0.55);
});

test('whole numbers move by one at least, and stay in their range', () => {
  const space = spaceOf({ batch: { kind: 'uniform', low: 8, high: 11, whole: true } });
  const axes = axesOf(space);
  const counts = new Map<number, number>();
  const random = stream(1, 'whole');
  for (let i = 0; i < 4000; i++) {
    const [child] = mutate(axes, Float64Array.of(9), random);
    counts.set(child as number, (counts.get(child as number) ?? 0) + 1);
  }
  assert.equal(counts.get(9) ?? 0, 0, 'the only axis is always mutated');
  assert.deepEqual(
    [...counts.keys()].sort((a, b) => a - b),
    [8, 10, 11],
  );
});
