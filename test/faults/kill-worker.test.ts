/** Kills a worker during a sweep. The sweep must complete with one row for each trial. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ResultRow } from '../../db/queries/trials/results.ts';
import type { StackStatus } from '../../infra/stack/stack.ts';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { type Project, project } from '../support/command.ts';
import { writeThinned } from '../support/datasets/thinned.ts';
import { until } from '../support/until.ts';
import { WATER } from '../support/water.ts';

const SPEC = `
name: killed
dataset: water
target: xps
space: { k: [1, 2], hidden: [32, 32], learningRate: { choice: [0.01, 0.02] } }
seeds: 4
training: { epochs: 25, batch: 128 }
`;

let it: Project;
before(async () => {
  it = project();
  writeFileSync(join(it.directory, 'spec.yaml'), SPEC);
  writeThinned(WATER, join(it.directory, 'water'), 2);
  await it.json(['up', '--detach']);
  await it.json(['data', 'import', 'water']);
});
after(() => it[Symbol.asyncDispose]());

for (const role of ['trainer', 'orchestrator']) {
  test(`a sweep survives kill -9 of the ${role}`, async () => {
    const { sweepId } = await it.json<SweepStatus>(['sweep', 'start', 'spec.yaml', '--name', role]);
    const ended = async () => (await it.json<SweepStatus>(['sweep', 'show', sweepId])).counts.completed;
    await until(async () => (await ended()) >= 3, 'three trials');
    const { processes } = await it.json<StackStatus>(['status']);
    const victim = processes.find(({ name }) => name === role);
    assert.ok(victim, `${role} is among ${JSON.stringify(processes)}`);
    process.kill(victim.pid, 'SIGKILL');
    const status = await it.json<SweepStatus>(['sweep', 'watch', sweepId]);
    assert.equal(status.state, 'completed');
    assert.deepEqual(status.counts, { planned: 40, leftOut: 0, running: 0, completed: 40, pruned: 0, diverged: 0, failed: 0 });
    const rows = await it.json<ResultRow[]>(['results', sweepId]);
    // ECA's eight trials have a row for each of two ranks.
    assert.equal(rows.length, 48);
    assert.equal(new Set(rows.map(({ trialId, k }) => `${trialId}/${k}`)).size, 48);
    assert.equal(new Set(rows.map(({ trialId }) => trialId)).size, 40);
    const after = await it.json<StackStatus>(['status']);
    assert.notEqual(after.processes.find(({ name }) => name === role)?.pid, victim.pid, 'another process took over');
  });
}
