import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

test('control characters of texts from outside are shown in text and stay exact in JSON', async () => {
  await using place = project();
  const name = 'a\u001b[2J\u009b31m\u202eb';
  const folder = join(place.directory, 'hostile');
  mkdirSync(folder);
  writeFileSync(join(folder, 'dataset.yaml'), JSON.stringify({ [name]: 1 }));
  const text = await place.narrows(['data', 'import', folder]);
  assert.equal(text.code, 2);
  assert.match(text.stderr, /unknown key "a\\u001b\[2J\\u009b31m\\u202eb"/);
  const json = await place.narrows(['data', 'import', folder, '--output', 'json']);
  const { error } = JSON.parse(json.stderr) as { error: { message: string } };
  assert.ok(error.message.includes(`unknown key "${name}"`), json.stderr);
  for (const { stdout, stderr } of [text, json]) assert.doesNotMatch(stdout + stderr, /(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
});
