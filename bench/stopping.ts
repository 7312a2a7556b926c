/**
 * Compares rules that stop trials early on learning curves of configurations that were trained to
 * the end: the share of the epochs that each trains, how often it keeps the best configuration, and
 * the regret, next to that of random configurations trained to the end for as many epochs. Cells
 * are draws of 24 configurations without replacement.
 *
 * `npm run bench:stopping`
 */
import { shuffle } from '../models/random.ts';
import { CURVE_SET_NAMES, type CurveSetName, EPOCHS, HELD_OUT, readCurves } from './search/curves.ts';
import { bestOf, COMPARED_RULES, replay } from './search/replay.ts';
import { digits, mean } from './statistics.ts';

const CONFIGURATIONS = 24;
const DRAWS = 200;

function drawCells(name: CurveSetName): number[][][] {
  const curves = readCurves(name).filter((curve) => curve !== null);
  return Array.from({ length: DRAWS }, (_, draw) => {
    const order = shuffle(Uint32Array.from(curves.keys()), 1, 'configurations', draw);
    return [...order.subarray(0, CONFIGURATIONS)].map((i) => curves[i] as number[]);
  });
}

console.log('share of the epochs; share of the draws in which the best is kept; regret; regret of random configurations');
const sets: Record<string, Record<string, Record<string, number>>> = {};
for (const name of CURVE_SET_NAMES) {
  const cells = drawCells(name);
  const rules: Record<string, Record<string, number>> = {};
  for (const [rule, settings] of Object.entries(COMPARED_RULES)) {
    const runs = cells.map((curves) => replay(curves, settings, EPOCHS));
    const share = mean(runs.map((run) => run.share));
    const affordable = Math.max(1, Math.round(share * CONFIGURATIONS));
    rules[rule] = {
      share: digits(share, 3),
      kept: digits(mean(runs.map(({ regret }) => Number(regret === 0))), 3),
      regret: digits(mean(runs.map(({ regret }) => regret)), 3),
      // Draws are in random order: the first ones are a random choice.
      random: digits(mean(cells.map((curves) => bestOf(curves) - bestOf(curves.slice(0, affordable)))), 3),
    };
    const columns = Object.values(rules[rule]).map((value) => String(value).padStart(10));
    console.log([name.padEnd(20), rule.padEnd(18), ...columns].join(' '));
  }
  sets[name] = rules;
}
console.log(JSON.stringify({ bench: 'stopping', configurations: CONFIGURATIONS, draws: DRAWS, heldOut: HELD_OUT, sets }));
