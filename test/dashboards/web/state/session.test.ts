/** Roles of sessions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Session } from '../../../../dashboards/contract/system.ts';
import { denialReason, mustSignIn } from '../../../../dashboards/web/state/session.ts';

test('each role includes those before it, and a required token is enforced', () => {
  const of = (role: Session['role'], needsToken = true): Session => ({ role, name: null, needsToken, expiresAt: null });
  assert.equal(denialReason(of('submit'), 'submit'), null);
  assert.equal(denialReason(of('admin'), 'submit'), null);
  assert.match(denialReason(of('read'), 'submit') ?? '', /“read”.*“submit”/);
  assert.match(denialReason(of('submit'), 'admin') ?? '', /“submit”.*“admin”/);
  assert.match(denialReason(of(null), 'read') ?? '', /Sign in/);
  assert.deepEqual(
    [mustSignIn(of(null)), mustSignIn(of('read')), mustSignIn(of('admin', false)), mustSignIn(null)],
    [true, false, false, false],
  );
});
