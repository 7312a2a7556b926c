import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Child, startChild } from '../../../infra/processes/child.ts';
import { identifyProcess, isAlive, stopProcess, waitForExit } from '../../../infra/processes/identity.ts';
import { openLog } from '../../../infra/processes/rotating-log.ts';
import { keepRunning } from '../../../infra/stack/restart-policy.ts';
import { until } from '../../support/until.ts';
import { temporaryFolder } from '../folders.ts';

const shell = (folder: string, script: string): Promise<Child> =>
  startChild({
    command: '/bin/sh',
    args: ['-c', script],
    variables: { PATH: process.env.PATH },
    cwd: folder,
    log: openLog(join(folder, 'child.log')),
    orphanSignal: 'SIGKILL',
  });

test('a process is identified by its pid and start time', async (t) => {
  const child = await shell(temporaryFolder(t), 'exec sleep 60');
  assert.equal(isAlive(child.identity), true);
  assert.equal(isAlive({ pid: child.identity.pid, started: 'earlier' }), false);
  assert.equal(await child.stop([['SIGKILL', 5000]]), true);
  assert.equal(isAlive(child.identity), false);
  assert.equal(identifyProcess(child.identity.pid), null, 'neither as a zombie nor after');
});

test('signals are sent in order until the process ends', async (t) => {
  const child = await shell(temporaryFolder(t), "trap '' TERM; echo deaf; while :; do sleep 0.05; done");
  while (!child.output().includes('deaf')) await once(child.process.stdout as NodeJS.ReadableStream, 'data');
  assert.equal(await stopProcess(child.identity, [['SIGTERM', 150]]), false);
  assert.equal(
    await child.stop([
      ['SIGTERM', 50],
      ['SIGKILL', 5000],
    ]),
    true,
  );
  assert.equal(await child.exit, 'SIGKILL');
});

test('the output of a child is logged and available', async (t) => {
  const folder = temporaryFolder(t);
  const child = await shell(folder, 'echo out; echo err >&2; exit 3');
  assert.equal(await child.exit, 'exit code 3');
  assert.match(child.output(), /out/);
  assert.match(readFileSync(join(folder, 'child.log'), 'utf8'), /err/);
});

test('a missing command is an error at once', async (t) => {
  const folder = temporaryFolder(t);
  const options = { args: [], variables: {}, cwd: folder, log: openLog(join(folder, 'log')), orphanSignal: 'SIGTERM' as const };
  await assert.rejects(startChild({ ...options, command: join(folder, 'missing') }), { code: 'ENOENT' });
});

test('a child ends when its parent is killed by SIGKILL', async (t) => {
  const folder = temporaryFolder(t);
  const module = (name: string) => JSON.stringify(new URL(`../../../infra/processes/${name}.ts`, import.meta.url).href);
  const code = `
    const { startChild } = await import(${module('child')});
    const { openLog } = await import(${module('rotating-log')});
    const child = await startChild({ command: '/bin/sh', args: ['-c', 'exec sleep 60'], variables: process.env,
      cwd: ${JSON.stringify(folder)}, log: openLog(${JSON.stringify(join(folder, 'log'))}), orphanSignal: 'SIGTERM' });
    console.log(JSON.stringify(child.identity));`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const child = JSON.parse(line.toString());
  assert.equal(isAlive(child), true);
  parent.kill('SIGKILL');
  assert.equal(await waitForExit(child, 5000), true);
});

test('a crashed process is restarted; a stopped one is not', async (t) => {
  const folder = temporaryFolder(t);
  const messages: string[] = [];
  let starts = 0;
  const kept = await keepRunning({
    name: 'sleeper',
    start: async () => {
      starts += 1;
      return { child: await shell(folder, 'exec sleep 60') };
    },
    shutdown: [['SIGKILL', 5000]],
    ask: async () => true,
    kill: [['SIGKILL', 5000]],
    onChange: () => {},
    onMessage: (message) => messages.push(message),
  });
  const first = kept.current.child.identity;
  process.kill(first.pid, 'SIGKILL');
  await until(() => kept.restarts > 0 && isAlive(kept.current.child.identity), 'it is started again');
  assert.notEqual(kept.current.child.identity.pid, first.pid);
  await kept.stop();
  assert.equal(isAlive(kept.current.child.identity), false);
  assert.equal(starts, 2);
  assert.equal(messages[0], 'sleeper ended (SIGKILL)');
});

test('a log keeps the current part and the one before', (t) => {
  const file = join(temporaryFolder(t), 'a.log');
  const log = openLog(file, 100);
  for (let i = 0; i < 40; i++) log.write(`line ${i} of the log\n`);
  const now = readFileSync(file, 'utf8');
  const before = readFileSync(`${file}.1`, 'utf8');
  assert.ok(now.length <= 130 && before.length <= 130);
  assert.deepEqual(log.tail(1), ['line 39 of the log']);
});
