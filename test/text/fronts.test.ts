import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFront, formatObjective } from '../../text/fronts.ts';

const objectives = [
  { name: 'coveredVariance', direction: 'maximize', best: 1, reference: 0 },
  { name: 'parameters', direction: 'minimize', best: 120, reference: 1234.56 },
] as const;
const hypervolumes = [
  { method: 'ednn', front: 3, hypervolume: 0.8 },
  { method: 'eca', front: 2, hypervolume: 0.5 },
  { method: null, front: 4, hypervolume: 0.81 },
] as const;
const front = { objectives, hypervolumes, configurations: 9, incomplete: 0, unmeasured: 0 };

test('sentences give the size of the front, and hypervolumes with their reference point', () => {
  assert.deepEqual(describeFront(front), [
    '4 of 9 configurations are on the front: no other is at least as good in every objective and better in one.',
    'Hypervolume, the share of the box from the reference point (covered variance 0, 1235 parameters) to the best values (covered variance 1, 120 parameters): EDNN 0.800, ECA 0.500, together 0.810.',
  ]);
});

test('what was left out is counted, with the reason', () => {
  assert.deepEqual(describeFront({ ...front, incomplete: 1, unmeasured: 3 }).slice(2), [
    'Left out: 1 configuration of which some seeds have no score.',
    'Left out: 3 configurations without covered variance of the structure.',
  ]);
});

test('a single configuration, fronts of all and of one, and none', () => {
  const of = (configurations: number, size: number) =>
    describeFront({ ...front, configurations, hypervolumes: [{ method: null, front: size, hypervolume: 1 }] })[0];
  assert.equal(of(1, 1), 'The only configuration is the front.');
  assert.match(of(5, 5) ?? '', /^All 5 configurations are on the front/);
  assert.match(of(5, 1) ?? '', /^1 of 5 configurations is on the front/);
  assert.deepEqual(describeFront({ ...front, hypervolumes: [] }), []);
});

test('values are written as their objective has them', () => {
  assert.equal(formatObjective('coveredVariance', 0.99812), '0.9981');
  assert.equal(formatObjective('k', 3), '3');
  assert.equal(formatObjective('parameters', 12_345), '12345');
  assert.equal(formatObjective('seconds', 12.3456), '12.3');
});
