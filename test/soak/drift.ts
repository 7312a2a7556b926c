/**
 * Measures the rate of false drift alarms at a nominal 5 %, and the detection of hotter water.
 * Prints JSON; exits with 1 when the rate of at least 200 draws is outside 2 to 8 %, or a hot draw
 * is missed.
 *
 * `npm run soak:drift`
 */
import { parseArgs } from 'node:util';
import { detectDriftBetween, detectDriftWithin, loadSample } from '../support/drift-samples.ts';

const { values } = parseArgs({ options: { draws: { type: 'string', default: '200' }, hot: { type: 'string', default: '20' } } });
const [draws, hotDraws] = [Number(values.draws), Number(values.hot)];
const [water, hot] = await Promise.all([loadSample('water'), loadSample('water-hot')]);

const count = (total: number, happens: (draw: number) => boolean, what: string) => {
  let [counted, loggedAt] = [0, performance.now()];
  for (let draw = 0; draw < total; draw++) {
    if (happens(draw)) counted += 1;
    if (performance.now() - loggedAt < 10_000) continue;
    loggedAt = performance.now();
    console.error(`${what}: ${counted} of ${draw + 1}`);
  }
  return counted;
};
const falseAlarms = count(draws, (draw) => detectDriftWithin(water, draw).verdict !== 'none', 'false alarms');
const found = count(hotDraws, (draw) => detectDriftBetween(water, hot, draw).verdict !== 'none', 'hot draws found');
const rate = falseAlarms / draws;
console.log(JSON.stringify({ soak: 'drift', draws, falseAlarms, rate, hotDraws, found }));
process.exitCode = found < hotDraws || (draws >= 200 && (rate < 0.02 || rate > 0.08)) ? 1 : 0;
