/**
 * `npm run soak:drift`: how often rows of the same data are said to have drifted, at a nominal 5 %,
 * and how often hotter water is found. Prints JSON; exits with 1 where the
 * rate of false alarms is not within 2 to 8 % of at least 200 draws, or a hot draw is not found.
 */
import { parseArgs } from 'node:util';
import { driftBetween, driftWithin, sampleOf } from '../support/drift-samples.ts';

const { values } = parseArgs({ options: { draws: { type: 'string', default: '200' }, hot: { type: 'string', default: '20' } } });
const [draws, hotDraws] = [Number(values.draws), Number(values.hot)];
const [water, hot] = await Promise.all([sampleOf('water'), sampleOf('water-hot')]);

const count = (most: number, happens: (draw: number) => boolean, what: string) => {
  let [counted, told] = [0, performance.now()];
  for (let draw = 0; draw < most; draw++) {
    if (happens(draw)) counted += 1;
    if (performance.now() - told < 10_000) continue;
    told = performance.now();
    console.error(`${what}: ${counted} of ${draw + 1}`);
  }
  return counted;
};
const falseAlarms = count(draws, (draw) => driftWithin(water, draw).verdict !== 'none', 'false alarms');
const found = count(hotDraws, (draw) => driftBetween(water, hot, draw).verdict !== 'none', 'hot draws found');
const rate = falseAlarms / draws;
console.log(JSON.stringify({ soak: 'drift', draws, falseAlarms, rate, hotDraws, found }));
process.exitCode = found < hotDraws || (draws >= 200 && (rate < 0.02 || rate > 0.08)) ? 1 : 0;
