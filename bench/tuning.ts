/**
 * Compares sweeps that search a grid, by TPE or in random order and with each rule that stops
 * trials early, with training all of it: the share of the grid's core-seconds that a sweep has
 * spent when a trial first ends with the best validation score of the grid, or one within 0.001 of
 * it. Every configuration is trained once, on one thread and at most --rows training rows; sweeps
 * are replayed on what --out keeps, of which nothing is trained again. Shares are medians over
 * seeds of the sampler; null: the median sweep ends without such a trial. Of ECA a cell is a sweep
 * with that highest rank, which is scored at it; rungs are decided by the emulator.
 *
 * `npm run bench:tuning -- --set geo2 --method ednn --values 3 --seeds 3 --out grid.jsonl`
 */
import { parseArgs } from 'node:util';
import { createKernelEngine } from '../models/engines/kernel/engine.ts';
import { type Cell, METHODS } from '../models/methods/catalogue.ts';
import type { DataSize } from '../models/methods/cost.ts';
import { evenlySpaced } from '../models/vectors.ts';
import { createPackData } from './recipe/scorer.ts';
import { RECIPE_SETS } from './recipe/sets.ts';
import { costBetween, type FindTrial, replaySweep, type SweepReplay } from './search/sweep-replay.ts';
import { createGridStore, type TrainedConfiguration, trainGrid } from './search/trained-grid.ts';
import { gridOf, specOfCell, TUNING_CELLS, TUNING_SETS, trainedCell } from './search/tuning.ts';
import { digits, median } from './statistics.ts';

const { values } = parseArgs({
  options: {
    set: { type: 'string', multiple: true, default: [...TUNING_SETS] },
    method: { type: 'string', multiple: true, default: [...METHODS] },
    values: { type: 'string', default: '6' },
    seeds: { type: 'string', default: '5' },
    rows: { type: 'string', default: '2000' },
    out: { type: 'string' },
  },
});
const sets = TUNING_SETS.filter((name) => values.set.includes(name));
const cells = TUNING_CELLS.filter(({ method }) => values.method.includes(method));
const [most, seeds] = [Number(values.values), Number(values.seeds)];
if (sets.length === 0 || cells.length === 0 || !(most >= 3) || !(seeds >= 1) || values.out === undefined) {
  console.error(`Name sets among: ${TUNING_SETS.join(', ')}; methods among: ${METHODS.join(', ')};`);
  console.error('at least three values of each parameter, one seed, and the file --out for what is trained.');
  process.exit(2);
}

const SPLIT = 1;
/** Shares of the configurations of the grid that a sweep may try. */
const TRIED = [1 / 4, 1 / 3, 1 / 2, 1] as const;
/** Shortfall that counts as next to the best. */
const NEAR = 0.001;
/** Share of the grid's core-seconds that is to suffice. */
const SHARE = 1 / 3;
/** Parts of specs that state the rules. */
const RULES: Readonly<Record<string, object>> = {
  'to the end': {},
  median: { stopping: { median: {} } },
  extrapolate: { stopping: { extrapolate: {} } },
  halving: { halving: { reduction: 3, rungs: 3 } },
  'halving, 2 rungs': { halving: { reduction: 3, rungs: 2 } },
  'asynchronous halving': { halving: { reduction: 3, rungs: 3, asynchronous: true } },
};
const SAMPLERS = ['tpe', 'random'] as const;

/** A cell whose grid was trained. */
interface TrainedCell {
  readonly cell: Cell;
  readonly size: DataSize;
  readonly configurations: number;
  readonly find: FindTrial;
  /** Core-seconds of all configurations. */
  readonly seconds: number;
  readonly best: number;
}

/**
 * Returns a cell by what was trained, in the order of its grid. Of a fit that covers several ranks,
 * the time after the last epoch is taken to be proportional to the rank, as in
 * models/methods/cost.ts.
 */
function createCell(cell: Cell, size: DataSize, trained: readonly TrainedConfiguration[]): TrainedCell {
  const grid = gridOf(cell, size, most).map(({ configuration, configurationHash }, i) => {
    const { curve, scores, epochSeconds, endSeconds } = trained[i] as TrainedConfiguration;
    const score = scores.find(({ k }) => k === cell.k)?.score ?? null;
    const trial = { curve, score, epochSeconds, endSeconds: (endSeconds * cell.k) / trainedCell(cell).k };
    return { trial, configurationHash, seconds: costBetween(trial, configuration, [0, configuration.epochs]) };
  });
  const byHash = new Map(grid.map(({ configurationHash, trial }) => [configurationHash, trial]));
  return {
    ...{ cell, size, configurations: grid.length },
    find(hash) {
      const trial = byHash.get(hash);
      if (trial === undefined) throw new Error(`the grid has no configuration ${hash}`);
      return trial;
    },
    seconds: grid.reduce((sum, { seconds }) => sum + seconds, 0),
    best: Math.max(...grid.flatMap(({ trial }) => trial.score ?? [])),
  };
}

/** Shares of the core-seconds of the grid, by number of trials; null: never. */
interface Shares {
  readonly best: readonly (number | null)[];
  readonly near: readonly (number | null)[];
  /** Shares of the whole sweep. */
  readonly all: readonly (number | null)[];
}

/** Returns the medians over seeds of sweeps with this sampler and these parts of a spec. */
function replaySweeps({ cell, size, configurations, find, seconds, best }: TrainedCell, sampler: string, parts: object): Shares {
  const byTrials = TRIED.map((tried) =>
    Array.from({ length: seeds }, (_, i) => {
      const settings = { trials: Math.round(tried * configurations), seed: i + 1 };
      return replaySweep(specOfCell(cell, { ...parts, sampler: { [sampler]: settings } }, size, most), size, find);
    }),
  );
  const medianShares = (spentOf: (run: SweepReplay) => number | undefined) =>
    byTrials.map((runs) => {
      const share = median(runs.map((run) => spentOf(run) ?? Number.POSITIVE_INFINITY)) / seconds;
      return Number.isFinite(share) ? digits(share, 3) : null;
    });
  const untilWithin = (shortfall: number) =>
    medianShares(({ ended }) => ended.find(({ score }) => score >= best - shortfall)?.spent);
  return { best: untilWithin(0), near: untilWithin(NEAR), all: medianShares(({ spent }) => spent) };
}

/** Returns the shares by sampler and rule. */
const compareSweeps = (trained: TrainedCell): Record<string, Shares> =>
  Object.fromEntries(
    SAMPLERS.flatMap((sampler) =>
      Object.entries(RULES).map(([rule, parts]) => [`${sampler}, ${rule}`, replaySweeps(trained, sampler, parts)]),
    ),
  );

const header = 'until its best score | until within 0.001 of it | of the whole sweep';
console.log(
  `share of the core-seconds of the grid, for sweeps of ${TRIED.map((tried) => digits(tried, 2)).join(', ')} of it: ${header}`,
);
const engine = createKernelEngine({ threads: 1 });
const store = createGridStore(values.out);
const found: Record<string, Record<string, Record<string, Shares>>> = {};
for (const set of sets) {
  const load = RECIPE_SETS[set];
  if (!load) throw new Error(`there is no set ${set}`);
  const source = load();
  const { train, ...held } = source.divide(SPLIT);
  const kept = evenlySpaced(train.length, Number(values.rows)).map((i) => train[i] as number);
  const data = createPackData(source, { ...held, train: kept });
  const size = { trainRows: kept.length, descriptors: data.x.columns, energies: data.y.columns };
  const ofSet: (typeof found)[string] = {};
  for (const cell of cells) {
    const name = `${cell.method}/${cell.k}`;
    const trained = await trainGrid(store, engine, {
      ...{ set, cell: trainedCell(cell), data },
      trials: gridOf(trainedCell(cell), size, most),
    });
    const whole = createCell(cell, size, trained);
    console.log(
      `${set} ${name}: ${whole.configurations} configurations, ${digits(whole.seconds)} s, best ${digits(whole.best, 6)}`,
    );
    ofSet[name] = compareSweeps(whole);
    for (const [sweep, shares] of Object.entries(ofSet[name])) {
      const columns = [shares.best, shares.near, shares.all].map((byTrials) =>
        byTrials.map((share) => String(share).padStart(7)).join(''),
      );
      console.log([sweep.padEnd(28), ...columns].join(' |'));
    }
  }
  found[set] = ofSet;
}
await engine.close();

/** Cells in which the median sweep has the best score after no more than the share, by trials. */
const compared = Object.values(found).flatMap((ofSet) => Object.values(ofSet));
const within = Object.fromEntries(
  Object.keys(compared[0] ?? {}).map((sweep) => [
    sweep,
    TRIED.map((_, i) => compared.filter((of) => (of[sweep]?.best[i] ?? Number.POSITIVE_INFINITY) <= SHARE).length),
  ]),
);
console.log(
  JSON.stringify({
    bench: 'tuning',
    seeds,
    rows: Number(values.rows),
    cells: compared.length,
    tried: TRIED.map((tried) => digits(tried, 3)),
    within,
    sets: found,
  }),
);
