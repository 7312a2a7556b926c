/**
 * Replays of sweeps whose trials were trained to the end before: the same points, packs, rungs and
 * promotions as on one trainer that trains one trial at a time.
 */
import type { DataSize } from '../../models/methods/cost.ts';
import { epochsOfRestarts, type TrialConfiguration } from '../../models/training/configuration.ts';
import { packWindow } from '../../search/pack-window.ts';
import { packSizes } from '../../search/packing.ts';
import {
  isAdaptiveSweep,
  observePoints,
  type Proposal,
  ProposedPoints,
  pointsOfTrials,
  proposePoints,
} from '../../search/proposals.ts';
import {
  mostEpochs,
  numberTrials,
  type PointSource,
  plannedPoints,
  type Trial,
  trialCount,
  trialsAt,
} from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';
import { decideReached } from '../../search/stopping/asynchronous.ts';
import type { Decision } from '../../search/stopping/rung.ts';
import { ruleOf, rungEnds, stoppingOf } from '../../search/stopping/table.ts';
import type { PackPlace } from '../../workflows/packs-in-flight.ts';
import {
  type DuePromotion,
  enter,
  findDuePromotion,
  findEndedRung,
  nextPack,
  type OpenRung,
  openRoutes,
} from '../../workflows/rungs.ts';

/** A trial that was trained to the end. */
export interface TrainedTrial {
  /** Validation score after each epoch, by which rungs are decided; shorter where it diverged. */
  readonly curve: readonly number[];
  /** Validation score of the ended trial; null where it diverged. */
  readonly score: number | null;
  /** Seconds of an epoch; starts that are compared before the first are epochs too. */
  readonly epochSeconds: number;
  /** Seconds after the last epoch. */
  readonly endSeconds: number;
}

/** Returns what the configuration with this hash gave when it was trained to the end. */
export type FindTrial = (configurationHash: string) => TrainedTrial;

/** A trial that the sweep trained to the end. */
export interface EndedTrial {
  readonly score: number;
  /** Core-seconds that the sweep had spent by then. */
  readonly spent: number;
}

export interface SweepReplay {
  readonly ended: readonly EndedTrial[];
  /** Core-seconds of the whole sweep. */
  readonly spent: number;
}

/** Returns the core-seconds of a trial between two epochs. */
export function costBetween(
  { curve, score, epochSeconds, endSeconds }: TrainedTrial,
  configuration: TrialConfiguration,
  [from, to]: readonly [number, number],
): number {
  const starts = from === 0 ? epochsOfRestarts(configuration) : 0;
  const epochs = Math.max(0, Math.min(to, curve.length) - from);
  return (starts + epochs) * epochSeconds + (to === configuration.epochs && score !== null ? endSeconds : 0);
}

/** A trial of a replay, with its position. */
interface ReplayedTrial extends Trial, TrainedTrial {
  /** Rungs that it was trained in. */
  trained: number;
  promotedInto: number;
  isPruned: boolean;
}

/**
 * Replays a sweep of one partition: packs are trained in the order in which they are scheduled, the
 * trials of each by their places.
 */
export function replaySweep(spec: SweepSpec, size: DataSize, find: FindTrial): SweepReplay {
  const epochs = mostEpochs(spec);
  const ends = rungEnds(spec, epochs);
  const sizes = packSizes(spec, size);
  const asynchronous = spec.halving?.asynchronous === true;
  const input = { sweepId: 'replay', planned: trialCount(spec), packSizes: sizes, window: packWindow(1, 1, [1]) };
  const routes = openRoutes({ ...input, ...(asynchronous && { asynchronous }) });
  const [route] = routes;
  const trials = new Map<number, ReplayedTrial>();
  /** Numbers of the trials of each rung, by place. */
  const places = ends.map((_, rung): number[] => (rung === 0 ? [...Array(input.planned).keys()] : []));
  const firstScores = new Map<number, number | null>();
  const propose = createProposing(spec, firstScores);
  const ended: EndedTrial[] = [];
  let spent = 0;

  const train = ({ rung, from, to }: PackPlace): void => {
    const indices = (places[rung] as number[]).slice(from, to);
    if (rung === 0) {
      for (const trial of trialsAt(spec, indices, propose(indices)))
        trials.set(trial.index, { ...trial, ...find(trial.configurationHash), trained: 0, promotedInto: 0, isPruned: false });
    }
    for (const index of indices) {
      const trial = trials.get(index) as ReplayedTrial;
      const end = ends[rung] as number;
      spent += costBetween(trial, trial.configuration, [ends[rung - 1] ?? 0, end]);
      trial.trained = rung + 1;
      if (rung === 0) firstScores.set(index, scoreAt(trial, rung));
      if (end === epochs && trial.score !== null) ended.push({ score: trial.score, spent });
    }
  };

  /** Returns the score of a trial at the end of a rung; null where it diverged before. */
  const scoreAt = ({ curve, score }: ReplayedTrial, rung: number): number | null => {
    const end = ends[rung] as number;
    if (end === epochs) return score;
    return curve.length < end ? null : Math.max(...curve.slice(0, end));
  };

  const decide = ({ rung, isComplete }: DuePromotion): Decision => {
    const pointOf = (index: number) => numberTrials(spec).positionOf(index).point;
    const reached = (places[rung] as number[]).flatMap((index) => {
      const trial = trials.get(index);
      if (trial === undefined || (rung === 0 && trial.trained === 0)) return [];
      const { cell, partition, configurationHash, promotedInto, isPruned } = trial;
      const decided = promotedInto > rung ? ('promoted' as const) : isPruned ? ('pruned' as const) : null;
      const isPending = trial.trained <= rung;
      const validation = isPending ? null : scoreAt(trial, rung);
      const curve = trial.curve.slice(0, ends[rung]);
      return [{ index, cell, partition, configurationHash, decided, isPending, validation, curve }];
    });
    if (spec.halving && asynchronous) {
      const seeds = rung === 0 ? spec.seeds.length : 1;
      return decideReached(spec.halving, reached, { rung, seeds, isComplete, pointOf });
    }
    const stopping = stoppingOf(spec);
    if (stopping === null) throw new Error('a sweep of several rungs has a rule');
    const rule = ruleOf(stopping);
    const alive = reached.flatMap(({ validation, ...trial }) => (validation === null ? [] : [{ ...trial, validation }]));
    // Each trial has what either kind of rule reads.
    return rule.decide(stopping, alive, { rung, epochs, pointOf });
  };

  const promote = (due: DuePromotion): void => {
    const { promoted, pruned } = decide(due);
    for (const index of promoted) (trials.get(index) as ReplayedTrial).promotedInto = due.rung + 1;
    for (const index of pruned) (trials.get(index) as ReplayedTrial).isPruned = true;
    const next = places[due.rung + 1] as number[];
    next.push(...promoted);
    (route.rungs[due.rung] as OpenRung).ended = 0;
    enter(route, due, next.length);
  };

  const inFlight: PackPlace[] = [];
  for (;;) {
    const range = nextPack(route, sizes, inFlight.length);
    const due = range ? null : asynchronous ? findDuePromotion(routes, sizes, inFlight) : findEndedRung(routes, inFlight);
    const pack = range || due ? undefined : inFlight.shift();
    if (range) {
      (route.rungs[range.rung] as OpenRung).next = range.to;
      inFlight.push({ route: 0, ...range });
    } else if (due) {
      promote(due);
    } else if (pack) {
      train(pack);
      (route.rungs[pack.rung] as OpenRung).ended += 1;
    } else {
      return { ended, spent };
    }
  }
}

/** Returns the function from trials to their points, proposed from the scores of now. */
function createProposing(
  spec: SweepSpec,
  scores: ReadonlyMap<number, number | null>,
): (indices: readonly number[]) => PointSource {
  if (!isAdaptiveSweep(spec)) {
    const planned = plannedPoints(spec);
    if (planned === null) throw new Error('points of other samplers follow from the spec');
    return () => planned;
  }
  const points = new ProposedPoints(spec);
  let known: readonly Proposal[] = [];
  return (indices) => {
    const pending = known.filter(({ observed }) => observed === null);
    const before = known.length - pending.length;
    const observed = new Map(observePoints(spec, pending, scores, before).map((one) => [one.position, one]));
    known = known.map((one) => observed.get(one.position) ?? one);
    const counts = { position: known.length, observations: before + observed.size, revision: 0 };
    const proposed = [...proposePoints(spec, { ...counts, known }, pointsOfTrials(spec, indices))];
    known = [...known, ...proposed];
    points.add(proposed);
    return points.at;
  };
}
