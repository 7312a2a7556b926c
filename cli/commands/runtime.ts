/** Commands about the embedded servers and this machine. */
import type { Command } from 'commander';
import { NarrowsError } from '../../errors.ts';
import { connect, noteHome } from '../../infra/connect.ts';
import { type Finding, runChecks } from '../../infra/doctor.ts';
import { type Environment, readEnvironment } from '../../infra/env.ts';
import type { TerminalText } from '../../infra/output.ts';
import { readExternalServers, type ServerAddresses } from '../../infra/servers.ts';
import { askStack, ensureStack, readStackStatus, redactUrl, type StackStatus, stopStack } from '../../infra/stack/stack.ts';
import { openInBrowser } from '../browser.ts';
import { addCommand, option } from '../command.ts';
import { type CliContext, runService } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { formatTable, localTime } from '../output/table.ts';

export function register(program: Command): void {
  addCommand<UpOptions>(program, {
    name: 'up',
    cleansUp: true,
    options: [
      option('--detach', 'return once everything runs'),
      option('--open', 'open the dashboards in the browser'),
      option('--trust', 'start a database that was made elsewhere, e.g. restored from a backup: it can run programs'),
    ],
    description: 'Start the embedded Temporal, Postgres, workers and dashboards, and keep them running.',
    examples: ['narrows up --detach'],
    run: startStack,
  });
  addCommand(program, {
    name: 'down',
    description: 'Stop the embedded servers and workers of this project, also after a crash. Data stay.',
    examples: ['narrows down'],
    run: stopServers,
  });
  addCommand(program, {
    name: 'status',
    description: 'Show which servers and workers run, and where.',
    examples: ['narrows status --output json'],
    run: printServers,
  });
  addCommand(program, {
    name: 'doctor',
    description: 'Check this machine; every finding comes with its fix.',
    examples: ['narrows doctor'],
    run: checkMachine,
  });
}

interface UpOptions {
  readonly detach?: boolean;
  readonly open?: boolean;
  readonly trust?: boolean;
}

/** Data that `up` and `status` print. */
type Shown = Omit<StackStatus, 'state'> & { readonly state: StackStatus['state'] | 'external' };

async function startStack(context: CliContext, { detach = false, open = false, trust = false }: UpOptions): Promise<void> {
  const environment = readEnvironment();
  if (readExternalServers(environment)) return printServers(context);
  noteHome(environment, context);
  const running = readStackStatus(environment);
  if (running.state === 'up') context.note('the servers are up already');
  else if (!detach && running.state === 'down') {
    const ended = await runService(superviseHere(context, environment, open, trust));
    if (ended !== 'elsewhere') return;
  }
  // Another process starts it, or it is to run without this command.
  await ensureStack(environment, { note: (text) => context.note(text), signal: context.signal, trust });
  showStarted(context, await askStack(environment), open);
}

function showStarted(context: CliContext, shown: Shown, open: boolean): void {
  show(context, shown);
  if (open && shown.dashboards !== null) openInBrowser(shown.dashboards);
}

/** Runs the stack until it throws Interrupted; `elsewhere`: another process was faster. */
async function superviseHere(
  context: CliContext,
  environment: Environment,
  open: boolean,
  trust: boolean,
): Promise<'here' | 'elsewhere'> {
  const { supervise } = await import('../../infra/stack/supervisor.ts');
  try {
    await supervise({
      environment,
      signal: context.signal,
      trust,
      note: (text) => context.note(text),
      onUp: () => {
        showStarted(context, readStackStatus(environment), open);
        context.note('Ctrl-C stops everything');
      },
    });
  } catch (error) {
    if (error instanceof NarrowsError && error.code === 'already-up') return 'elsewhere';
    throw error;
  }
  context.signal.throwIfAborted();
  return 'here';
}

async function stopServers(context: CliContext): Promise<void> {
  const environment = readEnvironment();
  noteHome(environment, context);
  const stopped = await stopStack(environment, context);
  context.print({ home: environment.home, stopped }, () =>
    stopped.length === 0 ? 'no server was running' : `stopped ${stopped.join(', ')}`,
  );
}

async function printServers(context: CliContext): Promise<void> {
  const environment = readEnvironment();
  if (!readExternalServers(environment)) return show(context, await askStack(environment));
  const connections = await connect(environment);
  await connections.close();
  show(context, external(environment, connections.servers));
}

function external({ home }: Environment, { temporal, databaseUrl }: ServerAddresses): Shown {
  return {
    state: 'external',
    home,
    heldBy: null,
    startedAt: null,
    temporal: temporal.address ?? null,
    database: redactUrl(databaseUrl),
    dashboards: null,
    processes: [],
    leftBehind: [],
  };
}

function show(context: CliContext, shown: Shown): void {
  context.print(shown, () => {
    const lines = [`${shown.state}  ${shown.home}`];
    if (shown.heldBy !== null)
      lines.push(`in use by process ${shown.heldBy.pid} on ${shown.heldBy.host}, out of reach from here`);
    if (shown.startedAt !== null) lines.push(`since     ${localTime(new Date(shown.startedAt))}`);
    if (shown.temporal !== null) lines.push(`Temporal  ${shown.temporal}`);
    if (shown.database !== null) lines.push(`Postgres  ${shown.database}`);
    if (shown.dashboards !== null) lines.push(`dashboards ${shown.dashboards}`);
    if (shown.leftBehind.length > 0)
      lines.push(`left behind by a crash: ${shown.leftBehind.join(', ')}; "narrows down" ends them`);
    if (shown.processes.length === 0) return lines.join('\n');
    const processes = formatTable(shown.processes, {
      process: ({ name }) => name,
      pid: ({ pid }) => pid,
      state: ({ alive, answers = true }) => (!alive ? 'restarting' : answers ? 'running' : 'not answering'),
      restarts: ({ restarts }) => restarts,
    });
    return [...lines, '', processes].join('\n');
  });
}

async function checkMachine(context: CliContext): Promise<number> {
  const findings = await runChecks(readEnvironment());
  const healthy = findings.every(({ result }) => result !== 'failed');
  context.print({ healthy, findings }, () =>
    findings.map((finding, i) => [i === 0 ? '' : '\n', ...findingText(context, finding)]),
  );
  return healthy ? EXIT.ok : EXIT.failure;
}

function findingText({ colors }: CliContext, { check, result, detail, fix }: Finding): TerminalText[] {
  const paint = { ok: colors.green, warning: colors.yellow, failed: colors.red }[result];
  const line = ` ${check.padEnd(9)} ${detail}`;
  return [{ text: result.padEnd(8), paint }, fix === null ? line : `${line}\n${' '.repeat(19)}fix: ${fix}`];
}
