/** Formats rows of retrainings, and builds the history of their champions. */
import type { VersionGrowth } from '../../../db/queries/datasets/datasets.ts';
import type { ChampionRow } from '../../../db/queries/retraining/champions.ts';
import type { EventRow, MessageRow } from '../../../db/queries/retraining/notifications.ts';
import { type ConcludedRun, scoreKey } from '../../../db/queries/retraining/pages.ts';
import type { RetrainingRow, RetrainRunRow, ShardRow } from '../../../db/queries/retraining/retrainings.ts';
import { compareCells } from '../../../models/methods/catalogue.ts';
import type { ScheduleStatus } from '../../../operations/retraining/schedules.ts';
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

/** `schedule` is null if Temporal did not respond. */
export function formatRetraining(
  row: RetrainingRow,
  schedule: ScheduleStatus | null,
  { champions, lastRun }: { readonly champions: number; readonly lastRun: RetrainRunRow | null },
  newest: VersionGrowth | null,
): Retraining {
  const { name, dataset, target, options, createdAt, removedAt } = row;
  return {
    ...{ name, dataset, target },
    schedule: {
      state: removedAt ? 'removed' : (schedule?.state ?? 'unknown'),
      words: describeSchedule(options.schedule),
      next: removedAt ? [] : (schedule?.next ?? []).map((at) => at.toISOString()),
    },
    ...{ watchDir: options.watchDir, url: options.url, champions },
    lastRun: lastRun && formatRun(lastRun),
    newest: newest && formatVersion(newest),
    createdAt: createdAt.toISOString(),
    removedAt: removedAt?.toISOString() ?? null,
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
    ...{ validation: row.validation, seed: row.seed, warm: row.configuration.warm ?? null },
  };
}

type Step = RetrainHistory['steps'][number];
type Point = RetrainHistory['cells'][number]['points'][number];

/**
 * Builds the covered variance of champions, step by step. `champions`: all there ever were; `runs`:
 * those that evaluated their data, oldest first; `testScores` by scoreKey, on the test rows of the
 * trial's own version, which are the hold-out of first champions.
 */
export function buildHistory(
  champions: readonly ChampionRow[],
  runs: readonly ConcludedRun[],
  versions: readonly VersionGrowth[],
  testScores: ReadonlyMap<string, number>,
): RetrainHistory {
  const rowsOf = new Map(versions.map(({ version, rows }) => [version, rows]));
  const newestAt = (at: Date, fallback: string) => runs.findLast(({ finishedAt }) => finishedAt <= at)?.toVersion ?? fallback;

  function createStep(kind: Step['kind'], at: Date, version: string, run: ConcludedRun | null): Step {
    const rows = rowsOf.get(version) ?? null;
    return { kind, at: at.toISOString(), runId: run?.id ?? null, version, rows, verdict: run?.verdict ?? null };
  }

  const runSteps = runs.map((run) => ({
    run,
    started: [] as ChampionRow[],
    step: createStep(run.outcome, run.finishedAt, run.toVersion, run),
  }));
  const manual = Map.groupBy(
    champions.filter(({ origin }) => origin === 'adopted' || origin === 'rollback'),
    ({ origin, since }) => `${origin} ${since.getTime()}`,
  );
  const manualSteps = [...manual.values()].map((started) => {
    const { origin, since, datasetVersion } = started[0] as ChampionRow;
    const version = origin === 'adopted' ? datasetVersion : newestAt(since, datasetVersion);
    return { run: null, started, step: createStep(origin as 'adopted' | 'rollback', since, version, null) };
  });
  const steps = [...runSteps, ...manualSteps].sort((a, b) => a.step.at.localeCompare(b.step.at));

  const cells = [...Map.groupBy(champions, ({ method, k }) => `${method} ${k}`).values()].map((own) => {
    const { method, k } = own[0] as ChampionRow;
    const points: Point[] = [];
    steps.forEach(({ run, started }, step) => {
      const point = run ? pointOfRun(run, own, testScores) : manualPoint(started, own, points, testScores);
      if (point) points.push({ step, ...point });
    });
    return { method, k, points };
  });
  return { steps: steps.map(({ step }) => step), cells: cells.sort(compareCells) };
}

/**
 * Returns the point of an adoption or a roll-back, which measures nothing: it repeats the last
 * score of the trial. `own`: all champions of the method and width; `points`: its earlier points.
 */
function manualPoint(
  started: readonly ChampionRow[],
  own: readonly ChampionRow[],
  points: readonly Point[],
  testScores: ReadonlyMap<string, number>,
): Omit<Point, 'step'> | null {
  const champion = started.find((one) => own.includes(one));
  if (!champion) return null;
  const { id: championId, k, trialId, origin, datasetVersion } = champion;
  const ownTest = { coveredVariance: testScores.get(scoreKey(trialId, k)) ?? null, rows: null, measuredOn: datasetVersion };
  const { coveredVariance, rows, measuredOn } =
    points
      .flatMap(({ other, ...point }) => [point, ...(other ? [{ ...point, ...other }] : [])])
      .findLast((point) => point.trialId === trialId && point.coveredVariance !== null) ?? ownTest;
  return { kind: origin as 'adopted' | 'rollback', championId, trialId, coveredVariance, rows, measuredOn, other: null };
}

/** Returns what a run found for a method and width, null if nothing. `own`: all their champions. */
function pointOfRun(
  { id, toVersion: measuredOn, challenges }: ConcludedRun,
  own: readonly ChampionRow[],
  testScores: ReadonlyMap<string, number>,
): Omit<Point, 'step'> | null {
  const { method, k } = own[0] as ChampionRow;
  const started = own.find(({ runId }) => runId === id);
  if (started?.origin === 'first') {
    const { id: championId, trialId } = started;
    const coveredVariance = testScores.get(scoreKey(trialId, k)) ?? null;
    return { kind: 'first', championId, trialId, coveredVariance, rows: null, measuredOn: started.datasetVersion, other: null };
  }
  const challenge = challenges?.find((one) => one.method === method && one.k === k);
  if (!challenge) return null;
  const { promoted, both, championId, championTrial, challengerTrial } = challenge;
  const champion = { trialId: championTrial, coveredVariance: both?.champion ?? null };
  const challenger = challengerTrial === null ? null : { trialId: challengerTrial, coveredVariance: both?.challenger ?? null };
  const rows = both?.rows ?? null;
  if (promoted && challenger)
    return { kind: 'promoted', championId: started?.id ?? null, ...challenger, rows, measuredOn, other: champion };
  return { kind: 'kept', championId, ...champion, rows, measuredOn, other: challenger };
}
