/** Kills processes during a search, whose proposals must be made once, and follow from rows. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { PlanReport } from '../../operations/lifecycle/plan-checks.ts';
import { writeShard } from '../support/shards.ts';
import { ask, runDisturbed } from './disturbed-sweep.ts';
import { describeFault, drawFaults } from './draw-faults.ts';
import { type FaultStack, startFaultStack } from './fault-stack.ts';

/** A seed whose kills hit each of these once. */
const SEED = 339;
const KILLED = ['trainer', 'orchestrator', 'temporal', 'postgres', 'supervisor'];

const SEEDS = 2;
const [POINTS, CELLS] = [14, 4];

const SPEC = `name: search
dataset: little
target: xes
methods: [ednn, nnca]
space: { k: [1, 2], hidden: [24, 24], learningRate: { log: [0.003, 0.03] }, weightDecay: { log: [0.001, 1] } }
seeds: ${SEEDS}
sampler: { tpe: { trials: ${POINTS * CELLS * SEEDS}, startup: 4 } }
training: { epochs: 60, batch: 16 }
`;

let stack: FaultStack;
before(async () => {
  stack = await startFaultStack();
  writeFileSync(join(stack.project.directory, 'spec.yaml'), SPEC);
  await stack.project.json(['data', 'import', writeShard(join(stack.project.directory, 'little'), { rows: 600 })]);
});
after(() => stack?.[Symbol.asyncDispose]());

test('a search goes on after kills, and each of its points was proposed once', async (t) => {
  const faults = drawFaults(SEED, 5, POINTS * CELLS * SEEDS, ['kill']);
  assert.deepEqual(
    KILLED.filter((name) => !faults.some(({ target }) => target === name)),
    [],
  );
  const { sweepId, counts } = await runDisturbed(stack, 'search', faults, (fault, isRunning) =>
    t.diagnostic(`${describeFault(fault)}${isRunning ? '' : ', at its end'}`),
  );
  await stack.untilUp();
  assert.equal(counts.planned, POINTS * CELLS * SEEDS);
  const { sql, project } = stack;
  const [ended] = await ask(
    () => sql<[{ state: string; trials: number; distinct: number }]>`
      select state, count(*)::int as trials, count(distinct (configuration_hash, seed))::int as distinct
      from sweeps join trials on sweep_id = sweeps.id and outcome in ('completed', 'diverged')
      where sweeps.id = ${sweepId} group by state`,
  );
  assert.deepEqual(ended, { state: 'completed', trials: counts.planned, distinct: counts.planned });
  const report = await project.json<PlanReport>(['sweep', 'verify', 'search']);
  const expected = { trials: counts.planned, proposals: POINTS * CELLS, rungs: null, identical: true, first: null };
  assert.deepEqual(report, { sweepId, name: 'search', sampler: 'tpe', ...expected });
});
