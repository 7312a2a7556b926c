import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { CLOSED_TO_DEBUGGERS } from '../../../infra/processes/entry.ts';

test('SIGUSR1 opens no debugger in a process of the stack, and does not end it', async (t) => {
  const code = `
    console.log('up');
    process.stdin.on('data', () => setTimeout(() => console.log(require('node:inspector').url() ?? 'closed'), 100));`;
  const child = spawn(process.execPath, [...CLOSED_TO_DEBUGGERS, '-e', code], { stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  child.kill('SIGUSR1');
  child.stdin.write('?');
  const [reply] = (await once(child.stdout, 'data')) as [Buffer];
  assert.equal(reply.toString().trim(), 'closed');
});
