/**
 * Measures what 95 % intervals hold: on made-up networks whose expectation is known, and on real
 * data, where networks of our own are compared with their scores on rows that nobody has seen.
 * Also how often equal methods are called different, drift is found without drift, and one of two
 * equal models wins a challenge. Prints JSON; exits with 1 outside the bounds below.
 *
 * `npm run soak:intervals -- --repetitions 200 --splits 40 --water folder --geo2 folder`
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { holdTruth, isFalselyClear, rateOf, SEED_COUNTS, settings } from '../support/simulations/intervals.ts';
import {
  compareWithTruth,
  type Division,
  divideGroups,
  divideRows,
  type Held,
  loadGeo2,
  loadWater,
  type RealData,
} from '../support/simulations/real-data.ts';
import { measureFalseDrift, measureFalsePromotion } from '../support/simulations/verdicts.ts';

const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
const { values } = parseArgs({
  options: {
    repetitions: { type: 'string', default: '200' },
    splits: { type: 'string', default: '40' },
    seeds: { type: 'string', default: '5' },
    water: { type: 'string', default: example('water') },
    geo2: { type: 'string', default: example('geo2') },
  },
});
const [repetitions, splits, seeds] = [Number(values.repetitions), Number(values.splits), Number(values.seeds)];
const ROWS = [200, 2000];
const short = (value: number) => Number(value.toFixed(4));
const mean = (rates: readonly number[]) => short(rates.reduce((sum, rate) => sum + rate, 0) / rates.length);

/** Rates of one number of seeds, pooled over settings without groups, and with them. */
function measureCoverage(count: number) {
  const rates = settings(count, ROWS).map((setting) => {
    const held = Array.from({ length: repetitions }, (_, repetition) => holdTruth(setting, repetition));
    const share = (kind: 'mean' | 'difference') => held.filter((one) => one[kind]).length / repetitions;
    const found = { setting, mean: share('mean'), difference: share('difference') };
    console.error(JSON.stringify({ ...setting, mean: found.mean, difference: found.difference }));
    return found;
  });
  const [independent, grouped] = [true, false].map((is) => rates.filter(({ setting }) => (setting.groups === null) === is));
  return {
    means: mean((independent ?? []).map((one) => one.mean)),
    differences: mean((independent ?? []).map((one) => one.difference)),
    groups: mean((grouped ?? []).flatMap((one) => [one.mean, one.difference])),
  };
}

/** The share of cells whose interval holds the truth, over divisions of the rows. */
async function measureReal(sets: readonly RealData[], divide: (real: RealData, seed: number) => Division): Promise<number> {
  const engine = createKernelEngine({ threads: availableParallelism() });
  const held: Held[] = [];
  for (let split = 0; split < splits; split++) {
    for (const real of sets) held.push(...(await compareWithTruth(engine, real, divide(real, split), seeds)));
    console.error(`split ${split + 1} of ${splits}: ${held.filter(({ holds }) => holds).length} of ${held.length} held`);
  }
  await engine.close();
  for (const [cell, own] of Map.groupBy(held, (one) => one.cell)) {
    const half = own.reduce((sum, one) => sum + one.half, 0) / own.length;
    console.error(`${cell}: ${own.filter(({ holds }) => holds).length} of ${own.length}, half-width ${half.toFixed(4)}`);
  }
  return held.filter(({ holds }) => holds).length / held.length;
}

const bySeeds = SEED_COUNTS.map((count) => [String(count), measureCoverage(count)] as const);
const pooled = (kind: 'means' | 'differences' | 'groups') =>
  Object.fromEntries(bySeeds.map(([count, found]) => [count, found[kind]]));
const coverage = { means: pooled('means'), differences: pooled('differences'), groups: pooled('groups') };

const clear = SEED_COUNTS.flatMap((count) =>
  settings(count, [200]).map((setting) =>
    rateOf(Math.ceil(repetitions / 4), (repetition) => isFalselyClear(setting, repetition)),
  ),
);
const falseClear = mean(clear);

const drift = measureFalseDrift(repetitions);
const promotion = measureFalsePromotion(4 * repetitions);
console.error(JSON.stringify({ drift, promotion }));
const falseDrift = mean([drift.rows, ...Object.values(drift.groups)]);
const falsePromotion = mean([promotion.rows, ...Object.values(promotion.groups)].map(({ missed }) => missed));

const water =
  splits === 0 ? null : await measureReal([loadWater(values.water, 'xes'), loadWater(values.water, 'xas')], divideRows);
const geo2 = splits === 0 ? null : await measureReal([loadGeo2(values.geo2)], divideGroups);
const result = { falseClear, falseDrift, falsePromotion, real: { water, geo2 } };
console.log(JSON.stringify({ soak: 'intervals', coverage, ...result }));

const within = (value: number | null, low: number, high: number) => value === null || (value >= low && value <= high);
const isHeld =
  SEED_COUNTS.every((count) =>
    Object.values(coverage).every((rates) => within(rates[count] as number, count < 5 ? 0.91 : 0.93, count < 5 ? 0.98 : 0.97)),
  ) &&
  falseClear <= 0.05 &&
  within(falseDrift, 0.03, 0.07) &&
  within(falsePromotion, 0.03, 0.07) &&
  [water, geo2].every((rate) => within(rate, 0.9, 0.99));
process.exitCode = isHeld ? 0 : 1;
