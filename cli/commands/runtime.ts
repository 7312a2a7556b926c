/** The servers and workers behind the other commands. */
import { type Command, Option } from 'commander';
import { NarrowsError } from '../../errors.ts';
import { connect } from '../../infra/connect.ts';
import { type Finding, runChecks } from '../../infra/doctor.ts';
import { type Environment, readEnvironment, readNotificationSettings } from '../../infra/env.ts';
import { readExternalServers, type ServerAddresses } from '../../infra/servers.ts';
import { ensureStack, readStackStatus, redactPassword, type StackStatus, stopStack } from '../../infra/stack/stack.ts';
import { WORKER_ENGINES, WORKER_ROLES, type WorkerEngine, type WorkerRole } from '../../infra/worker/role.ts';
import { tensorflowFolder } from '../../infra/worker/tensorflow-folder.ts';
import { openInBrowser } from '../browser.ts';
import { action, example } from '../command.ts';
import { type CliContext, Interrupted } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { localTime, table } from '../output/table.ts';

export function registerRuntime(program: Command): void {
  example(
    program
      .command('up')
      .option('--detach', 'return once everything runs')
      .option('--open', 'open the dashboards in the browser')
      .description('Start the embedded Temporal, Postgres, workers and dashboards, and keep them running.')
      .action(
        action<{ detach?: boolean; open?: boolean }>((context, { detach, open }) => up(context, detach ?? false, open ?? false)),
      ),
    'narrows up --detach',
  );
  example(
    program
      .command('down')
      .description('Stop the embedded servers and workers of this project, also after a crash. Data stay.')
      .action(action(down)),
    'narrows down',
  );
  example(
    program.command('status').description('Show which servers and workers run, and where.').action(action(status)),
    'narrows status --output json',
  );
  example(
    program.command('doctor').description('Check this machine; every finding comes with its fix.').action(action(doctor)),
    'narrows doctor',
  );
  example(
    program
      .command('worker')
      .addOption(new Option('--role <role>', 'which work to take').choices(WORKER_ROLES).default('all'))
      .addOption(new Option('--engine <engine>', 'what trains').choices(WORKER_ENGINES).default('auto'))
      .description('Take work from the task queues until stopped; on other machines, set both addresses.')
      .action(action<{ role: WorkerRole; engine: WorkerEngine }>((context, { role, engine }) => work(context, role, engine))),
    'NARROWS_DATABASE_URL=postgres://… TEMPORAL_ADDRESS=temporal.example:7233 narrows worker --role trainer',
  );
}

/** What `up` and `status` print. */
type Shown = Omit<StackStatus, 'state'> & { readonly state: StackStatus['state'] | 'external' };

async function up(context: CliContext, detach: boolean, open: boolean): Promise<void> {
  const environment = readEnvironment();
  if (readExternalServers(environment)) return status(context);
  const running = readStackStatus(environment);
  if (running.state === 'up') context.note('it is up already');
  else if (!detach && running.state === 'down' && (await superviseHere(context, environment, open))) return;
  // Somebody else starts it, or it is to run without this command.
  await ensureStack(environment, { note: (text) => context.note(text), signal: context.signal });
  showUp(context, readStackStatus(environment), open);
}

function showUp(context: CliContext, shown: Shown, open: boolean): void {
  show(context, shown);
  if (open && shown.dashboards !== null) openInBrowser(shown.dashboards);
}

/**
 * Runs the stack until Ctrl-C, then throws Interrupted. Returns false when another process was
 * faster.
 */
async function superviseHere(context: CliContext, environment: Environment, open: boolean): Promise<boolean> {
  const { supervise } = await import('../../infra/stack/supervisor.ts');
  try {
    await supervise({
      environment,
      signal: context.signal,
      note: (text) => context.note(text),
      onUp: () => {
        showUp(context, readStackStatus(environment), open);
        context.note('Ctrl-C stops everything');
      },
    });
  } catch (error) {
    if (error instanceof NarrowsError && error.code === 'already-up') return false;
    throw error;
  }
  throw new Interrupted();
}

async function down(context: CliContext): Promise<void> {
  const environment = readEnvironment();
  const stopped = await stopStack(environment);
  context.print({ home: environment.home, stopped }, () =>
    stopped.length === 0 ? 'nothing was running' : `stopped ${stopped.join(', ')}`,
  );
}

async function status(context: CliContext): Promise<void> {
  const environment = readEnvironment();
  if (!readExternalServers(environment)) return show(context, readStackStatus(environment));
  const connections = await connect(environment);
  await connections.close();
  show(context, external(environment, connections.servers));
}

function external({ home }: Environment, { temporal, databaseUrl }: ServerAddresses): Shown {
  return {
    state: 'external',
    home,
    startedAt: null,
    temporal: temporal.address ?? null,
    database: redactPassword(databaseUrl),
    dashboards: null,
    processes: [],
    leftBehind: [],
  };
}

function show(context: CliContext, shown: Shown): void {
  context.print(shown, () => {
    const lines = [`${shown.state}  ${shown.home}`];
    if (shown.startedAt !== null) lines.push(`since     ${localTime(new Date(shown.startedAt))}`);
    if (shown.temporal !== null) lines.push(`Temporal  ${shown.temporal}`);
    if (shown.database !== null) lines.push(`Postgres  ${shown.database}`);
    if (shown.dashboards !== null) lines.push(`dashboards ${shown.dashboards}`);
    if (shown.leftBehind.length > 0)
      lines.push(`left behind by a crash: ${shown.leftBehind.join(', ')}; "narrows down" ends them`);
    if (shown.processes.length === 0) return lines.join('\n');
    const processes = table(shown.processes, [
      { title: 'process', value: ({ name }) => name },
      { title: 'pid', value: ({ pid }) => pid },
      { title: 'state', value: ({ alive }) => (alive ? 'running' : 'restarting') },
      { title: 'restarts', value: ({ restarts }) => restarts },
    ]);
    return [...lines, '', processes].join('\n');
  });
}

async function doctor(context: CliContext): Promise<number> {
  const findings = await runChecks(readEnvironment());
  const healthy = findings.every(({ result }) => result !== 'failed');
  context.print({ healthy, findings }, () => findings.map((finding) => findingText(context, finding)).join('\n'));
  return healthy ? EXIT.ok : EXIT.failure;
}

function findingText({ colors }: CliContext, { check, result, detail, fix }: Finding): string {
  const paint = { ok: colors.green, warning: colors.yellow, failed: colors.red }[result];
  const line = `${paint(result.padEnd(8))} ${check.padEnd(9)} ${detail}`;
  return fix === null ? line : `${line}\n${' '.repeat(19)}fix: ${fix}`;
}

async function work(context: CliContext, role: WorkerRole, engine: WorkerEngine): Promise<void> {
  const environment = readEnvironment();
  const options = { note: (text: string) => context.note(text), signal: context.signal };
  const servers = readExternalServers(environment) ?? (await ensureStack(environment, options)).servers;
  // Loaded here because it brings the SDK's native library, which no other command needs.
  const { runWorker } = await import('../../infra/worker/worker.ts');
  await runWorker({
    servers,
    home: environment.home,
    role,
    engine,
    tensorflow: tensorflowFolder(environment),
    ...(role !== 'trainer' && { notifications: readNotificationSettings() }),
    signal: context.signal,
    onReady: () => context.note(`taking work (${role}) from Temporal at ${servers.temporal.address}; Ctrl-C stops`),
  });
  throw new Interrupted();
}
