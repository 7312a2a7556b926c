import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../../../models/canonical-json.ts';
import type { Point } from '../../../search/parameters.ts';
import { createKnown, drawFresh } from '../../../search/proposers/fresh.ts';
import { countDistinct } from '../../../search/samplers/combinations.ts';
import { sobol } from '../../../search/samplers/sobol.ts';
import { MIXED, observe, requestOf, spaceOf } from './spaces.ts';

test('a space with a range of reals is drawn from as the Sobol sampler draws, for every cell', () => {
  const at = sobol.createPoints({ trials: 20, seed: 7 }, { space: MIXED, cells: 1, widths: [1], seeds: 1 });
  for (let number = 0; number < 20; number++) {
    for (const cell of ['ednn/2', 'eca']) assert.deepEqual(drawFresh(requestOf(MIXED, { seed: 7, cell, number })), at(number));
  }
});

test('a point that was proposed is not drawn again', () => {
  const first = drawFresh(requestOf(MIXED));
  const second = drawFresh(requestOf(MIXED, { pending: [first], number: 0 }));
  assert.notDeepEqual(second, first);
  const third = drawFresh(requestOf(MIXED, { pending: [first], observations: [{ point: second, score: 0 }], number: 0 }));
  assert.equal(new Set([first, second, third].map(canonicalJson)).size, 3);
});

const finite = spaceOf({
  batch: { kind: 'uniform', low: 16, high: 18, whole: true },
  patience: { kind: 'log', low: 1, high: 4, whole: true },
  hidden: { kind: 'choice', values: [[8], [8, 8]] },
});

test('a finite space is exhausted without a repeat, whatever the numbers', () => {
  assert.equal(countDistinct(finite), 24);
  for (const numberOf of [(count: number) => count, () => 5, (count: number) => 3 * count]) {
    const propose = (known: readonly { readonly point: Point; readonly score: number | null }[]) =>
      drawFresh(requestOf(finite, { observations: known, number: numberOf(known.length) }));
    const all = observe(24, propose, () => 0);
    assert.equal(new Set(all.map(({ point }) => canonicalJson(point))).size, 24);
    assert.throws(() => propose(all), RangeError);
  }
});

test('a point is known by its values, however often the test is asked', () => {
  const [a, b, c] = observe(
    3,
    (known) => drawFresh(requestOf(finite, { observations: known, number: known.length })),
    () => 0,
  );
  assert.ok(a && b && c);
  const copy = (point: Point): Point => JSON.parse(JSON.stringify(point));
  for (const order of [
    [a, b, c],
    [c, b, a],
  ]) {
    const isKnown: (point: Point) => boolean = createKnown(
      requestOf(finite, { observations: [{ point: copy(a.point), score: 0 }], pending: [copy(b.point)] }),
    );
    for (const one of order) assert.equal(isKnown(one.point), one !== c);
  }
});

test('spaces are counted', () => {
  assert.equal(countDistinct(spaceOf({})), 1);
  assert.equal(countDistinct(MIXED), Number.POSITIVE_INFINITY);
});
