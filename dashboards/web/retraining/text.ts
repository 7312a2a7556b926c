/** Labels, sentences and tables of retrainings. */
import { cellLabel, METHOD_STYLES } from '../../../text/methods.ts';
import { formatScore } from '../../../text/names.ts';
import type { Challenge, Champion, ChampionDetail, Drift, RetrainHistory } from '../../contract/retraining.ts';
import { short } from '../charts/scale.ts';
import { formatCount, pluralise, shortVersion } from '../parts/format.ts';
import type { Table } from '../parts/table.ts';

type Cell = RetrainHistory['cells'][number];
type Point = Cell['points'][number];
type Step = RetrainHistory['steps'][number];

/** Groups cells by width, in rising order. */
export function groupByWidth(cells: readonly Cell[]): { readonly k: number; readonly cells: readonly Cell[] }[] {
  const widths = [...new Set(cells.map(({ k }) => k))].sort((a, b) => a - b);
  return widths.map((k) => ({ k, cells: cells.filter((cell) => cell.k === k) }));
}

export const KIND_LABELS: Readonly<Record<Step['kind'], string>> = {
  first: 'first champion',
  adopted: 'adopted',
  kept: 'kept',
  promoted: 'promoted',
  rollback: 'rolled back',
};

/** Describes a mark of the history, as its accessible name. */
export function pointSentence({ method, k }: Cell, point: Point, { version, rows }: Step): string {
  const covers = point.coveredVariance === null ? 'not measured' : `covers ${formatScore(point.coveredVariance)}`;
  const on = point.rows === null ? '' : ` of ${pluralise(point.rows, 'hold-out row')}`;
  const earlier = point.measuredOn === null || point.measuredOn === version ? '' : ` (of ${shortVersion(point.measuredOn)})`;
  const other = point.other?.coveredVariance ?? null;
  const opponent =
    other === null ? '' : `; ${point.kind === 'promoted' ? 'previous champion' : 'challenger'} ${formatScore(other)}`;
  const data = rows === null ? shortVersion(version) : `${pluralise(rows, 'row')} (${shortVersion(version)})`;
  return `${cellLabel({ method, k })} on ${data}: ${KIND_LABELS[point.kind]}, ${covers}${on}${earlier}${opponent}`;
}

export function historyTable({ steps, cells }: RetrainHistory): Table {
  return {
    head: [
      ...['time', 'data version', 'rows', 'drift', 'method', 'k', 'event', 'champion trial', 'covered variance'],
      ...['hold-out rows', 'of version', 'other trial', 'its covered variance'],
    ],
    rows: steps.flatMap(({ at, version, rows, verdict }, step) =>
      cells.flatMap(({ method, k, points }) =>
        points
          .filter((point) => point.step === step)
          .map((point) => [
            ...[at, shortVersion(version), rows, verdict, METHOD_STYLES[method].label, k, KIND_LABELS[point.kind], point.trialId],
            ...[point.coveredVariance, point.rows, point.measuredOn && shortVersion(point.measuredOn)],
            ...[point.other?.trialId ?? null, point.other?.coveredVariance ?? null],
          ]),
      ),
    ),
  };
}

/** Returns the labels of an axis of steps, at most `max` of them: every n-th, and the last. */
export function stepLabels(steps: readonly Step[], max: number): string[] {
  const every = Math.ceil(steps.length / max);
  return steps.map(({ rows, version, kind }, i) => {
    if ((steps.length - 1 - i) % every !== 0) return '';
    if (kind === 'rollback') return 'rollback';
    return rows === null ? version.slice(0, 6) : formatCount(rows);
  });
}

const SIDES = [
  ['fresh', 'new rows'],
  ['old', 'old rows'],
  ['both', 'all rows'],
] as const;

/** Returns the hold-outs that a challenger was compared on, with the differences. */
export function challengeSides(challenge: Challenge) {
  return SIDES.flatMap(([key, name]) => {
    const scores = challenge[key];
    return scores ? [{ key, name, ...scores }] : [];
  });
}

export function challengeSentence(challenge: Challenge): string {
  const sides = challengeSides(challenge).map(
    ({ name, difference: { mean, low, high } }) => `${name} ${short(mean)} [${short(low)}, ${short(high)}]`,
  );
  return `${cellLabel(challenge)}: challenger minus champion, ${sides.join('; ')}`;
}

export function challengeTable(challenges: readonly Challenge[]): Table {
  return {
    head: ['method', 'k', 'hold-out', 'rows', 'champion', 'challenger', 'difference', 'low', 'high', 'decision', 'reason'],
    rows: challenges.flatMap((challenge) => {
      const { method, k, promoted, reason } = challenge;
      const decision = [promoted ? 'promoted' : 'kept', reason];
      const sides = challengeSides(challenge);
      if (sides.length === 0) return [[METHOD_STYLES[method].label, k, null, null, null, null, null, null, null, ...decision]];
      return sides.map(({ name, rows, champion, challenger, difference: { mean, low, high } }) => [
        ...[METHOD_STYLES[method].label, k, name, rows, champion, challenger, mean, low, high],
        ...decision,
      ]);
    }),
  };
}

/** Sorts descriptors by shift, the largest first. */
export const sortByShift = (descriptors: Drift['descriptors']): Drift['descriptors'] =>
  [...descriptors].sort((a, b) => a.rate - b.rate || b.statistic - a.statistic);

export function driftTable(descriptors: Drift['descriptors']): Table {
  return {
    head: ['descriptor', 'KS statistic', 'p', 'q', 'verdict'],
    rows: sortByShift(descriptors).map(({ name, statistic, probability, rate, shifted }) => [
      ...[name, statistic, probability, rate, shifted ? 'shifted' : 'not shifted'],
    ]),
  };
}

/** Formats a probability; below the resolution of the permutation tests, as a bound. */
export const formatProbability = (probability: number): string => (probability < 0.0001 ? '< 0.0001' : short(probability, 2));

export const ORIGIN_LABELS: Readonly<Record<Champion['origin'], string>> = {
  first: 'first',
  adopted: 'adopted',
  promotion: 'promoted',
  rollback: 'rolled back to',
};

export function lineageTable({ lineage }: ChampionDetail): Table {
  return {
    head: ['champion', 'by', 'since', 'until', 'ended by', 'trial', 'validation', 'sweep', 'data version', 'run'],
    rows: lineage.champions.map((one) => [
      ...[one.championId, ORIGIN_LABELS[one.origin], one.since, one.until, one.endedBy, one.trialId, one.validation],
      ...[one.sweepId, shortVersion(one.datasetVersion), one.runId],
    ]),
  };
}

/** Returns the command that predicts with the current champion. */
export const predictCommand = ({ retraining, method, k }: Pick<Champion, 'retraining' | 'method' | 'k'>): string =>
  `narrows predict --champion ${/^[\w.-]+$/.test(retraining) ? retraining : `'${retraining.replaceAll("'", "'\\''")}'`} --method ${method} --k ${k} --input X.npy --out Y.npy`;
