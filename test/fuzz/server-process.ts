/** Process that serves the API over loopback, with a sweep and a retraining in a real Postgres. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listCurrentChampions } from '../../db/queries/retraining/champions.ts';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { startServer } from '../../infra/api/server.ts';
import { createToken } from '../../operations/tokens.ts';
import { startApiHarness } from '../dashboards/server/harness.ts';
import { seedDataset, seedSweep } from '../dashboards/server/seed-sweeps.ts';
import { seedRetraining } from '../support/seeded-retraining.ts';

export interface ServerReady {
  readonly port: number;
  readonly token: string;
  /** Valid values of parameters by name. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly document: { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };
}

export interface Operation {
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly schema?: { readonly enum?: readonly string[] };
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}

const SWEEP = 'fuzzedsweep0';

const harness = await startApiHarness();
const { db, dependencies } = harness;
await seedDataset(db.sql, dependencies.blobs);
const { record, trials } = await seedSweep(db.sql, dependencies.blobs, SWEEP);
await record(...trials.keys());
const { name: retraining, runs } = await seedRetraining(db.sql, await findSweep(db.sql, SWEEP));
const [champion] = await listCurrentChampions(db.sql, retraining);
const { token } = await createToken(db, { name: 'fuzz', role: 'admin', expiresAt: null });
const server = await startServer({
  servers: {
    databaseUrl: harness.databaseUrl,
    temporal: { address: dependencies.temporalServer.address },
    namespace: 'default',
  },
  temporalUrl: null,
  home: mkdtempSync(join(tmpdir(), 'narrows-fuzz-')),
  host: '127.0.0.1',
  port: 0,
  needTokens: true,
  pages: dependencies.pages,
  log: (error) => console.error(error),
});
const ready: ServerReady = {
  port: server.port,
  token,
  parameters: {
    ...{ sweep: SWEEP, sweeps: SWEEP, retraining, run: runs.promoted, champion: String(champion?.id), operation: 'predict' },
    ...{
      trial: champion?.trialId ?? '',
      name: 'little',
      version: 'c0ffee',
      column: 'validation',
      split: 'test',
      k: '1',
      row: '0',
    },
    ...{ limit: '10', where: 'method=eca|nnca,k=1', sort: 'validation', order: 'desc', bins: '20', descriptors: 'a', since: '0' },
    ...{ outcome: 'kept', state: 'completed', search: 'little', dataset: 'little', method: 'eca' },
  },
  document: await (await harness.app().request('/openapi.json')).json(),
};
process.on('disconnect', () => process.exit());
process.send?.(ready);
