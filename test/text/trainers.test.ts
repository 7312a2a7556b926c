import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route } from '../../search/routes.ts';
import { describeMissingTrainer, describeTrainers, describeWaiting } from '../../text/trainers.ts';

const route = (changes: Partial<Route>): Route => ({ class: 'cpu', engine: null, methods: ['ednn', 'eca'], ...changes });
const AT_WORK = [
  { class: 'cpu', engines: ['kernel'], trainers: 2, slots: 4 },
  { class: 'gpu', engines: ['kernel', 'tfjs'], trainers: 1, slots: 2 },
  { class: 'old', engines: [], trainers: 1, slots: 2 },
];

test('a missing trainer is named with the command that starts one', () => {
  assert.equal(
    describeMissingTrainer(route({}), []),
    'no trainer of class "cpu" is at work: start one with "narrows worker --role trainer"',
  );
  assert.equal(
    describeMissingTrainer(route({ class: 'large' }), AT_WORK),
    'no trainer of class "large" is at work: start one with "narrows worker --role trainer --class large"',
  );
  assert.equal(
    describeMissingTrainer(route({ engine: 'tfjs' }), AT_WORK),
    'no trainer of class "cpu" trains with tfjs (those at work: kernel): start one with "narrows worker --role trainer --engine tfjs"',
  );
  assert.match(describeMissingTrainer(route({ class: 'old', engine: 'kernel' }), AT_WORK), /trains with kernel: start one/);
});

test('waiting trials and trainers at work are described', () => {
  const reason = 'no trainer';
  assert.equal(describeWaiting({ methods: ['ednn', 'eca'], trials: 12, reason }), '12 trials (EDNN, ECA) wait: no trainer');
  assert.equal(describeWaiting({ methods: ['nnca'], trials: 1, reason }), '1 trial (NNCA) waits: no trainer');
  assert.equal(describeTrainers(AT_WORK), '2 trainers of class cpu (kernel), 1 of class gpu (kernel, tfjs), 1 of class old');
});
