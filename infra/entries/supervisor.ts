/** The embedded stack as a process of its own: tells whoever started it how the start goes, and then needs nobody. */
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode, NarrowsError } from '../../errors.ts';
import { readEnvironment } from '../env.ts';
import { supervise } from '../stack/supervisor.ts';

/** Sent to the process that started this one. */
export type SupervisorMessage =
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'up' }
  | {
      readonly kind: 'failed';
      readonly error: {
        readonly code: string;
        readonly message: string;
        readonly path?: string | undefined;
        readonly fix?: string | undefined;
        readonly exit: ExitCode;
      };
    };

const { home = '', workers } = parseArgs({ options: { home: { type: 'string' }, workers: { type: 'string' } } }).values;

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

const tell = (message: SupervisorMessage): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });

try {
  await supervise({
    environment: { ...readEnvironment(), home },
    signal: stop.signal,
    note: (text) => void tell({ kind: 'note', text }),
    onUp: () => void tell({ kind: 'up' }),
    workers: workers === 'none' || workers === 'null' ? workers : 'auto',
  });
  process.exit(0);
} catch (error) {
  if (!(error instanceof NarrowsError)) console.error(error);
  const known =
    error instanceof NarrowsError ? error : new NarrowsError('supervisor-failed', String(error), { exit: EXIT.failure });
  const { code, message, path, fix, exit } = known;
  await tell({ kind: 'failed', error: { code, message, path, fix, exit } });
  process.exit(exit);
}
