import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from '../../../search/proposers/proposer.ts';
import { dealDraw, goodOfSiblings } from '../../../search/proposers/siblings.ts';
import { splitByScore } from '../../../search/proposers/split.ts';
import { tpe } from '../../../search/proposers/tpe.ts';
import { bowl, plane, trying } from './proposer-contract.ts';
import { requestOf } from './spaces.ts';

const { run } = trying(tpe);
const siblingsOf = (...observations: (readonly Observation[])[]) => ({ observations, place: 0 });

test('the good points of every other width count as two points together, whatever their number', () => {
  const [many, few] = [run(plane, 60, bowl, 1), run(plane, 20, bowl, 2)];
  const { good, weights } = goodOfSiblings(requestOf(plane, { siblings: siblingsOf(many, few, []) }), splitByScore);
  assert.deepEqual(good, [...(splitByScore(many)?.good ?? []), ...(splitByScore(few)?.good ?? [])]);
  const total = (values: Float64Array) => values.reduce((sum, one) => sum + one, 0);
  assert.ok(Math.abs(total(weights.subarray(0, 6)) - 1) < 1e-12);
  assert.ok(Math.abs(total(weights.subarray(6)) - 1) < 1e-12);
});

test('without siblings, or scores of theirs, there are none', () => {
  for (const siblings of [null, siblingsOf(), siblingsOf([], [])])
    assert.deepEqual(goodOfSiblings(requestOf(plane, { siblings }), splitByScore).good, []);
});

test('the widths of a method draw different points, and a cell by itself its own number', () => {
  const numberOf = (number: number, place: number) =>
    dealDraw(requestOf(plane, { number, siblings: { observations: [[], []], place } })).number;
  const numbers = [0, 1, 2].flatMap((number) => [0, 1, 2].map((place) => numberOf(number, place)));
  assert.deepEqual(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(dealDraw(requestOf(plane, { number: 4 })).number, 4);
});
