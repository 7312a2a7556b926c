/**
 * The API on real servers with a running worker: Postgres, Temporal, the water data, the kernel.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { storeDataset } from '../../../datasets/import/store.ts';
import { saveDatasetVersion } from '../../../db/queries/datasets/datasets.ts';
import { readEnvironment } from '../../../infra/env.ts';
import { openHome } from '../../../infra/home.ts';
import { openLog } from '../../../infra/processes/rotating-log.ts';
import { findTemporalCli } from '../../../infra/temporal/cli.ts';
import { startTemporal, TEMPORAL_SHUTDOWN } from '../../../infra/temporal/server.ts';
import { runWorker } from '../../../infra/worker/worker.ts';
import { urlFor } from '../../db/database.ts';
import { checkFolder } from '../../support/whole.ts';
import { type ApiHarness, startApiHarness } from './harness.ts';

export async function startWorkerHarness(): Promise<ApiHarness> {
  await using resources = new AsyncDisposableStack();
  const home = mkdtempSync(join(tmpdir(), 'narrows-working-'));
  resources.defer(() => rmSync(home, { recursive: true, force: true }));
  const { path } = await findTemporalCli(readEnvironment(), { onDownload: () => {} });
  const temporal = await startTemporal({
    cli: path,
    home: openHome(home),
    log: openLog(join(home, 'temporal.log')),
    networks: null,
  });
  resources.defer(async () => void (await temporal.child.stop(TEMPORAL_SHUTDOWN)));
  const harness = resources.use(await startApiHarness(temporal.address));
  const water = fileURLToPath(new URL('../../../examples/water', import.meta.url));
  await storeDataset(await checkFolder(water), harness.dependencies.blobs, (row) => saveDatasetVersion(harness.db.sql, row));

  const stop = new AbortController();
  await new Promise<void>((resolve, reject) => {
    const running = runWorker({
      servers: {
        databaseUrl: urlFor(harness.databaseUrl, 'worker'),
        temporal: { address: temporal.address },
        namespace: 'default',
      },
      home,
      userCache: readEnvironment().userCache,
      role: 'all',
      engine: 'kernel',
      threads: 1,
      tensorflow: join(home, 'none'),
      signal: stop.signal,
      onReady: resolve,
    });
    running.catch(reject);
    resources.defer(async () => {
      stop.abort();
      await running;
    });
  });
  const kept = resources.move();
  return { ...harness, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
