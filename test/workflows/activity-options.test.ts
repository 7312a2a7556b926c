import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACTIVITY_OPTIONS } from '../../workflows/activity-options.ts';

test('a dead worker is noticed by missing heartbeats, not at the time limit of its activity', () => {
  for (const [kind, options] of Object.entries(ACTIVITY_OPTIONS)) {
    const expected = kind === 'compute' || kind === 'suspect' ? 7000 : '8s';
    assert.equal(options.heartbeatTimeout, expected, kind);
  }
});
