/** The lineage of champions as a graph. */
import { formatScore } from '../../../text/names.ts';
import type { Champion, ChampionDetail } from '../../contract/retraining.ts';
import { pluralise, shortVersion } from '../parts/format.ts';
import { championPath, runPath, sweepPath, trialPath, versionPath } from '../parts/paths.ts';
import { ORIGIN_LABELS } from './text.ts';

export const LINEAGE_COLUMNS = ['Data', 'Run', 'Sweep', 'Trial', 'Champion'] as const;

type Kind = 'version' | 'run' | 'sweep' | 'trial' | 'champion';
const KINDS: readonly Kind[] = ['version', 'run', 'sweep', 'trial', 'champion'];

export interface LineageNode {
  readonly id: string;
  /** Index into LINEAGE_COLUMNS. */
  readonly column: number;
  /** From 0, top to bottom. */
  readonly row: number;
  readonly title: string;
  readonly detail: string;
  readonly href: string;
  /** On the path to the champion of the page. */
  readonly own: boolean;
}

export interface Lineage {
  readonly nodes: readonly LineageNode[];
  /** By ids of nodes. */
  readonly edges: readonly { readonly from: string; readonly to: string; readonly own: boolean }[];
  readonly rows: number;
  /** Number of champions shown, out of `of`. */
  readonly shown: number;
  readonly of: number;
}

const MAX_CHAMPIONS = 8;

/** Builds the graph of the newest champions of one cell, and the champion of the page. */
export function buildLineage({ lineage, championId, retraining, dataset }: ChampionDetail): Lineage {
  const newest = lineage.champions.slice(-MAX_CHAMPIONS);
  const requested = lineage.champions.filter((one) => one.championId === championId && !newest.includes(one));
  const shown = [...requested, ...newest.slice(requested.length)];
  const nodes = new Map<string, LineageNode>();
  const edges = new Map<string, Lineage['edges'][number]>();
  const filled = KINDS.map(() => 0);

  const addEdges = (ids: readonly string[], own: boolean) => {
    ids.slice(1).forEach((to, i) => {
      const from = ids[i] ?? '';
      const key = `${from} ${to}`;
      edges.set(key, { from, to, own: own || (edges.get(key)?.own ?? false) });
    });
  };
  const addChampion = (champion: Champion, row: number) => {
    const own = champion.championId === championId;
    const { datasetVersion, runId, sweepId, trialId, origin, until } = champion;
    const version = lineage.versions.find((one) => one.version === datasetVersion);
    const run = lineage.runs.find((one) => one.runId === runId);
    /** Adds a node to its column, in this row or the next free one; returns its id. */
    const addNode = (kind: Kind, key: string | number, title: string, detail: string, href: string): string => {
      const id = `${kind} ${key}`;
      const column = KINDS.indexOf(kind);
      const known = nodes.get(id);
      const ownRow = known?.row ?? Math.max(row, filled[column] ?? 0);
      if (!known) filled[column] = ownRow + 1;
      nodes.set(id, { id, column, row: ownRow, title, detail, href, own: own || (known?.own ?? false) });
      return id;
    };
    const rows = version ? pluralise(version.rows, 'row') : dataset;
    const path = [addNode('version', datasetVersion, shortVersion(datasetVersion), rows, versionPath(dataset, datasetVersion))];
    if (run) {
      const title = run.outcome === 'first' ? 'first run' : `${run.promoted ?? 0} of ${run.challenged ?? 0} promoted`;
      path.push(addNode('run', run.runId, title, run.startedAt.slice(0, 10), runPath(retraining, run.runId)));
    }
    const sweep = lineage.sweeps.find((one) => one.sweepId === sweepId)?.name ?? sweepId;
    const trial = trialId.slice(trialId.lastIndexOf('-')).replace('-', 'trial ');
    const use = until === null ? 'in use' : `until ${until.slice(0, 10)}`;
    const since = `${origin === 'rollback' ? 'rollback' : ORIGIN_LABELS[origin]} ${champion.since.slice(0, 10)}`;
    path.push(
      addNode('sweep', sweepId, sweep, sweepId, sweepPath(sweepId)),
      addNode('trial', trialId, trial, `validation ${formatScore(champion.validation)}`, trialPath(trialId)),
      addNode('champion', champion.championId, use, since, championPath(champion.championId)),
    );
    addEdges(path, own);
  };
  shown.forEach(addChampion);

  // Edges within a column: appended data, and initial weights.
  const parents = new Map(lineage.versions.map(({ version, parent }) => [version, parent]));
  for (const { datasetVersion, warm, trialId } of shown) {
    let parent = parents.get(datasetVersion) ?? null;
    while (parent !== null && !nodes.has(`version ${parent}`)) parent = parents.get(parent) ?? null;
    if (parent !== null) addEdges([`version ${parent}`, `version ${datasetVersion}`], false);
    if (warm !== null && nodes.has(`trial ${warm}`)) addEdges([`trial ${warm}`, `trial ${trialId}`], false);
  }
  return {
    nodes: [...nodes.values()],
    edges: [...edges.values()],
    rows: Math.max(...filled),
    shown: shown.length,
    of: lineage.champions.length,
  };
}

/** Returns the version a champion was trained on and its ancestors, oldest first. */
export function versionAncestry({ datasetVersion, lineage }: ChampionDetail): ChampionDetail['lineage']['versions'] {
  const known = new Map(lineage.versions.map((one) => [one.version, one]));
  const chain: ChampionDetail['lineage']['versions'] = [];
  for (let one = known.get(datasetVersion); one; one = one.parent === null ? undefined : known.get(one.parent))
    chain.unshift(one);
  return chain;
}
