import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { signWebhook, webhookBody } from '../../../operations/retraining/webhook-body.ts';

test('a body has the common fields, then those of the payload', () => {
  const body = webhookBody({
    id: 'e1',
    at: new Date('2026-01-31T00:00:00Z'),
    kind: 'kept',
    name: 'waist',
    runId: 'r1',
    subject: '',
    text: 'waist: the champions stay',
    payload: { champions: [] },
    link: null,
  });
  assert.deepEqual(Object.entries(JSON.parse(body)), [
    ['id', 'e1'],
    ['at', '2026-01-31T00:00:00.000Z'],
    ['kind', 'kept'],
    ['retraining', 'waist'],
    ['run', 'r1'],
    ['subject', ''],
    ['text', 'waist: the champions stay'],
    ['link', null],
    ['champions', []],
  ]);
});

test('a signature covers the time and the body', () => {
  const expected = createHmac('sha256', 'secret').update('17.{}').digest('hex');
  assert.equal(signWebhook('secret', 17, '{}'), expected);
  assert.notEqual(signWebhook('secret', 18, '{}'), expected);
});
