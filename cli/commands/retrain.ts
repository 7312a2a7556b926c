import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type EventRow, listEvents, listEventsOfRun, listMessagesOfRun } from '../../db/queries/retraining/notifications.ts';
import { findRetraining, listRuns, type RetrainRunRow } from '../../db/queries/retraining/retrainings.ts';
import { NarrowsError } from '../../errors.ts';
import {
  backfillRetraining,
  findRunByReference,
  pauseRetraining,
  type RetrainingStatus,
  readRetraining,
  readRetrainings,
  removeRetraining,
  resumeRetraining,
  startRetraining,
  triggerRun,
} from '../../operations/retraining.ts';
import { checkSpec } from '../../operations/sweeps.ts';
import { OVERLAPS, SCOPES, type Schedule, type Scope } from '../../search/retraining.ts';
import { describeOutcome, describeRun, describeSchedule } from '../../text/retraining.ts';
import { action, example } from '../command.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { duration, localTime, table } from '../output/table.ts';
import { readSpecs } from '../read-spec.ts';
import { type CommandServers, withServers } from '../servers.ts';
import { watchRun } from '../watch-run.ts';

interface StartOptions {
  readonly every?: number;
  readonly cron?: string;
  readonly watchDir?: string;
  readonly url?: string;
  readonly settle: number;
  readonly name?: string;
  readonly margin: number;
  readonly alpha: number;
  readonly scope: Scope;
  readonly onlyOnDrift?: boolean;
  readonly adopt?: string;
  readonly overlap: Schedule['overlap'];
  readonly catchUp: number;
  readonly jitter: number;
}

/** Runs that `show` lists. */
const RUNS_SHOWN = 20;
/** What was told last. */
const EVENTS_SHOWN = 3;

export function registerRetrain(program: Command): void {
  const retrain = program.command('retrain').description('Keep models up to date as data arrive: schedules, runs, champions.');

  example(
    retrain
      .command('start')
      .argument('<spec>', 'a sweep spec, YAML or JSON')
      .option('--every <time>', 'fire this often: 30s, 15m, 1h, 7d', seconds)
      .option('--cron <expression>', 'or at these times, in UTC: "0 3 * * *"')
      .option('--watch-dir <folder>', 'a folder whose subfolders are shards, as the orchestrator worker sees it')
      .option('--url <url>', 'a zip archive with a dataset folder in it')
      .option('--settle <time>', 'how long the files of a folder without SHA256SUMS must be quiet', seconds, 10)
      .option('--name <name>', "the retraining's name, instead of the spec's")
      .option('--margin <covered variance>', 'what a challenger may lose on the old hold-out', positive, 0.003)
      .option('--alpha <probability>', 'of a verdict of drift where there is none', probability, 0.05)
      .addOption(
        new Option('--scope <scope>', "what is trained: around the champions' configurations, or the whole sweep as well")
          .choices(SCOPES)
          .default('champion'),
      )
      .option('--only-on-drift', 'train only where drift is found')
      .option('--adopt <sweep>', 'take the best of a finished sweep as first champions')
      .addOption(
        new Option('--overlap <policy>', 'a firing during a run: left out, or done afterwards').choices(OVERLAPS).default('skip'),
      )
      .option('--catch-up <time>', 'make up for firings missed no longer ago than this', seconds, 3600)
      .option('--jitter <time>', 'be late by up to this much, by chance', seconds, 0)
      .description('Retrain on a schedule; the first run trains the whole sweep.')
      .action(
        action<StartOptions>(async (context, options, file) => {
          const { specs, located } = await readSpecs(file as string, options.name);
          const [spec, ...others] = specs;
          if (!spec || others.length > 0) {
            throw new NarrowsError('spec-invalid', 'a retraining has one target', {
              path: 'target',
              fix: 'name one target, and start one retraining each',
            });
          }
          const schedule = scheduleOf(options);
          const { settle, margin, alpha, scope, onlyOnDrift = false } = options;
          return withServers(context, async (servers) => {
            const checked = await located(() => checkSpec(servers.db, spec, availableParallelism()));
            const row = await startRetraining(servers, {
              name: spec.name,
              checked,
              adopt: options.adopt ?? null,
              options: {
                watchDir: options.watchDir === undefined ? null : resolve(options.watchDir),
                url: options.url ?? null,
                ...{ settle, margin, alpha, scope, onlyOnDrift, schedule },
              },
            });
            printStatus(context, await readRetraining(servers, row));
            const { watchDir } = row.options;
            if (watchDir !== null && !existsSync(watchDir)) {
              const warning = context.colors.yellow('warning');
              context.note(
                `${warning}: ${watchDir} is not there on this machine; the orchestrator worker must be able to read it`,
              );
            }
          });
        }),
      ),
    'narrows retrain start examples/water/sweep.yaml --every 1h --watch-dir incoming',
  );

  example(
    retrain
      .command('run')
      .argument('<name>', 'the retraining')
      .description('Fire now, and follow the run to its end.')
      .action(
        action(async (context, _options, name) =>
          withServers(context, async (servers) => {
            const run = await watchRun(context, servers, await triggerRun(servers, name as string, context.signal));
            return printRun(context, servers, run);
          }),
        ),
      ),
    'narrows retrain run water-waist',
  );

  example(
    retrain
      .command('ls')
      .description('List retrainings and their schedules.')
      .action(
        action(async (context) => {
          await withServers(context, async (servers) => {
            const statuses = await readRetrainings(servers);
            context.printList(statuses, () =>
              statuses.length === 0
                ? 'no retraining yet: narrows retrain start SPEC --every 1h'
                : table(statuses, [
                    { title: 'name', value: ({ name }) => name },
                    { title: 'data', value: ({ dataset, target }) => `${dataset} ${target}` },
                    {
                      title: 'schedule',
                      value: ({ options, schedule }) =>
                        `${describeSchedule(options.schedule)}${schedule === 'active' ? '' : `, ${schedule}`}`,
                    },
                    { title: 'next', value: ({ nextRun }) => (nextRun ? localTime(new Date(nextRun)) : null) },
                    { title: 'champions', value: ({ champions }) => champions },
                    {
                      title: 'last run',
                      value: ({ lastRun }) => lastRun && `${lastRun.outcome}, ${localTime(lastRun.startedAt)}`,
                    },
                  ]),
            );
          });
        }),
      ),
    'narrows retrain ls',
  );

  example(
    retrain
      .command('show')
      .argument('<name>', 'the retraining')
      .argument('[run]', 'one of its runs: its id, or the end of its id')
      .description('Show the runs of a retraining, newest first, or what one run found and did.')
      .action(
        action(async (context, _options, name, reference) =>
          withServers(context, async (servers) => {
            if (reference !== undefined) {
              await printRun(context, servers, await findRunByReference(servers.db, name as string, reference));
              return;
            }
            const row = await findRetraining(servers.db.sql, name as string);
            const [status, runs, events] = await Promise.all([
              readRetraining(servers, row),
              listRuns(servers.db.sql, row.name, RUNS_SHOWN),
              listEvents(servers.db.sql, row.name, EVENTS_SHOWN),
            ]);
            context.print({ ...status, runs, events }, () =>
              [statusText(status), runsText(runs), ...events.map(eventText)].join('\n\n'),
            );
          }),
        ),
      ),
    'narrows retrain show water-waist',
  );

  for (const [name, description, work] of [
    ['pause', 'Fire no more, until resumed; a run under way goes on.', pauseRetraining],
    ['resume', 'Fire again.', resumeRetraining],
  ] as const) {
    example(
      retrain
        .command(name)
        .argument('<name>', 'the retraining')
        .description(description)
        .action(
          action(async (context, _options, which) =>
            withServers(context, async (servers) => {
              await work(servers, which as string);
              printStatus(context, await readRetraining(servers, await findRetraining(servers.db.sql, which as string)));
            }),
          ),
        ),
      `narrows retrain ${name} water-waist`,
    );
  }

  example(
    retrain
      .command('backfill')
      .argument('<name>', 'the retraining')
      .requiredOption('--from <time>', 'ISO 8601: 2026-01-31T00:00:00Z', moment)
      .requiredOption('--to <time>', 'ISO 8601', moment)
      .description('Fire for the times of the schedule in a range of the past, one after the other.')
      .action(
        action<{ from: Date; to: Date }>(async (context, { from, to }, name) =>
          withServers(context, async (servers) => {
            await backfillRetraining(servers, name as string, from, to);
            printStatus(context, await readRetraining(servers, await findRetraining(servers.db.sql, name as string)));
          }),
        ),
      ),
    'narrows retrain backfill water-waist --from 2026-01-31T00:00:00Z --to 2026-01-31T06:00:00Z',
  );

  example(
    retrain
      .command('remove')
      .argument('<name>', 'the retraining')
      .description('Remove the schedule; champions and runs stay.')
      .action(
        action(async (context, _options, name) =>
          withServers(context, async (servers) => {
            await removeRetraining(servers, name as string);
            context.print({ name, removed: true }, () => `${name} is not retrained any more; its champions stay`);
          }),
        ),
      ),
    'narrows retrain remove water-waist',
  );
}

function scheduleOf({ every, cron, overlap, catchUp, jitter }: StartOptions): Schedule {
  if ((every === undefined) === (cron === undefined)) {
    throw new NarrowsError('schedule-invalid', 'name one of --every and --cron', { path: 'every', fix: 'add --every 1h' });
  }
  return { every: every ?? null, cron: cron ?? null, overlap, catchUp, jitter };
}

function statusText({ name, dataset, target, options, schedule, nextRun, champions }: RetrainingStatus): string {
  const sources = [options.watchDir, options.url].filter((source) => source !== null);
  return [
    `${name}: ${dataset} ${target}, ${describeSchedule(options.schedule)}, ${schedule}${nextRun ? `, next ${localTime(new Date(nextRun))}` : ''}`,
    `  sources: ${[...sources, `"narrows data append ${dataset} DIR"`].join(', ')}`,
    `  ${champions} ${champions === 1 ? 'champion' : 'champions'} in use`,
  ].join('\n');
}

function printStatus(context: CliContext, status: RetrainingStatus): void {
  context.print(status, () => statusText(status));
}

function runsText(runs: readonly RetrainRunRow[]): string {
  if (runs.length === 0) return 'no run yet';
  return table(runs, [
    { title: 'run', value: ({ id }) => id },
    { title: 'started', value: ({ startedAt }) => localTime(startedAt) },
    { title: 'outcome', value: ({ outcome }) => outcome },
    { title: 'data', value: ({ toVersion }) => toVersion?.slice(0, 12) ?? null },
    { title: 'drift', value: ({ drift }) => drift?.verdict ?? null },
    { title: '', value: ({ message }) => message },
  ]);
}

const eventText = ({ at, text }: EventRow): string => `${localTime(at)}\n${text.replace(/^/gm, '  ')}`;

/** 1 where the run failed. */
async function printRun(context: CliContext, { db }: CommandServers, run: RetrainRunRow): Promise<number> {
  const [events, messages] = await Promise.all([listEventsOfRun(db.sql, run.id), listMessagesOfRun(db.sql, run.id)]);
  const { id, name, outcome, fromVersion, toVersion, sweepIds, drift, challenges, message, startedAt, finishedAt } = run;
  context.print({ ...run, events, messages }, () =>
    [
      describeOutcome(name, outcome, challenges),
      `  run ${id}, ${localTime(startedAt)}${finishedAt ? `, ${duration((finishedAt.getTime() - startedAt.getTime()) / 1000)}` : ''}`,
      ...(toVersion ? [`  data ${fromVersion ? `${fromVersion.slice(0, 12)} -> ` : ''}${toVersion.slice(0, 12)}`] : []),
      ...(sweepIds ? [`  sweeps ${sweepIds.join(', ')}`] : []),
      describeRun(drift, challenges, message),
      ...events.filter(({ kind }) => kind !== outcome).map(({ text }) => text),
      ...messages.map(
        ({ channel, state, attempts, lastError }) =>
          `${channel}: ${state} after ${attempts} attempts${lastError ? `, ${lastError}` : ''}`,
      ),
    ].join('\n'),
  );
  return outcome === 'failed' || outcome === 'failed-source' ? EXIT.failure : EXIT.ok;
}

/** '90', '30s', '15m', '1h', '7d' in seconds. */
function seconds(text: string): number {
  const [, count, unit = 's'] = /^(\d+)([smhd]?)$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError(`"${text}" is no time such as 30s, 15m, 1h or 7d.`);
  return Number(count) * { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }[unit as '' | 's' | 'm' | 'h' | 'd'];
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError(`"${text}" is no number of at least 0.`);
  return value;
}

function probability(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError(`"${text}" is no probability between 0 and 1.`);
  return value;
}

function moment(text: string): Date {
  const value = new Date(text);
  if (Number.isNaN(value.getTime())) throw new InvalidArgumentError(`"${text}" is no time such as 2026-01-31T00:00:00Z.`);
  return value;
}
