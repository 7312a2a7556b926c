/** Builds of orchestrators and the workflows that they take, on a real server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { readIdentity } from '../../../db/queries/identity.ts';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { isNewerBuild } from '../../../infra/code-version.ts';
import { readEnvironment } from '../../../infra/env.ts';
import { findTemporalCli } from '../../../infra/temporal/cli.ts';
import {
  type Build,
  createRouter,
  deploymentName,
  type Routing,
  requireDeployments,
  shouldTakeOver,
  strandedBuilds,
} from '../../../infra/worker/deployment.ts';
import { isFinished } from '../../../search/states.ts';
import { sweepWorkflowId } from '../../../workflows/sweep-input.ts';
import { taskQueues } from '../../../workflows/task-queues.ts';
import { until } from '../../support/until.ts';
import { type BareServers, startBareServers } from '../bare-servers.ts';
import { becomesCurrent, currentBuild, type Installation, install, type Work } from './installation.ts';

const OLD = '0.1.0+aaaaaaaaaaaa';
const OTHER = '0.1.0+bbbbbbbbbbbb';
const NEW = '0.2.0+cccccccccccc';

test('the newer of two builds is the one with the later version of the package', () => {
  const pairs: [Build, Build, boolean][] = [
    [NEW, OLD, true],
    [OLD, NEW, false],
    [OTHER, OLD, false],
    ['0.10.0+a', '0.9.9+b', true],
    ['1.0.0-beta.1+a', '0.9.0+b', true],
    [OLD, null, true],
    [null, OLD, false],
    [null, null, false],
  ];
  for (const [a, b, expected] of pairs) assert.equal(isNewerBuild(a, b), expected, `${a} and ${b}`);
});

test('a build becomes the current one when it starts, or where the current one has no worker', () => {
  const routing = (current: Build, ...polling: Build[]): Routing => ({ current, polling, draining: [] });
  const cases: [string, Build, Routing, { starts: boolean; later: boolean }][] = [
    ['it is the current one', OLD, routing(OLD, OLD), { starts: false, later: false }],
    ['the first one', OLD, routing(null, OLD), { starts: true, later: true }],
    ['after workers without a version', OLD, routing(null, null, OLD), { starts: true, later: false }],
    ['an update', NEW, routing(OLD, OLD, NEW), { starts: true, later: false }],
    ['other code of the same version', OTHER, routing(OLD, OLD, OTHER), { starts: true, later: false }],
    ['an old worker that starts again during an update', OLD, routing(NEW, OLD, NEW), { starts: false, later: false }],
    ['the update was taken back', OLD, routing(NEW, OLD), { starts: true, later: true }],
    ['and a newer one than this is there', OLD, routing(NEW, OLD, '0.1.5+d'), { starts: false, later: false }],
    ['versions were switched off', null, routing(NEW, null), { starts: true, later: true }],
    ['but not everywhere yet', null, routing(NEW, null, NEW), { starts: false, later: false }],
    ['no worker is known', null, routing(null), { starts: false, later: false }],
  ];
  for (const [name, own, state, expected] of cases) {
    const decided = { starts: shouldTakeOver(own, state, true), later: shouldTakeOver(own, state, false) };
    assert.deepEqual(decided, expected, name);
  }
});

test('a build without a worker leaves its workflows behind', () => {
  assert.deepEqual(strandedBuilds(NEW, { current: NEW, polling: [NEW, OTHER], draining: [OLD, OTHER] }), [OLD]);
  assert.deepEqual(strandedBuilds(null, { current: OLD, polling: [null], draining: [OLD] }), [OLD]);
  assert.deepEqual(strandedBuilds(OLD, { current: NEW, polling: [NEW], draining: [OLD] }), []);
});

let servers: BareServers;
let it: Installation;
before(async () => {
  servers = await startBareServers();
  it = await install(servers.address);
});
after(async () => {
  await it?.[Symbol.asyncDispose]();
  await servers?.[Symbol.asyncDispose]();
});

/** The look of a worker that sees no other one. */
async function lookAlone(own: Build): Promise<void> {
  const database = { identity: await readIdentity(it.db.sql) };
  const deployment = { name: deploymentName(database), queue: taskQueues(database).orchestrator, own };
  await createRouter(it.temporal, deployment, { polls: () => false })();
}

const trained = async (id: string) => {
  const [row] = await it.db.sql<[{ trained: number }]>`select count(*)::int as trained from trials where sweep_id = ${id}`;
  return row.trained;
};

async function ended(id: string): Promise<unknown> {
  await until(async () => isFinished((await findSweep(it.db.sql, id)).state), `the end of ${id}`);
  const { state, message } = await findSweep(it.db.sql, id);
  return { state, message, trained: await trained(id) };
}

const TRIALS = 12;
const COMPLETED = { state: 'completed', message: null, trained: TRIALS };

/** Starts a sweep that is pinned to a build, whose orchestrator then ends. */
async function leaveBehind(build: string): Promise<string> {
  await using _ = await it.work({ role: 'orchestrator', versioning: 'pinned', build });
  await becomesCurrent(it, build);
  const id = await it.start(TRIALS);
  await until(async () => (await trained(id)) >= 2, 'it trains');
  return id;
}

test('a sweep goes on when the build that it is pinned to has no worker any more', async () => {
  await using _ = await it.work({ role: 'trainer', secondsPerPack: 0.1 });
  const id = await leaveBehind(OLD);
  await using _next = await it.work({ role: 'orchestrator', versioning: 'pinned', build: OTHER });
  await becomesCurrent(it, OTHER);
  const before = await trained(id);
  await lookAlone(OTHER);
  assert.deepEqual(await ended(id), COMPLETED);
  assert.ok(before < TRIALS, 'it was left behind');
  const workflow = it.temporal.workflow.getHandle(sweepWorkflowId(await findSweep(it.db.sql, id)));
  const { events } = await workflow.fetchHistory();
  const builds = events?.map(({ workflowTaskCompletedEventAttributes: task }) => task?.deploymentVersion?.buildId);
  assert.deepEqual([...new Set(builds?.filter(Boolean))], [OLD, OTHER]);
});

test('workers without a version take over from versioned ones that have ended', async () => {
  await using _ = await it.work({ role: 'trainer', secondsPerPack: 0.1 });
  const id = await leaveBehind(NEW);
  await using _next = await it.work({ role: 'orchestrator' });
  await lookAlone(null);
  assert.equal(await currentBuild(it), null);
  assert.deepEqual(await ended(id), COMPLETED);
  assert.deepEqual(await ended(await it.start(TRIALS)), COMPLETED);
});

test('an older build that starts leaves the newer one current, which has a worker', async () => {
  await using _new = await it.work({ role: 'orchestrator', versioning: 'auto-upgrade', build: NEW });
  await becomesCurrent(it, NEW);
  await using _old: Work = await it.work({ role: 'orchestrator', versioning: 'auto-upgrade', build: OLD });
  await using _ = await it.work({ role: 'trainer' });
  assert.deepEqual(await ended(await it.start(TRIALS)), COMPLETED);
  assert.equal(await currentBuild(it), NEW);
});

test('a server without worker deployments is named', async () => {
  const { path } = await findTemporalCli(readEnvironment(), { onDownload: () => {} });
  const extraArgs = ['--dynamic-config-value', 'system.enableDeploymentVersions=false'];
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path }, extraArgs },
  });
  try {
    await assert.rejects(requireDeployments(environment.client, 'narrows'), { code: 'deployments-missing', kind: 'failure' });
  } finally {
    await environment.teardown();
  }
});
