/**
 * Another user of the machine attacks a running stack, whose gate is then killed. The owner must
 * notice neither.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from '../../infra/connect.ts';
import { resolveHome } from '../../infra/home.ts';
import { identifyProcess, type ProcessIdentity, waitForExit } from '../../infra/processes/identity.ts';
import { findPrivateNetworks } from '../../infra/processes/private-network.ts';
import { ensureStack, readStackStatus, stopStack } from '../../infra/stack/stack.ts';
import { readState, type StackState } from '../../infra/stack/state.ts';
import { environmentIn } from '../infra/folders.ts';
import { runAs, withoutOtherUser } from '../support/other-user.ts';
import { until } from '../support/until.ts';

const networks = await findPrivateNetworks();
const withoutNetworks = 'missing' in networks ? networks.missing : false;
const skip = withoutNetworks || withoutOtherUser;

const environment = environmentIn(mkdtempSync(join(tmpdir(), 'narrows-users-')));

before(async () => {
  await ensureStack(environment, { workers: 'none' });
});
after(async () => {
  await stopStack(environment);
  rmSync(dirname(environment.home), { recursive: true, force: true, maxRetries: 3 });
});

function stack(): StackState {
  const state = readState(resolveHome(environment.home));
  assert.ok(state);
  return state;
}

const processOf = (name: string): ProcessIdentity => {
  const found = stack().processes.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
};

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').map(Number);

/** Returns the process inside Temporal's private network. */
function gate(): ProcessIdentity {
  const pid = childrenOf(stack().supervisor.pid).find((child) =>
    readFileSync(`/proc/${child}/cmdline`, 'latin1').includes('temporal-gate'),
  );
  const identity = pid === undefined ? null : identifyProcess(pid);
  assert.ok(identity, 'a gate runs');
  return identity;
}

/** Tries what a client of Temporal can do; prints the outcome of each attempt. */
function attempts(address: string): string {
  const module = (path: string) => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);
  return `
    const { connectTemporalLazily } = await import(${module('infra/connect.ts')});
    const { createRequire } = await import('node:module');
    const { Client } = createRequire(${module('infra/connect.ts')})('@temporalio/client');
    const connection = await connectTemporalLazily({ temporal: { address: ${JSON.stringify(address)} } });
    const client = new Client({ connection, namespace: 'default' });
    const namespace = 'default', workflowId = 'victim';
    const service = connection.workflowService;
    const run = { namespace, workflowExecution: { workflowId } };
    const attempts = {
      start: () => client.workflow.start('sweep', { taskQueue: 'nobody', workflowId }),
      list: async () => { for await (const one of client.workflow.list()) return one; },
      history: () => client.workflow.getHandle(workflowId).fetchHistory(),
      pause: () => client.workflow.getHandle(workflowId).signal('pause'),
      take: () => connection.withDeadline(Date.now() + 20_000, () => service.pollWorkflowTaskQueue({ namespace, taskQueue: { name: 'nobody' } })),
      terminate: () => client.workflow.getHandle(workflowId).terminate(),
      namespaces: () => service.listNamespaces({}),
    };
    const outcomes = {};
    for (const [name, attempt] of Object.entries(attempts))
      outcomes[name] = await attempt().then(() => 'done', (error) => error.code ?? error.cause?.code ?? String(error));
    await connection.close();
    console.log(JSON.stringify(outcomes));`;
}

const GRPC_UNAVAILABLE = 14;

test('another user reaches no part of Temporal, its owner all of it', { skip }, async () => {
  const address = stack().temporal?.address ?? '';
  const [refused, done] = [await runAs<object>('other', attempts(address)), await runAs<object>('owner', attempts(address))];
  assert.deepEqual(new Set(Object.values(refused)), new Set([GRPC_UNAVAILABLE]));
  assert.deepEqual(
    Object.entries(done).filter(([, outcome]) => outcome !== 'done'),
    [],
  );
});

test('no port of Temporal exists outside its network', { skip: withoutNetworks }, () => {
  const { pid } = processOf('temporal');
  const sockets = readdirSync(`/proc/${pid}/fd`)
    .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
    .flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
  const listed = (of: string | number) =>
    ['tcp', 'tcp6'].flatMap((table) =>
      readFileSync(`/proc/${of}/net/${table}`, 'latin1')
        .split('\n')
        .map((line) => line.trim().split(/ +/)[9] ?? ''),
    );
  const [outside, inside] = [new Set(listed('self')), new Set(listed(pid))];
  assert.ok(sockets.some((inode) => inside.has(inode)));
  assert.deepEqual(
    sockets.filter((inode) => outside.has(inode)),
    [],
  );
});

test('another user reads no file of the home folder, and no password of a process', { skip }, async () => {
  const { password } = new URL(stack().databaseUrl ?? '');
  const { supervisor, processes } = stack();
  const pids = [supervisor, ...processes].flatMap(({ pid }) => [pid, ...childrenOf(pid)]).filter((pid) => pid > 0);
  const paths = [
    ...['', 'state.json', 'postgres.password', 'logs/temporal.log', 'postgres/PG_VERSION', 'temporal/temporal.db'].map(
      (name) => `${environment.home}/${name}`,
    ),
    ...pids.flatMap((pid) => [`/proc/${pid}/environ`, `/proc/${pid}/cwd/state.json`, `/proc/${pid}/fd`]),
  ];
  const read = (files: readonly string[]) => `
    const { readFileSync, readdirSync } = await import('node:fs');
    const readable = ${JSON.stringify(files)}.filter((path) => {
      try { readFileSync(path); } catch (error) {
        if (error.code !== 'EISDIR') return false;
        try { readdirSync(path); } catch { return false; }
      }
      return true;
    });
    const commands = ${JSON.stringify(pids)}.map((pid) => { try { return readFileSync('/proc/' + pid + '/cmdline', 'utf8'); } catch { return ''; } });
    console.log(JSON.stringify({ readable, leaked: commands.some((text) => text.includes(${JSON.stringify(password)})) }));`;
  assert.deepEqual(await runAs('other', read(paths)), { readable: [], leaked: false });
  const { readable } = await runAs<{ readable: string[] }>('owner', read(paths));
  assert.ok(readable.includes(`${environment.home}/postgres.password`));
});

test('a killed gate is replaced at its address, and Temporal with it', { skip: withoutNetworks }, async () => {
  const before = { gate: gate(), temporal: processOf('temporal') };
  const { servers, temporal, close } = await connect(environment);
  await temporal.workflow.start('sweep', { taskQueue: 'nobody', workflowId: 'survivor' });
  process.kill(before.gate.pid, 'SIGKILL');
  const restarts = () => readStackStatus(environment).processes.find(({ name }) => name === 'temporal')?.restarts ?? 0;
  await until(() => restarts() > 0 && processOf('temporal').pid !== before.temporal.pid, 'Temporal is started again');
  assert.equal(await waitForExit(before.temporal, 0), true);
  assert.notEqual(gate().pid, before.gate.pid);
  const description = () =>
    temporal.workflow
      .getHandle('survivor')
      .describe()
      .then(
        ({ status }) => status.name,
        () => null,
      );
  await until(async () => (await description()) === 'RUNNING', 'the connection that was open serves again');
  await temporal.workflow.getHandle('survivor').terminate();
  await close();
  assert.equal(stack().temporal?.address, servers.temporal.address);
});

test('a killed Temporal is restarted behind a gate at its address', { skip: withoutNetworks }, async () => {
  const before = { gate: gate(), temporal: processOf('temporal'), address: stack().temporal?.address };
  process.kill(before.temporal.pid, 'SIGKILL');
  await until(() => processOf('temporal').pid !== before.temporal.pid, 'Temporal is started again');
  assert.equal(await waitForExit(before.gate, 5000), true);
  const { temporal, close } = await connect(environment);
  await temporal.workflowService.describeNamespace({ namespace: 'default' });
  await close();
  assert.equal(stack().temporal?.address, before.address);
});

test('nothing of the gate is left by a killed supervisor, even without guards', { skip: withoutNetworks }, async () => {
  const { supervisor } = stack();
  const processes = [gate(), processOf('temporal'), processOf('postgres')];
  const guards = childrenOf(supervisor.pid).filter((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('narrows-guard'),
  );
  for (const guard of guards) process.kill(guard, 'SIGKILL');
  process.kill(supervisor.pid, 'SIGKILL');
  assert.equal(await waitForExit(supervisor, 10_000), true, 'the supervisor is gone before the stack is stopped');
  assert.equal(await waitForExit(processes[0] as ProcessIdentity, 10_000), true, 'the gate ends with its channel');
  // Temporal may end by itself: it logs to a pipe that nobody reads any more.
  assert.ok((await stopStack(environment)).includes('postgres'));
  for (const one of processes) assert.equal(await waitForExit(one, 0), true);
});
