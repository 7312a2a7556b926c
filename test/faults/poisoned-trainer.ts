/**
 * A trainer that one trial kills: its process gets SIGKILL as soon as it begins to train it. It
 * begins with the first message from its parent.
 */
import { once } from 'node:events';
import { readEnvironment } from '../../infra/env.ts';
import { runWorker } from '../../infra/worker/worker.ts';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';

const [databaseUrl, address, home, poison] = process.argv.slice(2) as [string, string, string, string];
const kernel = createKernelEngine({ threads: 1 });
await once(process, 'message');
process.disconnect();
await runWorker({
  ...{ servers: { databaseUrl, temporal: { address }, namespace: 'default' }, home, userCache: readEnvironment().userCache },
  ...{ role: 'trainer', tensorflow: '', signal: new AbortController().signal },
  engine: {
    ...{ name: kernel.name, build: kernel.build, threads: kernel.threads, close: () => kernel.close() },
    train(pack, hooks) {
      if (pack.tasks.some(({ trialId }) => trialId === poison)) process.kill(process.pid, 'SIGKILL');
      return kernel.train(pack, hooks);
    },
  },
  onReady: () => {},
});
