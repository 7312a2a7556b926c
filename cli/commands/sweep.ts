import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { findSweep, listSweeps } from '../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../errors.ts';
import { readCodeVersion } from '../../infra/code-version.ts';
import {
  type CheckedSpec,
  checkSpecs,
  controlSweep,
  readSweep,
  retrySweep,
  type SweepAction,
  type SweepStatus,
  startSweep,
} from '../../operations/sweeps.ts';
import type { Point, SweepSpec } from '../../search/spec.ts';
import { countFinished } from '../../search/states.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { action, example } from '../command.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { duration, localTime, table } from '../output/table.ts';
import { readSpecs } from '../read-spec.ts';
import { type CommandServers, withDatabase, withServers } from '../servers.ts';
import { watchSweep } from '../watch.ts';

export function registerSweep(program: Command): void {
  const sweep = program.command('sweep').description('Plan, start, follow and steer sweeps.');

  example(
    sweep
      .command('plan')
      .argument('<spec>', 'a sweep spec, YAML or JSON')
      .description('Check a spec and say what it would train, without starting anything.')
      .action(
        action(async (context, _options, file) => {
          const { specs, located } = await readSpecs(file as string);
          await withDatabase(context, async ({ db }) => {
            const checked = await located(() => checkSpecs(db, specs, availableParallelism()));
            printPlans(context, checked);
          });
        }),
      ),
    'narrows sweep plan examples/water/sweep.yaml',
  );

  example(
    sweep
      .command('start')
      .argument('<spec>', 'a sweep spec, YAML or JSON')
      .option('--name <name>', "the name of the sweep, instead of the spec's")
      .option('--watch', 'follow it until it ends')
      .option('--dry-run', 'plan only')
      .description('Start a sweep; one per target.')
      .action(
        action<{ name?: string; watch?: boolean; dryRun?: boolean }>(async (context, { name, watch, dryRun }, file) => {
          const { specs, located } = await readSpecs(file as string, name);
          return withServers(context, async (servers) => {
            const checked = await located(() => checkSpecs(servers.db, specs, availableParallelism()));
            if (dryRun) {
              printPlans(context, checked);
              return EXIT.ok;
            }
            const ids: string[] = [];
            for (const one of checked) ids.push(await startSweep(servers, one, readCodeVersion()));
            if (watch) for (const id of ids) await watchSweep(context, servers.db, id);
            return printStatuses(context, await Promise.all(ids.map((id) => statusOf(servers, id))));
          });
        }),
      ),
    'narrows sweep start examples/water/sweep.yaml --watch',
  );

  example(
    sweep
      .command('ls')
      .description('List sweeps, newest first.')
      .action(
        action(async (context) => {
          await withDatabase(context, async ({ db }) => {
            const rows = await listSweeps(db.sql);
            const statuses = await Promise.all(rows.map(async ({ id }) => (await readSweep({ db, temporal: null }, id)).status));
            context.printList(statuses, () =>
              statuses.length === 0
                ? 'no sweep yet: narrows sweep start SPEC'
                : table(statuses, [
                    { title: 'sweep', value: ({ sweepId }) => sweepId },
                    { title: 'name', value: ({ name }) => name },
                    { title: 'state', value: ({ state }) => state },
                    { title: 'trials', value: ({ counts }) => `${countFinished(counts)} of ${counts.planned}` },
                    { title: 'data', value: ({ dataset, target }) => `${dataset.name} ${target}` },
                    { title: 'started', value: ({ startedAt }) => localTime(new Date(startedAt)) },
                  ]),
            );
          });
        }),
      ),
    'narrows sweep ls',
  );

  example(
    sweep
      .command('show')
      .argument('<sweep>', 'id or name')
      .description('Show where a sweep stands.')
      .action(
        action(async (context, _options, id) =>
          withServers(context, async (servers) => void printStatuses(context, [await statusOf(servers, id as string)])),
        ),
      ),
    'narrows sweep show demo',
  );

  example(
    sweep
      .command('watch')
      .argument('<sweep>', 'id or name')
      .description('Follow a sweep until it ends; Ctrl-C stops watching, not the sweep.')
      .action(
        action(async (context, _options, id) =>
          withServers(context, async (servers) => {
            const { sweepId } = await watchSweep(context, servers.db, id as string);
            return printStatuses(context, [await statusOf(servers, sweepId)]);
          }),
        ),
      ),
    'narrows sweep watch demo',
  );

  for (const [name, description] of [
    ['pause', 'Pause a sweep; packs under way go on from their checkpoints later.'],
    ['resume', 'Resume a paused sweep.'],
  ] as const) {
    example(
      sweep
        .command(name)
        .argument('<sweep>', 'id or name')
        .description(description)
        .action(
          action(async (context, _options, id) => withServers(context, (servers) => steer(context, servers, id as string, name))),
        ),
      `narrows sweep ${name} demo`,
    );
  }

  example(
    sweep
      .command('cancel')
      .argument('<sweep>', 'id or name')
      .option('--yes', 'do not ask')
      .option('--dry-run', 'say what would be cancelled')
      .description('Cancel a sweep; what has ended is kept.')
      .action(
        action<{ yes?: boolean; dryRun?: boolean }>(async (context, { yes, dryRun }, id) =>
          withServers(context, async (servers) => {
            const status = await statusOf(servers, id as string);
            if (dryRun) return printStatuses(context, [status]);
            if (
              !yes &&
              !(await agrees(
                context,
                `Cancel ${status.name}, ${countFinished(status.counts)} of ${status.counts.planned} trials done?`,
              ))
            )
              return EXIT.ok;
            return steer(context, servers, status.sweepId, 'cancel');
          }),
        ),
      ),
    'narrows sweep cancel demo --yes',
  );

  example(
    sweep
      .command('retry')
      .argument('<sweep>', 'id or name')
      .option('--failed', 'only what failed, not what never ran')
      .option('--watch', 'follow it until it ends')
      .description('Train again what failed, and what never ran.')
      .action(
        action<{ failed?: boolean; watch?: boolean }>(async (context, { failed, watch }, id) =>
          withServers(context, async (servers) => {
            const row = await findSweep(servers.db.sql, id as string);
            await retrySweep(servers, row, failed ?? false);
            if (watch) await watchSweep(context, servers.db, row.id);
            return printStatuses(context, [await statusOf(servers, row.id)]);
          }),
        ),
      ),
    'narrows sweep retry demo --failed',
  );
}

async function statusOf({ db, temporal }: CommandServers, id: string): Promise<SweepStatus> {
  return (await readSweep({ db, temporal }, id)).status;
}

async function steer(context: CliContext, servers: CommandServers, id: string, act: SweepAction): Promise<number> {
  try {
    return printStatuses(context, [await controlSweep(servers, id, act)]);
  } catch (error) {
    // What was to end has ended.
    if (act !== 'cancel' || !(error instanceof NarrowsError) || error.code !== 'sweep-ended') throw error;
    return printStatuses(context, [await statusOf(servers, id)]);
  }
}

async function agrees(context: CliContext, question: string): Promise<boolean> {
  if (process.stdin.isTTY !== true || !context.interactive) {
    throw new NarrowsError('needs-yes', 'this needs a yes, and there is no terminal to ask', { fix: 'add --yes' });
  }
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal: context.signal })).trim());
  } finally {
    lines.close();
  }
}

/** 4 where a sweep ended without some of its trials. */
function printStatuses(context: CliContext, statuses: readonly SweepStatus[]): number {
  const text = () => statuses.map(describe).join('\n\n');
  const [only] = statuses;
  if (statuses.length === 1) context.print(only, text);
  else context.printList(statuses, text);
  if (statuses.some(({ state }) => state === 'failed')) return EXIT.failure;
  return statuses.some(({ state }) => state === 'partial') ? EXIT.partial : EXIT.ok;
}

function describe({
  sweepId,
  name,
  state,
  counts,
  dataset,
  target,
  startedAt,
  secondsElapsed,
  secondsLeft,
}: SweepStatus): string {
  const others = (['running', 'pruned', 'diverged', 'failed'] as const)
    .filter((key) => counts[key] > 0)
    .map((key) => `, ${counts[key]} ${key}`);
  return [
    `${name} (${sweepId}) is ${state}`,
    `  ${counts.completed} of ${counts.planned} trials completed${others.join('')}`,
    `  ${dataset.name}@${dataset.version.slice(0, 12)}, target ${target}`,
    `  started ${localTime(new Date(startedAt))}, ${duration(secondsElapsed)}${secondsLeft ? `, about ${duration(secondsLeft)} left` : ''}`,
  ].join('\n');
}

function printPlans(context: CliContext, checked: readonly CheckedSpec[]): void {
  const plans = checked.map(({ spec, dataset, plan }) => ({ name: spec.name, dataset, target: spec.target, ...plan }));
  context.printList(plans, () =>
    plans
      .map(({ name, dataset, target, trials, configurations, seeds, methods, rungs, packs, estimatedSeconds }, at) =>
        [
          `${name}: ${trials} trials = ${configurations} configurations x ${seeds} seeds, on ${dataset.name}@${dataset.version.slice(0, 12)} ${target}`,
          `  ${methods.map((one) => `${METHOD_STYLES[one.method].label} ${one.trials}`).join(', ')}`,
          ...startLines((checked[at] as CheckedSpec).spec),
          ...(rungs.length > 1
            ? [`  rungs: ${rungs.map((rung) => `${rung.trials} to epoch ${rung.untilEpoch}`).join(', ')}`]
            : []),
          `  ${packs} packs, roughly ${duration(estimatedSeconds)} on this machine`,
        ].join('\n'),
      )
      .join('\n\n'),
  );
}

/** Points that the spec lists, and the models that trials start from. */
function startLines({ sampler, warm }: SweepSpec): string[] {
  const points = sampler.kind === 'list' ? sampler.points.map((point) => `  point: ${pointText(point)}`) : [];
  return [...points, ...Object.entries(warm ?? {}).map(([cell, trial]) => `  warm: ${cell} from the model of ${trial}`)];
}

/** 'learningRate 0.01, hidden 64-64'. */
function pointText(point: Partial<Point>): string {
  const given = Object.entries(point).map(([name, value]) => `${name} ${Array.isArray(value) ? value.join('-') : value}`);
  return given.length === 0 ? 'as the space has it' : given.join(', ');
}
