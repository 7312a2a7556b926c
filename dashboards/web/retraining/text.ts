/** Labels, sentences and tables of retrainings. */

import type { ChampionsData } from '../../../figures/champions.ts';
import type { Table } from '../../../figures/model.ts';
import { cellLabel, METHOD_STYLES } from '../../../text/methods.ts';
import { formatScore } from '../../../text/names.ts';
import type { Champion, ChampionDetail, RetrainHistory } from '../../contract/retraining.ts';
import { formatCount, pluralise, shortVersion } from '../parts/format.ts';
import { championPath, trialPath } from '../parts/paths.ts';

type Cell = RetrainHistory['cells'][number];
type Point = Cell['points'][number];
type Step = RetrainHistory['steps'][number];

const KIND_LABELS: Readonly<Record<Step['kind'], string>> = {
  first: 'first champion',
  adopted: 'adopted',
  kept: 'kept',
  promoted: 'promoted',
  rollback: 'rolled back',
};

/** Describes a mark of the history, as its accessible name. */
export function pointSentence({ method, k }: Pick<Cell, 'method' | 'k'>, point: Point, { version, rows }: Step): string {
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

/** Maximum number of steps with a label. */
const MAX_LABELS = 7;

/** Returns a history as the figure of its champions takes it. */
export const championsData = (history: RetrainHistory): ChampionsData<Point> => ({
  ...history,
  names: stepLabels(history.steps, MAX_LABELS),
  textOf: (cell, point) => pointSentence(cell, point, history.steps[point.step] as Step),
  hrefOf: ({ championId, trialId }) => (championId === null ? trialPath(trialId) : championPath(championId)),
});

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
