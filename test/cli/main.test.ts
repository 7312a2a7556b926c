import assert from 'node:assert/strict';
import { test } from 'node:test';
import { project } from '../support/command.ts';

test('output that cannot be written is an error, also of the help', { skip: process.platform !== 'linux' }, async () => {
  await using place = project();
  for (const command of ['narrows doctor', 'narrows --help']) {
    const { code, stdout, stderr } = await place.shell(`${command} > /dev/full`);
    assert.deepEqual([code, stdout, stderr], [1, '', 'error: the output cannot be written (ENOSPC)\n'], command);
  }
});

test('a reader that goes away ends a command, which first stops the servers that it started', async () => {
  await using place = project();
  const { stdout } = await place.shell('narrows up 2>&1 | head -n 1; narrows status --output json');
  const [first, status = ''] = stdout.split('\n');
  assert.equal(first, 'starting Postgres');
  const { state, leftBehind } = JSON.parse(status);
  assert.deepEqual([state, leftBehind], ['down', []]);
});
