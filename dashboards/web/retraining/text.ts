/** Retrainings as their pages read them: series, sentences, tables, the graph of a champion's lineage. Pure. */

import { cellLabel, METHOD_STYLES } from '../../../text/methods.ts';
import { formatScore } from '../../../text/names.ts';
import type { Challenge, Champion, ChampionDetail, Drift, RetrainHistory } from '../../contract/retraining.ts';
import { short } from '../charts/scale.ts';
import { formatCount, pluralise, shortVersion, versionPath } from '../parts/format.ts';
import type { Table } from '../parts/table.ts';

type Cell = RetrainHistory['cells'][number];
type Point = Cell['points'][number];
type Step = RetrainHistory['steps'][number];

/** The methods of each width, widths rising. */
export function groupByWidth(cells: readonly Cell[]): { readonly k: number; readonly cells: readonly Cell[] }[] {
  const widths = [...new Set(cells.map(({ k }) => k))].sort((a, b) => a - b);
  return widths.map((k) => ({ k, cells: cells.filter((cell) => cell.k === k) }));
}

export const KIND_LABELS: Readonly<Record<Step['kind'], string>> = {
  first: 'first champion',
  adopted: 'adopted',
  kept: 'stayed',
  promoted: 'replaced',
  rollback: 'rolled back',
};

/** What of a history a mark stands for, read aloud. */
export function pointSentence({ method, k }: Cell, point: Point, { version, rows }: Step): string {
  const covers = point.coveredVariance === null ? 'not measured' : `covers ${formatScore(point.coveredVariance)}`;
  const on = point.rows === null ? '' : ` of ${pluralise(point.rows, 'hold-out row')}`;
  const earlier = point.measuredOn === null || point.measuredOn === version ? '' : ` (of ${shortVersion(point.measuredOn)})`;
  const other = point.other?.coveredVariance ?? null;
  const beside =
    other === null ? '' : `; ${point.kind === 'promoted' ? 'the champion before' : 'its challenger'} ${formatScore(other)}`;
  const data = rows === null ? shortVersion(version) : `${pluralise(rows, 'row')} (${shortVersion(version)})`;
  return `${cellLabel({ method, k })} on ${data}: ${KIND_LABELS[point.kind]}, ${covers}${on}${earlier}${beside}`;
}

export function historyTable({ steps, cells }: RetrainHistory): Table {
  return {
    head: [
      ...['time', 'data version', 'rows', 'drift', 'method', 'k', 'what happened', 'trial in use', 'covered variance'],
      ...['hold-out rows', 'of version', 'trial beside it', 'its covered variance'],
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

/** At most so many labels on an axis of steps: every n-th, and the last. */
export function stepLabels(steps: readonly Step[], most: number): string[] {
  const every = Math.ceil(steps.length / most);
  return steps.map(({ rows, version, kind }, i) => {
    if ((steps.length - 1 - i) % every !== 0) return '';
    if (kind === 'rollback') return 'back';
    return rows === null ? version.slice(0, 6) : formatCount(rows);
  });
}

const SIDES = [
  ['fresh', 'new rows'],
  ['old', 'old rows'],
  ['both', 'all rows'],
] as const;

/** Where a challenger was held against a champion: the sides that there are, with their differences. */
export function challengeSides(challenge: Challenge) {
  return SIDES.flatMap(([key, name]) => {
    const held = challenge[key];
    return held ? [{ key, name, ...held }] : [];
  });
}

export function challengeSentence(challenge: Challenge): string {
  const sides = challengeSides(challenge).map(
    ({ name, difference: { mean, low, high } }) => `${name} ${short(mean)} [${short(low)}, ${short(high)}]`,
  );
  return `${cellLabel(challenge)}: challenger less champion, ${sides.join('; ')}`;
}

export function challengeTable(challenges: readonly Challenge[]): Table {
  return {
    head: ['method', 'k', 'hold-out', 'rows', 'champion', 'challenger', 'difference', 'low', 'high', 'decision', 'why'],
    rows: challenges.flatMap((challenge) => {
      const { method, k, promoted, reason } = challenge;
      const decision = [promoted ? 'replaced' : 'stays', reason];
      const sides = challengeSides(challenge);
      if (sides.length === 0) return [[METHOD_STYLES[method].label, k, null, null, null, null, null, null, null, ...decision]];
      return sides.map(({ name, rows, champion, challenger, difference: { mean, low, high } }) => [
        ...[METHOD_STYLES[method].label, k, name, rows, champion, challenger, mean, low, high],
        ...decision,
      ]);
    }),
  };
}

/** Those that have shifted most come first. */
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

/** Small probabilities as bounds: below the least that permutations can tell there is nothing to read. */
export const formatProbability = (probability: number): string => (probability < 0.0001 ? '< 0.0001' : short(probability, 2));

export interface LineageNode {
  readonly id: string;
  readonly column: 0 | 1 | 2 | 3 | 4;
  /** From 0; whole numbers lie one under the other. */
  readonly row: number;
  readonly title: string;
  readonly detail: string;
  readonly href: string;
  /** On the way to the champion that was asked for. */
  readonly own: boolean;
}

export interface LineageEdge {
  readonly from: string;
  readonly to: string;
  readonly own: boolean;
}

export interface Lineage {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
  readonly rows: number;
  /** Of `of` champions of this method and width. */
  readonly shown: number;
  readonly of: number;
}

export const LINEAGE_COLUMNS = ['Data', 'Run', 'Sweep', 'Trial', 'Champion'] as const;

/** More than these are not seen at once. */
const MOST_CHAMPIONS = 8;

/** Data, runs, sweeps and trials that champions of one method and width came from; the newest of them, and the one that was asked for. */
export function buildLineage(detail: ChampionDetail): Lineage {
  const { lineage, championId, retraining, dataset } = detail;
  const newest = lineage.champions.slice(-MOST_CHAMPIONS);
  const asked = lineage.champions.filter((one) => one.championId === championId && !newest.includes(one));
  const shown = [...asked, ...newest.slice(asked.length)];
  const nodes = new Map<string, LineageNode>();
  const edges = new Map<string, LineageEdge>();
  const filled = [0, 0, 0, 0, 0];
  const put = (
    id: string,
    column: LineageNode['column'],
    row: number,
    rest: Pick<LineageNode, 'title' | 'detail' | 'href'>,
    own: boolean,
  ) => {
    const before = nodes.get(id);
    const place = before?.row ?? Math.max(row, filled[column] as number);
    if (!before) filled[column] = place + 1;
    nodes.set(id, { id, column, row: place, ...rest, own: own || (before?.own ?? false) });
    return id;
  };
  const join = (from: string, to: string, own: boolean) => {
    const key = `${from} ${to}`;
    edges.set(key, { from, to, own: own || (edges.get(key)?.own ?? false) });
  };
  shown.forEach((champion, row) => {
    const own = champion.championId === championId;
    const { datasetVersion, runId, sweepId, trialId } = champion;
    const known = lineage.versions.find(({ version }) => version === datasetVersion);
    const version = put(
      `version ${datasetVersion}`,
      0,
      row,
      {
        title: shortVersion(datasetVersion),
        detail: known ? pluralise(known.rows, 'row') : dataset,
        href: versionPath(dataset, datasetVersion),
      },
      own,
    );
    const sweepName = lineage.sweeps.find((one) => one.sweepId === sweepId)?.name ?? sweepId;
    const sweep = put(
      `sweep ${sweepId}`,
      2,
      row,
      { title: sweepName, detail: sweepId, href: `/sweeps/${encodeURIComponent(sweepId)}` },
      own,
    );
    const run = lineage.runs.find((one) => one.runId === runId);
    if (run) {
      const id = put(
        `run ${run.runId}`,
        1,
        row,
        {
          title: run.outcome === 'first' ? 'first run' : `${run.promoted ?? 0} of ${run.challenged ?? 0} replaced`,
          detail: run.startedAt.slice(0, 10),
          href: runPath(retraining, run.runId),
        },
        own,
      );
      join(version, id, own);
      join(id, sweep, own);
    } else join(version, sweep, own);
    const trial = put(
      `trial ${trialId}`,
      3,
      row,
      {
        title: trialId.slice(trialId.lastIndexOf('-')).replace('-', 'trial '),
        detail: `validation ${formatScore(champion.validation)}`,
        href: `/trials/${encodeURIComponent(trialId)}`,
      },
      own,
    );
    join(sweep, trial, own);
    const node = put(
      `champion ${champion.championId}`,
      4,
      row,
      {
        title: champion.until === null ? 'in use' : `until ${champion.until.slice(0, 10)}`,
        detail: `${champion.origin === 'rollback' ? 'back' : ORIGIN_LABELS[champion.origin]} ${champion.since.slice(0, 10)}`,
        href: `/champions/${champion.championId}`,
      },
      own,
    );
    join(trial, node, own);
  });
  // Data that were appended to one another, and weights that others began with, among what is shown.
  const parents = new Map(lineage.versions.map(({ version, parent }) => [version, parent]));
  for (const { datasetVersion } of shown) {
    let parent = parents.get(datasetVersion) ?? null;
    while (parent !== null && !nodes.has(`version ${parent}`)) parent = parents.get(parent) ?? null;
    if (parent !== null) join(`version ${parent}`, `version ${datasetVersion}`, false);
  }
  for (const { warm, trialId } of shown)
    if (warm !== null && nodes.has(`trial ${warm}`)) join(`trial ${warm}`, `trial ${trialId}`, false);
  return {
    nodes: [...nodes.values()],
    edges: [...edges.values()],
    rows: Math.max(...filled),
    shown: shown.length,
    of: lineage.champions.length,
  };
}

/** A champion's own version and what that was appended to, oldest first. */
export function versionAncestry({ datasetVersion, lineage }: ChampionDetail): ChampionDetail['lineage']['versions'] {
  const known = new Map(lineage.versions.map((one) => [one.version, one]));
  const chain: ChampionDetail['lineage']['versions'] = [];
  for (let one = known.get(datasetVersion); one; one = one.parent === null ? undefined : known.get(one.parent))
    chain.unshift(one);
  return chain;
}

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

export const retrainingPath = (name: string): string => `/retrainings/${encodeURIComponent(name)}`;
export const runPath = (name: string, runId: string): string => `${retrainingPath(name)}/runs/${encodeURIComponent(runId)}`;

/** What one types to predict with it: it always takes the one in use. */
export const predictCommand = ({ retraining, method, k }: Pick<Champion, 'retraining' | 'method' | 'k'>): string =>
  `narrows predict --champion ${/^[\w.-]+$/.test(retraining) ? retraining : `'${retraining.replaceAll("'", "'\\''")}'`} --method ${method} --k ${k} --input X.npy --out Y.npy`;
