import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import type { System } from '../../../dashboards/contract/system.ts';
import { DEFAULT_PORT } from '../../../infra/api/server.ts';
import { connect, connectToStack } from '../../../infra/connect.ts';
import { runChecks } from '../../../infra/doctor.ts';
import type { Environment } from '../../../infra/env.ts';
import { openHome, resolveHome } from '../../../infra/home.ts';
import { findRunningPostgres, pidFileOf } from '../../../infra/postgres/server.ts';
import { identifyProcess, isAlive, type ProcessIdentity, waitForExit } from '../../../infra/processes/identity.ts';
import type { LockHolder } from '../../../infra/processes/lock.ts';
import { LOOPBACK } from '../../../infra/processes/ports.ts';
import { stopOrphans } from '../../../infra/stack/orphans.ts';
import { askStack, ensureStack, readStackStatus, silentProcesses, stopStack } from '../../../infra/stack/stack.ts';
import { readState, type StackState, writeState } from '../../../infra/stack/state.ts';
import { supervise } from '../../../infra/stack/supervisor.ts';
import { until } from '../../support/until.ts';
import { environmentIn, temporaryFolder } from '../folders.ts';

/** Creates a home folder whose stack is stopped after the test. */
function freshHome(t: TestContext): Environment {
  const environments: Environment[] = [];
  t.after(async () => {
    for (const environment of environments) await stopStack(environment);
  });
  const environment = environmentIn(temporaryFolder(t));
  environments.push(environment);
  return environment;
}

/** Lists the processes of the stack, except guards. */
function processesOf(environment: Environment): ProcessIdentity[] {
  const state = readState(resolveHome(environment.home));
  assert.ok(state);
  return [state.supervisor, ...state.processes];
}

async function allEnded(processes: readonly ProcessIdentity[], milliseconds: number): Promise<boolean> {
  return (await Promise.all(processes.map((process) => waitForExit(process, milliseconds)))).every(Boolean);
}

test('up, a second up, status and down leave no process', async (t) => {
  const environment = freshHome(t);
  assert.equal(readStackStatus(environment).state, 'down');
  await assert.rejects(connect(environment), { code: 'stack-down', kind: 'unreachable' });

  const notes: string[] = [];
  const first = await connectToStack(environment, { note: (text) => notes.push(text) });
  assert.equal(first.started, true);
  assert.ok(notes.length > 0, 'the steps of the start are reported');
  const [row] = await first.db.sql`select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
    to_regclass('trials') is not null as migrated, current_setting('dynamic_shared_memory_type') as memory`;
  // Shared memory in files: /dev/shm may be full.
  assert.deepEqual({ ...row }, { fsync: 'on', commit: 'on', migrated: true, memory: 'mmap' });
  await first.temporal.workflowService.describeNamespace({ namespace: 'default' });
  await first.close();

  const second = await connectToStack(environment);
  assert.equal(second.started, false);
  await second.close();

  const status = readStackStatus(environment);
  assert.equal(status.state, 'up');
  assert.deepEqual(status.processes.map(({ name }) => name).sort(), [
    'api',
    'orchestrator',
    'postgres',
    'supervisor',
    'temporal',
    'trainer',
  ]);
  assert.ok(status.processes.every(({ alive, restarts }) => alive && restarts === 0));
  assert.match(status.dashboards ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
  const system = (await (await fetch(`${status.dashboards}/api/system`)).json()) as System;
  assert.deepEqual([system.database.reachable, system.temporal.reachable], [true, true]);
  const names = status.processes.map(({ name }) => name);
  assert.deepEqual(
    system.processes,
    names.map((name) => ({ name, answers: true })),
  );
  const password = new URL(readState(resolveHome(environment.home))?.databaseUrl ?? '').password;
  assert.match(password, /^[0-9a-f]{48}$/);
  assert.ok(!JSON.stringify(status).includes(password), 'a status shows no password');
  assert.equal(statSync(resolveHome(environment.home).state).mode & 0o777, 0o600);

  const processes = processesOf(environment);
  const stopped = await stopStack(environment);
  assert.deepEqual(stopped.sort(), ['api', 'orchestrator', 'postgres', 'supervisor', 'temporal', 'trainer']);
  assert.deepEqual(processes.filter(isAlive), []);
  assert.equal(readStackStatus(environment).state, 'down');
  assert.deepEqual(await stopStack(environment), [], 'a second down has nothing to do');
});

test('two home folders have separate servers, data and processes', async (t) => {
  const [a, b] = [freshHome(t), freshHome(t)];
  // Several processes may start the stack of one home folder at the same time.
  const [first, second, again] = await Promise.all([
    ensureStack(a, { workers: 'none' }),
    ensureStack(b, { workers: 'none' }),
    ensureStack(a, { workers: 'none' }),
  ]);
  assert.notEqual(first.servers.databaseUrl, second.servers.databaseUrl);
  assert.notEqual(first.servers.temporal.address, second.servers.temporal.address);
  assert.equal(again.servers.databaseUrl, first.servers.databaseUrl);
  assert.deepEqual([first.started, again.started].filter(Boolean).length, 1, 'one of the two started it');
  const inA = await connect(a);
  await inA.db.sql`create table only_in_a (n int)`;
  await stopStack(b);
  assert.equal(readStackStatus(a).state, 'up', 'stopping one does not affect the other');
  await inA.db.sql`select * from only_in_a`;
  await inA.close();
});

describe('one home folder', { concurrency: false }, () => {
  // A start takes seconds: each test continues with what the one before left, or starts it.
  const root = mkdtempSync(join(tmpdir(), 'narrows-stack-'));
  const environment = environmentIn(root);
  after(async () => {
    await stopStack(environment);
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  });

  test('a copy of a running home folder is a stack of its own', async (t) => {
    await ensureStack(environment, { workers: 'none' });
    const copy = environmentIn(temporaryFolder(t));
    cpSync(environment.home, copy.home, { recursive: true });
    assert.deepEqual([readStackStatus(copy).state, readStackStatus(copy).leftBehind], ['down', []]);
    await assert.rejects(connect(copy), { code: 'stack-down' });
    assert.deepEqual(await stopStack(copy), []);
    const { state, processes } = readStackStatus(environment);
    assert.equal(state, 'up', 'the original keeps running');
    assert.ok(processes.every(({ alive, restarts }) => alive && restarts === 0));
  });

  test('a supervisor that does not run is not up; when it runs on, it has replaced nothing', async () => {
    const { state } = await ensureStack(environment, { workers: 'none' });
    const processes = [state.supervisor, ...state.processes];
    // As a machine that sleeps: nothing runs, and all wake at once.
    for (const { pid } of processes) process.kill(pid, 'SIGSTOP');
    const status = await askStack(environment);
    assert.deepEqual([status.state, silentProcesses(status)], ['degraded', ['supervisor']]);
    for (const { pid } of processes) process.kill(pid, 'SIGCONT');
    await until(async () => (await askStack(environment)).state === 'up', 'all answer again');
    assert.ok(readStackStatus(environment).processes.every(({ restarts }) => restarts === 0));
  });

  test('a crashed server is restarted at its address', async () => {
    const { servers } = await ensureStack(environment, { workers: 'none' });
    const postgres = findRunningPostgres(resolveHome(environment.home));
    assert.ok(postgres);
    process.kill(postgres.pid, 'SIGKILL');
    assert.equal(await waitForExit(postgres, 5000), true);
    const restarts = () => readStackStatus(environment).processes.find(({ name }) => name === 'postgres')?.restarts;
    await until(() => restarts() === 1, 'Postgres comes back');
    const connections = await connect(environment);
    await connections.db.sql`select 1`;
    assert.deepEqual(connections.servers, servers);
    await connections.close();
  });

  test('killing the supervisor ends its processes; the next up finds its data', async () => {
    const { servers } = await ensureStack(environment, { workers: 'none' });
    const before = await connect(environment);
    await before.db.sql`create table kept (n int)`;
    await before.close();
    const processes = processesOf(environment);
    process.kill((processes[0] as ProcessIdentity).pid, 'SIGKILL');
    assert.equal(await allEnded(processes, 20_000), true, 'the guards stop the processes of the dead supervisor');
    assert.equal(readStackStatus(environment).state, 'down');

    const again = await ensureStack(environment, { workers: 'none' });
    assert.equal(again.started, true);
    assert.notEqual(again.servers.temporal.address, undefined);
    assert.notDeepEqual(again.servers, servers);
    const after = await connect(environment);
    assert.deepEqual([...(await after.db.sql`select * from kept`)], []);
    await after.close();
  });

  test('a stack that runs other code is refused, and can be stopped', async () => {
    await ensureStack(environment, { workers: 'none' });
    const home = resolveHome(environment.home);
    const { codeVersion: _, ...state } = readState(home) as StackState;
    for (const other of [undefined, '0.0.1+abc']) {
      writeState(home, { ...state, codeVersion: other });
      for (const attempt of [connect, ensureStack])
        await assert.rejects(attempt(environment), {
          code: 'stack-version',
          message: other === undefined ? /an earlier version/ : /0\.0\.1\+abc/,
        });
    }
    assert.equal(readStackStatus(environment).state, 'up');
    assert.ok((await stopStack(environment)).includes('postgres'));
  });

  test('the next down stops orphans of a killed supervisor and its guards', async () => {
    await ensureStack(environment, { workers: 'none' });
    const processes = processesOf(environment);
    const [supervisor, ...servers] = processes as [ProcessIdentity, ...ProcessIdentity[]];
    for (const guard of guardsOf(supervisor.pid)) process.kill(guard, 'SIGKILL');
    process.kill(supervisor.pid, 'SIGKILL');
    assert.equal(await waitForExit(supervisor, 5000), true);
    // Temporal may end by itself: it logs to a pipe that nobody reads any more.
    assert.ok(readStackStatus(environment).leftBehind.includes('postgres'), 'Postgres keeps running without a supervisor');
    assert.ok((await stopStack(environment)).includes('postgres'));
    assert.deepEqual(servers.filter(isAlive), []);
  });

  test('pids from before a reboot are ignored', async () => {
    await ensureStack(environment, { workers: 'none' });
    await stopStack(environment);
    const home = resolveHome(environment.home);
    // After a power cut the pids in the state file and in postmaster.pid belong to other processes,
    // here to this one.
    const self = identifyProcess(process.pid) as ProcessIdentity;
    const stranger = { pid: process.pid, started: 'an earlier boot/1' };
    const processes = [{ ...stranger, name: 'temporal', restarts: 0 }];
    const state = {
      status: 'up',
      supervisor: stranger,
      startedAt: new Date().toISOString(),
      temporal: null,
      databaseUrl: null,
      processes,
    };
    writeFileSync(home.state, JSON.stringify(state));
    writeFileSync(join(home.postgres, 'postmaster.pid'), `${process.pid}\n${home.postgres}\n`);
    assert.equal((await ensureStack(environment, { workers: 'none' })).started, true);
    assert.equal(isAlive(self), true);
  });
});

test('a worker and dashboards that hang are replaced, and the status says so meanwhile', async (t) => {
  const environment = freshHome(t);
  const stop = new AbortController();
  const up = Promise.withResolvers<void>();
  const running = supervise({
    environment,
    signal: stop.signal,
    note: () => {},
    onUp: () => up.resolve(),
    patience: { intervalMs: 200, answerMs: 2000, hangMs: 6000 },
  });
  running.catch(up.reject);
  await up.promise;
  try {
    assert.equal((await askStack(environment)).state, 'up');
    const hanging = readState(resolveHome(environment.home))?.processes.filter(({ name }) => /trainer|api/.test(name)) ?? [];
    assert.equal(hanging.length, 2);
    for (const { pid } of hanging) process.kill(pid, 'SIGSTOP');
    const status = await askStack(environment);
    assert.deepEqual([status.state, silentProcesses(status).toSorted()], ['degraded', ['api', 'trainer']]);
    const servers = (await runChecks(environment)).find(({ check }) => check === 'servers');
    assert.deepEqual([servers?.result, /not answer/.test(servers?.detail ?? '')], ['failed', true]);
    await until(async () => {
      const { state, processes } = await askStack(environment);
      const isReplaced = hanging.every(({ name, pid }) => processes.some((one) => one.name === name && one.pid !== pid));
      assert.ok(isReplaced || state !== 'up', 'it is never up while a process hangs');
      return isReplaced && state === 'up';
    }, 'both are replaced');
    const log = readFileSync(join(resolveHome(environment.home).logs, 'supervisor.log'), 'utf8');
    for (const { name } of hanging) assert.match(log, new RegExp(`${name} has not answered for 6 s, and is replaced`));
  } finally {
    stop.abort();
    await running;
  }
});

test('servers that hang are replaced', async (t) => {
  const environment = freshHome(t);
  const stop = new AbortController();
  const up = Promise.withResolvers<void>();
  const options = { workers: 'none', patience: { intervalMs: 200, answerMs: 2000, hangMs: 6000 } } as const;
  const running = supervise({ environment, signal: stop.signal, note: () => {}, onUp: () => up.resolve(), ...options });
  running.catch(up.reject);
  await up.promise;
  try {
    for (const { pid } of readState(resolveHome(environment.home))?.processes ?? []) process.kill(pid, 'SIGSTOP');
    const status = await askStack(environment);
    assert.deepEqual([status.state, silentProcesses(status).toSorted()], ['degraded', ['postgres', 'temporal']]);
    await until(async () => (await askStack(environment)).state === 'up', 'both are replaced');
    const connections = await connect(environment);
    await connections.close();
  } finally {
    stop.abort();
    await running;
  }
});

test('crashed dashboards restart at their address and end with their supervisor', async (t) => {
  const environment = freshHome(t);
  const dashboards = await startAwayFromDefaultPort(environment, t);
  const api = readState(resolveHome(environment.home))?.processes.find(({ name }) => name === 'api');
  assert.ok(api);
  process.kill(api.pid, 'SIGKILL');
  const restarts = () => readStackStatus(environment).processes.find(({ name }) => name === 'api')?.restarts;
  await until(async () => restarts() === 1 && (await answers(dashboards)), 'the dashboards come back');
  assert.equal(readStackStatus(environment).dashboards, dashboards);
  const processes = processesOf(environment);
  process.kill((processes[0] as ProcessIdentity).pid, 'SIGKILL');
  assert.equal(await allEnded(processes, 20_000), true);
  assert.equal(await answers(dashboards), false);
});

/**
 * Starts a stack, and returns the URL of its dashboards, which is not at the default port: those of
 * a parallel test may take that over.
 */
async function startAwayFromDefaultPort(environment: Environment, t: TestContext): Promise<string> {
  const server = createServer((socket) => socket.destroy());
  t.after(() => server.close());
  for (;;) {
    if (!server.listening) await occupy(server, DEFAULT_PORT);
    await ensureStack(environment);
    const { dashboards } = readStackStatus(environment);
    assert.ok(dashboards);
    if (Number(new URL(dashboards).port) !== DEFAULT_PORT) return dashboards;
    await stopStack(environment);
  }
}

/** Listens at a port, unless another process does. */
async function occupy(server: Server, port: number): Promise<void> {
  server.listen(port, LOOPBACK);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => assert.equal(error.code, 'EADDRINUSE'));
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/api/session`).then(
    ({ ok }) => ok,
    () => false,
  );
}

test('servers of a removed home folder end, and leave those of a new one of its name alone', async (t) => {
  const environment = freshHome(t);
  await ensureStack(environment, { workers: 'none' });
  const processes = processesOf(environment);
  rmSync(environment.home, { recursive: true, maxRetries: 5 });
  assert.equal(readStackStatus(environment).state, 'down');
  assert.equal((await ensureStack(environment, { workers: 'none' })).started, true);
  assert.equal(await allEnded(processes, 40_000), true, 'the old supervisor stops its servers');
  const { state, processes: again } = readStackStatus(environment);
  assert.equal(state, 'up');
  assert.ok(again.every(({ alive, restarts }) => alive && restarts === 0));
});

test('a home folder may have any name, and a proxy in the environment is not for loopback', async (t) => {
  process.env.http_proxy = 'http://127.0.0.1:9';
  t.after(() => {
    delete process.env.http_proxy;
  });
  const environment = environmentIn(join(temporaryFolder(t), "a #1?x=%41 100%25! b'ü"));
  const { servers } = await ensureStack(environment);
  assert.ok(statSync(join(resolveHome(environment.home).temporal, 'temporal.db')).size > 0);
  await stopStack(environment);
  const again = await connectToStack(environment);
  assert.notDeepEqual(again.servers, servers);
  await again.close();
  await stopStack(environment);
});

test('a Postgres that a killed container may have left is given time to end', async (t) => {
  const home = openHome(environmentIn(temporaryFolder(t)).home);
  mkdirSync(home.postgres);
  const lock = { holder: {} as LockHolder, crashedElsewhere: true, isHeld: () => true, release: () => {} };
  const notes: string[] = [];
  const options = { note: (text: string) => notes.push(text), milliseconds: 1 };
  assert.deepEqual(await stopOrphans(home, lock, options), []);
  assert.deepEqual(notes, [], 'it has shut down and removed its pid file');
  writeFileSync(pidFileOf(home), '1\n');
  assert.deepEqual(await stopOrphans(home, lock, options), []);
  assert.equal(notes.length, 1);
  assert.equal(existsSync(pidFileOf(home)), false);
});

test('an aborted start stops its processes', async (t) => {
  const environment = freshHome(t);
  const stop = new AbortController();
  const start = connectToStack(environment, { signal: stop.signal, note: () => stop.abort(new Error('called off')) });
  await assert.rejects(start, { message: 'called off' });
  assert.equal(readStackStatus(environment).state, 'down');
  assert.equal(findRunningPostgres(resolveHome(environment.home)), null);
});

/** Lists the guards of this process. */
function guardsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').map(Number);
  return children.filter((child) => readFileSync(`/proc/${child}/cmdline`, 'latin1').includes('narrows-guard'));
}
