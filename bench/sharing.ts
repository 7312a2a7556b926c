/**
 * Compares searches of each width by itself with searches whose widths share their best points, on
 * tables of configurations that were all trained: the regret of each width after 10, 20, 40 and 60
 * points of its own. The widths of a method take turns, as in a sweep; one and eight at a time.
 *
 * `npm run bench:sharing`
 */

import type { Point } from '../search/parameters.ts';
import type { Observation } from '../search/proposers/proposer.ts';
import { tpe } from '../search/proposers/tpe.ts';
import { createTableLoss, TABLE_NAMES, TABLE_SPACE, TABLES, type TableName } from './search/tables.ts';
import { digits, mean } from './statistics.ts';

const SEEDS = 20;
const BUDGETS = [10, 20, 40, 60] as const;
const POINTS = Math.max(...BUDGETS);
const AT_ONCE = [1, 8] as const;
/** The default, and what a method with three widths needs of each when they share. */
const STARTUP = { alone: 10, shared: 4 } as const;
/** Regrets below are equal: two in a hundred thousand of the variance. */
const RESOLUTION = 2e-5;

type Mode = keyof typeof STARTUP;

/** Searches all widths; returns their regrets after each budget, [width][budget]. */
function search(names: readonly TableName[], mode: Mode, atOnce: number, seed: number): number[][] {
  const lossOf = names.map(createTableLoss);
  const made: { readonly width: number; readonly point: Point; readonly loss: number | null }[] = [];
  for (let n = 0; n < POINTS * names.length; n++) {
    const width = n % names.length;
    const ended = Math.max(0, made.length - (atOnce - 1));
    const observationsOf = (of: number): Observation[] =>
      made
        .slice(0, ended)
        .flatMap((one) => (one.width === of ? [{ point: one.point, score: one.loss === null ? null : -one.loss }] : []));
    const point = tpe.propose(
      { startup: STARTUP[mode] },
      {
        space: TABLE_SPACE,
        observations: observationsOf(width),
        pending: made.slice(ended).flatMap((one) => (one.width === width ? [one.point] : [])),
        seed,
        cell: names[width] as string,
        number: Math.floor(n / names.length),
        siblings:
          mode === 'alone'
            ? null
            : { observations: [...names.keys()].filter((other) => other !== width).map(observationsOf), place: width },
      },
    );
    made.push({ width, point, loss: (lossOf[width] as (point: Point) => number | null)(point) });
  }
  return names.map((_, width) => {
    const losses = made.filter((one) => one.width === width).map(({ loss }) => loss ?? Number.POSITIVE_INFINITY);
    return BUDGETS.map((budget) => Math.min(...losses.slice(0, budget)));
  });
}

/** Returns the mean regrets over seeds, [width][budget]. */
function regretsOf(names: readonly TableName[], mode: Mode, atOnce: number): number[][] {
  const runs = Array.from({ length: SEEDS }, (_, i) => search(names, mode, atOnce, i + 1));
  return names.map((_, width) => BUDGETS.map((_, budget) => mean(runs.map((run) => run[width]?.[budget] as number))));
}

const groups = [...Map.groupBy(TABLE_NAMES, (name) => `${TABLES[name].set} ${TABLES[name].cell.method}`)];
console.log(`mean regret in thousandths after ${BUDGETS.join(', ')} points of each width: by itself; shared`);
const ratios: Record<string, number[]> = {};
for (const atOnce of AT_ONCE) {
  const logs = BUDGETS.map((): number[] => []);
  for (const [group, names] of groups) {
    const [alone, shared] = [regretsOf(names, 'alone', atOnce), regretsOf(names, 'shared', atOnce)];
    for (const [width, name] of names.entries()) {
      const [own, others] = [alone[width] as number[], shared[width] as number[]];
      const columns = [own, others].map((regrets) => regrets.map((one) => (1000 * one).toFixed(2).padStart(7)).join(' '));
      console.log([`${group} k = ${TABLES[name].cell.k}`.padEnd(24), `by ${atOnce}`.padEnd(6), columns.join('; ')].join(' '));
      for (const [budget, log] of logs.entries())
        log.push(Math.log(((others[budget] as number) + RESOLUTION) / ((own[budget] as number) + RESOLUTION)));
    }
  }
  ratios[atOnce] = logs.map((log) => digits(Math.exp(mean(log)), 3));
}
console.log(JSON.stringify({ bench: 'sharing', seeds: SEEDS, budgets: BUDGETS, tables: TABLE_NAMES.length, ratios }));
