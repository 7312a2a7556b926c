import { type DataSize, epochFlops } from '../models/methods/cost.ts';
import { rungEpochs } from './halving.ts';
import { cellsOf, configurationCount, trialsAt } from './space.ts';
import type { SweepSpec } from './spec.ts';

/**
 * Floating-point operations per second of one core in training, rounded down from what `npm run
 * bench:engine` measures.
 */
const FLOPS_PER_CORE = 40e9;

/**
 * Seconds of one core in a pack: long beside what an activity costs the servers (some
 * milliseconds), short beside what one would lose with a machine, and small enough that the packs
 * of a little sweep keep every core busy until the end.
 */
const SECONDS_PER_PACK = 6;

/**
 * Rows of a pack are written in few transactions and its checkpoints read at once: this bounds
 * both.
 */
const MOST_TRIALS_PER_PACK = 256;

/** Configurations looked at to estimate the mean cost of a trial. */
const SAMPLE = 256;

/**
 * Mean over the sweep's configurations of the floating-point operations of one epoch of a trial
 * (over an even sample, when many).
 */
export function meanEpochFlops(spec: SweepSpec, size: DataSize): number {
  const configurations = configurationCount(spec);
  // Whole rounds over the cells, so that every method weighs in the sample as it does in the sweep.
  const dealt = cellsOf(spec).length;
  const rounds = Math.min(Math.ceil(configurations / dealt), Math.max(1, Math.floor(SAMPLE / dealt)));
  const stride = Math.max(1, Math.floor(configurations / dealt / rounds));
  const indices = Array.from(
    { length: rounds * dealt },
    (_, i) => (Math.floor(i / dealt) * stride * dealt + (i % dealt)) * spec.seeds.length,
  ).filter((index) => index < configurations * spec.seeds.length);
  const sampled = trialsAt(spec, indices);
  return sampled.reduce((sum, { configuration }) => sum + epochFlops(configuration, size), 0) / sampled.length;
}

/** Epochs trained within each rung, one entry without halving. */
export function epochsPerRung(spec: SweepSpec): readonly number[] {
  const ends = spec.halving
    ? rungEpochs(spec.training.epochs, spec.halving.reduction, spec.halving.rungs)
    : [spec.training.epochs];
  return ends.map((end, rung) => end - (ends[rung - 1] ?? 0));
}

/** Epoch at which this rung ends. */
export function untilEpoch(spec: SweepSpec, rung: number): number {
  return epochsPerRung(spec)
    .slice(0, rung + 1)
    .reduce((sum, epochs) => sum + epochs, 0);
}

/** Seconds of one core that a trial of this sweep takes in each rung, on average. */
export function secondsPerTrial(spec: SweepSpec, size: DataSize): readonly number[] {
  const flops = meanEpochFlops(spec, size);
  return epochsPerRung(spec).map((epochs) => (flops * epochs) / FLOPS_PER_CORE);
}

/** Trials per pack in each rung: as many as fill a pack's time, at least one, at most 256. */
export function packSizes(spec: SweepSpec, size: DataSize): readonly number[] {
  return secondsPerTrial(spec, size).map((seconds) =>
    Math.min(MOST_TRIALS_PER_PACK, Math.max(1, Math.round(SECONDS_PER_PACK / Math.max(seconds, 1e-9)))),
  );
}
