import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../folders.ts';

test('a process of the stack that fails says why in its log, without secrets', async (t) => {
  const entry = fileURLToPath(new URL('../../../infra/entries/worker.ts', import.meta.url));
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) =>
    execFile(
      ...([process.execPath, [entry, '--role', 'trainer', '--engine', 'null']] as const),
      {
        env: {
          ...{ PATH: process.env.PATH, NARROWS_HOME: temporaryFolder(t), TEMPORAL_ADDRESS: '127.0.0.1:1' },
          NARROWS_DATABASE_URL: 'postgres://me:hush-hush@127.0.0.1:1/hush-hush',
        },
      },
      (error, _stdout, text) => resolve({ code: error?.code ?? 0, stderr: text }),
    ),
  );
  const lines = stderr.trim().split('\n');
  const [line] = lines.map((text) => JSON.parse(text));
  assert.deepEqual([code, lines.length, line.role, line.level, line.code], [1, 1, 'trainer', 'error', 'database-unreachable']);
  assert.match(line.msg, /\*\*\*/);
  assert.doesNotMatch(stderr, /hush/);
});
