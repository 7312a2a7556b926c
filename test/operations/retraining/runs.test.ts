import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { Database } from '../../../db/client.ts';
import { saveRetraining, startRun } from '../../../db/queries/retraining/retrainings.ts';
import { findTriggeredRun } from '../../../operations/retraining/runs.ts';
import { retrainRunId } from '../../../workflows/retrain-input.ts';
import { migratedDatabase } from '../../db/database.ts';
import { RETRAIN_OPTIONS } from '../../support/seeded-retraining.ts';

let db: Database;
before(async () => {
  db = await migratedDatabase();
  await saveRetraining(db.sql, { name: 'waist', spec: {}, dataset: 'water', target: 'xes', options: RETRAIN_OPTIONS } as never);
});
after(() => db.close());

/** A client whose workflows have this status; `meanwhile` runs before it answers. */
const temporalWith = (name: string, meanwhile: () => Promise<void> = async () => {}) =>
  ({ workflow: { getHandle: () => ({ describe: () => meanwhile().then(() => ({ status: { name } })) }) } }) as unknown as Client;

const run = (number: number) => ({ workflowId: 'retrain-waist-now', firstExecutionRunId: `0000000${number}` });

test('a run without a row waits while its workflow runs', async () => {
  assert.equal(await findTriggeredRun({ db, temporal: temporalWith('RUNNING') }, run(1)), null);
});

test('a workflow that ended without a row is an error', async () => {
  await assert.rejects(findTriggeredRun({ db, temporal: temporalWith('TERMINATED') }, run(2)), { code: 'run-lost' });
});

test('a run that begins and ends between the two looks is found', async () => {
  const id = retrainRunId('retrain-waist-now', '00000003');
  const temporal = temporalWith('COMPLETED', () => startRun(db.sql, id, 'waist'));
  assert.equal((await findTriggeredRun({ db, temporal }, run(3)))?.id, id);
});
