import type { Method } from '../models/methods/catalogue.ts';
import { type DataSize, epochFlops } from '../models/methods/cost.ts';
import type { TrialConfiguration } from '../models/training/configuration.ts';
import { runningBudget } from './budget/budget.ts';
import { trainedPointsPerCell } from './limits/limits.ts';
import { type AdaptiveSweep, isAdaptiveSweep } from './proposals.ts';
import { cellsOf, mostEpochs, previewTrials, sweptDimension, trialsOf, trialsPerConfiguration } from './space.ts';
import type { SweepSpec } from './spec.ts';
import { rungEnds } from './stopping/table.ts';

/**
 * Floating-point operations per second that a core is taken to do in training: a careful figure, by
 * which packs are sized alike on all machines (`npm run bench:engine`).
 */
export const FLOPS_PER_CORE = 40e9;

/**
 * Seconds of one core in a pack: much more than the overhead of an activity (milliseconds), little
 * enough to lose with a machine, and small enough that the packs of a small sweep keep every core
 * busy until the end.
 */
const SECONDS_PER_PACK = 6;

/** Maximum trials of a pack: bounds its transaction and the checkpoints read at once. */
const MAX_TRIALS_PER_PACK = 256;

/** Configurations sampled to estimate the mean cost of a trial. */
const SAMPLE = 256;

/**
 * Returns the mean operations of a trial of these methods (absent: of all) by those of its
 * configuration, over a sample of them.
 */
function meanFlops(
  spec: SweepSpec,
  methods: readonly Method[] | undefined,
  flopsOf: (configuration: TrialConfiguration) => number,
): number {
  const { count, indexAt } = trialsOf(spec, methods);
  const configurations = count / trialsPerConfiguration(spec);
  // Whole rounds over the cells: every method has its weight in the sweep.
  const cells = cellsOf(spec).filter(({ method }) => methods?.includes(method) ?? true).length;
  const rounds = Math.min(Math.ceil(configurations / cells), Math.max(1, Math.floor(SAMPLE / cells)));
  const stride = Math.max(1, Math.floor(configurations / cells / rounds));
  const places = Array.from(
    { length: rounds * cells },
    (_, i) => (Math.floor(i / cells) * stride * cells + (i % cells)) * spec.seeds.length,
  ).filter((place) => place < configurations * spec.seeds.length);
  const sampled = previewTrials(spec, places.map(indexAt));
  return sampled.reduce((sum, { configuration }) => sum + flopsOf(configuration), 0) / sampled.length;
}

/** Returns the epochs trained within each rung. */
export const epochsPerRung = (spec: SweepSpec): readonly number[] =>
  rungEnds(spec, mostEpochs(spec)).map((end, rung, ends) => end - (ends[rung - 1] ?? 0));

/** Returns the epoch at which this rung ends, at the latest. */
export function untilEpoch(spec: SweepSpec, rung: number): number {
  const epochs = mostEpochs(spec);
  return rungEnds(spec, epochs)[rung] ?? epochs;
}

/** Returns the mean operations of a trial of these methods (absent: of all) in each rung. */
export function flopsPerTrial(spec: SweepSpec, size: DataSize, methods?: readonly Method[]): readonly number[] {
  if (sweptDimension(spec, 'epochs').kind !== 'constant') {
    // The only rung.
    return [meanFlops(spec, methods, (configuration) => configuration.epochs * epochFlops(configuration, size))];
  }
  const flops = meanFlops(spec, methods, (configuration) => epochFlops(configuration, size));
  return epochsPerRung(spec).map((epochs) => flops * epochs);
}

/**
 * Share of the trials of an adaptive sweep in one pack: points of a pack are proposed together,
 * without the scores of each other.
 */
const SHARE_OF_PACK = 0.04;

/**
 * Returns the trials per pack in each rung: as many as fill the time of a pack, from 1 to 256; of
 * an adaptive sweep, a small share of the trials, in whole points where one fits.
 */
export function packSizes(spec: SweepSpec, size: DataSize): readonly number[] {
  return flopsPerTrial(spec, size).map((flops, rung) => {
    const timely = Math.round(SECONDS_PER_PACK / Math.max(flops / FLOPS_PER_CORE, 1e-9));
    // Points are proposed in the first rung.
    const most = Math.min(MAX_TRIALS_PER_PACK, Math.max(1, timely));
    return rung === 0 && isAdaptiveSweep(spec) ? wholePoints(spec, Math.min(most, trialsProposedTogether(spec))) : most;
  });
}

/** Returns the trials of the whole points that fit into a pack of this size; it where none does. */
const wholePoints = ({ seeds }: SweepSpec, size: number): number => size - (size > seeds.length ? size % seeds.length : 0);

function trialsProposedTogether(spec: AdaptiveSweep): number {
  const perCell = trainedPointsPerCell(spec, null);
  // A search for widths trains one cell of each method at a time.
  const points = spec.space.auto ? Math.max(...perCell) * spec.methods.length : perCell.reduce((sum, own) => sum + own, 0);
  // A budget that is spent while the sweep runs may buy a small part of the plan.
  const most = runningBudget(spec) === null ? Number.POSITIVE_INFINITY : spec.sampler.startup;
  return spec.seeds.length * Math.max(1, Math.min(most, Math.floor(SHARE_OF_PACK * points)));
}
