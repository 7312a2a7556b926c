import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialScale, nextScale, type ScalingValues } from './autoscaler.ts';

const VALUES: ScalingValues = {
  min: 0,
  max: 4,
  packsPerTrainer: 2,
  pollingSeconds: 15,
  cooldownSeconds: 60,
  scaleDownSeconds: 45,
};

/** Packs at each look, 15 s apart, and the trainers after it. */
type Looks = readonly (readonly [packs: number, trainers: number])[];

const CASES: readonly { readonly name: string; readonly values?: Partial<ScalingValues>; readonly looks: Looks }[] = [
  {
    name: 'nothing to do starts nothing',
    looks: [
      [0, 0],
      [0, 0],
    ],
  },
  {
    name: 'the first pack starts one trainer, and the next look as many as packs need',
    looks: [
      [8, 1],
      [8, 4],
    ],
  },
  {
    name: 'one pack is enough for one trainer',
    looks: [
      [1, 1],
      [1, 1],
    ],
  },
  {
    name: 'a trainer has two packs',
    looks: [
      [3, 1],
      [3, 2],
      [4, 2],
      [5, 3],
    ],
  },
  {
    name: 'never more than the maximum',
    looks: [
      [100, 1],
      [100, 4],
      [100, 4],
    ],
  },
  {
    name: 'at most four more at a look, or twice as many',
    values: { max: 100 },
    looks: [
      [200, 1],
      [200, 5],
      [200, 10],
      [200, 20],
      [200, 40],
      [200, 80],
      [200, 100],
    ],
  },
  {
    name: 'fewer once fewer have been enough for 45 s',
    looks: [
      [8, 1],
      [8, 4],
      [4, 4],
      [4, 4],
      [4, 2],
      [4, 2],
    ],
  },
  {
    name: 'a peak within the window keeps them',
    looks: [
      [8, 1],
      [8, 4],
      [4, 4],
      [7, 4],
      [4, 4],
      [4, 4],
      [4, 2],
    ],
  },
  {
    name: 'the last one stays for the cool-down, and all end with it',
    looks: [
      [2, 1],
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 0],
    ],
  },
  {
    name: 'after the cool-down all end at once, whatever the window keeps',
    values: { scaleDownSeconds: 600 },
    looks: [
      [8, 1],
      [8, 4],
      [0, 4],
      [0, 4],
      [0, 4],
      [0, 4],
      [0, 0],
    ],
  },
  {
    name: 'a pack in time begins the cool-down anew',
    looks: [
      [2, 1],
      [0, 1],
      [0, 1],
      [1, 1],
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 0],
      [1, 1],
    ],
  },
  {
    name: 'a tenth more or less changes nothing',
    values: { max: 40 },
    looks: [
      [40, 1],
      [40, 5],
      [40, 10],
      [40, 20],
      [43, 20],
      [37, 20],
      [37, 20],
      [37, 20],
      [45, 23],
    ],
  },
  {
    name: 'a minimum runs without packs',
    values: { min: 2 },
    looks: [
      [0, 2],
      [8, 4],
      [0, 4],
      [0, 4],
      [0, 2],
      [0, 2],
    ],
  },
];

for (const { name, values, looks } of CASES) {
  test(`autoscaler: ${name}`, () => {
    const rules = { ...VALUES, ...values };
    let scale = initialScale(rules);
    const found = looks.map(([packs], i) => {
      scale = nextScale(rules, scale, i * rules.pollingSeconds, packs);
      return [packs, scale.trainers];
    });
    assert.deepEqual(found, looks);
  });
}
