import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import { saveDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { createSweep, findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { settlePeriodically } from '../../infra/settling.ts';
import { migratedDatabase } from '../db/database.ts';
import { SPEC, VERSION } from '../db/fixtures.ts';
import { until } from '../support/until.ts';

let db: Awaited<ReturnType<typeof migratedDatabase>>;
before(async () => {
  db = await migratedDatabase();
  await saveDatasetVersion(db.sql, { name: 'water', version: VERSION, description: { title: 'water' } });
});
after(() => db?.close());

test('ends are noticed while nobody looks, also after an outage of Temporal', async () => {
  const id = 's0000000001';
  await createSweep(db.sql, {
    ...{ id, name: id, spec: SPEC, dataset: 'water', datasetVersion: VERSION, target: SPEC.target },
    ...{ planned: 4, packSizes: [4], codeVersion: 'test' },
  });
  let [asked, isDown] = [0, true];
  const describe = async () => {
    asked += 1;
    if (isDown) throw new Error('no connection');
    return { status: { name: 'TERMINATED' } };
  };
  const workflow = { getHandle: () => ({ describe }) };
  const temporal = { workflow, withDeadline: (_: number, call: () => unknown) => call() } as unknown as Client;
  const stop = settlePeriodically({ db, temporal }, 10);
  await until(() => asked >= 2, 'it asks again');
  assert.equal((await findSweep(db.sql, id)).state, 'running');
  isDown = false;
  await until(async () => (await findSweep(db.sql, id)).state === 'cancelled', 'the end is recorded');
  stop();
});
