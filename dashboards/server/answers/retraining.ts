/** Rows of retrainings as the API tells them. */
import type { ChampionRow } from '../../../db/queries/retraining/champions.ts';
import type { EventRow, MessageRow } from '../../../db/queries/retraining/notifications.ts';
import { type ConcludedRun, scoreKey, type VersionGrowth } from '../../../db/queries/retraining/pages.ts';
import type { RetrainingRow, RetrainRunRow, ShardRow } from '../../../db/queries/retraining/retrainings.ts';
import { METHODS } from '../../../models/methods/catalogue.ts';
import type { ScheduleStatus } from '../../../operations/retraining.ts';
import { describeSchedule } from '../../../text/retraining.ts';
import type {
  Champion,
  GrownVersion as GrownVersionAnswer,
  RetrainEvent,
  RetrainHistory,
  Retraining,
  RetrainRun,
  Shard,
} from '../../contract/retraining.ts';

/** `schedule` null: Temporal could not be asked. */
export function formatRetraining(
  row: RetrainingRow,
  schedule: ScheduleStatus | null,
  { champions, lastRun }: { readonly champions: number; readonly lastRun: RetrainRunRow | null },
  newest: VersionGrowth | null,
): Retraining {
  const { watchDir, url } = row.options;
  return {
    name: row.name,
    dataset: row.dataset,
    target: row.target,
    schedule: {
      state: row.removedAt ? 'removed' : (schedule?.state ?? 'unknown'),
      words: describeSchedule(row.options.schedule),
      next: row.removedAt ? [] : (schedule?.next ?? []).map((at) => at.toISOString()),
    },
    watchDir,
    url,
    champions,
    lastRun: lastRun && formatRun(lastRun),
    newest: newest && formatVersion(newest),
    createdAt: row.createdAt.toISOString(),
    removedAt: row.removedAt?.toISOString() ?? null,
  };
}

export function formatRun({ id, name, sweepIds, drift, challenges, startedAt, finishedAt, ...row }: RetrainRunRow): RetrainRun {
  const { outcome, fromVersion, toVersion, message } = row;
  return {
    runId: id,
    retraining: name,
    ...{ outcome, fromVersion, toVersion, message },
    sweeps: [...(sweepIds ?? [])],
    verdict: drift?.verdict ?? null,
    challenged: challenges?.length ?? null,
    promoted: challenges?.filter(({ promoted }) => promoted).length ?? null,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}

export const formatVersion = ({ importedAt, ...version }: VersionGrowth): GrownVersionAnswer => ({
  ...version,
  importedAt: importedAt.toISOString(),
});

export const formatShard = ({ folder, content, outcome, version, message, seenAt }: ShardRow): Shard => ({
  ...{ folder, content, outcome, version, message },
  seenAt: seenAt.toISOString(),
});

export function formatEvent({ id, at, kind, runId, subject, text }: EventRow, messages: readonly MessageRow[]): RetrainEvent {
  return {
    eventId: id,
    at: at.toISOString(),
    kind,
    runId: kind === 'rollback' ? null : runId,
    ...{ subject, text },
    messages: messages
      .filter(({ eventId }) => eventId === id)
      .map(({ channel, state, attempts, lastError, deliveredAt }) => ({
        ...{ channel, state, attempts, lastError },
        deliveredAt: deliveredAt?.toISOString() ?? null,
      })),
  };
}

export function formatChampion(row: ChampionRow): Champion {
  const { id, name, dataset, datasetVersion, target, method, k, trialId, sweepId, runId, origin, previous, endedBy } = row;
  return {
    championId: id,
    retraining: name,
    ...{ dataset, datasetVersion, target, method, k, trialId, sweepId, runId, origin, previous, endedBy },
    since: row.since.toISOString(),
    until: row.until?.toISOString() ?? null,
    validation: row.validation,
    seed: row.seed,
    warm: row.configuration.warm ?? null,
  };
}

type Step = RetrainHistory['steps'][number];
type Point = RetrainHistory['cells'][number]['points'][number];

/**
 * What the champions cover, step by step. `champions`: all there ever were; `runs`: those that dealt with their data, oldest first; `test`: by figureKey, on the
 * test rows of the trials' own versions, which are the hold-out of the version that first champions begin with.
 */
export function buildHistory(
  champions: readonly ChampionRow[],
  runs: readonly ConcludedRun[],
  versions: readonly VersionGrowth[],
  test: ReadonlyMap<string, number>,
): RetrainHistory {
  const rowsOf = new Map(versions.map(({ version, rows }) => [version, rows]));
  const newestAt = (at: Date, otherwise: string) => runs.findLast(({ finishedAt }) => finishedAt <= at)?.toVersion ?? otherwise;
  const ofRuns = runs.map((run) => ({
    run,
    began: [] as ChampionRow[],
    step: stepOf(run.outcome, run.finishedAt, run.toVersion, run),
  }));
  const others = Map.groupBy(
    champions.filter(({ origin }) => origin === 'adopted' || origin === 'rollback'),
    ({ origin, since }) => `${origin} ${since.getTime()}`,
  );
  const beside = [...others.values()].map((began) => {
    const { origin, since, datasetVersion } = began[0] as ChampionRow;
    const version = origin === 'adopted' ? datasetVersion : newestAt(since, datasetVersion);
    return { run: null, began, step: stepOf(origin as 'adopted' | 'rollback', since, version, null) };
  });
  const all = [...ofRuns, ...beside].sort((a, b) => a.step.at.localeCompare(b.step.at));

  function stepOf(kind: Step['kind'], at: Date, version: string, run: ConcludedRun | null): Step {
    const rows = rowsOf.get(version) ?? null;
    return { kind, at: at.toISOString(), runId: run?.id ?? null, version, rows, verdict: run?.verdict ?? null };
  }

  const cells = [...Map.groupBy(champions, ({ method, k }) => `${method} ${k}`).values()].map((own) => {
    const { method, k } = own[0] as ChampionRow;
    const points: Point[] = [];
    all.forEach(({ run, began }, at) => {
      const point = run ? pointOfRun(run, own, test) : pointBeside(began, own);
      if (point) points.push({ step: at, ...point });
    });
    return { method, k, points };

    /** An adoption or a roll-back measures nothing: what was last found of the trial holds. */
    function pointBeside(began: readonly ChampionRow[], own: readonly ChampionRow[]): Omit<Point, 'step'> | null {
      const crowned = began.find((one) => own.includes(one));
      if (!crowned) return null;
      const { id: championId, trialId, origin, datasetVersion } = crowned;
      const onItsOwn = { coveredVariance: test.get(scoreKey(trialId, k)) ?? null, rows: null, measuredOn: datasetVersion };
      const { coveredVariance, rows, measuredOn } =
        points
          .flatMap(({ other, ...point }) => [point, ...(other ? [{ ...point, ...other }] : [])])
          .findLast((point) => point.trialId === trialId && point.coveredVariance !== null) ?? onItsOwn;
      const kind = origin as 'adopted' | 'rollback';
      return { kind, championId, trialId, coveredVariance, rows, measuredOn, other: null };
    }
  });
  cells.sort((a, b) => METHODS.indexOf(a.method) - METHODS.indexOf(b.method) || a.k - b.k);
  return { steps: all.map(({ step }) => step), cells };
}

/** What a run found of one method and width; null where it says nothing about it. `own`: all champions of these. */
function pointOfRun(
  { id, toVersion: measuredOn, challenges }: ConcludedRun,
  own: readonly ChampionRow[],
  test: ReadonlyMap<string, number>,
): Omit<Point, 'step'> | null {
  const { method, k } = own[0] as ChampionRow;
  const crowned = own.find(({ runId }) => runId === id);
  if (crowned?.origin === 'first') {
    const { id: championId, trialId } = crowned;
    const coveredVariance = test.get(scoreKey(trialId, k)) ?? null;
    return { kind: 'first', championId, trialId, coveredVariance, rows: null, measuredOn: crowned.datasetVersion, other: null };
  }
  const held = challenges?.find((one) => one.method === method && one.k === k);
  if (!held) return null;
  const { promoted, both, championId, championTrial, challengerTrial } = held;
  const champion = { trialId: championTrial, coveredVariance: both?.champion ?? null };
  const challenger = challengerTrial === null ? null : { trialId: challengerTrial, coveredVariance: both?.challenger ?? null };
  const rows = both?.rows ?? null;
  if (promoted && challenger)
    return { kind: 'promoted', championId: crowned?.id ?? null, ...challenger, rows, measuredOn, other: champion };
  return { kind: 'kept', championId, ...champion, rows, measuredOn, other: challenger };
}
