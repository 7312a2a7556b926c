/**
 * Trains the learning curves that bench/stopping.ts lacks, and writes them.
 *
 * `node bench/search/train-curves.ts --configurations 64`
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { random } from '../../search/samplers/random.ts';
import { createPackData, UNWATCHED } from '../recipe/scorer.ts';
import { RECIPE_SETS } from '../recipe/sets.ts';
import { CURVE_SET_NAMES, CURVE_SETS, curveSpace, EPOCHS, readCurves, writeCurves } from './curves.ts';

const { values } = parseArgs({
  options: {
    configurations: { type: 'string', default: '64' },
    set: { type: 'string', multiple: true, default: [...CURVE_SET_NAMES] },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const total = Number(values.configurations);
/** Configurations that an interruption loses at most. */
const CALL = 8;
const SPLIT = 1;

const engine = createKernelEngine({ threads: Number(values.threads) });
for (const name of CURVE_SET_NAMES.filter((one) => values.set.includes(one))) {
  const { set: source, cell } = CURVE_SETS[name];
  const set = RECIPE_SETS[source]?.();
  if (!set) throw new Error(`there is no set ${source}`);
  const data = createPackData(set, set.divide(SPLIT));
  const pointAt = random.createPoints({ trials: total, seed: 1 }, { space: curveSpace(name), cells: 1, widths: [1], seeds: 1 });
  for (let curves = readCurves(name); curves.length < total; writeCurves(name, curves)) {
    const numbers = Array.from({ length: Math.min(CALL, total - curves.length) }, (_, i) => curves.length + i);
    const tasks = numbers.map((number) => {
      const { start: _, ...point } = pointAt(number);
      const configuration = { ...cell, ...point, epochs: EPOCHS };
      return { trialId: String(number), configuration, seed: 1, untilEpoch: EPOCHS, checkpoint: null, initial: null };
    });
    const reports = await engine.train({ data, tasks }, UNWATCHED);
    const found = reports.map((report) =>
      report.outcome === 'completed' ? report.curve.validation.map((score) => Number(score.toFixed(5))) : null,
    );
    curves = [...curves, ...found];
    console.error(
      `${name}: ${curves.length} of ${total}, ${reports.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1)} s`,
    );
  }
}
await engine.close();
