import type { Command } from 'commander';
import { NarrowsError } from '../../errors.ts';
import { readCodeVersion } from '../../infra/code-version.ts';
import { type ServerSession, withServers, withStorage } from '../../infra/sessions.ts';
import { availableProcessors } from '../../models/engines/processors.ts';
import type { CellEffort } from '../../models/evaluation/comparison.ts';
import { objectiveOf } from '../../models/evaluation/objectives.ts';
import { type PlanReport, verifyPlan } from '../../operations/lifecycle/plan-checks.ts';
import type { RungReport } from '../../operations/lifecycle/rung-checks.ts';
import { type ChosenSweep, planSweepRemoval } from '../../operations/lifecycle/sweeps.ts';
import { rolesWithoutWorker } from '../../operations/queues.ts';
import type { Servers } from '../../operations/servers.ts';
import { type CheckedSpec, checkSpecs } from '../../operations/sweeps/check.ts';
import { controlSweep, STATE_AFTER, type SweepAction } from '../../operations/sweeps/control.ts';
import { enqueuePoints } from '../../operations/sweeps/enqueue.ts';
import { type Extension, planExtension, resumeExtension } from '../../operations/sweeps/extend.ts';
import { findFarRowWarnings } from '../../operations/sweeps/far-rows.ts';
import { retrySweep, startSweep } from '../../operations/sweeps/start.ts';
import { listSweepStatuses, readEffort, readSweep, type SweepStatus } from '../../operations/sweeps/status.ts';
import { enqueuedLists } from '../../search/continuing/enqueue.ts';
import type { ExtensionRequest } from '../../search/continuing/extension.ts';
import type { Point } from '../../search/parameters.ts';
import type { ProposedPoint } from '../../search/proposals.ts';
import { isDefaultRoute, routesOf } from '../../search/routes.ts';
import { isAdaptive, weighedObjectives } from '../../search/samplers/table.ts';
import { DEFAULT_BEST, DEFAULT_PRIORITY, DEFAULT_WEIGHT, type StatedSpec, type SweepSpec } from '../../search/spec.ts';
import { countExpected, countFinished, isFinished } from '../../search/states.ts';
import { ruleOf, stoppingOf } from '../../search/stopping/table.ts';
import { describeBudgetPlan } from '../../text/budget.ts';
import { describeEfforts } from '../../text/effort.ts';
import { describeEstimate } from '../../text/estimate.ts';
import { countOf, formatDuration, formatElapsed, formatVersion } from '../../text/format.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { describeWaiting } from '../../text/trainers.ts';
import { describeWidthSearch, describeWidths } from '../../text/widths.ts';
import { addCommand, option, parseCount, parseCounts, parseSeeds, printTable } from '../command.ts';
import { confirm } from '../confirm.ts';
import { type CliContext, Interrupted, OutputClosed } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { localTime } from '../output/table.ts';
import { readSpecs } from '../read-spec.ts';
import { REMOVAL_OPTIONS, type RemovalOptions, removeChosen } from '../removal.ts';
import { watchSweep } from '../watch.ts';
import { describeMissingWorkers, noteMissingWorkers } from '../workers.ts';

const SPEC = [['<spec>', 'a sweep spec, YAML or JSON']] as const;
const SWEEP = [['<sweep>', 'id or name']] as const;
const WATCH = option('--watch', 'follow it until it ends');
const FROM = [
  option('--from <sweep>', "start from the best configurations that this sweep has found, instead of the spec's `from`"),
  option('--best <n>', `how many of each method and width (default: ${DEFAULT_BEST})`, { parse: parseCount }),
] as const;

interface FromOptions {
  readonly from?: string;
  readonly best?: number;
}

export function register(program: Command): void {
  const sweeps = program.command('sweep').description('Plan, start, follow and control sweeps.');

  addCommand<{ spec: string } & FromOptions>(sweeps, {
    name: 'plan',
    arguments: SPEC,
    options: FROM,
    description: 'Check a spec and show what it would train, without starting anything.',
    examples: ['narrows sweep plan examples/water/sweep.yaml'],
    async run(context, { spec, ...from }) {
      const { specs, located } = await readSpecs(spec);
      const wanted = withSource(specs, from);
      await withStorage(context, async (storage) =>
        printPlans(context, await located(() => checkSpecs(storage, wanted, availableProcessors()))),
      );
    },
  });

  addCommand<{ spec: string; name?: string; watch?: boolean; dryRun?: boolean } & FromOptions>(sweeps, {
    name: 'start',
    arguments: SPEC,
    options: [
      option('--name <name>', "the name of the sweep, instead of the spec's"),
      ...FROM,
      WATCH,
      option('--dry-run', 'plan only'),
    ],
    description: 'Start a sweep; one per target.',
    examples: ['narrows sweep start examples/water/sweep.yaml --watch'],
    async run(context, { spec, name, watch, dryRun, ...from }) {
      const { specs: stated, located } = await readSpecs(spec, name);
      const specs = withSource(stated, from);
      return withServers(context, async (servers) => {
        const checked = await located(() => checkSpecs(servers, specs, availableProcessors()));
        if (dryRun) {
          printPlans(context, checked);
          return EXIT.ok;
        }
        warnOfSpecs(context, checked);
        const ids: string[] = [];
        for (const one of checked) ids.push(await startSweep(servers, one, readCodeVersion()));
        return showStarted(context, servers, ids, watch);
      });
    },
  });

  addCommand<{ sweep: string; name?: string; watch?: boolean; dryRun?: boolean } & ExtensionRequest>(sweeps, {
    name: 'extend',
    arguments: SWEEP,
    options: [
      option('--trials <n>', 'trials in all, those that it has among them', { parse: parseCount }),
      option('--seeds <seeds>', 'a number of seeds or a list, those that it has among them: 10', { parse: parseSeeds }),
      option('--k <widths>', 'all widths and ranks: 1,2,3', { parse: parseCounts }),
      option('--epochs <n>', 'those that it has: others would change what was trained', { parse: parseCount }),
      option('--name <name>', 'the name of the larger sweep, instead of its own'),
      WATCH,
      option('--dry-run', 'plan only'),
    ],
    description: 'Start a larger sweep, whose trials that this one has are not trained again.',
    examples: ['narrows sweep extend demo --seeds 10 --dry-run'],
    run: (context, { sweep, watch, dryRun, name, trials, seeds, k, epochs }) =>
      withServers(context, async (servers) => {
        const request = { name, trials, seeds, k, epochs };
        const earlier = dryRun ? null : await resumeExtension(servers, sweep, request);
        if (earlier !== null) {
          context.note(`this extension was started before, as ${earlier}; nothing else is started`);
          return showStarted(context, servers, [earlier], watch);
        }
        const extension = await planExtension(servers, sweep, request, availableProcessors());
        const { checked } = extension;
        if (dryRun) {
          const { parent, adopted, trained } = extension;
          const plan = { ...planOf(checked), extends: parent.id, adopted, trained };
          context.print(plan, () => [describeAdopting(checked), `  ${describeExtension(extension)}`].join('\n'));
          warnOfPlans(context, [checked]);
          return EXIT.ok;
        }
        warnOfSpecs(context, [checked]);
        context.note(describeExtension(extension));
        const id = await startSweep(servers, checked, readCodeVersion(), extension.id);
        return showStarted(context, servers, [id], watch);
      }),
  });

  addCommand<{ sweep: string; point: string[]; cell?: string[] }>(sweeps, {
    name: 'enqueue',
    arguments: SWEEP,
    options: [
      option('--point <points...>', "points as a spec lists them: '{ learningRate: 0.01 }'", { mandatory: true }),
      option('--cell <cells...>', 'for these methods and widths alone: ednn/2 eca'),
    ],
    description: 'Give points to a running sweep whose sampler learns; they are trained next.',
    examples: ["narrows sweep enqueue demo --point '{ learningRate: 0.01 }'"],
    run: (context, { sweep, point, cell = [] }) =>
      withStorage(context, async ({ db }) => {
        // With a parser of YAML, which commands that read no spec need not load.
        const { readPoint } = await import('../../operations/specs.ts');
        const given = await enqueuePoints(db, sweep, point.map(readPoint), cell);
        context.printList(given.map(pointOf), () =>
          given.map((one) => `${one.cell}: point ${one.point} is ${formatPoint(one.value)}`).join('\n'),
        );
      }),
  });

  addCommand(sweeps, {
    name: 'ls',
    description: 'List sweeps, newest first.',
    examples: ['narrows sweep ls'],
    run: (context) =>
      withStorage(context, async ({ db, connectTemporal }) =>
        printTable(
          context,
          await listSweepStatuses(db, connectTemporal),
          {
            sweep: ({ sweepId }) => sweepId,
            name: ({ name }) => name,
            state: ({ state, message }) => (isFinished(state) || message === null ? state : `${state}, lost`),
            trials: ({ counts }) => `${countFinished(counts)} of ${countExpected(counts)}`,
            data: ({ dataset, target }) => `${dataset.name} ${target}`,
            started: ({ startedAt }) => localTime(new Date(startedAt)),
          },
          'no sweep yet: narrows sweep start SPEC',
        ),
      ),
  });

  addCommand<{ sweep: string }>(sweeps, {
    name: 'show',
    arguments: SWEEP,
    description: 'Show the state and progress of a sweep.',
    examples: ['narrows sweep show demo'],
    run: (context, { sweep }) =>
      withServers(context, async (servers) => {
        const status = await statusOf(servers, sweep);
        const effort = await readEffort(servers.db, status.sweepId);
        printStatuses(context, [{ ...status, effort }]);
        for (const warning of await findFarRowWarnings(servers.db.sql, status.sweepId)) context.warn(warning);
        if (status.state === 'running' && status.message === null && status.counts.running === 0)
          await noteMissingWorkers(context, servers);
      }),
  });

  addCommand<{ sweep: string }>(sweeps, {
    name: 'watch',
    arguments: SWEEP,
    description: 'Follow a sweep until it ends; Ctrl-C stops watching, not the sweep.',
    examples: ['narrows sweep watch demo'],
    run: (context, { sweep }) =>
      withServers(context, async (servers) => {
        const { sweepId } = await follow(context, servers, sweep);
        return printStatuses(context, [await statusOf(servers, sweepId)]);
      }),
  });

  for (const [name, description] of [
    ['pause', 'Pause a sweep; packs under way resume from their checkpoints later.'],
    ['resume', 'Resume a paused sweep.'],
  ] as const) {
    addCommand<{ sweep: string }>(sweeps, {
      name,
      arguments: SWEEP,
      description,
      examples: [`narrows sweep ${name} demo`],
      run: (context, { sweep }) => withServers(context, (servers) => control(context, servers, sweep, name)),
    });
  }

  addCommand<{ sweep: string; yes?: boolean; dryRun?: boolean }>(sweeps, {
    name: 'cancel',
    arguments: SWEEP,
    options: [option('--yes', 'do not ask'), option('--dry-run', 'show what would be cancelled')],
    description: 'Cancel a sweep; trials that have ended are kept.',
    examples: ['narrows sweep cancel demo --yes'],
    run: (context, { sweep, yes, dryRun }) =>
      withServers(context, async (servers) => {
        const status = await statusOf(servers, sweep);
        const { name, counts } = status;
        if (dryRun) return showStatuses(context, [status]);
        const question = `Cancel ${name}, ${countFinished(counts)} of ${countExpected(counts)} trials done?`;
        if (!yes && !(await confirm(context, question))) return EXIT.ok;
        return control(context, servers, status.sweepId, 'cancel');
      }),
  });

  addCommand<{ sweeps: string[] } & RemovalOptions>(sweeps, {
    name: 'rm',
    arguments: [['<sweeps...>', 'ids or names']],
    options: REMOVAL_OPTIONS,
    description: 'Remove sweeps that have ended, with their trials and models.',
    examples: ['narrows sweep rm demo --yes'],
    run: (context, { sweeps: named, ...options }) =>
      withStorage(context, async (storage) => {
        const plan = await planSweepRemoval(storage.db, named);
        if (!options.dryRun) return removeChosen(context, storage, plan, options);
        const { db } = storage;
        const read = async ({ sweepId, trials, bytes }: ChosenSweep) => ({
          ...(await readSweep({ db, temporal: null }, sweepId)).status,
          ...{ trials, bytes },
        });
        return showStatuses(context, await Promise.all(plan.sweeps.map(read)));
      }),
  });

  addCommand<{ sweep: string }>(sweeps, {
    name: 'verify',
    arguments: SWEEP,
    description: 'Recompute proposals of adaptive samplers and decisions at rungs, and compare the trials with the plan.',
    examples: ['narrows sweep verify demo'],
    run: (context, { sweep }) =>
      withStorage(context, async ({ db }) => {
        const report = await verifyPlan(db, sweep, context.signal);
        context.print(report, () => describePlanReport(report));
        return report.identical ? EXIT.ok : EXIT.failure;
      }),
  });

  addCommand<{ sweep: string; failed?: boolean; watch?: boolean }>(sweeps, {
    name: 'retry',
    arguments: SWEEP,
    options: [option('--failed', 'only failed trials, not those that never ran'), WATCH],
    description: 'Train failed trials again, and those that never ran.',
    examples: ['narrows sweep retry demo --failed'],
    run: (context, { sweep, failed = false, watch }) =>
      withServers(context, async (servers) => {
        const { row } = await readSweep({ db: servers.db, temporal: null }, sweep);
        if (!(await retrySweep(servers, row, failed))) {
          context.note(`${row.name} has no failed or missing trial`);
          return printStatuses(context, [await statusOf(servers, row.id)]);
        }
        if (row.state === 'paused')
          context.note(`the sweep is paused: "narrows sweep resume ${row.id}" trains what is to be trained again`);
        if (watch) await follow(context, servers, row.id);
        else await noteMissingWorkers(context, servers);
        return printStatuses(context, [await statusOf(servers, row.id)]);
      }),
  });
}

/** Returns the specs with the sweep to start from that options name. Throws `from-missing`. */
function withSource(specs: readonly StatedSpec[], { from: sweep, best }: FromOptions): StatedSpec[] {
  return specs.map((spec) => {
    const stated = sweep === undefined ? spec.from : { sweep, best: spec.from?.best ?? DEFAULT_BEST };
    if (stated !== undefined) return { ...spec, from: { ...stated, ...(best !== undefined && { best }) } };
    if (best === undefined) return spec;
    throw new NarrowsError('from-missing', '--best counts configurations of a sweep to start from, and none is named', {
      path: 'best',
      fix: 'add --from SWEEP',
    });
  });
}

/** Prints sweeps that were started; with `watch`, once they have ended. Returns the exit code. */
async function showStarted(
  context: CliContext,
  servers: ServerSession,
  ids: readonly string[],
  watch: boolean | undefined,
): Promise<number> {
  if (watch) for (const id of ids) await follow(context, servers, id);
  else if (!servers.started) await noteMissingWorkers(context, servers);
  return printStatuses(context, await Promise.all(ids.map((id) => statusOf(servers, id))));
}

/** Watches a sweep, and says that it goes on where watching is interrupted. */
async function follow(context: CliContext, servers: Servers, idOrName: string): Promise<SweepStatus> {
  try {
    return await watchSweep(context, servers, idOrName);
  } catch (error) {
    if (error instanceof Interrupted && !(error instanceof OutputClosed))
      context.note(`the sweep goes on: "narrows sweep watch ${idOrName}" follows it, "narrows sweep cancel ${idOrName}" ends it`);
    throw error;
  }
}

const statusOf = async (servers: Servers, idOrName: string): Promise<SweepStatus> => (await readSweep(servers, idOrName)).status;

/** Maximum time that a command waits for a sweep: many trainers hear of it within 16 s. */
const ACTION_TIMEOUT_MS = 30_000;

async function control(context: CliContext, servers: Servers, idOrName: string, action: SweepAction): Promise<number> {
  const missing = await rolesWithoutWorker(servers);
  const timeoutMs = missing.includes('orchestrator') ? 0 : ACTION_TIMEOUT_MS;
  try {
    const status = await controlSweep(servers, idOrName, action, timeoutMs);
    if (status.state !== STATE_AFTER[action]) throw actionPendingError(status, action, missing);
    return printStatuses(context, [status]);
  } catch (error) {
    // A sweep that has ended need not be cancelled.
    if (action !== 'cancel' || !(error instanceof NarrowsError) || error.code !== 'sweep-ended') throw error;
    return printStatuses(context, [await statusOf(servers, idOrName)]);
  }
}

function actionPendingError({ name, state }: SweepStatus, action: SweepAction, missing: readonly string[]): NarrowsError {
  const reason = missing.length > 0 ? describeMissingWorkers(missing) : `no answer within ${ACTION_TIMEOUT_MS / 1000} s`;
  return new NarrowsError('action-pending', `${name} is still ${state}: ${reason}`, {
    path: 'sweep',
    fix: `the request to ${action} it is kept, and takes effect when a worker runs; see "narrows sweep show ${name}"`,
    kind: 'unreachable',
  });
}

/** A status, with the effort by method and width where it is shown. */
type ShownStatus = SweepStatus & { readonly effort?: readonly CellEffort[] };

/** Returns 1 where a sweep failed, 4 where one ended without some of its trials. */
function showStatuses(context: CliContext, statuses: readonly ShownStatus[]): number {
  const text = () => statuses.map(describeStatus).join('\n\n');
  const [only] = statuses;
  if (statuses.length === 1) context.print(only, text);
  else context.printList(statuses, text);
  return EXIT.ok;
}

/** As showStatuses; the exit code says how the sweeps ended. */
function printStatuses(context: CliContext, statuses: readonly ShownStatus[]): number {
  showStatuses(context, statuses);
  if (statuses.some(({ state }) => state === 'failed')) return EXIT.failure;
  return statuses.some(({ state }) => state === 'partial') ? EXIT.partial : EXIT.ok;
}

function describeStatus(status: ShownStatus): string {
  const { sweepId, name, state, message, counts, dataset, target, startedAt, secondsLeft } = status;
  const { waiting, weight, priority, sampler, proposals, effort = [], sufficientWidths = [] } = status;
  const others = (['running', 'pruned', 'diverged', 'failed'] as const)
    .filter((key) => counts[key] > 0)
    .map((key) => `, ${counts[key]} ${key}`);
  const leftOut = counts.leftOut > 0 ? `, ${counts.leftOut} left out` : '';
  const left = secondsLeft ? `, about ${formatDuration(secondsLeft)} left` : '';
  return [
    `${name} (${sweepId}) is ${state}`,
    ...(message === null ? [] : [`  reason: ${message}`]),
    `  ${counts.completed} of ${countExpected(counts)} trials completed${others.join('')}${leftOut}`,
    `  ${formatVersion(dataset.name, dataset.version)}, target ${target}`,
    `  sampler ${sampler}${proposals ? `, ${proposals.made} of ${proposals.planned} configurations proposed` : ''}`,
    ...waiting.map((trials) => `  ${describeWaiting(trials)}`),
    ...describeEfforts(effort).map((line) => `  ${line}`),
    ...(weight === DEFAULT_WEIGHT && priority === DEFAULT_PRIORITY ? [] : [`  weight ${weight}, priority ${priority}`]),
    `  started ${localTime(new Date(startedAt))}, ${formatElapsed(status)}${left}`,
    ...describeWidths(sufficientWidths, isFinished(state)).map((sentence) => `  ${sentence}`),
  ].join('\n');
}

const planOf = ({ spec, dataset, plan, estimate, budget, warnings, waiting }: CheckedSpec) => ({
  ...{ name: spec.name, dataset, target: spec.target, sampler: spec.sampler.kind, enqueue: spec.enqueue ?? [] },
  ...{ ...plan, estimatedSeconds: estimate.seconds, estimate },
  budget,
  warnings,
  waiting,
});

function describeExtension({ parent, adopted, trained, checked }: Extension): string {
  // A search for widths leaves some out.
  const others = `${checked.spec.space.auto ? 'at most ' : ''}${countOf(trained, 'trial')} to be trained`;
  return `${countOf(adopted, 'trial')} of ${parent.name} (${parent.id}) ${adopted === 1 ? 'is' : 'are'} adopted, ${others}`;
}

/** Describes the plan of an extension without its enqueued points, which it adopts. */
function describeAdopting(checked: CheckedSpec): string {
  const { enqueue: _, ...spec } = checked.spec;
  return describePlan({ ...checked, spec });
}

function printPlans(context: CliContext, checked: readonly CheckedSpec[]): void {
  context.printList(checked.map(planOf), () => checked.map(describePlan).join('\n\n'));
  warnOfPlans(context, checked);
}

function warnOfPlans(context: CliContext, checked: readonly CheckedSpec[]): void {
  warnOfSpecs(context, checked);
  for (const { spec, waiting } of checked) for (const trials of waiting) context.warn(`${spec.name}: ${describeWaiting(trials)}`);
}

function warnOfSpecs(context: CliContext, checked: readonly CheckedSpec[]): void {
  for (const { spec, warnings } of checked) for (const warning of warnings) context.warn(`${spec.name}: ${warning}`);
}

function describePlan({ spec, dataset, plan, estimate, budget }: CheckedSpec): string {
  const { trials, configurations, seeds, partitions, methods, rungs, packs } = plan;
  const widths = describeWidthSearch(spec.space);
  const repeated = partitions === 1 ? '' : ` x ${partitions} ${spec.split.folds ? 'folds' : 'repeats'}`;
  return [
    `${spec.name}: ${countOf(trials, 'trial')} = ${countOf(configurations, 'configuration')} x ${countOf(seeds, 'seed')}${repeated}, on ${formatVersion(dataset.name, dataset.version)} ${spec.target}`,
    `  ${methods.map((one) => `${METHOD_STYLES[one.method].label} ${one.trials}`).join(', ')}`,
    ...(budget === null ? [] : [`  budget: ${describeBudgetPlan(budget)}`]),
    ...describeSampler(spec, rungs[0]?.packSize ?? 1),
    ...(widths === null ? [] : [`  widths: ${widths}`]),
    ...describeRoutes(spec),
    ...describeStarts(spec),
    ...describeRungs(spec, rungs),
    `  ${countOf(packs, 'pack')}, ${describeEstimate(estimate)}`,
  ].join('\n');
}

/** Lists the rungs; the first has all trials, the others may have other numbers than planned. */
function describeRungs(spec: SweepSpec, [first, ...others]: CheckedSpec['plan']['rungs']): string[] {
  const stopping = stoppingOf(spec);
  if (!stopping || !first) return [];
  const bound = spec.halving?.asynchronous ? 'at least ' : ruleOf(stopping).isOpenEnded ? 'at most ' : '';
  const listed = others.map(({ trials, untilEpoch }) => `${bound}${trials} to epoch ${untilEpoch}`);
  return [`  rungs: ${[`${first.trials} to epoch ${first.untilEpoch}`, ...listed].join(', ')}`];
}

function describePlanReport({ name, sampler, trials, proposals, rungs, first }: PlanReport): string {
  const read = `${countOf(proposals, 'proposal')} and ${countOf(trials, 'trial')} of ${name} (sampler ${sampler})`;
  const plan = first === null ? `${read} are the same bit for bit` : `${first.subject} differs: ${first.problem}\nin ${read}`;
  return rungs === null ? plan : `${plan}\n${describeRungReport(rungs)}`;
}

/** Says what was verified of the decisions at rungs. */
function describeRungReport({ rule, check, decisions, unverified }: RungReport): string {
  const checked = `${countOf(decisions, 'decision')} of ${rule} at rungs`;
  const how =
    check === 'recomputed'
      ? `${checked} recomputed from scores and curves`
      : `${checked} checked against all orders in which trials can have ended: which scores each saw is not recorded`;
  if (unverified === 0) return how;
  return `${how}\n${unverified} of them not verified: scores of now decide otherwise, and retried trials may have arrived later`;
}

/** Says how the points of an adaptive sampler come about. */
function describeSampler({ sampler, seeds }: SweepSpec, packSize: number): string[] {
  if (!isAdaptive(sampler)) return [];
  const { kind, startup } = sampler;
  const sources = 'share' in sampler && sampler.share ? 'scores of all widths of a method' : 'scores';
  const points = countOf(Math.max(1, Math.floor(packSize / seeds.length)), 'point');
  const weighed = weighedObjectives(sampler)?.map((name) => objectiveOf(name).label);
  return [
    `  sampler: ${kind}, from ${sources} after ${startup} random points of each method and width; ${points} in a pack`,
    ...(weighed ? [`  objectives: ${weighed.join(', ')}`] : []),
  ];
}

/** Lists the trainers that the methods go to, where the spec asks for some. */
function describeRoutes(spec: SweepSpec): string[] {
  const routes = routesOf(spec);
  if (isDefaultRoute(routes)) return [];
  return routes.map(({ class: name, engine, methods }) => {
    const labels = methods.map((method) => METHOD_STYLES[method].label).join(', ');
    return `  trainers: ${labels} on class ${name}${engine === null ? '' : `, engine ${engine}`}`;
  });
}

const pointOf = ({ cell, point, value }: ProposedPoint) => ({ cell, point, value });

/** Lists the points that the spec names, and the models that trials start from. */
function describeStarts(spec: SweepSpec): string[] {
  const { sampler, warm } = spec;
  return [
    ...(sampler.kind === 'list' ? sampler.points.map((point) => `  point: ${formatPoint(point)}`) : []),
    ...enqueuedLists(spec).flatMap(({ cell, points }) =>
      points.map((point) => `  enqueued${cell === null ? '' : ` for ${cell}`}: ${formatPoint(point)}`),
    ),
    ...Object.entries(warm ?? {}).map(([cell, trial]) => `  warm: ${cell} from the model of ${trial}`),
  ];
}

/** 'learningRate 0.01, hidden 64-64'. */
function formatPoint(point: Partial<Point>): string {
  const given = Object.entries(point).map(([name, value]) => `${name} ${Array.isArray(value) ? value.join('-') : value}`);
  return given.length === 0 ? 'as the space has it' : given.join(', ');
}
