/** Dashboards' process of the embedded stack, which reports its port or failure to its parent. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { createPageBuilder } from '../api/pages.ts';
import { DEFAULT_PORT, startServer } from '../api/server.ts';
import { readLogFormat } from '../env.ts';
import { createLogger, logErrors } from '../logger.ts';
import { LOOPBACK } from '../processes/ports.ts';
import type { ApiReady } from '../stack/messages.ts';
import { askProcesses } from '../stack/stack.ts';
import { runStackChild } from '../stack/stack-child.ts';

const { port } = parseArgs({ options: { port: { type: 'string' } } }).values;

const logger = createLogger('api', readLogFormat());

await runStackChild<ApiReady>(logger, async ({ environment, servers, signal, send }) => {
  const server = await startServer({
    servers,
    temporalUrl: null,
    home: environment.home,
    host: LOOPBACK,
    port: port === undefined ? DEFAULT_PORT : Number(port),
    orAnyPort: true,
    pages: createPageBuilder(environment),
    askProcesses: () => askProcesses(environment),
    log: logErrors(logger),
    logger,
  });
  await send({ port: server.port });
  if (!signal.aborted) await once(signal, 'abort');
  await server.close();
});
