/**
 * A sweep whose trials start from an earlier sweep's models, on other data, by commands on real
 * servers.
 */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ModelRow } from '../../db/queries/trials/models.ts';
import type { ResultRow } from '../../db/queries/trials/results.ts';
import { cellName } from '../../models/methods/catalogue.ts';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { type Project, project } from '../support/command.ts';
import { WATER } from '../support/water.ts';

const HOT = fileURLToPath(new URL('../../examples/water-hot', import.meta.url));

const COLD = `
name: cold
dataset: water
target: xes
methods: [ednn, eca, nnca]
space: { k: 2, hidden: [24, 16] }
seeds: 1
training: { epochs: 15, batch: 64 }
`;

/** The same networks on hotter water, for two epochs. */
const hot = (warm: Record<string, string>) => `
name: hot
dataset: water-hot
target: xes
methods: [ednn, eca, nnca]
space: { k: 2, hidden: [24, 16] }
seeds: 2
sampler: { list: [{ learningRate: 0.02 }, { start: warm, learningRate: 0.005 }] }
training: { epochs: 2, batch: 64 }
warm: ${JSON.stringify(warm)}
`;

let it: Project;
before(async () => {
  it = project();
  await it.json(['data', 'import', WATER]);
  await it.json(['data', 'import', HOT]);
  writeFileSync(join(it.directory, 'cold.yaml'), COLD);
  const { state } = await it.json<SweepStatus>(['sweep', 'start', 'cold.yaml', '--watch']);
  assert.equal(state, 'completed');
});
after(() => it[Symbol.asyncDispose]());

/** Returns the trial whose model is kept, by cell. */
async function modelTrials(): Promise<Record<string, string>> {
  const rows = await it.json<ModelRow[]>(['model', 'ls', 'cold']);
  return Object.fromEntries(rows.map(({ method, config, trialId }) => [cellName({ method, k: config.k }), trialId]));
}

async function expectError(text: string): Promise<{ exit: number | null; code: string; path?: string; message: string }> {
  writeFileSync(join(it.directory, 'bad.yaml'), text);
  const { code, stderr } = await it.narrows(['sweep', 'start', 'bad.yaml', '--output', 'json']);
  return { exit: code, ...JSON.parse(stderr.trim().split('\n').at(-1) as string).error };
}

describe('warm starts', { concurrency: false }, () => {
  test('the plan lists the models that trials start from', async () => {
    const warm = await modelTrials();
    assert.deepEqual(Object.keys(warm).sort(), ['eca', 'ednn/2', 'nnca/2']);
    writeFileSync(join(it.directory, 'hot.yaml'), hot(warm));
    const { stdout } = await it.narrows(['sweep', 'plan', 'hot.yaml']);
    assert.match(stdout, /^hot: 12 trials = 6 configurations x 2 seeds/);
    assert.match(stdout, /^ {2}point: learningRate 0\.02$/m);
    assert.match(stdout, /^ {2}point: learningRate 0\.005, start warm$/m);
    assert.match(stdout, new RegExp(`^  warm: eca from the model of ${warm.eca}$`, 'm'));
  });

  test('on hotter water, warm starts score better after two epochs than starts from scratch', async () => {
    const warm = await modelTrials();
    const { state, counts } = await it.json<SweepStatus>(['sweep', 'start', 'hot.yaml', '--watch']);
    assert.deepEqual([state, counts.completed], ['completed', 12]);
    const rows = async (start: string) => it.json<ResultRow[]>(['results', 'hot', '--where', `start=${start},k=2`]);
    const [warmed, scratch] = await Promise.all([rows('warm'), rows('scratch')]);
    assert.deepEqual([warmed.length, scratch.length], [6, 6]);
    for (const { method, seed, config, coveredVariance } of warmed) {
      assert.deepEqual([config.start, config.warm], ['warm', warm[cellName({ method, k: 2 })]]);
      const other = scratch.find((row) => row.method === method && row.seed === seed) as ResultRow;
      assert.ok(!('start' in other.config) && !('warm' in other.config));
      const [a, b] = [coveredVariance as number, other.coveredVariance as number];
      assert.ok(a > b, `${method}, seed ${seed}: ${a} warm, ${b} from scratch`);
    }
    const { stdout } = await it.narrows(['results', 'hot']);
    assert.match(stdout, /outcome +start +hidden\n/);
    assert.match(stdout, /completed +warm +24-16\n/);
    assert.match(stdout, /completed +scratch +24-16\n/);
  });

  test('a second run of the same spec gives the same bits', async () => {
    await it.json(['sweep', 'start', 'hot.yaml', '--name', 'again', '--watch']);
    const scores = async (name: string) =>
      (await it.json<ResultRow[]>(['results', name])).map(({ method, k, seed, config, coveredVariance }) => {
        return JSON.stringify([method, k, seed, config.start, coveredVariance]);
      });
    assert.deepEqual((await scores('again')).sort(), (await scores('hot')).sort());
  });

  test('a spec whose trials could not start is rejected before anything runs', async () => {
    const warm = await modelTrials();
    const other = await expectError(hot(warm).replace('[24, 16]', '[24, 12]'));
    assert.deepEqual([other.exit, other.code, other.path], [2, 'spec-invalid', 'sampler.list[1].hidden'], other.message);
    const swapped = await expectError(hot({ ...warm, 'nnca/2': warm['ednn/2'] as string }));
    assert.deepEqual([swapped.exit, swapped.code, swapped.path], [2, 'spec-invalid', 'warm.nnca/2'], swapped.message);
    const target = await expectError(hot(warm).replace('target: xes', 'target: xps'));
    assert.deepEqual([target.exit, target.code], [2, 'spec-invalid'], target.message);
    const unknown = await expectError(hot({ ...warm, eca: 'snobody-0' }));
    assert.deepEqual([unknown.exit, unknown.code, unknown.path], [3, 'trial-unknown', 'warm.eca'], unknown.message);
    assert.deepEqual((await it.json<SweepStatus[]>(['sweep', 'ls'])).length, 3);
  });
});
