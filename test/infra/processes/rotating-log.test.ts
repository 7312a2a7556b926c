import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { openLog } from '../../../infra/processes/rotating-log.ts';
import { temporaryFolder } from '../folders.ts';

test('a log has no control characters, whatever a process prints in whatever pieces', async (t) => {
  const file = join(temporaryFolder(t), 'worker.log');
  const log = openLog(file);
  log.write('shard \u001b]0;title\u0007 is rejected\n');
  const stream = new PassThrough();
  log.follow(stream);
  for (const byte of Buffer.from('水 \u009b31m\u202e\n')) stream.write(Buffer.of(byte));
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  assert.equal(readFileSync(file, 'utf8'), 'shard \\u001b]0;title\\u0007 is rejected\n水 \\u009b31m\\u202e\n');
  assert.deepEqual(log.tail(1), ['水 \\u009b31m\\u202e']);
});
