import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChallengeRecord, DriftRecord } from '../../models/drift/record.ts';
import { describeChallenge, describeDrift, describeOutcome, describeSchedule } from '../../text/retraining.ts';

const held = (rows: number, champion: number, challenger: number) => ({
  rows,
  champion,
  challenger,
  difference: { mean: challenger - champion, low: 0, high: 0 },
});

const RECORD: ChallengeRecord = {
  method: 'nnca',
  k: 2,
  championId: 1,
  championTrial: 'a-1',
  challengerTrial: 'b-1',
  fresh: held(150, 0.9, 0.99),
  old: held(1200, 0.998, 0.997),
  both: held(1350, 0.98, 0.99),
  promoted: true,
  reason: 'better on the new rows',
  continuity: {
    angles: [1, 2],
    components: [
      { component: 1, was: 2, sign: -1, degrees: 4.2, kept: true },
      { component: 2, was: 1, sign: 1, degrees: 70, kept: false },
    ],
  },
};

test('a challenge is described with its numbers and its components', () => {
  assert.equal(
    describeChallenge(RECORD),
    'NNCA at k = 2: replaced, better on the new rows. New rows: 0.9900 instead of 0.9000 on 150. Old rows: 0.9970 instead of 0.9980 on 1200. ' +
      'Component 1 was component 2, and points the other way (4°). Component 2 is another one than before (70° from what was component 1).',
  );
  const same = { angles: [0], components: [{ component: 1, was: 1, sign: 1, degrees: 0, kept: true }] } as const;
  assert.match(describeChallenge({ ...RECORD, continuity: same }), /Its components keep their names and signs\.$/);
  assert.doesNotMatch(describeChallenge({ ...RECORD, promoted: false }), /omponent/);
});

const TEST = { distance: 1, probability: 0.001, permutations: 999 };
const DRIFT: DriftRecord = {
  verdict: 'performance',
  alpha: 0.05,
  descriptors: [
    { column: 0, name: 'alpha', statistic: 0.2, probability: 0, rate: 0, shifted: true },
    { column: 1, name: 'b', statistic: 0, probability: 1, rate: 1, shifted: false },
  ],
  marginal: { probability: 0, found: true },
  inputs: { ...TEST, found: false },
  outputs: { ...TEST, found: true },
  performance: { reference: 0.99, fresh: 0.95, drop: { mean: 0.04, low: 0.03, high: 0.05 }, probability: 0, found: true },
  ...{ method: 'ednn', k: 2, trialId: 'a-1', referenceRows: 1200, freshRows: 1000 },
};

test('drift is described with its verdict', () => {
  assert.equal(
    describeDrift(DRIFT),
    'The performance has drifted: EDNN at k = 2 covers 0.9500 of the 1000 new rows and 0.9900 of its hold-out of 1200, ' +
      'a drop of 0.0400 [0.0300, 0.0500]; shifted: alpha; the spectra have shifted.',
  );
});

test('groups are named where they are the units, and too few of them give no verdict', () => {
  assert.match(
    describeChallenge({ ...RECORD, fresh: { ...held(150, 0.9, 0.99), groups: 7 } }),
    /New rows: 0\.9900 instead of 0\.9000 on 150 in 7 groups\. Old rows: 0\.9970 instead of 0\.9980 on 1200\./,
  );
  assert.equal(
    describeDrift({ ...DRIFT, verdict: 'undecided', groups: { reference: 12, fresh: 1 } }),
    'There is no verdict on drift: EDNN at k = 2 covers 0.9500 of the 1000 new rows in 1 group and 0.9900 of its hold-out of 1200 in 12 groups. So few groups cannot show one.',
  );
});

const outcomes: [string, string][] = [
  ['first', 'w: the first champions are in use'],
  ['promoted', 'w: 1 of 1 champions was replaced'],
  ['kept', 'w: the champions stay'],
  ['nothing-new', 'w: nothing new'],
  ['failed-source', 'w: a source cannot be reached'],
  ['failed', 'w: retraining failed'],
];
for (const [outcome, words] of outcomes) test(outcome, () => assert.equal(describeOutcome('w', outcome, [RECORD]), words));
test('kept without training', () => assert.equal(describeOutcome('w', 'kept', null), 'w: new rows, nothing trained'));

test('a schedule is described in whole units', () => {
  const every = (seconds: number) => describeSchedule({ every: seconds, cron: null });
  assert.deepEqual([30, 900, 3600, 5400, 604_800].map(every), [
    'every 30 s',
    'every 15 min',
    'every 1 h',
    'every 1 h 30 min',
    'every 7 d',
  ]);
  assert.equal(describeSchedule({ every: null, cron: '0 3 * * *' }), 'cron 0 3 * * *');
});
