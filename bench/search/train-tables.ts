/**
 * Trains what the tables of bench/search.ts lack, and writes them.
 *
 * `node bench/search/train-tables.ts`
 */
import { availableParallelism } from 'node:os';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { grid } from '../../search/samplers/grid.ts';
import { countPoints } from '../../search/samplers/trials.ts';
import { createScorer } from '../recipe/scorer.ts';
import { RECIPE_SETS } from '../recipe/sets.ts';
import { readTable, TABLE_NAMES, TABLE_SPACE, TABLES, writeTable } from './tables.ts';

const EPOCHS = 20;
/** Configurations that an interruption loses at most. */
const CALL = 28;
const SPLIT = 1;

const total = countPoints(TABLE_SPACE) as number;
const pointAt = grid.createPoints({ steps: 1 }, { space: TABLE_SPACE, cells: 1, widths: [1], seeds: 1 });
const engine = createKernelEngine({ threads: availableParallelism() });
for (const name of TABLE_NAMES) {
  const set = RECIPE_SETS[TABLES[name].set]?.();
  if (!set) throw new Error(`there is no set ${TABLES[name].set}`);
  const score = createScorer(set, set.divide(SPLIT), engine);
  for (let scores = readTable(name); scores.length < total; writeTable(name, scores)) {
    const numbers = Array.from({ length: Math.min(CALL, total - scores.length) }, (_, i) => scores.length + i);
    const tasks = numbers.map((number) => {
      const { start: _, ...point } = pointAt(number);
      return { configuration: { ...TABLES[name].cell, ...point, epochs: EPOCHS }, seed: 1 };
    });
    const found = await score(tasks);
    scores = [...scores, ...found.map(({ validation }) => (validation === -1 ? null : Number(validation.toFixed(6))))];
    console.error(`${name}: ${scores.length} of ${total}`);
  }
}
await engine.close();
