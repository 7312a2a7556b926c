/** Figures of trainers and packs. */
import { digits, median, quantile } from '../../../bench/statistics.ts';
import type { Attempt } from './attempts.ts';
import type { TrainerLife } from './trainers.ts';

export interface Summary {
  readonly count: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** Returns null of no values. */
export function summarize(values: readonly number[]): Summary | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const [count, max] = [sorted.length, sorted.at(-1) ?? 0];
  return { count, median: digits(median(sorted), 3), p95: digits(quantile(sorted, 0.95), 3), max: digits(max, 3) };
}

/** Returns the first packs of trainers for which packs waited when they started. */
export function awaitedFirstPacks(lives: readonly TrainerLife[], attempts: readonly Attempt[]) {
  return lives.flatMap((life) => {
    const [first] = attemptsOf(life, attempts);
    return first && first.scheduledAt <= life.startedAt ? [{ life, first }] : [];
  });
}

/** Seconds within which the first pack starts after the first trainer of a class. */
const FIRST_PACK_BAR = 15;

/** Returns the figures of trainers and packs; trainers that still run have done so until `now`. */
export function figuresOf(lives: readonly TrainerLife[], attempts: readonly Attempt[], now: number) {
  const secondsOf = ({ startedAt, endedAt }: TrainerLife) => ((endedAt ?? now) - startedAt) / 1000;
  const trainerSeconds = lives.reduce((sum, life) => sum + secondsOf(life), 0);
  const busySeconds = lives.reduce((sum, life) => sum + coveredSeconds(attemptsOf(life, attempts)), 0);
  const elapsed = (now - Math.min(now, ...lives.map(({ startedAt }) => startedAt))) / 1000;
  const firsts = awaitedFirstPacks(lives, attempts);
  const waits = (some: typeof firsts) => summarize(some.map(({ life, first }) => (first.startedAt - life.startedAt) / 1000));
  const isLate = (life: TrainerLife) =>
    attemptsOf(life, attempts).filter(({ startedAt }) => life.stoppedAt !== null && startedAt > life.stoppedAt).length;
  return {
    trainers: {
      started: lives.length,
      most: mostAtOnce(lives, now),
      mean: digits(trainerSeconds / Math.max(elapsed, 1), 3),
      seconds: Math.round(trainerSeconds),
      idleSeconds: Math.round(trainerSeconds - busySeconds),
    },
    packSeconds: summarize(
      attempts.filter(({ end }) => end === 'completed').map(({ startedAt, endedAt }) => (endedAt - startedAt) / 1000),
    ),
    firstPackSeconds: { fromZero: waits(firsts.filter(({ life }) => life.isFirst)), all: waits(firsts), bar: FIRST_PACK_BAR },
    /** From SIGTERM. */
    endSeconds: summarize(
      lives.flatMap(({ stoppedAt, endedAt }) => (stoppedAt === null || endedAt === null ? [] : [(endedAt - stoppedAt) / 1000])),
    ),
    begunAfterStop: lives.reduce((sum, life) => sum + isLate(life), 0),
  };
}

/** Returns the attempts of a trainer in the order in which they started. */
const attemptsOf = ({ worker, startedAt, endedAt }: TrainerLife, attempts: readonly Attempt[]): readonly Attempt[] =>
  attempts
    // Numbers of processes come again.
    .filter((one) => one.worker === worker && one.startedAt >= startedAt && one.startedAt <= (endedAt ?? Infinity))
    .sort((a, b) => a.startedAt - b.startedAt);

/** Returns the seconds in which at least one of the attempts, in order, was under way. */
function coveredSeconds(attempts: readonly Attempt[]): number {
  let [sum, until] = [0, 0];
  for (const { startedAt, endedAt } of attempts) {
    sum += Math.max(0, endedAt - Math.max(startedAt, until));
    until = Math.max(until, endedAt);
  }
  return sum / 1000;
}

function mostAtOnce(lives: readonly TrainerLife[], now: number): number {
  const changes = lives.flatMap(({ startedAt, endedAt }) => [
    { at: startedAt, by: 1 },
    { at: endedAt ?? now, by: -1 },
  ]);
  let [most, running] = [0, 0];
  for (const { by } of changes.sort((a, b) => a.at - b.at)) {
    running += by;
    most = Math.max(most, running);
  }
  return most;
}
