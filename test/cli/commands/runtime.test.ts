import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readEnvironment } from '../../../infra/env.ts';
import { resolveHome } from '../../../infra/home.ts';
import { isAlive } from '../../../infra/processes/identity.ts';
import type { StackStatus } from '../../../infra/stack/stack.ts';
import { readState, type StackState } from '../../../infra/stack/state.ts';
import { type Project, project } from '../../support/command.ts';
import { until } from '../../support/until.ts';

let it: Project;
before(() => {
  it = project();
});
after(() => it[Symbol.asyncDispose]());

const stateOf = ({ directory }: Project): StackState | null =>
  readState(resolveHome(readEnvironment({ HOME: '/' }, directory).home));

test('up in the foreground prints its addresses, runs until Ctrl-C, and leaves no process', async () => {
  const seen: StackState[] = [];
  const running = it.narrows(['up'], { signal: 'SIGINT', after: /Ctrl-C stops everything/ });
  await until(() => {
    const state = stateOf(it);
    // It may be stopping already: both servers must have been printed.
    if (state?.temporal && state.databaseUrl) seen.push(state);
    return seen.length > 0;
  }, 'both servers are known');
  const { code, stdout } = await running;
  assert.equal(code, 130);
  const [state] = seen as [StackState];
  assert.ok(stdout.includes(state.temporal?.address ?? '?'), stdout);
  assert.match(stdout, /^dashboards http:\/\/127\.0\.0\.1:\d+$/m);
  assert.ok(!stdout.includes(new URL(state.databaseUrl ?? '').password), 'the output contains no password');
  assert.deepEqual([state.supervisor, ...state.processes].filter(isAlive), []);
  assert.equal(stateOf(it), null);
});

test('up in the foreground ends well when it is asked to end', async () => {
  const { code, stderr } = await it.narrows(['up'], { signal: 'SIGTERM', after: /Ctrl-C stops everything/ });
  assert.equal(code, 0, stderr);
  assert.equal(stateOf(it), null);
});

test('up --detach, a second one, status, worker and down work in order', async () => {
  const first = await it.json<StackStatus>(['up', '--detach']);
  assert.equal(first.state, 'up');
  assert.equal(first.home, join(it.directory, '.narrows'));
  const page = await (await fetch(first.dashboards as string)).text();
  assert.match(page, /<title>narrows<\/title>/);
  const again = await it.narrows(['up']);
  assert.equal(again.code, 0, 'a second up uses the running stack');
  assert.match(again.stderr, /up already/);
  assert.deepEqual(await it.json(['status']), first);

  for (const role of ['orchestrator', 'trainer', 'all']) {
    const { code, stderr } = await it.narrows(['worker', '--role', role], { signal: 'SIGTERM', after: /taking work/ });
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`taking work \\(${role}\\) from Temporal at ${first.temporal}`));
  }
  for (const engine of ['kernel', 'tfjs']) {
    const variables = { XDG_CACHE_HOME: join(it.directory, 'cache') };
    const args = ['worker', '--role', 'trainer', '--engine', engine];
    const { code, stderr } = await it.narrows(args, { signal: 'SIGTERM', after: /taking work/, variables });
    assert.equal(code, 0, stderr);
    if (engine === 'tfjs') assert.match(stderr, /engine: tfjs\S*\/\d/);
  }
  const { code, stderr } = await it.narrows(['worker', '--role', 'manager']);
  assert.equal(code, 2);
  assert.match(stderr, /orchestrator, trainer, all/);

  // The same servers as external ones: the embedded stack is not used.
  const state = stateOf(it);
  const variables = { NARROWS_DATABASE_URL: state?.databaseUrl ?? '', TEMPORAL_ADDRESS: state?.temporal?.address ?? '' };
  const external = await it.narrows(['up', '--output', 'json'], { variables });
  assert.equal(external.code, 0, external.stderr);
  assert.equal(JSON.parse(external.stdout).state, 'external');
  assert.equal(JSON.parse(external.stdout).temporal, first.temporal);

  const { stopped } = await it.json<{ stopped: string[] }>(['down']);
  assert.deepEqual(stopped.toSorted(), ['api', 'orchestrator', 'postgres', 'supervisor', 'temporal', 'trainer']);
  assert.deepEqual((await it.json<{ stopped: string[] }>(['down'])).stopped, []);
  const unreachable = await it.narrows(['status', '--output', 'json'], { variables });
  assert.equal(unreachable.code, 5);
  assert.ok(JSON.parse(unreachable.stderr).error.message.includes('127.0.0.1:'));
});
