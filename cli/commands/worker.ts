/** The command that runs a worker. */
import type { Command } from 'commander';
import { NarrowsError } from '../../errors.ts';
import { noteHome } from '../../infra/connect.ts';
import {
  readEnvironment,
  readGracePeriod,
  readLogFormat,
  readNotificationSettings,
  readOperatingAddress,
  readPrivateSources,
  readThreads,
  readVersioning,
} from '../../infra/env.ts';
import { openHealth, serveHealth } from '../../infra/health.ts';
import { createLogger, type Logger } from '../../infra/logger.ts';
import { readExternalServers } from '../../infra/servers.ts';
import { asRole, ensureStack } from '../../infra/stack/stack.ts';
import { WORKER_ENGINES, WORKER_ROLES, type WorkerEngine, type WorkerRole } from '../../infra/worker/role.ts';
import { tensorflowFolder } from '../../infra/worker/tensorflow-folder.ts';
import { addCommand, option, parseClass, parseCount, parseDuration, parsePort } from '../command.ts';
import { type CliContext, runService, withLogger } from '../context.ts';
import { type MetricsInputs, metricsOptions, serveMetricsOf } from '../metrics.ts';

interface WorkerOptions extends MetricsInputs {
  readonly role: WorkerRole;
  readonly engine: WorkerEngine;
  readonly healthPort?: number;
  readonly healthHost?: string;
  readonly grace?: number;
  readonly threads?: number;
  readonly class?: string;
}

export function register(program: Command): void {
  addCommand<WorkerOptions>(program, {
    name: 'worker',
    cleansUp: true,
    isService: true,
    options: [
      option('--role <role>', 'which work to take', { choices: WORKER_ROLES, default: 'all' }),
      option('--class <name>', 'class of the trainer, which takes the sweeps that ask for it (default: cpu)', {
        parse: parseClass,
      }),
      option('--engine <engine>', 'what trains', { choices: WORKER_ENGINES, default: 'auto' }),
      option('--threads <count>', 'threads of the kernel (default: one per processor that it may use)', { parse: parseCount }),
      option('--health-port <port>', 'answer /livez and /readyz here; 0 for any free port (default: nowhere)', {
        parse: parsePort,
      }),
      option('--health-host <address>', 'address of that port (default: 127.0.0.1)'),
      ...metricsOptions(),
      option('--grace <duration>', 'time to hand work back after SIGTERM: 60s (default: 15s)', { parse: parseDuration }),
    ],
    description: 'Take work from the task queues until stopped; on other machines, set both addresses.',
    examples: [
      'NARROWS_DATABASE_URL=postgres://… TEMPORAL_ADDRESS=temporal.example:7233 narrows worker --role trainer',
      'narrows worker --role trainer --class gpu --engine tfjs',
    ],
    run: (context, options) => {
      const logger = createLogger(options.role, readLogFormat());
      return runService(takeWork(withLogger(context, logger), options, logger));
    },
  });
}

async function takeWork(context: CliContext, options: WorkerOptions, logger: Logger): Promise<void> {
  const { role, engine, healthPort, healthHost, grace, threads, class: trainerClass } = options;
  if (threads !== undefined) requireThreads(role, engine);
  if (trainerClass !== undefined) requireTrainer(role);
  const environment = readEnvironment();
  await using resources = new AsyncDisposableStack();
  const health = openHealth(context.signal, logger);
  const probed = readOperatingAddress('health', { port: healthPort, host: healthHost });
  if (probed !== null) {
    // Before the work: a worker that starts lives, and is not ready.
    const { url } = resources.use(await serveHealth(health, probed));
    context.note(`answering probes at ${url}/livez and /readyz`);
  }
  const measured = await serveMetricsOf(context, options, { scope: 'worker', role, home: environment.home, health });
  resources.use(measured);
  const external = readExternalServers(environment);
  if (!external) noteHome(environment, context);
  const servers = external ?? asRole(environment, (await ensureStack(environment, context)).servers, 'worker');
  const work = trainerClass === undefined ? role : `${role}, class ${trainerClass}`;
  // Loaded here: it brings the SDK's native library, which no other command needs.
  const { runWorker } = await import('../../infra/worker/worker.ts');
  await runWorker({
    servers,
    home: environment.home,
    userCache: environment.userCache,
    role,
    engine,
    ...(trainerClass !== undefined && { trainerClass }),
    tensorflow: tensorflowFolder(environment),
    ...(role !== 'trainer' && { notifications: readNotificationSettings(), privateSources: readPrivateSources() }),
    // The embedded servers belong to one build at a time.
    versioning: external ? readVersioning() : null,
    threads: readThreads(threads),
    graceSeconds: readGracePeriod(grace),
    signal: context.signal,
    onReady: () => context.note(`taking work (${work}) from Temporal at ${servers.temporal.address}; Ctrl-C stops`),
    health,
    ...(measured && { metrics: measured.metrics }),
    logger,
  });
  context.signal.throwIfAborted();
}

/** Throws NarrowsError `class-unused` where the worker does not train. */
function requireTrainer(role: WorkerRole): void {
  if (role !== 'orchestrator') return;
  throw new NarrowsError('class-unused', '--class has no effect: an orchestrator trains nothing', {
    path: '--class',
    fix: 'leave it out, or use --role trainer',
  });
}

/** Throws NarrowsError `threads-unused` where the worker does not train with the kernel. */
function requireThreads(role: WorkerRole, engine: WorkerEngine): void {
  const reason =
    role === 'orchestrator'
      ? 'an orchestrator trains nothing'
      : engine === 'tfjs' || engine === 'null'
        ? `the engine ${engine} has no threads to be set`
        : null;
  if (reason === null) return;
  throw new NarrowsError('threads-unused', `--threads has no effect: ${reason}`, { path: '--threads', fix: 'leave it out' });
}
