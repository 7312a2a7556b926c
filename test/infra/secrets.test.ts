import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readEnvironment, readNotificationSettings } from '../../infra/env.ts';
import { readSecret, readSecretFile } from '../../infra/secrets.ts';
import { readExternalServers } from '../../infra/servers.ts';
import { temporaryFolder } from './folders.ts';

test('a secret is the value of its variable, or the line of the file that is named', (t) => {
  const file = join(temporaryFolder(t), 'secret');
  writeFileSync(file, 'from file\n');
  assert.equal(readSecret({}, 'TOKEN'), null);
  assert.equal(readSecret({ TOKEN: '', TOKEN_FILE: '' }, 'TOKEN'), null);
  assert.equal(readSecret({ TOKEN: 'plain' }, 'TOKEN'), 'plain');
  assert.equal(readSecret({ TOKEN_FILE: file }, 'TOKEN'), 'from file');
});

test('files that are no secrets are refused without their content', (t) => {
  const folder = temporaryFolder(t);
  const path = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  mkdirSync(join(folder, 'folder'));
  for (const [file, message] of [
    [path('lines', 'hush\nhush\n'), /is not one line/],
    [path('long', 'hush'.repeat(20_000)), /is not one line/],
    [path('empty', '\n'), /is empty/],
    [join(folder, 'folder'), /cannot be read \(EISDIR\)/],
    [join(folder, 'gone'), /cannot be read \(ENOENT\)/],
  ] as const) {
    assert.throws(
      () => readSecretFile(file, 'TOKEN_FILE'),
      (error: Error) =>
        message.test(error.message) && !error.message.includes('hush') && 'path' in error && error.path === 'TOKEN_FILE',
      file,
    );
  }
  assert.throws(() => readSecret({ TOKEN: 'a', TOKEN_FILE: path('a', 'b') }, 'TOKEN'), /both set/);
  assert.throws(() => readSecret({ TOKEN_FILE: 'secret' }, 'TOKEN'), /not an absolute path/);
});

test('addresses, keys and channels may come from files', (t) => {
  const folder = temporaryFolder(t);
  const files = {
    NARROWS_DATABASE_URL: 'postgres://narrows:hush@db.example/narrows',
    TEMPORAL_API_KEY: 'key of Temporal',
    NARROWS_WEBHOOK_URL: 'https://example.org/hook',
    NARROWS_WEBHOOK_SECRET: 'webhook secret',
    NARROWS_SMTP_URL: 'smtp://user:hush@mail.example',
  };
  const variables = Object.fromEntries(
    Object.entries(files).map(([name, text]) => {
      writeFileSync(join(folder, name), `${text}\n`);
      return [`${name}_FILE`, join(folder, name)];
    }),
  );
  const servers = readExternalServers(readEnvironment({ ...variables, TEMPORAL_ADDRESS: 'temporal.example:7233' }));
  assert.match(servers?.databaseUrl ?? '', /^postgres:\/\/narrows:hush@db\.example\/narrows/);
  assert.equal(servers?.temporal.apiKey, files.TEMPORAL_API_KEY);
  const { webhook, mail } = readNotificationSettings({ ...variables, NARROWS_MAIL_TO: 'a@example.org' });
  assert.deepEqual(webhook, { url: files.NARROWS_WEBHOOK_URL, secret: files.NARROWS_WEBHOOK_SECRET });
  assert.equal(mail?.url, files.NARROWS_SMTP_URL);
});
