/** Sweeps over folds and repeats, by commands on real servers: trials, comparison, export. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ModelRow } from '../../db/queries/trials/models.ts';
import type { ResultRow } from '../../db/queries/trials/results.ts';
import type { Comparison } from '../../models/evaluation/comparison.ts';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { type Project, project } from '../support/command.ts';
import { WATER } from '../support/water.ts';

const specOf = (name: string, split: string) => `
name: ${name}
dataset: water
target: xes
split: ${split}
methods: [ednn, eca, nnca]
space: { k: [1, 2], hidden: [24, 16], learningRate: { choice: [0.02, 0.01] } }
seeds: 2
training: { epochs: 8, batch: 128 }
halving: { reduction: 2, rungs: 2 }
`;

let it: Project;
before(async () => {
  it = project();
  await it.json(['data', 'import', WATER]);
  for (const [name, split] of [
    ['single', '{ seed: 3 }'],
    ['repeated', '{ seed: 3, repeats: 2 }'],
    ['folded', '{ folds: 3 }'],
  ] as const) {
    writeFileSync(join(it.directory, `${name}.yaml`), specOf(name, split));
    const { state } = await it.json<SweepStatus>(['sweep', 'start', `${name}.yaml`, '--watch']);
    assert.equal(state, 'completed');
  }
});
after(() => it[Symbol.asyncDispose]());

/** Returns rows without what differs between sweeps and runs. */
const plain = (rows: readonly ResultRow[]) => rows.map(({ trialId: _, sweepId: __, seconds: ___, ...rest }) => rest);

const results = (sweep: string, where: string) =>
  it.json<ResultRow[]>(['results', sweep, '--split', 'all', '--where', `outcome=completed,${where}`]);

describe('partitions', { concurrency: false }, () => {
  test('the plan multiplies configurations and seeds by the folds', async () => {
    const { stdout } = await it.narrows(['sweep', 'plan', 'folded.yaml']);
    assert.match(stdout, /^folded: 60 trials = 10 configurations x 2 seeds x 3 folds, /);
  });

  test('the first repeat is the sweep without repeats, bit for bit; the second has other rows', async () => {
    const [single, first, second] = await Promise.all([
      results('single', 'partition=0'),
      results('repeated', 'partition=0'),
      results('repeated', 'partition=1'),
    ]);
    assert.ok(single.length > 0);
    assert.deepEqual(plain(first), plain(single));
    assert.equal(second.length, first.length, 'halving keeps as many trials of every partition');
    assert.ok(second.every(({ partition, coveredVariance }) => partition === 1 && (coveredVariance ?? 0) > 0));
    const scores = new Set(single.map(({ coveredVariance }) => coveredVariance));
    assert.ok(second.every(({ coveredVariance }) => !scores.has(coveredVariance)));
  });

  test('the comparison covers the scores of all folds, and weights are kept of the first', async () => {
    const { rows, contrasts } = await it.json<Comparison>(['compare', 'folded']);
    assert.deepEqual(
      rows.map(({ method, k, trials }) => [method, k, trials]),
      ['ednn', 'eca', 'nnca'].flatMap((method) => [1, 2].map((k) => [method, k, 6])),
    );
    for (const { coveredVariance } of rows) assert.equal(coveredVariance.units?.kind, 'partitions');
    assert.ok(contrasts.length > 0 && contrasts.every(({ pairs }) => pairs === 6));
    const [models, first] = await Promise.all([it.json<ModelRow[]>(['model', 'ls', 'folded']), results('folded', 'partition=0')]);
    const known = new Set(first.map(({ trialId }) => trialId));
    assert.ok(models.length > 0 && models.every(({ trialId }) => known.has(trialId)));
  });

  test('every row is tested in one fold: the exported latents name it once', async () => {
    const out = join(it.directory, 'tables');
    await it.json(['export', 'folded', '--format', 'csv', '--all', '--out', out]);
    const table = (name: string) =>
      readFileSync(join(out, `${name}.csv`), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(','));
    const [head = [], ...trials] = table('trials');
    const at = (name: string) => head.indexOf(name);
    const nnca = trials.filter(
      (row) =>
        row[at('method')] === 'nnca' && row[at('k')] === '2' && row[at('seed')] === '1' && row[at('outcome')] === 'completed',
    );
    assert.deepEqual(
      nnca.map((row) => row[at('partition')]),
      ['0', '1', '2'],
    );
    const chosen = new Set(nnca.map((row) => row[at('trial')]));
    const [names = [], ...latents] = table('latents');
    const [trial, split, row] = ['trial', 'split', 'row'].map((name) => names.indexOf(name)) as [number, number, number];
    const tested = latents.filter((one) => chosen.has(one[trial]) && one[split] === 'test').map((one) => Number(one[row]));
    assert.deepEqual(
      tested.sort((a, b) => a - b),
      Array.from({ length: tested.length }, (_, i) => i),
    );
  });

  test('the interpretation says how far the folds agree', async () => {
    const { cells } = await it.json<{ cells: readonly { method: string; k: number; overPartitions?: { pairs: number } }[] }>([
      'report',
      'folded',
    ]);
    assert.equal(cells.length, 6);
    for (const { overPartitions } of cells) assert.equal(overPartitions?.pairs, 3);
  });

  test('the table of results has a column for partitions, where there are several', async () => {
    const [several, one] = await Promise.all([it.narrows(['results', 'folded']), it.narrows(['results', 'single'])]);
    assert.match(several.stdout, /^trial .*seed {2}partition {2}split/);
    assert.match(one.stdout, /^trial .*seed {2}split/);
  });

  test('a retraining has one hold-out: a spec with folds is refused', async () => {
    const { code, stderr } = await it.narrows([
      ...['retrain', 'start', 'folded.yaml', '--every', '1h', '--watch-dir', it.directory, '--output', 'json'],
    ]);
    const { error } = JSON.parse(stderr.trim().split('\n').at(-1) as string);
    assert.deepEqual([code, error.code, error.path], [2, 'spec-invalid', 'split.folds']);
  });
});
