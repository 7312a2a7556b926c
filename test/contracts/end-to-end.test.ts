/**
 * Checks what scripts rely on: commands, JSON and files, from an empty folder to a comparison, on
 * real servers.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Ajv, type AnySchema } from 'ajv';
import { readNpy, writeNpy } from '../../datasets/formats/npy.ts';
import { splitRows } from '../../datasets/split.ts';
import type { ResultRow } from '../../db/queries/trials/results.ts';
import type { Matrix } from '../../models/axes.ts';
import type { Comparison } from '../../models/evaluation/comparison.ts';
import { coveredVariance } from '../../models/evaluation/covered-variance.ts';
import type { Exported } from '../../operations/exports/export.ts';
import type { PlanReport } from '../../operations/lifecycle/plan-checks.ts';
import type { SweepFront } from '../../operations/sweeps/configurations.ts';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { type Project, project } from '../support/command.ts';
import { WATER } from '../support/water.ts';

const SPEC = `
name: little
dataset: water
target: xes
methods: [ednn, eca, nnca]
space: { k: [1, 2], hidden: { choice: [[24], [16, 16]] }, learningRate: 0.02 }
seeds: 2
training: { epochs: 12, batch: 128 }
`;

let it: Project;
before(async () => {
  it = project();
  writeFileSync(join(it.directory, 'spec.yaml'), SPEC);
});
after(() => it[Symbol.asyncDispose]());

const number = { type: 'number' };
const string = { type: 'string' };
const integer = { type: 'integer' };
const nullable = (schema: { type: string }) => ({ type: [schema.type, 'null'] });
const object = (properties: Record<string, AnySchema>) => ({ type: 'object', properties, required: Object.keys(properties) });
const estimate = object({ mean: number, low: number, high: number, best: number });

const SWEEP = object({
  sweepId: string,
  name: string,
  state: { enum: ['running', 'paused', 'completed', 'partial', 'failed', 'cancelled'] },
  counts: object({
    planned: integer,
    leftOut: integer,
    running: integer,
    completed: integer,
    pruned: integer,
    diverged: integer,
    failed: integer,
  }),
  dataset: object({ name: string, version: { type: 'string', pattern: '^[0-9a-f]{64}$' } }),
  target: string,
  startedAt: string,
  finishedAt: nullable(string),
  secondsElapsed: number,
  secondsIdle: number,
  secondsLeft: nullable(number),
  weight: number,
  priority: number,
});
const RESULT = object({
  trialId: string,
  sweepId: string,
  method: { enum: ['ednn', 'eca', 'nnca'] },
  k: integer,
  seed: integer,
  config: { type: 'object' },
  outcome: string,
  split: { enum: ['train', 'validation', 'test'] },
  coveredVariance: nullable(number),
  structureCoveredVariance: nullable(number),
  engine: string,
  seconds: number,
});
const FRONT = object({
  sweepId: string,
  name: string,
  partition: integer,
  partitions: integer,
  objectives: {
    type: 'array',
    items: object({
      name: string,
      direction: { enum: ['maximize', 'minimize'] },
      best: nullable(number),
      reference: nullable(number),
    }),
  },
  configurations: integer,
  incomplete: integer,
  unmeasured: integer,
  hypervolumes: { type: 'array', items: object({ method: nullable(string), front: integer, hypervolume: number }) },
  rows: {
    type: 'array',
    items: object({
      trialId: string,
      method: string,
      k: integer,
      configurationHash: string,
      config: { type: 'object' },
      seeds: integer,
      coveredVariance: number,
      structureCoveredVariance: nullable(number),
      parameters: integer,
      seconds: number,
      rank: integer,
      rankInMethod: integer,
    }),
  },
});
const COMPARISON = object({
  sweeps: { type: 'array', items: string },
  dataset: string,
  target: string,
  rows: {
    type: 'array',
    items: object({
      method: string,
      k: integer,
      trials: integer,
      coveredVariance: estimate,
      structureCoveredVariance: { anyOf: [estimate, { type: 'null' }] },
    }),
  },
  contrasts: {
    type: 'array',
    items: object({
      k: integer,
      a: string,
      b: string,
      difference: object({ mean: number, low: number, high: number }),
      pairs: integer,
    }),
  },
  baselines: { type: 'array', items: object({ name: string, k: nullable(integer), coveredVariance: number }) },
});
const EXPORTED = object({
  sweepId: string,
  name: string,
  format: { enum: ['csv', 'parquet', 'npz', 'onnx'] },
  out: string,
  files: { type: 'array', minItems: 1, items: object({ file: string, bytes: integer }) },
});
const ERROR = object({ error: object({ code: string, message: string }) });

const ajv = new Ajv({ allowUnionTypes: true });
function matches(schema: AnySchema, value: unknown): void {
  const validate = ajv.compile(schema);
  assert.ok(validate(value), `${ajv.errorsText(validate.errors)}\n${JSON.stringify(value).slice(0, 500)}`);
}

/** Returns the exit code and the error of a command that must fail. */
async function expectError(
  args: readonly string[],
  variables: Record<string, string> = {},
): Promise<{ exit: number | null; code: string; message: string; path?: string; fix?: string }> {
  const { code, stdout, stderr } = await it.narrows([...args, '--output', 'json'], { variables });
  const last = JSON.parse(stderr.trim().split('\n').at(-1) as string);
  matches(ERROR, last);
  assert.equal(stdout, '', 'an error prints no data');
  return { exit: code, ...last.error };
}

describe('from an empty folder to a comparison', { concurrency: false }, () => {
  test('data import, ls, show, verify', async () => {
    const first = await it.json<{ version: string; created: boolean }>(['data', 'import', WATER]);
    matches(
      object({
        name: { const: 'water' },
        version: string,
        created: { const: true },
        rows: { const: 8000 },
        targets: { type: 'array' },
      }),
      first,
    );
    assert.equal((await it.json<{ created: boolean }>(['data', 'import', WATER])).created, false);
    matches(
      { type: 'array', minItems: 1, items: object({ name: string, version: string, rows: integer }) },
      await it.json(['data', 'ls']),
    );
    const shown = await it.json<{ descriptors: unknown[] }>(['data', 'show', `water@${first.version.slice(0, 12)}`]);
    assert.equal(shown.descriptors.length, 3);
    matches(object({ folderState: { const: 'unchanged' } }), await it.json(['data', 'verify', 'water']));
  });

  test('sweep plan and --dry-run start nothing', async () => {
    const plan = await it.json<[{ trials: number }]>(['sweep', 'plan', 'spec.yaml']);
    assert.equal(plan[0].trials, 20);
    assert.equal((await it.json<[{ trials: number }]>(['sweep', 'start', 'spec.yaml', '--dry-run']))[0].trials, 20);
    assert.deepEqual(await it.json(['sweep', 'ls']), []);
  });

  test('sweep start --watch, show, ls', async () => {
    const started = await it.json<{ state: string; counts: { completed: number } }>(['sweep', 'start', 'spec.yaml', '--watch']);
    matches(SWEEP, started);
    assert.deepEqual([started.state, started.counts.completed], ['completed', 20]);
    matches(SWEEP, await it.json(['sweep', 'show', 'little']));
    matches({ type: 'array', minItems: 1, items: SWEEP }, await it.json(['sweep', 'ls']));
  });

  test('results, filtered and streamed', async () => {
    const rows = await it.json<unknown[]>(['results', 'little']);
    assert.equal(rows.length, 24, '16 trials of EDNN and NNCA, 4 of ECA at two ranks');
    matches({ type: 'array', items: RESULT }, rows);
    const { stdout } = await it.narrows([
      'results',
      'little',
      '--split',
      'all',
      '--where',
      'method=eca,k=2',
      '--output',
      'jsonl',
    ]);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(lines.length, 12);
    for (const line of lines) {
      matches(RESULT, line);
      assert.deepEqual([line.method, line.k], ['eca', 2]);
    }
  });

  test('the Pareto front, as an object, as rows, as a table and as a figure', async () => {
    const front = await it.json<SweepFront>(['results', 'little', '--pareto', 'parameters,seconds', '--plot', 'f.svg']);
    matches(FRONT, front);
    assert.deepEqual([front.configurations, front.rows.length], [12, 12], 'two configurations of three methods at two widths');
    assert.ok(front.rows.every(({ seeds }) => seeds === 2));
    assert.match(readFileSync(join(it.directory, 'f.svg'), 'utf8'), /^<svg[\s\S]*Pareto front[\s\S]*<\/svg>\n$/);
    const { stdout } = await it.narrows(['results', 'little', '--pareto', 'parameters,seconds', '--output', 'jsonl']);
    const lines = stdout.trim().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      front.rows,
    );
    const text = await it.narrows(['results', 'little', '--pareto', 'k']);
    const table = text.stdout.split('\n\n')[1] ?? '';
    for (const line of table.split('\n')) assert.ok([...line].length <= 80, `wider than 80 columns: ${line}`);
    assert.match(text.stdout, /^Hypervolume, .* from the reference point \(covered variance 0, k 3\)/m);
  });

  test('compare with --plot and --html', async () => {
    const comparison = await it.json<Comparison>(['compare', 'little', '--plot', 'c.svg', '--html', 'c.html']);
    matches(COMPARISON, comparison);
    assert.equal(comparison.rows.length, 6);
    assert.deepEqual(new Set(comparison.baselines.map(({ name }) => name)), new Set(['emulator', 'ridge', 'pcr', 'pls2']));
    assert.match(readFileSync(join(it.directory, 'c.svg'), 'utf8'), /^<svg[\s\S]*<\/svg>\n$/);
    assert.match(readFileSync(join(it.directory, 'c.html'), 'utf8'), /^<!doctype html>[\s\S]*<svg[\s\S]*<\/html>\n$/);
    const text = await it.narrows(['compare', 'little']);
    const [tables = ''] = text.stdout.split('The full emulator covers');
    for (const line of tables.split('\n')) assert.ok([...line].length <= 80, `wider than 80 columns: ${line}`);
  });

  test('export lists the files that it writes, in every format', async () => {
    for (const format of ['csv', 'parquet', 'npz', 'onnx']) {
      const exported = await it.json<Exported>(['export', 'little', '--format', format, '--out', format]);
      matches(EXPORTED, exported);
      const written = readdirSync(join(it.directory, format)).map((file) => {
        return [file, statSync(join(it.directory, format, file)).size];
      });
      assert.deepEqual(exported.files.map(({ file, bytes }) => [file, bytes]).sort(), written.sort(), format);
    }
    const { files } = await it.json<Exported>(['export', 'little', '--format', 'csv', '--out', 'csv', '--all']);
    assert.equal(files.find(({ file }) => file === 'latents.csv')?.rows, 20 * 8000);
    const text = await it.narrows(['export', 'little', '--format', 'csv', '--out', 'csv']);
    assert.match(text.stdout, /^trials\.csv +20 +\d+$/m);
  });

  test('predictions on test rows score as the sweep reported', async () => {
    const X = readNpy(new Uint8Array(readFileSync(join(WATER, 'X.npy'))), 'X');
    const Y = readNpy(new Uint8Array(readFileSync(join(WATER, 'Y_xes.npy'))), 'Y');
    const { test: rows } = splitRows(8000, { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: 'random' }, null);
    const pick = ({ columns, data }: Matrix): Matrix => ({
      rows: rows.length,
      columns,
      data: Float32Array.from([...rows].flatMap((row) => [...data.subarray(row * columns, (row + 1) * columns)])),
    });
    writeFileSync(join(it.directory, 'x.npy'), writeNpy(pick(X)));
    writeFileSync(join(it.directory, 'y.npy'), writeNpy(pick(Y)));
    // Spectra are inverted one by one, so a few show as much as all.
    const few = (all: Matrix): Matrix => ({ ...all, rows: 300, data: all.data.subarray(0, 300 * all.columns) });
    writeFileSync(join(it.directory, 'few.npy'), writeNpy(few(pick(Y))));
    const load = (name: string) => readNpy(new Uint8Array(readFileSync(join(it.directory, name))), name);
    for (const [method, k] of [
      ['ednn', 2],
      ['nnca', 2],
      ['eca', 1],
      ['eca', 2],
    ] as const) {
      const named = ['--sweep', 'little', '--method', method, '--k', String(k)];
      const { trialId, shape } = await it.json<{ trialId: string; shape: number[] }>([
        'predict',
        ...named,
        '--input',
        'x.npy',
        '--out',
        'p.npy',
      ]);
      assert.deepEqual(shape, [1200, 121]);
      const [reported] = await it.json<[{ coveredVariance: number }]>([
        'results',
        'little',
        '--where',
        `trial=${trialId},k=${k}`,
      ]);
      const recomputed = coveredVariance(pick(Y), load('p.npy'));
      assert.ok(
        Math.abs(recomputed - reported.coveredVariance) < 1e-4,
        `${method} ${k}: ${recomputed} against ${reported.coveredVariance}`,
      );
    }
    const named = ['--sweep', 'little', '--method', 'nnca', '--k', '2'];
    await it.json(['encode', ...named, '--input', 'x.npy', '--out', 't.npy']);
    await it.json(['expand', ...named, '--input', 't.npy', '--out', 'e.npy']);
    await it.json(['reconstruct', ...named, '--input', 'few.npy', '--out', 'r.npy']);
    const [seen, expanded, reconstructed] = [pick(X), load('e.npy'), load('r.npy')];
    const structure = coveredVariance(seen, expanded);
    const fewSeen = few(seen);
    assert.ok(structure > 0.5, `expansion covers ${structure}`);
    assert.ok(coveredVariance(fewSeen, reconstructed) > structure - 0.1, 'the inverse finds about the same structures');
    const band = await it.json<{ warnings: unknown[] }>([
      ...['reconstruct', ...named, '--input', 'few.npy', '--out', 'r.npy', '--low', 'l.npy', '--high', 'h.npy'],
    ]);
    const [low, high] = [load('l.npy'), load('h.npy')];
    const within = [...fewSeen.data].filter((value, i) => value >= (low.data[i] as number) && value <= (high.data[i] as number));
    assert.ok(
      Math.abs(within.length / fewSeen.data.length - 0.95) < 0.02,
      `${within.length / fewSeen.data.length} within 95 % intervals`,
    );
    assert.ok(band.warnings.length < 10, 'test spectra are within the distribution of the training spectra');
    const y = load('y.npy');
    const strange = {
      ...y,
      rows: 2,
      data: Float32Array.from([...y.data.subarray(0, 121), ...y.data.subarray(0, 121).map((value) => 5 * value)]),
    };
    writeFileSync(join(it.directory, 'strange.npy'), writeNpy(strange));
    const { warnings } = await it.json<{ warnings: { code: string; row: number; distance: number }[] }>([
      ...['reconstruct', ...named, '--input', 'strange.npy', '--out', 's.npy'],
    ]);
    assert.deepEqual(
      warnings.map(({ code, row, distance }) => [code, row, distance > 10]),
      [['spectrum-far', 1, true]],
    );
    assert.equal(load('s.npy').rows, 2, 'spectra with a warning are inverted too');
    const [trial] = await it.json<[{ trialId: string; method: string }]>(['model', 'ls', 'little']);
    assert.equal((await it.narrows(['predict', '--trial', trial.trialId, '--input', 'x.npy', '--out', 'p2.npy'])).code, 0);
  });

  test('report interprets a sweep in terms of the structure, as JSON and as one page', async () => {
    const range = object({ mean: { type: 'number' }, low: { type: 'number' }, high: { type: 'number' } });
    const cell = object({
      method: { enum: ['ednn', 'eca', 'nnca'] },
      k: { type: 'integer' },
      best: { type: 'string' },
      seeds: { type: 'integer' },
      coveredVariance: { type: 'number' },
      agreement: { type: ['object', 'null'] },
      components: { type: ['array', 'null'] },
      descriptors: {
        type: ['array', 'null'],
        items: object({
          name: { type: 'string' },
          share: range,
          control: range,
          state: { enum: ['decisive', 'undecided', 'indecisive'] },
        }),
      },
      series: { type: ['array', 'null'] },
    });
    const report = await it.json<{ cells: { method: string; descriptors: unknown[] | null }[] }>([
      'report',
      'little',
      '--html',
      'report.html',
    ]);
    matches(
      object({
        sweepId: { type: 'string' },
        name: { const: 'little' },
        html: { const: 'report.html' },
        cells: { type: 'array', minItems: 6, items: cell },
      }),
      report,
    );
    for (const { method, descriptors } of report.cells) assert.equal(descriptors?.length ?? 0, method === 'ednn' ? 0 : 3);
    const page = readFileSync(join(it.directory, 'report.html'), 'utf8');
    assert.doesNotMatch(page, /(src|href)="(?!#|data:)/, 'self-contained');
    assert.equal(page.match(/<figure /g)?.length, page.match(/download="[^"]+\.csv"/g)?.length, 'every figure has its CSV');
    assert.match(page, /Isosurfaces/);
    const again = await it.json<{ cells: unknown[] }>(['report', 'little', '--fresh']);
    assert.deepEqual(again.cells, report.cells, 'a fresh interpretation is the same');
    assert.equal((await expectError(['report', 'nobody'])).exit, 3);
    const { rows } = await it.json<{ rows: { method: string; k: number; agreement: { kind: string; angles?: number[] } }[] }>([
      ...['agreement', 'little', 'little'],
    ]);
    assert.equal(rows.length, 6);
    for (const { agreement } of rows) assert.ok(agreement.kind === 'latents' || (agreement.angles?.at(-1) as number) < 1e-3);
  });

  test('halving resumes survivors from checkpoints with unchanged scores; divergence is an outcome', async () => {
    const rates = SPEC.replace('learningRate: 0.02', 'learningRate: { choice: [0.001, 0.005, 0.02, 1e30] }').replace(
      '[[24], [16, 16]]',
      '[[24]]',
    );
    writeFileSync(join(it.directory, 'whole.yaml'), rates.replace('little', 'whole'));
    writeFileSync(join(it.directory, 'halved.yaml'), `${rates.replace('little', 'halved')}halving: { reduction: 2, rungs: 3 }\n`);
    // Two widths of EDNN and NNCA and one fit of ECA, four rates, two seeds.
    const [{ rungs }] = await it.json<[{ rungs: { trials: number }[] }]>(['sweep', 'plan', 'halved.yaml']);
    assert.deepEqual(
      rungs.map(({ trials }) => trials),
      [40, 20, 10],
    );
    const halved = await it.json<SweepStatus>(['sweep', 'start', 'halved.yaml', '--watch']);
    assert.equal(halved.state, 'completed');
    assert.deepEqual(halved.counts, { planned: 40, leftOut: 0, running: 0, completed: 10, pruned: 20, diverged: 10, failed: 0 });
    const whole = await it.json<SweepStatus>(['sweep', 'start', 'whole.yaml', '--watch']);
    assert.deepEqual(whole.counts, { planned: 40, leftOut: 0, running: 0, completed: 30, pruned: 0, diverged: 10, failed: 0 });
    const scores = async (name: string) => {
      const rows = await it.json<ResultRow[]>(['results', name, '--where', 'outcome=completed']);
      return new Map(rows.map((row) => [JSON.stringify([row.method, row.k, row.seed, row.config]), row.coveredVariance]));
    };
    const [through, straight] = await Promise.all([scores('halved'), scores('whole')]);
    assert.equal(through.size, 12, 'ECA has a row for each of two ranks');
    for (const [trial, covered] of through) assert.equal(covered, straight.get(trial), trial);
    assert.equal((await it.json<Comparison>(['compare', 'halved'])).rows.length, 6);
    const recomputed = await it.json<PlanReport>(['sweep', 'verify', 'halved']);
    // Trials that diverged did not reach the first rung, at which 30 were decided about.
    assert.equal(recomputed.identical, true, JSON.stringify(recomputed.first));
    assert.deepEqual(recomputed.rungs, { rule: 'halving', check: 'recomputed', decisions: 40, unverified: 0 });

    // Trials that go on while others are in their first rung have the same bits.
    const overlapping = 'halving: { reduction: 2, rungs: 3, asynchronous: true }\n';
    writeFileSync(join(it.directory, 'overlapping.yaml'), `${rates.replace('little', 'overlapping')}${overlapping}`);
    const plan = await it.narrows(['sweep', 'plan', 'overlapping.yaml']);
    assert.match(plan.stdout, /rungs: 40 to epoch 3, at least 20 to epoch 6, at least 10 to epoch 12/);
    const { state, counts } = await it.json<SweepStatus>(['sweep', 'start', 'overlapping.yaml', '--watch']);
    assert.equal(state, 'completed');
    assert.deepEqual([counts.planned, counts.completed + counts.pruned, counts.diverged, counts.failed], [40, 30, 10, 0]);
    assert.ok(counts.completed >= 10, 'at least as many as with rungs that follow one another');
    const ahead = await scores('overlapping');
    for (const [trial, covered] of ahead) assert.equal(covered, straight.get(trial), trial);
    const verified = (await it.narrows(['sweep', 'verify', 'overlapping'])).stdout;
    assert.match(verified, /are the same bit for bit\n\d+ decisions of halving at rungs checked against all orders/);
    assert.equal((await it.json<Comparison>(['compare', 'overlapping'])).rows.length, 6);
  });

  test('a rule by learning curves stops trials too: seeds together, the others unchanged', async () => {
    const text = readFileSync(join(it.directory, 'whole.yaml'), 'utf8').replace('whole', 'stopped');
    writeFileSync(join(it.directory, 'stopped.yaml'), `${text}stopping: { median: { rungs: 3 } }\n`);
    const plan = await it.narrows(['sweep', 'plan', 'stopped.yaml']);
    assert.match(plan.stdout, /rungs: 40 to epoch 4, at most 40 to epoch 8, at most 40 to epoch 12/);
    const { state, counts } = await it.json<SweepStatus>(['sweep', 'start', 'stopped.yaml', '--watch']);
    assert.equal(state, 'completed');
    assert.deepEqual([counts.diverged, counts.failed, counts.completed + counts.pruned], [10, 0, 30]);
    assert.ok(counts.pruned >= 10 && counts.completed >= 10, JSON.stringify(counts));
    const rowsOf = (sweep: string) => it.json<ResultRow[]>(['results', sweep, '--where', 'outcome=completed']);
    const keyOf = ({ method, k, seed, config }: ResultRow) => JSON.stringify([method, k, seed, config]);
    const [stopped, whole] = [await rowsOf('stopped'), await rowsOf('whole')];
    const straight = new Map(whole.map((row) => [keyOf(row), row.coveredVariance]));
    for (const row of stopped) assert.equal(row.coveredVariance, straight.get(keyOf(row)), keyOf(row));
    const seeds = Map.groupBy(stopped, ({ method, k, config }) => JSON.stringify([method, k, config]));
    for (const [configuration, { length }] of seeds) assert.equal(length, 2, configuration);
    const verified = (await it.narrows(['sweep', 'verify', 'stopped'])).stdout;
    assert.match(verified, /the same bit for bit\n\d+ decisions of median at rungs recomputed from scores and curves/);
    assert.equal((await it.json<Comparison>(['compare', 'stopped'])).rows.length, 6);
  });

  test('pause, resume, cancel, retry', async () => {
    writeFileSync(join(it.directory, 'long.yaml'), SPEC.replace('little', 'long').replace('epochs: 12', 'epochs: 3000'));
    await it.json(['sweep', 'start', 'long.yaml']);
    assert.equal((await it.json<{ state: string }>(['sweep', 'pause', 'long'])).state, 'paused');
    assert.equal((await it.json<{ state: string }>(['sweep', 'resume', 'long'])).state, 'running');
    const watching = await it.narrows(['sweep', 'watch', 'long'], { signal: 'SIGINT', after: /of 20 trials/ });
    assert.equal(watching.code, 130);
    assert.equal((await it.json<{ state: string }>(['sweep', 'cancel', 'long', '--yes'])).state, 'cancelled');
    assert.equal((await expectError(['sweep', 'resume', 'long'])).code, 'sweep-ended');
    assert.equal((await expectError(['sweep', 'cancel', 'little'])).code, 'needs-yes');
    assert.equal((await it.json<{ state: string }>(['sweep', 'retry', 'little', '--failed', '--watch'])).state, 'completed');
  });

  describe('bad input', () => {
    const spec = (change: (text: string) => string) => {
      writeFileSync(join(it.directory, 'bad.yaml'), change(SPEC));
      return ['sweep', 'start', 'bad.yaml'];
    };
    const cases: [string, () => string[], Record<string, unknown>][] = [
      [
        'an unknown key of a spec',
        () => spec((text) => text.replace('methods', 'method')),
        { exit: 2, code: 'spec-invalid', path: 'method', fix: /methods/ },
      ],
      [
        'a wrong type',
        () => spec((text) => text.replace('epochs: 12', 'epochs: many')),
        { exit: 2, code: 'spec-invalid', path: 'training.epochs' },
      ],
      [
        'k above the descriptors',
        () => spec((text) => text.replace('[1, 2]', '[1, 4]')),
        { exit: 2, code: 'spec-invalid', path: 'space.k' },
      ],
      ['an empty space', () => spec((text) => text.replace('[1, 2]', '[]')), { exit: 2, code: 'spec-invalid', path: 'space.k' }],
      [
        'an empty part of the split',
        () => spec((text) => `${text}split: { train: 0.8, validation: 0.2, test: 0 }\n`),
        { exit: 2, code: 'spec-invalid', path: 'split.test' },
      ],
      ['a missing dataset', () => spec((text) => text.replace('water', 'steam')), { exit: 3, code: 'dataset-missing' }],
      [
        'a missing target',
        () => spec((text) => text.replace('target: xes', 'target: xex')),
        { exit: 2, code: 'spec-invalid', path: 'target', fix: /xes/ },
      ],
      ['a spec that is not valid YAML', () => spec(() => 'a: [b'), { exit: 2, code: 'spec-invalid' }],
      ['a missing spec file', () => ['sweep', 'start', 'none.yaml'], { exit: 2, code: 'file-missing' }],
      ['an unknown sweep', () => ['sweep', 'show', 'nobody'], { exit: 3, code: 'sweep-unknown' }],
      ['an unknown command', () => ['swep'], { exit: 2, code: 'usage', fix: /sweep/ }],
      ['an unknown option', () => ['sweep', 'ls', '--al'], { exit: 2, code: 'usage' }],
      ['a folder without a manifest', () => ['data', 'import', '.'], { exit: 2, code: 'manifest-missing' }],
      [
        'a filter on an unknown column',
        () => ['results', 'little', '--where', 'mehtod=eca'],
        { exit: 2, code: 'where-invalid', fix: /method/ },
      ],
      [
        'an export in another format',
        () => ['export', 'little', '--format', 'xlsx', '--out', 'q.npy'],
        { exit: 2, code: 'usage', message: /csv, parquet, npz, onnx/ },
      ],
      [
        'an export without a format',
        () => ['export', 'little', '--out', 'q.npy'],
        { exit: 2, code: 'usage', message: /--format/ },
      ],
      [
        'an export of an unknown sweep',
        () => ['export', 'nobody', '--format', 'csv', '--out', 'q.npy'],
        { exit: 3, code: 'sweep-unknown' },
      ],
      [
        'an export into a file',
        () => ['export', 'little', '--format', 'csv', '--out', 'x.npy'],
        { exit: 2, code: 'out-not-folder', path: 'out' },
      ],
      [
        'a Pareto front of an unknown objective',
        () => ['results', 'little', '--pareto', 'parametres'],
        { exit: 2, code: 'objective-unknown', fix: /"parameters"/ },
      ],
      [
        'a Pareto front of covered variance alone',
        () => ['results', 'little', '--pareto', 'coveredVariance'],
        { exit: 2, code: 'objectives-invalid' },
      ],
      [
        'a Pareto front by test scores',
        () => ['results', 'little', '--pareto', 'k', '--split', 'test'],
        { exit: 2, code: 'split-unfit', path: 'split' },
      ],
      [
        'a Pareto front of a partition that there is not',
        () => ['results', 'little', '--pareto', 'k', '--partition', '1'],
        { exit: 2, code: 'partition-unknown' },
      ],
      [
        'a plot of no Pareto front',
        () => ['results', 'little', '--plot', 'q.npy'],
        { exit: 2, code: 'option-unfit', path: 'plot' },
      ],
      ['an unknown split', () => ['results', 'little', '--split', 'tests'], { exit: 2, code: 'split-unknown' }],
      [
        'a model that is not named',
        () => ['predict', '--input', 'x.npy', '--out', 'q.npy'],
        { exit: 2, code: 'model-not-named' },
      ],
      [
        'a method without expansion',
        () => ['expand', '--sweep', 'little', '--method', 'ednn', '--k', '2', '--input', 't.npy', '--out', 'q.npy'],
        { exit: 2, code: 'no-expansion' },
      ],
      [
        'an input with other columns',
        () => ['predict', '--sweep', 'little', '--method', 'ednn', '--k', '2', '--input', 'y.npy', '--out', 'q.npy'],
        { exit: 2, code: 'columns-mismatch' },
      ],
      [
        'an unknown trial',
        () => ['predict', '--trial', 'none', '--input', 'x.npy', '--out', 'q.npy'],
        { exit: 3, code: 'trial-unknown' },
      ],
    ];
    for (const [title, args, expected] of cases) {
      test(title, async () => {
        const error = await expectError(args());
        for (const [key, value] of Object.entries(expected)) {
          const actual = error[key as keyof typeof error];
          if (value instanceof RegExp) assert.match(String(actual), value, JSON.stringify(error));
          else assert.equal(actual, value, JSON.stringify(error));
        }
        assert.ok(!existsSync(join(it.directory, 'q.npy')), 'no partial file is left');
      });
    }

    test('unreachable servers: exit code 5, their address, no password', async () => {
      const database = await expectError(['data', 'ls'], {
        NARROWS_DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/x',
        TEMPORAL_ADDRESS: '127.0.0.1:1',
      });
      assert.equal(database.exit, 5);
      assert.match(database.message, /127\.0\.0\.1:1/);
      assert.doesNotMatch(JSON.stringify(database), /hunter2/);
    });
  });

  test('a second up changes nothing', async () => {
    const before = await it.json<{ processes: unknown }>(['status']);
    const again = await it.json<{ processes: unknown }>(['up', '--detach']);
    assert.deepEqual(again.processes, before.processes);
    assert.equal(statSync(join(it.directory, '.narrows')).mode & 0o777, 0o700);
  });

  test('doctor reports a healthy machine; down stops every process', async () => {
    matches(object({ healthy: { const: true }, findings: { type: 'array', minItems: 3 } }), await it.json(['doctor']));
    const { stopped } = await it.json<{ stopped: string[] }>(['down']);
    assert.ok(stopped.length >= 4);
    assert.equal((await it.json<{ state: string }>(['status'])).state, 'down');
  });
});

test('init creates a folder with a manifest and never overwrites one', async () => {
  await it.json(['init', 'fresh']);
  assert.ok(existsSync(join(it.directory, 'fresh', 'dataset.yaml')));
  const { code } = await expectError(['init', 'fresh']);
  assert.equal(code, 'file-exists');
});
