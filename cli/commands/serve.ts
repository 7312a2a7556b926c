/** The command that serves the dashboards and the HTTP API. */
import type { Command } from 'commander';
import { NarrowsError } from '../../errors.ts';
import { createPageBuilder } from '../../infra/api/pages.ts';
import { connectToStack } from '../../infra/connect.ts';
import {
  type Environment,
  readAdminToken,
  readDrainPeriod,
  readEnvironment,
  readLogFormat,
  readOperatingAddress,
} from '../../infra/env.ts';
import { createLogger, type Logger, logErrors } from '../../infra/logger.ts';
import { LOOPBACK } from '../../infra/processes/ports.ts';
import { readExternalServers } from '../../infra/servers.ts';
import { askProcesses, asRole, readStackStatus } from '../../infra/stack/stack.ts';
import { ensureAdminToken } from '../../operations/tokens.ts';
import { openInBrowser } from '../browser.ts';
import { addCommand, option, parseDuration, parsePort } from '../command.ts';
import { type CliContext, pause, runService, waitForInterrupt, withLogger } from '../context.ts';
import { type MetricsInputs, metricsOptions, serveMetricsOf } from '../metrics.ts';

interface ServeOptions extends MetricsInputs {
  readonly host?: string;
  readonly port?: number;
  readonly tokens?: boolean;
  readonly proxyHeader?: string;
  readonly proxyUserHeader?: string;
  readonly proxyAddress?: readonly string[];
  readonly allowHost?: readonly string[];
  readonly open?: boolean;
  readonly drain?: number;
  readonly adminTokenFile?: string;
}

export function register(program: Command): void {
  addCommand<ServeOptions>(program, {
    name: 'serve',
    isService: true,
    options: [
      option('--host <address>', `address to listen on; others than this machine need tokens (default: ${LOOPBACK})`),
      option('--port <port>', '0 for any free one (default: 8622)', { parse: parsePort }),
      option('--tokens', 'ask for a token on this machine too'),
      option('--admin-token-file <file>', "make this file's token valid, with the role admin: for a server without any"),
      option('--proxy-header <name>', 'trust this header, which a proxy in front sets to read, submit or admin'),
      option(
        '--proxy-user-header <name>',
        'and this one, which it sets to the caller: each has requests and sweeps of their own',
      ),
      option('--proxy-address <addresses...>', 'addresses or networks of trusted proxies (default: this machine)'),
      option('--allow-host <names...>', 'host names under which browsers reach the server, besides those of this machine'),
      option('--drain <duration>', 'go on serving for this long after SIGTERM, not ready: 10s (default: 0s)', {
        parse: parseDuration,
      }),
      ...metricsOptions(),
      option('--open', 'open the dashboards in the browser'),
    ],
    description: 'Serve the dashboards and the HTTP API until Ctrl-C.',
    examples: ['narrows serve', 'narrows serve --host 0.0.0.0 --port 8080'],
    run: (context, options) => {
      const logger = createLogger('api', readLogFormat());
      return runService(serve(withLogger(context, logger), options, logger));
    },
  });
}

async function serve(context: CliContext, options: ServeOptions, logger: Logger): Promise<void> {
  const { host, port, tokens, proxyHeader, proxyUserHeader, proxyAddress, allowHost, open, drain, adminTokenFile } = options;
  const environment = readEnvironment();
  const adminToken = readAdminToken(adminTokenFile);
  if (adminToken !== null && proxyHeader !== undefined) throw adminTokenUnusedError();
  const connections = await connectToStack(environment, context);
  try {
    if (adminToken !== null) await ensureAdminToken(connections.db, adminToken);
  } finally {
    // The server opens connections of its own, which live as long as it does.
    await connections.close();
  }
  const settings = [
    readOperatingAddress('metrics', { port: options.metricsPort, host: options.metricsHost }) ?? undefined,
    adminToken ?? undefined,
    host,
    port,
    tokens,
    drain,
    proxyHeader,
    proxyUserHeader,
    proxyAddress,
    allowHost,
  ];
  const hasSettings = settings.some((setting) => setting !== undefined);
  const external = readExternalServers(environment) !== null;
  const served = hasSettings || external ? null : readStackStatus(environment).dashboards;
  if (served !== null) {
    announce(context, served, open);
    return watchStack(context, environment);
  }
  // Loaded here: no other command needs it.
  const { DEFAULT_PORT, startServer } = await import('../../infra/api/server.ts');
  const pages = createPageBuilder(environment);
  await using measured = await serveMetricsOf(context, options, { scope: 'api', role: 'api', home: environment.home });
  const server = await startServer({
    servers: external ? connections.servers : asRole(environment, connections.servers, 'api'),
    prepare: connections.db.sql.options.prepare,
    temporalUrl: environment.temporalUrl,
    home: environment.home,
    host: host ?? LOOPBACK,
    port: port ?? DEFAULT_PORT,
    proxyHeader,
    proxyUserHeader,
    proxyAddresses: proxyAddress,
    allowedHosts: allowHost,
    needTokens: tokens === true,
    drainMs: 1000 * (drain ?? readDrainPeriod()),
    pages,
    ...(!external && { askProcesses: () => askProcesses(environment) }),
    log: logErrors(logger),
    logger,
    ...(measured && { metrics: measured.metrics }),
  });
  try {
    announce(context, server.url, open);
    // The pages are built ahead of the first request.
    pages.folder().catch((error: Error) => logger.error(error.message));
    await waitForInterrupt(context.signal);
  } finally {
    await server.close();
  }
}

const adminTokenUnusedError = (): NarrowsError =>
  new NarrowsError('admin-token-unused', 'behind a proxy that names the role, no token has an effect', {
    path: '--admin-token-file',
    fix: 'leave it and NARROWS_ADMIN_TOKEN out, or --proxy-header',
  });

function announce(context: CliContext, url: string, open = false): void {
  context.print({ url }, () => url);
  context.note('Ctrl-C stops');
  if (open) openInBrowser(url);
}

/** Waits until Ctrl-C, or until the embedded stack, which serves already, stops. */
async function watchStack(context: CliContext, environment: Environment): Promise<never> {
  for (;;) {
    await pause(1000, context.signal);
    if (readStackStatus(environment).dashboards === null) {
      throw new NarrowsError('stack-down', 'the embedded servers were stopped', {
        fix: 'start them with "narrows up"',
        kind: 'unreachable',
      });
    }
  }
}
