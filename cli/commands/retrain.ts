import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { NarrowsError } from '../../errors.ts';
import { withServers } from '../../infra/sessions.ts';
import { availableProcessors } from '../../models/engines/processors.ts';
import {
  backfillRetraining,
  pauseRetraining,
  type RetrainingHistory,
  type RetrainingStatus,
  readRetraining,
  readRetrainingHistory,
  readRetrainings,
  removeRetraining,
  resumeRetraining,
  startRetraining,
} from '../../operations/retraining/retrainings.ts';
import { findRunByReference, type RetrainRunRow, readRunReport, triggerRun } from '../../operations/retraining/runs.ts';
import { listLostRuns } from '../../operations/retraining/schedules.ts';
import type { Servers } from '../../operations/servers.ts';
import { checkSpec } from '../../operations/sweeps/check.ts';
import { OVERLAPS, type RetrainOptions, SCOPES, type Schedule } from '../../search/retraining.ts';
import { formatDuration, shortVersion } from '../../text/format.ts';
import { describeOutcome, describeRun, describeSchedule } from '../../text/retraining.ts';
import { addCommand, option, parseDuration, parseMargin, parseProbability, parseTime, printTable } from '../command.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { formatTable, localTime } from '../output/table.ts';
import { readSpecs } from '../read-spec.ts';
import { watchRun } from '../watch-run.ts';

interface StartInputs
  extends Pick<RetrainOptions, 'settle' | 'margin' | 'alpha' | 'scope'>,
    Pick<Schedule, 'overlap' | 'catchUp' | 'jitter'> {
  readonly spec: string;
  readonly every?: number;
  readonly cron?: string;
  readonly watchDir?: string;
  readonly url?: string;
  readonly name?: string;
  readonly onlyOnDrift?: boolean;
  readonly adopt?: string;
}

/** Runs and events that `show` lists. */
const SHOWN = { runs: 20, events: 3 };

const NAME = [['<name>', 'the retraining']] as const;

export function register(program: Command): void {
  const retrain = program.command('retrain').description('Keep models up to date as data arrive: schedules, runs, champions.');

  addCommand<StartInputs>(retrain, {
    name: 'start',
    arguments: [['<spec>', 'a sweep spec, YAML or JSON']],
    options: [
      option('--every <time>', 'run this often: 30s, 15m, 1h, 7d', { parse: parseDuration }),
      option('--cron <expression>', 'or at these times, in UTC: "0 3 * * *"; "CRON_TZ=Europe/Berlin 0 4 * * *" in a zone'),
      option('--watch-dir <folder>', 'a folder whose subfolders are shards, as the orchestrator worker sees it'),
      option('--url <url>', 'a zip archive with a dataset folder in it'),
      option('--settle <time>', 'how long the files of a folder without SHA256SUMS must be unchanged', {
        parse: parseDuration,
        default: 10,
      }),
      option('--name <name>', "the retraining's name, instead of the spec's"),
      option('--margin <covered variance>', 'what a challenger may lose on the old hold-out', {
        parse: parseMargin,
        default: 0.003,
      }),
      option('--alpha <probability>', 'of a verdict of drift where there is none', {
        parse: parseProbability,
        default: 0.05,
      }),
      option('--scope <scope>', "what is trained: around the champions' configurations, or the whole sweep as well", {
        choices: SCOPES,
        default: 'champion',
      }),
      option('--only-on-drift', 'train only where drift is found'),
      option('--adopt <sweep>', 'take the best of a finished sweep as first champions'),
      option('--overlap <policy>', 'a start during a run: left out, or done afterwards', {
        choices: OVERLAPS,
        default: 'skip',
      }),
      option('--catch-up <time>', 'make up for starts missed no longer ago than this', {
        parse: parseDuration,
        default: 3600,
      }),
      option('--jitter <time>', 'start up to this much later, at random', { parse: parseDuration, default: 0 }),
    ],
    description: 'Retrain on a schedule; the first run trains the whole sweep.',
    examples: ['narrows retrain start examples/water/sweep.yaml --every 1h --watch-dir incoming'],
    run: start,
  });

  addCommand<{ name: string }>(retrain, {
    name: 'run',
    arguments: NAME,
    description: 'Start a run now, and follow it to its end.',
    examples: ['narrows retrain run water-waist'],
    run: (context, { name }) =>
      withServers(context, async (servers) => {
        const triggered = await triggerRun(servers, name, context.signal);
        return printRun(context, servers, await watchRun(context, servers, triggered));
      }),
  });

  addCommand(retrain, {
    name: 'ls',
    description: 'List retrainings and their schedules.',
    examples: ['narrows retrain ls'],
    run: (context) =>
      withServers(context, async (servers) =>
        printTable(
          context,
          await readRetrainings(servers),
          {
            name: ({ name }) => name,
            data: ({ dataset, target }) => `${dataset} ${target}`,
            schedule: ({ options, schedule }) =>
              `${describeSchedule(options.schedule)}${schedule === 'active' ? '' : `, ${schedule}`}`,
            next: ({ nextRun }) => nextRun && localTime(new Date(nextRun)),
            champions: ({ champions }) => champions,
            'last run': ({ lastRun }) => lastRun && `${lastRun.outcome}, ${localTime(lastRun.startedAt)}`,
          },
          'no retraining yet: narrows retrain start SPEC --every 1h',
        ),
      ),
  });

  addCommand<{ name: string; run?: string }>(retrain, {
    name: 'show',
    arguments: [...NAME, ['[run]', 'one of its runs: its id, or the end of its id']],
    description: 'Show the runs of a retraining, newest first, or what one run found and did.',
    examples: ['narrows retrain show water-waist'],
    run: (context, { name, run }) =>
      withServers(context, async (servers) => {
        if (run !== undefined) {
          await printRun(context, servers, await findRunByReference(servers, name, run));
          return;
        }
        const history = await readRetrainingHistory(servers, name, SHOWN);
        context.print(history, () => describeHistory(history));
      }),
  });

  for (const [name, description, change] of [
    ['pause', 'Start no more runs until resumed; a run under way goes on.', pauseRetraining],
    ['resume', 'Start runs again.', resumeRetraining],
  ] as const) {
    addCommand<{ name: string }>(retrain, {
      name,
      arguments: NAME,
      description,
      examples: [`narrows retrain ${name} water-waist`],
      run: (context, inputs) =>
        withServers(context, async (servers) => {
          await change(servers, inputs.name);
          printStatus(context, await readRetraining(servers, inputs.name));
        }),
    });
  }

  addCommand<{ name: string; from: Date; to: Date }>(retrain, {
    name: 'backfill',
    arguments: NAME,
    options: [
      option('--from <time>', 'ISO 8601: 2026-01-31T00:00:00Z', { parse: parseTime, mandatory: true }),
      option('--to <time>', 'ISO 8601', { parse: parseTime, mandatory: true }),
    ],
    description: "Start a run for each of the schedule's times in a range of the past, one after the other.",
    examples: ['narrows retrain backfill water-waist --from 2026-01-31T00:00:00Z --to 2026-01-31T06:00:00Z'],
    run: (context, { name, from, to }) =>
      withServers(context, async (servers) => {
        await backfillRetraining(servers, name, from, to);
        printStatus(context, await readRetraining(servers, name));
      }),
  });

  addCommand<{ name: string }>(retrain, {
    name: 'remove',
    arguments: NAME,
    description: 'Remove the schedule; champions and runs stay.',
    examples: ['narrows retrain remove water-waist'],
    run: (context, { name }) =>
      withServers(context, async (servers) => {
        await removeRetraining(servers, name);
        context.print({ name, removed: true }, () => `removed the schedule of ${name}; its champions stay`);
      }),
  });
}

async function start(context: CliContext, inputs: StartInputs): Promise<void> {
  const { specs, located } = await readSpecs(inputs.spec, inputs.name);
  const [spec, ...others] = specs;
  if (!spec || others.length > 0) {
    throw new NarrowsError('spec-invalid', 'a retraining has one target', {
      path: 'target',
      fix: 'name one target, and start one retraining each',
    });
  }
  const { settle, margin, alpha, scope, onlyOnDrift = false, url = null, adopt = null } = inputs;
  const watchDir = inputs.watchDir === undefined ? null : resolve(inputs.watchDir);
  const options = { watchDir, url, settle, margin, alpha, scope, onlyOnDrift, schedule: scheduleOf(inputs) };
  await withServers(context, async (servers) => {
    const checked = await located(() => checkSpec(servers, spec, availableProcessors()));
    for (const warning of checked.warnings) context.warn(warning);
    printStatus(context, await startRetraining(servers, { name: spec.name, checked, adopt, options }));
    await noteLostRuns(context, servers, spec.name);
    if (watchDir !== null && !existsSync(watchDir)) {
      context.warn(`${watchDir} does not exist on this machine; the orchestrator worker must be able to read it`);
    }
  });
}

/** Notes the runs that a change to summer time leaves out. */
async function noteLostRuns(context: CliContext, servers: Servers, name: string): Promise<void> {
  for (const { date, times } of await listLostRuns(servers, name)) {
    const [first = '', last = ''] = [times[0], times.at(-1)];
    const runs = times.length === 1 ? `the run at ${first} is` : `${times.length} runs from ${first} to ${last} are`;
    context.warn(`the clocks change on ${date}, and ${runs} left out; choose another hour, or UTC`);
  }
}

function scheduleOf({ every, cron, overlap, catchUp, jitter }: StartInputs): Schedule {
  if ((every === undefined) === (cron === undefined)) {
    throw new NarrowsError('schedule-invalid', 'name one of --every and --cron', { path: 'every', fix: 'add --every 1h' });
  }
  return { every: every ?? null, cron: cron ?? null, overlap, catchUp, jitter };
}

function describeStatus({ name, dataset, target, options, schedule, nextRun, champions }: RetrainingStatus): string {
  const sources = [options.watchDir, options.url].filter((source) => source !== null);
  const next = nextRun ? `, next ${localTime(new Date(nextRun))}` : '';
  return [
    `${name}: ${dataset} ${target}, ${describeSchedule(options.schedule)}, ${schedule}${next}`,
    `  sources: ${[...sources, `"narrows data append ${dataset} DIR"`].join(', ')}`,
    `  ${champions} ${champions === 1 ? 'champion' : 'champions'} in use`,
  ].join('\n');
}

function printStatus(context: CliContext, status: RetrainingStatus): void {
  context.print(status, () => describeStatus(status));
}

function describeHistory({ runs, events, ...status }: RetrainingHistory): string {
  const table = formatTable(runs, {
    run: ({ id }) => id,
    started: ({ startedAt }) => localTime(startedAt),
    outcome: ({ outcome }) => outcome,
    data: ({ toVersion }) => toVersion && shortVersion(toVersion),
    drift: ({ drift }) => drift?.verdict ?? null,
    '': ({ message }) => message,
  });
  const entries = events.map(({ at, text }) => `${localTime(at)}\n${text.replace(/^/gm, '  ')}`);
  return [describeStatus(status), runs.length === 0 ? 'no run yet' : table, ...entries].join('\n\n');
}

/** Returns 1 where the run failed. */
async function printRun(context: CliContext, servers: Servers, run: RetrainRunRow): Promise<number> {
  const report = await readRunReport(servers, run);
  const { id, name, outcome, fromVersion, toVersion, sweepIds, drift, challenges, message, startedAt, finishedAt } = report;
  const took = finishedAt ? `, ${formatDuration((finishedAt.getTime() - startedAt.getTime()) / 1000)}` : '';
  context.print(report, () =>
    [
      describeOutcome(name, outcome, challenges),
      `  run ${id}, ${localTime(startedAt)}${took}`,
      ...(toVersion ? [`  data ${fromVersion ? `${shortVersion(fromVersion)} -> ` : ''}${shortVersion(toVersion)}`] : []),
      ...(sweepIds ? [`  sweeps ${sweepIds.join(', ')}`] : []),
      describeRun(drift, challenges, message),
      ...report.events.filter(({ kind }) => kind !== outcome).map(({ text }) => text),
      ...report.messages.map(
        ({ channel, state, attempts, lastError }) =>
          `${channel}: ${state} after ${attempts} attempts${lastError ? `, ${lastError}` : ''}`,
      ),
    ].join('\n'),
  );
  return outcome === 'failed' || outcome === 'failed-source' ? EXIT.failure : EXIT.ok;
}
