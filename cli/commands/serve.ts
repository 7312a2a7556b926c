/** The dashboards and the HTTP API for a browser and for scripts. */
import { type Command, InvalidArgumentError } from 'commander';
import { NarrowsError } from '../../errors.ts';
import { createPageBuilder } from '../../infra/api/pages.ts';
import { connectToStack } from '../../infra/connect.ts';
import { type Environment, readEnvironment } from '../../infra/env.ts';
import { resolveHome } from '../../infra/home.ts';
import { LOOPBACK } from '../../infra/processes/ports.ts';
import { readExternalServers } from '../../infra/servers.ts';
import { readStackStatus } from '../../infra/stack/stack.ts';
import { openInBrowser } from '../browser.ts';
import { action, example } from '../command.ts';
import { type CliContext, pause, waitForInterrupt } from '../context.ts';

interface ServeOptions {
  readonly host?: string;
  readonly port?: number;
  readonly tokens?: boolean;
  readonly proxyHeader?: string;
  readonly proxyUserHeader?: string;
  readonly open?: boolean;
}

export function registerServe(program: Command): void {
  example(
    program
      .command('serve')
      .option('--host <address>', `what to listen on; others than this machine need tokens (default: ${LOOPBACK})`)
      .option('--port <port>', '0 for any free one (default: 8622)', portNumber)
      .option('--tokens', 'ask for a token on this machine too')
      .option('--proxy-header <name>', 'trust this header, which a proxy in front sets to read, submit or admin')
      .option('--proxy-user-header <name>', 'and this one, which it sets to who asks: each has requests and sweeps of their own')
      .option('--open', 'open the dashboards in the browser')
      .description('Serve the dashboards and the HTTP API until Ctrl-C.')
      .action(action<ServeOptions>(serve)),
    'narrows serve',
    'narrows serve --host 0.0.0.0 --port 8080',
  );
}

async function serve(context: CliContext, options: ServeOptions): Promise<void> {
  const { host, port, tokens, proxyHeader, proxyUserHeader, open } = options;
  const environment = readEnvironment();
  const connections = await connectToStack(environment, { note: (text) => context.note(text), signal: context.signal });
  // What serves has connections of its own, which live as long as it does.
  await connections.close();
  const asked =
    host !== undefined || port !== undefined || tokens === true || proxyHeader !== undefined || proxyUserHeader !== undefined;
  const standing = asked || readExternalServers(environment) ? null : readStackStatus(environment).dashboards;
  if (standing !== null) {
    tell(context, standing, open);
    return watchStack(context, environment);
  }
  // Loaded here: no other command needs it.
  const { DEFAULT_PORT, startServer } = await import('../../infra/api/server.ts');
  const pages = createPageBuilder(resolveHome(environment.home).cache);
  const server = await startServer({
    servers: connections.servers,
    temporalUrl: environment.temporalUrl,
    home: environment.home,
    host: host ?? LOOPBACK,
    port: port ?? DEFAULT_PORT,
    proxyHeader,
    proxyUserHeader,
    needTokens: tokens === true,
    pages,
    log: (error) =>
      context.note(error instanceof NarrowsError ? `error: ${error.message}` : String((error as Error).stack ?? error)),
  });
  try {
    tell(context, server.url, open);
    // Whoever serves wants the pages: built by the time that somebody looks.
    pages.folder().catch((error: Error) => context.note(`error: ${error.message}`));
    await waitForInterrupt(context.signal);
  } finally {
    await server.close();
  }
}

function tell(context: CliContext, url: string, open = false): void {
  context.print({ url }, () => url);
  context.note('Ctrl-C stops');
  if (open) openInBrowser(url);
}

/** The embedded stack serves already: stays until Ctrl-C, or until the stack goes. */
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

function portNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError(`"${text}" is no port.`);
  return value;
}
