import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf } from '../../../infra/worker/log-fields.ts';

test('lines of the SDK name sweep, workflow and run in one way', () => {
  const activity = {
    workflowId: 'sweep-sfzh62-0ace65259f64',
    workflowRunId: 'r1',
    activityType: 'trainPack',
    taskToken: 'x',
    isLocal: false,
  };
  assert.deepEqual(fieldsOf(activity), {
    activityType: 'trainPack',
    workflowId: 'sweep-sfzh62-0ace65259f64',
    runId: 'r1',
    sweep: 'sfzh62',
  });
  assert.deepEqual(fieldsOf({ workflowId: 'retrain-water-0ace65259f64', runId: 'r2' }), {
    workflowId: 'retrain-water-0ace65259f64',
    runId: 'r2',
  });
  assert.deepEqual(fieldsOf({ workflowId: 'sweep-old' }), { workflowId: 'sweep-old', sweep: 'old' });
  assert.deepEqual(fieldsOf(), {});
});
