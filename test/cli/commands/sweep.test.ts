/** Commands about sweeps on servers of one's own, which no worker polls. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findSweep, setSweepState } from '../../../db/queries/sweeps/sweeps.ts';
import type { SweepStatus } from '../../../operations/sweeps/status.ts';
import { sweepWorkflowId } from '../../../workflows/sweep-input.ts';
import { type BareServers, startBareServers } from '../../infra/bare-servers.ts';
import { type Answer, type Project, project } from '../../support/command.ts';
import { writeTinyDataset } from '../../support/datasets/tiny.ts';
import { until } from '../../support/until.ts';

const SPEC = 'dataset: tiny\nmethods: [ednn]\nspace: { k: [1, 2], hidden: [8] }\nseeds: 2\ntraining: { epochs: 3, batch: 16 }\n';
let servers: BareServers;
let it: Project;
before(async () => {
  it = project();
  servers = await startBareServers();
  writeTinyDataset(join(it.directory, 'data'));
  for (const target of ['y', 'flat'])
    writeFileSync(join(it.directory, `${target}.yaml`), `name: ${target}\ntarget: ${target}\n${SPEC}`);
  const imported = await narrows('data', 'import', 'data');
  assert.equal(imported.code, 0, imported.stderr);
});
after(async () => {
  await servers?.[Symbol.asyncDispose]();
  await it[Symbol.asyncDispose]();
});

const narrows = (...args: string[]): Promise<Answer> => it.narrows(args, { variables: servers.variables });

/** Returns the handle of a sweep's workflow. */
const workflowOf = async (sweepId: string) =>
  servers.temporal.workflow.getHandle(sweepWorkflowId(await findSweep(servers.db.sql, sweepId)));

/** Starts a sweep under a name of its own. */
async function start(name: string): Promise<SweepStatus> {
  const { code, stdout, stderr } = await narrows('sweep', 'start', 'y.yaml', '--name', name, '--output', 'json');
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as SweepStatus;
}

test('a target that does not vary is refused by plan and start, with its line; nothing is written', async () => {
  for (const command of ['plan', 'start']) {
    const { code, stderr } = await narrows('sweep', command, 'flat.yaml');
    assert.equal(code, 2, stderr);
    assert.match(stderr, /the target "flat" does not vary over the 42 training rows.*\n {2}at: line 2\n {2}fix: /);
  }
  assert.equal((await narrows('sweep', 'show', 'flat')).code, 3);
});

test('a part of a single row is refused by plan: it has no score', async () => {
  for (const [part, split] of [
    ['validation', '{ train: 0.9, validation: 0.02, test: 0.08 }'],
    ['test', '{ train: 0.9, validation: 0.08, test: 0.02 }'],
  ]) {
    writeFileSync(join(it.directory, 'one.yaml'), `name: one\ntarget: y\nsplit: ${split}\n${SPEC}`);
    const { code, stderr } = await narrows('sweep', 'plan', 'one.yaml');
    assert.equal(code, 2, stderr);
    assert.match(stderr, new RegExp(`does not vary over the only row of ${part}.*\\n {2}at: line 3\\n {2}fix: give it a larger`));
  }
});

test('a start that Temporal refuses leaves no sweep', async () => {
  const variables = { ...servers.variables, TEMPORAL_NAMESPACE: 'nosuch' };
  const { code, stderr } = await it.narrows(['sweep', 'start', 'y.yaml', '--name', 'refused'], { variables });
  assert.equal(code, 5);
  assert.match(stderr, /^error: Temporal at \S+ has no namespace "nosuch"\n {2}at: TEMPORAL_NAMESPACE\n {2}fix: /);
  assert.equal((await narrows('sweep', 'show', 'refused')).code, 3);
  const worker = await it.narrows(['worker', '--role', 'trainer', '--engine', 'null'], { variables });
  assert.equal(worker.code, 5);
  assert.match(worker.stderr, /^error: Temporal at \S+ has no namespace "nosuch"$/m);
  const doctor = await it.narrows(['doctor'], { variables });
  assert.match(doctor.stdout, /^failed +servers +Temporal at \S+ has no namespace "nosuch"$/m);
});

/** Starts a sweep whose workflow is deleted, as if a minute ago. */
async function lose(name: string): Promise<SweepStatus> {
  const status = await start(name);
  await loseWorkflow(status.sweepId);
  await servers.db.sql`update sweeps set started_at = started_at - interval '1 minute' where id = ${status.sweepId}`;
  return status;
}

async function loseWorkflow(sweepId: string): Promise<void> {
  const workflow = await workflowOf(sweepId);
  await servers.temporal.workflowService.deleteWorkflowExecution({
    namespace: servers.temporal.options.namespace,
    workflowExecution: { workflowId: workflow.workflowId },
  });
  const isGone = () =>
    workflow.describe().then(
      () => false,
      ({ name: error }: Error) => error === 'WorkflowNotFoundError',
    );
  await until(isGone, 'the workflow is deleted');
}

test('a sweep without a workflow is reported by every command, and can be retried, cancelled and removed', async () => {
  const { sweepId } = await lose('lost');
  const fix = /continue it with "narrows sweep retry lost", or end it with "narrows sweep cancel lost"/;
  const show = await narrows('sweep', 'show', 'lost');
  assert.match(show.stdout, /reason: nothing works on it: Temporal has no workflow of it; /);
  assert.match(show.stdout, fix);
  assert.match((await narrows('sweep', 'ls')).stdout, /^s\w+ +lost +running, lost /m);
  for (const command of ['watch', 'pause', 'resume']) {
    if (command === 'resume') await setSweepState(servers.db.sql, sweepId, 'paused');
    const { code, stderr } = await narrows('sweep', command, 'lost');
    assert.equal(code, 1, `${command}: ${stderr}`);
    assert.match(stderr, /error: lost is \w+, but no workflow in Temporal works on it/, command);
    assert.match(stderr, fix);
  }
  const retried = await narrows('sweep', 'retry', 'lost', '--output', 'json');
  assert.equal(retried.code, 0, retried.stderr);
  assert.equal((await (await workflowOf(sweepId)).describe()).status.name, 'RUNNING');

  const refused = await narrows('sweep', 'rm', 'lost', '--yes');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /it cannot be removed\n.*\n {2}fix: cancel it first/);
  await (await workflowOf(sweepId)).terminate();
  assert.equal((await narrows('sweep', 'cancel', 'lost', '--yes')).code, 0);
  assert.match((await narrows('sweep', 'rm', 'lost', '--dry-run')).stdout, /^lost \(\w+\) is cancelled$/m);
  assert.match((await narrows('sweep', 'rm', 'lost', '--yes')).stdout, /^removed lost /);
  assert.equal((await narrows('sweep', 'show', 'lost')).code, 3);
});

test('a sweep whose workflow was terminated is cancelled, and can be retried', async () => {
  const { sweepId } = await start('stopped');
  await (await workflowOf(sweepId)).terminate();
  const watched = await narrows('sweep', 'watch', 'stopped');
  assert.match(
    watched.stderr,
    /cancelled after .*: its workflow in Temporal ended as terminated; continue it with "narrows sweep/,
  );
  assert.match((await narrows('sweep', 'ls')).stdout, /^s\w+ +stopped +cancelled /m);
  assert.match((await narrows('sweep', 'pause', 'stopped')).stderr, /stopped is cancelled: it cannot be paused/);
  assert.equal((await narrows('sweep', 'retry', 'stopped')).code, 0);
  assert.equal((await (await workflowOf(sweepId)).describe()).status.name, 'RUNNING');
  await (await workflowOf(sweepId)).terminate();
  assert.equal((await narrows('sweep', 'cancel', 'stopped', '--yes')).code, 0);
});

test('without a worker, commands say so instead of waiting', async () => {
  const note = /^warning: no worker \(orchestrator, trainer\) takes work: start one with "narrows worker"$/m;
  const started = await narrows('sweep', 'start', 'y.yaml', '--name', 'idle');
  assert.equal(started.code, 0);
  assert.match(started.stderr, note);
  assert.match((await narrows('sweep', 'show', 'idle')).stderr, note);
  const watched = await it.narrows(['sweep', 'watch', 'idle'], {
    variables: servers.variables,
    signal: 'SIGINT',
    after: /no worker/,
  });
  assert.equal(watched.code, 130);
  assert.match(
    watched.stderr,
    /^the sweep goes on: "narrows sweep watch idle" follows it, "narrows sweep cancel idle" ends it\ninterrupted$/m,
  );
  for (const command of ['pause', 'cancel']) {
    const { code, stderr } = await narrows('sweep', command, 'idle', ...(command === 'cancel' ? ['--yes'] : []));
    assert.equal(code, 5, stderr);
    assert.match(stderr, /^error: idle is still running: no worker \(orchestrator, trainer\) takes work/m);
    assert.match(stderr, new RegExp(`fix: the request to ${command} it is kept`));
  }
  const { id } = await findSweep(servers.db.sql, 'idle');
  await setSweepState(servers.db.sql, id, 'paused');
  assert.match(
    (await narrows('sweep', 'retry', 'idle')).stderr,
    /^the sweep is paused: "narrows sweep resume s\w+" trains what is to be trained again$/m,
  );
  const doctor = await narrows('doctor');
  assert.match(
    doctor.stdout,
    /^warning +servers .*; no worker \(orchestrator, trainer\) takes work\n +fix: start "narrows worker"$/m,
  );
});

test('show, watch, results and compare give the reason of a failed sweep', async () => {
  const { sweepId } = await start('broken');
  await (await workflowOf(sweepId)).terminate();
  await setSweepState(servers.db.sql, sweepId, 'failed', 'the cat sat on the disk');
  const show = await narrows('sweep', 'show', 'broken');
  assert.match(show.stdout, /^broken \(\w+\) is failed\n {2}reason: the cat sat on the disk$/m);
  const json = await narrows('sweep', 'show', 'broken', '--output', 'json');
  assert.equal((JSON.parse(json.stdout) as SweepStatus).message, 'the cat sat on the disk');
  const watch = await narrows('sweep', 'watch', 'broken');
  assert.equal(watch.code, 1);
  assert.match(watch.stderr, /failed after .*: the cat sat on the disk/);
  assert.match((await narrows('results', 'broken')).stderr, /^broken is failed: the cat sat on the disk$/m);
  const exported = await narrows('export', 'broken', '--format', 'csv', '--out', 'broken');
  assert.match(exported.stderr, /broken is failed without a trial: the cat sat on the disk/);
  const compare = await narrows('compare', 'broken');
  assert.equal(compare.code, 1);
  assert.match(
    compare.stderr,
    /broken is failed without a completed trial: the cat sat on the disk\n {2}fix: .*sweep retry broken/,
  );
});

test('sweeps are archived, removed and restored; what they answer is JSON with counts and bytes', async () => {
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await narrows(...args, '--output', 'json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Record<string, unknown> & { space: { before: number; after: number; freed: number } };
  };
  const { sweepId } = await start('put-away');
  const running = await narrows('sweep', 'rm', 'put-away', '--yes');
  assert.equal(running.code, 1);
  assert.match(running.stderr, /put-away is running: it cannot be removed/);
  await (await workflowOf(sweepId)).terminate();
  assert.equal((await narrows('sweep', 'cancel', 'put-away', '--yes')).code, 0);
  const archived = await json('archive', 'put-away', '--to', 'one.narrows');
  assert.deepEqual(archived.sweeps, [{ id: sweepId, name: 'put-away', trials: 0 }]);
  assert.ok(Number(archived.bytes) > 0);

  const dry = await json('sweep', 'rm', 'put-away', '--dry-run');
  assert.deepEqual([dry.sweepId, dry.state, dry.trials], [sweepId, 'cancelled', 0]);
  await setSweepState(servers.db.sql, sweepId, 'partial');
  assert.equal((await narrows('sweep', 'rm', 'put-away', '--dry-run')).code, 0, 'how the sweep ended is not asked');
  await setSweepState(servers.db.sql, sweepId, 'cancelled');
  const asked = await narrows('sweep', 'rm', 'put-away');
  assert.match(asked.stderr, /needs a confirmation.*\n.*add --yes/);
  const removed = await json('sweep', 'rm', 'put-away', '--yes');
  assert.deepEqual([removed.sweepId, removed.name, removed.removed, removed.trials], [sweepId, 'put-away', true, 0]);
  assert.equal(removed.space.freed, Math.max(0, removed.space.before - removed.space.after));
  assert.equal((await narrows('sweep', 'rm', 'put-away', '--yes')).code, 3);
  assert.deepEqual((await json('restore', 'one.narrows')).sweeps, archived.sweeps);
  assert.deepEqual((await json('restore', 'one.narrows')).existing, archived.sweeps);

  const planned = await json('prune', '--name', 'put-*', '--state', 'cancelled', '--dry-run');
  assert.deepEqual([planned.removed, (planned.sweeps as unknown[]).length, planned.kept], [false, 1, []]);
  const pruned = await json('prune', '--name', 'put-*', '--state', 'cancelled', '--yes');
  assert.deepEqual([pruned.removed, pruned.sweepId], [true, sweepId]);
  const nothing = await json('prune', '--yes');
  assert.deepEqual([nothing.sweeps, nothing.trials, nothing.arrays], [[], 0, 0]);
  assert.equal((await narrows('prune', '--state', 'running')).code, 2);
  assert.equal((await narrows('prune', '--older-than', 'soon')).code, 2);

  const inUse = await narrows('data', 'rm', 'tiny', '--dry-run');
  assert.deepEqual(
    [inUse.code, /tiny cannot be removed: .*the sweep \S+ was trained on it/.test(inUse.stderr)],
    [1, true],
    inUse.stderr,
  );
});

/** Starts a sweep, and ends it as completed: no worker trains it. */
async function startEnded(name: string): Promise<SweepStatus> {
  const status = await start(name);
  await (await workflowOf(status.sweepId)).terminate();
  await setSweepState(servers.db.sql, status.sweepId, 'completed');
  return status;
}

test('an extension is planned and started; what is not one is refused', async () => {
  const { sweepId } = await startEnded('extended');
  const planned = await narrows('sweep', 'extend', 'extended', '--seeds', '4', '--k', '1,2,3', '--dry-run', '--output', 'json');
  assert.equal(planned.code, 0, planned.stderr);
  const { trials, adopted, trained, extends: parent } = JSON.parse(planned.stdout) as Record<string, unknown>;
  assert.deepEqual([trials, adopted, trained, parent], [12, 0, 12, sweepId]);
  const text = await narrows('sweep', 'extend', 'extended', '--seeds', '1,2,7', '--dry-run');
  assert.match(
    text.stdout,
    /^extended: 6 trials .*\n[\s\S]* {2}0 trials of extended \(\w+\) are adopted, 6 trials to be trained$/m,
  );
  const started = await narrows('sweep', 'extend', 'extended', '--seeds', '4', '--name', 'larger', '--output', 'json');
  assert.equal(started.code, 0, started.stderr);
  assert.equal((JSON.parse(started.stdout) as SweepStatus).counts.planned, 8);
  const row = await findSweep(servers.db.sql, 'larger');
  assert.equal(row.spec.extends, sweepId);
  assert.match((await narrows('sweep', 'rm', 'extended', '--yes')).stderr, /larger extends it, and has not ended/);
  for (const [args, code, says] of [
    [['--epochs', '30', '--seeds', '4'], 2, /30 epochs would change what was trained with 3/],
    [['--trials', '100'], 2, /points of a grid follow from the spec/],
    [['--seeds', '1,x'], 2, /is not a valid list of seeds/],
    [[], 2, /would train no other/],
  ] as const) {
    const { code: exit, stderr } = await narrows('sweep', 'extend', 'extended', ...args);
    assert.equal(exit, code, stderr);
    assert.match(stderr, says);
  }
  assert.equal((await narrows('sweep', 'extend', 'larger', '--seeds', '9')).code, 1, 'it is running');
  assert.equal((await narrows('sweep', 'extend', 'never', '--seeds', '9')).code, 3);
});

test('a repeated extension is the same one, and goes on where its workflow was never started', async () => {
  const parent = await startEnded('repeated');
  const extend = async (sweep: string, ...more: string[]) => {
    const { code, stdout, stderr } = await narrows('sweep', 'extend', sweep, '--seeds', '4', '--output', 'json', ...more);
    assert.equal(code, 0, stderr);
    return { sweepId: (JSON.parse(stdout) as SweepStatus).sweepId, stderr };
  };
  const [one, two] = await Promise.all([extend(parent.sweepId), extend(parent.sweepId)]);
  const { sweepId } = one;
  assert.equal(two.sweepId, sweepId);
  // A name means the newest sweep: the extension, by now.
  for (const sweep of ['repeated', parent.sweepId]) {
    const again = await extend(sweep);
    assert.equal(again.sweepId, sweepId);
    assert.match(again.stderr, new RegExp(`this extension was started before, as ${sweepId}; nothing else is started`));
  }
  assert.notEqual((await extend(parent.sweepId, '--name', 'other')).sweepId, sweepId);

  // Its process died after it had written the row.
  await loseWorkflow(sweepId);
  assert.equal((await extend('repeated')).sweepId, sweepId);
  assert.equal((await (await workflowOf(sweepId)).describe()).status.name, 'RUNNING');

  await loseWorkflow(sweepId);
  await setSweepState(servers.db.sql, sweepId, 'cancelled');
  const { code, stderr } = await narrows('sweep', 'extend', 'repeated', '--seeds', '4');
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(`is this extension of ${parent.sweepId}, and is cancelled\n.*\n.*narrows sweep retry ${sweepId}`),
  );
  await assert.rejects((await workflowOf(sweepId)).describe());
});

test('points are given to a running sweep, in the form of a spec', async () => {
  const search = SPEC.replace('hidden: [8]', 'hidden: [8], learningRate: { log: [0.001, 0.1] }');
  writeFileSync(
    join(it.directory, 'wait.yaml'),
    `name: waiting\ntarget: y\n${search}sampler: { tpe: { trials: 12, startup: 1 } }\n`,
  );
  assert.equal((await narrows('sweep', 'start', 'wait.yaml')).code, 0);
  const points = ['--point', '{ learningRate: 0.02 }', '{"learningRate":0.03}'];
  const given = await narrows('sweep', 'enqueue', 'waiting', ...points, '--cell', 'ednn/2', '--output', 'jsonl');
  const rows = given.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { cell: string; point: number; value: { learningRate: number } });
  assert.deepEqual(
    rows.map(({ cell, point, value }) => [cell, point, value.learningRate]),
    [
      ['ednn/2', 0, 0.02],
      ['ednn/2', 1, 0.03],
    ],
  );
  const text = await narrows('sweep', 'enqueue', 'waiting', '--point', '{ learningRate: 0.05 }');
  assert.match(text.stdout, /^ednn\/1: point 0 is learningRate 0.05.*\nednn\/2: point 2 is learningRate 0.05/);
  for (const point of ['{ learningRate: 0.5 }', '{ learningRat: 0.05 }', '{ learningRate', 'x']) {
    const { code, stderr } = await narrows('sweep', 'enqueue', 'waiting', '--point', point);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^error: .*\n?.*enqueue/);
  }
  const { id } = await findSweep(servers.db.sql, 'waiting');
  await (await workflowOf(id)).terminate();
  await setSweepState(servers.db.sql, id, 'completed');
  const extend = ['sweep', 'extend', 'waiting', '--seeds', '3', '--dry-run'];
  const planned = JSON.parse((await narrows(...extend, '--output', 'json')).stdout) as { enqueue: Record<string, unknown[]> };
  assert.equal(planned.enqueue['ednn/2']?.length, 3);
  const described = await narrows(...extend);
  assert.match(described.stdout, /^waiting: 18 trials = 6 configurations x 3 seeds/);
  assert.doesNotMatch(described.stdout, /enqueued/, 'points that are adopted are not listed');
});

test('a sampler that weighs objectives names them, and the command for the front', async () => {
  const weighing = SPEC.replace('hidden: [8]', 'hidden: { choice: [[4], [8], [16]] }');
  writeFileSync(
    join(it.directory, 'weighed.yaml'),
    `name: weighed\ntarget: y\n${weighing}sampler: { nsga2: { trials: 12, startup: 1 } }\n`,
  );
  assert.match((await narrows('sweep', 'plan', 'weighed.yaml')).stdout, /^ {2}objectives: covered variance, parameters$/m);
  assert.equal((await narrows('sweep', 'start', 'weighed.yaml')).code, 0);
  const { spec } = await findSweep(servers.db.sql, 'weighed');
  assert.ok(spec.sampler.kind === 'nsga2');
  assert.deepEqual(spec.sampler.objectives.columns, { descriptors: 2, energies: 3 });
  assert.match((await narrows('results', 'weighed')).stderr, /its Pareto front: narrows results weighed --pareto parameters/);
});

test('a sweep to start from is named by a spec or an option; its faults have their line', async () => {
  const searching = `${SPEC.replace('hidden: [8]', 'hidden: { choice: [[4], [8], [16]] }')}sampler: { tpe: { trials: 12, startup: 1 } }\n`;
  await startEnded('seen');
  writeFileSync(join(it.directory, 'from.yaml'), `name: next\ntarget: y\n${searching}from: seen\n`);
  writeFileSync(join(it.directory, 'search.yaml'), `name: next\ntarget: y\n${searching}enqueue: [{ hidden: [4] }]\n`);
  const inSpec = await narrows('sweep', 'plan', 'from.yaml');
  assert.equal(inSpec.code, 2);
  assert.match(inSpec.stderr, /seen has no completed configuration of ednn\/1, ednn\/2.*\n {2}at: line 9\n/);
  assert.equal((await narrows('sweep', 'plan', 'search.yaml', '--from', 'never')).code, 3);
  assert.match((await narrows('sweep', 'plan', 'search.yaml', '--best', '2')).stderr, /none is named\n {2}fix: add --from/);
  assert.match((await narrows('sweep', 'plan', 'search.yaml')).stdout, /^ {2}enqueued: hidden 4$/m);
  const found = JSON.stringify({ hidden: [16] });
  const { id: sweepId } = await findSweep(servers.db.sql, 'seen');
  await servers.db.sql`
    insert into trials (id, sweep_id, index, method, k, cell, configuration, configuration_hash, seed, outcome, rung, validation, epochs,
      seconds, started_at, finished_at, dataset_version, engine, engine_build, code_version, host)
    values (${`${sweepId}-0`}, ${sweepId}, 0, 'ednn', 1, 'ednn/1', ${found}::text::jsonb, 'f', 1, 'completed', 0, 0.5, 3, 1, now(), now(), 'v', 'kernel', 'b', '0', 'here')`;
  const planned = await narrows('sweep', 'plan', 'search.yaml', '--from', 'seen', '--best', '1');
  assert.match(
    planned.stdout,
    /^ {2}enqueued for ednn\/1: hidden 4\n {2}enqueued for ednn\/1: hidden 16\n {2}enqueued for ednn\/2: hidden 4$/m,
  );
});
