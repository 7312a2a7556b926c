import { METHODS, type Method } from '../models/methods/catalogue.ts';
import type { DataSize } from '../models/methods/cost.ts';
import { countLeftOut, leftOutByMethod, trainedPointsPerCell } from './limits/limits.ts';
import { flopsPerTrial, packSizes, untilEpoch } from './packing.ts';
import { cellsOf, configurationsPerCell, mostEpochs, trialCount, trialsPerConfiguration } from './space.ts';
import { partitionCount, type SweepSpec } from './spec.ts';
import { ruleOf, stoppingOf } from './stopping/table.ts';

/** The plan of a sweep: the trials that it trains, rungs and packs, before it starts. */
export interface SweepPlan {
  /** Number of trials. */
  readonly trials: number;
  /** Configurations over all methods and widths; each is trained with every seed. */
  readonly configurations: number;
  readonly seeds: number;
  /** Divisions of the rows into train, validation and test; every seed is trained on each. */
  readonly partitions: number;
  readonly methods: readonly {
    readonly method: Method;
    readonly trials: number;
    /** Floating-point operations of their training. */
    readonly flops: number;
  }[];
  /** One entry where no trial is stopped early. */
  readonly rungs: readonly RungPlan[];
  readonly packs: number;
}

export interface RungPlan {
  /** Epoch at which the rung ends. */
  readonly untilEpoch: number;
  /**
   * Trials that enter, when none diverges; the most, where scores decide how many are stopped, and
   * the fewest, where rungs overlap.
   */
  readonly trials: number;
  readonly packSize: number;
  readonly packs: number;
}

/** Returns the plan of a sweep on data of this size. */
export function planSweep(spec: SweepSpec, size: DataSize): SweepPlan {
  const seeds = spec.seeds.length;
  const partitions = partitionCount(spec);
  const entrants = countEntrants(spec);
  const leftOut = leftOutByMethod(spec, null);
  const rungs = packSizes(spec, size).map((packSize, rung): RungPlan => {
    const trials = (entrants[rung] ?? 0) * seeds * partitions;
    return { untilEpoch: untilEpoch(spec, rung), trials, packSize, packs: Math.ceil(trials / packSize) };
  });
  return {
    trials: trialCount(spec) - countLeftOut(spec, null),
    configurations: entrants[0] ?? 0,
    seeds,
    partitions,
    methods: trialsByMethod(spec).map(({ method, trials }) => {
      const own = { method, trials: trials - (leftOut.get(method) ?? 0) };
      return { ...own, flops: trainingFlops(spec, own, rungs, size) };
    }),
    rungs,
    packs: rungs.reduce((sum, { packs }) => sum + packs, 0),
  };
}

/** Returns the configurations of all cells that enter each rung; one entry without rungs. */
export function countEntrants(spec: SweepSpec): readonly number[] {
  const perCell = trainedPointsPerCell(spec, null);
  const stopping = stoppingOf(spec);
  if (stopping === null) return [perCell.reduce((sum, configurations) => sum + configurations, 0)];
  const rule = ruleOf(stopping);
  // Most cells have as many configurations as others.
  const counts = Map.groupBy(perCell, (configurations) => configurations);
  const byCount = [...counts].map(([configurations, cells]) =>
    rule.countEntrants(stopping, configurations).map((entrants) => entrants * cells.length),
  );
  return rule.rungEpochs(stopping, mostEpochs(spec)).map((_, rung) => byCount.reduce((sum, of) => sum + (of[rung] ?? 0), 0));
}

/** Returns the operations of a method's trials; each rung has the same share of them as of all. */
function trainingFlops(
  spec: SweepSpec,
  { method, trials }: { readonly method: Method; readonly trials: number },
  rungs: readonly RungPlan[],
  size: DataSize,
): number {
  const [first] = rungs;
  return flopsPerTrial(spec, size, [method]).reduce(
    (sum, flops, rung) => sum + (flops * trials * (rungs[rung]?.trials ?? 0)) / (first?.trials || 1),
    0,
  );
}

/** Returns the planned trials of each of the sweep's methods, in the canonical order of methods. */
export function trialsByMethod(spec: SweepSpec): readonly { readonly method: Method; readonly trials: number }[] {
  const perCell = configurationsPerCell(spec);
  const cells = cellsOf(spec);
  return METHODS.filter((method) => spec.methods.includes(method)).map((method) => ({
    method,
    trials: perCell.reduce((sum, count, i) => sum + (cells[i]?.method === method ? count : 0), 0) * trialsPerConfiguration(spec),
  }));
}
