import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliverNotifications } from '../../../activities/retrain/deliver.ts';
import type { RetrainPorts } from '../../../activities/retrain/ports.ts';
import { recordEvent } from '../../../db/queries/retraining/notifications.ts';
import { saveRetraining, startRun } from '../../../db/queries/retraining/retrainings.ts';
import type { Notification } from '../../../operations/retraining/webhook-body.ts';
import { migratedDatabase } from '../../db/database.ts';
import { specsOf } from '../../search/specs.ts';
import { RETRAIN_OPTIONS } from '../../support/seeded-retraining.ts';

test('texts of notifications show control characters; their fields stay exact', async () => {
  const db = await migratedDatabase();
  try {
    const [spec] = specsOf({ name: 'waist', dataset: 'water', target: 'xes', space: { k: 1, hidden: [8] }, seeds: 1 });
    assert.ok(spec);
    await saveRetraining(db.sql, { name: 'waist', spec, dataset: 'water', target: 'xes', options: RETRAIN_OPTIONS });
    await startRun(db.sql, 'run-1', 'waist');
    const folder = 'hot\u001b[2J\u202e';
    const text = `${folder} is not taken\nRow 3`;
    await recordEvent(db.sql, { kind: 'shard-rejected', name: 'waist', runId: 'run-1', subject: 'a', text, payload: { folder } });
    const sent: Notification[] = [];
    const messenger = { channel: 'webhook' as const, send: async (one: Notification) => void sent.push(one) };
    const ports = { db, messengers: [messenger], publicUrl: null } as unknown as RetrainPorts;
    await deliverNotifications(ports, { runId: 'run-1' } as never);
    assert.deepEqual(
      sent.map(({ text, payload }) => [text, payload]),
      [['hot\\u001b[2J\\u202e is not taken\nRow 3', { folder }]],
    );
  } finally {
    await db.close();
  }
});
