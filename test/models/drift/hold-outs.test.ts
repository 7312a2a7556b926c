import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Matrix, pickRows } from '../../../models/axes.ts';
import {
  type ChallengeOptions,
  detectChampionDrift,
  evaluateChallenges,
  type Rows,
  splitHoldOuts,
} from '../../../models/drift/hold-outs.ts';
import { coveredVariance } from '../../../models/evaluation/covered-variance.ts';
import { standardize } from '../../../models/standardisation.ts';
import { loadModel } from '../../../models/stored/model.ts';
import { packModel } from '../../../models/stored/model-file.ts';
import { matrixOf } from '../../support/data.ts';
import { createRandomModel, createUnevenData } from '../../support/models.ts';

/** 200 rows that the champion knows and 100 new ones; every other row is held out. */
const KNOWN = 200;
const { x, scaling } = createUnevenData(300);
const held = Uint32Array.from({ length: 150 }, (_, i) => 2 * i);
const champion = packModel(createRandomModel({ method: 'nnca', k: 2, activation: 'gelu', layerNorm: false }, scaling));
const other = packModel(createRandomModel({ method: 'nnca', k: 2, activation: 'tanh', layerNorm: false }, scaling));

/** Spectra are the champion's predictions on known rows and the challenger's on new ones. */
const [ours, theirs] = [loadModel(champion).predict(x), loadModel(other).predict(x)];
const rowsOf = (challengerFrom: number): Rows => ({
  x,
  y: matrixOf(300, ours.columns, (row, e) => (row < challengerFrom ? ours : theirs).data[row * ours.columns + e] as number),
  split: { train: new Uint32Array(), validation: new Uint32Array(), test: held },
  groups: null,
});

const question = (rows: Rows, changes: Partial<ChallengeOptions['pairings'][number]> = {}): ChallengeOptions => ({
  rows,
  pairings: [
    {
      ...{ method: 'nnca', k: 2, championId: 1, championTrial: 'a', champion, known: KNOWN },
      challenger: { trial: 'b', model: other },
      ...changes,
    },
  ],
  margin: 0.003,
  fewest: 20,
  fewestGroups: 6,
});

test('hold-out rows are split by the rows that the champion knows', () => {
  const { old, fresh, added } = splitHoldOuts(rowsOf(KNOWN), KNOWN);
  assert.deepEqual([old.length, fresh.length, added.length], [100, 50, 100]);
  assert.ok(old.every((row) => row < KNOWN) && fresh.every((row) => row >= KNOWN));
  assert.deepEqual([added[0], added.at(-1)], [200, 299]);
});

test('a challenger that is worse on the old rows is not promoted', () => {
  const [record] = evaluateChallenges(question(rowsOf(KNOWN)));
  assert.ok(record?.fresh && record.old && record.both);
  assert.ok(record.fresh.difference.low > 0 && record.old.difference.low < -0.003);
  assert.equal(record.promoted, false);
  assert.match(record.reason, /worse than the margin of 0.003 on the old rows/);
  assert.deepEqual([record.fresh.rows, record.old.rows, record.both.rows], [50, 100, 150]);
  assert.equal(record.fresh.challenger, 1);
  assert.equal(record.old.champion, 1);
  assert.equal(record.continuity?.components.length, 2);
});

test('a challenger that is better on all rows is promoted', () => {
  const [record] = evaluateChallenges(question(rowsOf(0)));
  assert.equal(record?.promoted, true);
});

test('an identical challenger is not promoted', () => {
  const [record] = evaluateChallenges(question(rowsOf(KNOWN), { challenger: { trial: 'b', model: champion } }));
  assert.deepEqual([record?.promoted, record?.old?.difference.mean], [false, 0]);
  assert.match(record?.reason ?? '', /not better on the new rows/);
});

test('the champion is kept without a challenger or with too few rows', () => {
  const [none] = evaluateChallenges(question(rowsOf(0), { challenger: null }));
  assert.deepEqual([none?.promoted, none?.challengerTrial, none?.fresh], [false, null, null]);
  const [few] = evaluateChallenges(question(rowsOf(0), { known: 280 }));
  assert.equal(few?.promoted, false);
  assert.match(few?.reason ?? '', /10 new hold-out rows are too few to tell: 20 are needed/);
});

test('drift compares all new rows with the hold-out of the old ones', () => {
  const drift = { rows: rowsOf(KNOWN), champion, k: 2, known: KNOWN, alpha: 0.05, fewest: 20, fewestGroups: 6, seed: 1 };
  const found = detectChampionDrift(drift);
  assert.deepEqual([found?.referenceRows, found?.freshRows, found?.drift.verdict], [100, 100, 'performance']);
  assert.equal(found?.drift.performance.reference, 1);
  assert.equal(detectChampionDrift({ ...drift, known: 290 }), null);
});

test('with zscore the performance weighs targets by their deviations, as scores do', () => {
  const uneven = { ...scaling, y: { ...scaling.y, deviation: scaling.y.deviation.map((value, e) => value * (1 + e)) } };
  const model = createRandomModel({ method: 'nnca', k: 2, activation: 'gelu', layerNorm: false }, uneven);
  const predicted = loadModel(packModel(model)).predict(x);
  // The prediction of the first target is off by its deviation in every other row.
  const off = uneven.y.deviation[0] as number;
  const y = matrixOf(300, ours.columns, (row, e) => {
    return (predicted.data[row * ours.columns + e] as number) + (e === 0 && row % 4 === 0 ? off : 0);
  });
  const old = Uint32Array.from({ length: KNOWN / 2 }, (_, i) => 2 * i);
  const pooled = (targets: readonly [Matrix, Matrix]) => coveredVariance(pickRows(targets[0], old), pickRows(targets[1], old));
  const found = (['zscore', 'centre'] as const).map((scaleY) => {
    const options = { k: 2, known: KNOWN, alpha: 0.05, fewest: 20, fewestGroups: 6, seed: 1 };
    const own = packModel({ ...model, scaling: { ...uneven, scaleY } });
    return detectChampionDrift({ ...options, rows: { ...rowsOf(300), y }, champion: own })?.drift.performance.reference as number;
  });
  assert.deepEqual(found, [pooled([standardize(y, uneven.y), standardize(predicted, uneven.y)]), pooled([y, predicted])]);
  assert.ok(Math.abs((found[0] as number) - (found[1] as number)) > 0.01);
});

/** Groups of this many rows. */
const inGroupsOf = (rows: number, challengerFrom: number): Rows => ({
  ...rowsOf(challengerFrom),
  groups: { units: Int32Array.from({ length: 300 }, (_, row) => Math.floor(row / rows)), strata: null },
});

test('groups are counted, and too few on either side leave the champion in use', () => {
  const [enough] = evaluateChallenges(question(inGroupsOf(10, 0)));
  assert.deepEqual([enough?.fresh?.groups, enough?.old?.groups, enough?.both?.groups], [10, 20, 30]);
  assert.equal(enough?.promoted, true);
  const [few] = evaluateChallenges(question(inGroupsOf(20, 0)));
  assert.deepEqual([few?.promoted, few?.fresh], [false, null]);
  assert.match(few?.reason ?? '', /5 groups of new hold-out rows are too few to tell: 6 are needed/);
});

test('drift has no verdict with too few groups', () => {
  const drift = { champion, k: 2, known: KNOWN, alpha: 0.05, fewest: 20, fewestGroups: 6, seed: 1 };
  const few = detectChampionDrift({ ...drift, rows: inGroupsOf(20, KNOWN) });
  assert.deepEqual([few?.drift.verdict, few?.drift.groups], ['undecided', { reference: 10, fresh: 5 }]);
  const enough = detectChampionDrift({ ...drift, rows: inGroupsOf(10, KNOWN) });
  assert.deepEqual([enough?.drift.verdict, enough?.drift.groups], ['performance', { reference: 20, fresh: 10 }]);
});

test('the probabilities of all comparisons of a run are adjusted together', () => {
  const { pairings, ...options } = question(rowsOf(0));
  const [alone] = evaluateChallenges({ ...options, pairings });
  const twice = evaluateChallenges({
    ...options,
    pairings: [...pairings, ...pairings, ...question(rowsOf(0), { challenger: null }).pairings],
  });
  assert.equal(alone?.adjustedProbability, alone?.fresh?.probability);
  assert.deepEqual(
    twice.map(({ adjustedProbability }) => adjustedProbability),
    [2 * (alone?.fresh?.probability as number), 2 * (alone?.fresh?.probability as number), undefined],
  );
});
