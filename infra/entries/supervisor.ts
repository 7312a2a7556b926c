/** Supervisor process of the embedded stack: reports its start to its parent, and outlives it. */
import { parseArgs } from 'node:util';
import { NarrowsError } from '../../errors.ts';
import { readEnvironment, readLogFormat } from '../env.ts';
import { createLogger, logErrors } from '../logger.ts';
import type { SupervisorMessage } from '../stack/messages.ts';
import { supervise } from '../stack/supervisor.ts';

const {
  home = '',
  workers,
  trust,
} = parseArgs({
  options: { home: { type: 'string' }, workers: { type: 'string' }, trust: { type: 'boolean' } },
}).values;

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

const send = (message: SupervisorMessage): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });

try {
  await supervise({
    environment: { ...readEnvironment(), home },
    signal: stop.signal,
    note: (text) => void send({ type: 'note', text }),
    onUp: () => void send({ type: 'up' }),
    workers: workers === 'none' || workers === 'null' ? workers : 'auto',
    trust: trust === true,
  });
  process.exit(0);
} catch (error) {
  if (!(error instanceof NarrowsError)) logErrors(createLogger('supervisor', readLogFormat()))(error);
  const { code, message, path, fix, kind } =
    error instanceof NarrowsError ? error : new NarrowsError('supervisor-failed', String(error), { kind: 'failure' });
  await send({ type: 'failed', error: { code, message, path, fix, kind } });
  process.exit(1);
}
