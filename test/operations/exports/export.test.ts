/** Exports of a seeded sweep: the files, their content, and nothing left after a failure. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { unzipSync } from 'fflate';
import type { StoredDescription } from '../../../datasets/description.ts';
import { splitRows } from '../../../datasets/split.ts';
import type { BlobStore } from '../../../db/blobs.ts';
import { saveDatasetVersion } from '../../../db/queries/datasets/datasets.ts';
import { saveInterpretation } from '../../../db/queries/sweeps/interpretation.ts';
import { saveTestRows } from '../../../db/queries/sweeps/test-errors.ts';
import type { TrialEntry } from '../../../db/queries/trials/report-details.ts';
import { recordReports } from '../../../db/queries/trials/trials.ts';
import { SPLITS, type SplitRows } from '../../../models/axes.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import { packModel } from '../../../models/stored/model-file.ts';
import { type ExportChoice, type ExportFormat, exportSweep } from '../../../operations/exports/export.ts';
import { migratedDatabase } from '../../db/database.ts';
import { completed, diverged, failed, PROVENANCE, SPEC, seedSweep, trialOf, VERSION } from '../../db/fixtures.ts';
import { createRandomModel, createUnevenData } from '../../support/models.ts';

const ROWS = 40;
const { scaling } = createUnevenData(ROWS);
const { signal } = new AbortController();

/** The part of a description that an export reads. */
const description = {
  rows: ROWS,
  varying: 5,
  x: { sha256: '', rows: ROWS, columns: 5 },
  groups: null,
  ids: null,
  manifest: {
    descriptors: { columns: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, unit: 'angstrom' })) },
    targets: { xes: { file: 'Y.npy', unit: 'arb. u.', energyUnit: 'eV' } },
  },
  targets: { xes: { y: { sha256: '', rows: ROWS, columns: 6 }, energies: [1, 2, 3, 4, 5, 6] } },
} as unknown as StoredDescription;

let db: Awaited<ReturnType<typeof migratedDatabase>>;
let folder: string;
let sweepId: string;
let sweeps = 0;
const blobs: BlobStore = {
  put: () => Promise.reject(new Error('no')),
  get: () => Promise.reject(new Error('no')),
  pieces: async function* () {},
};

before(async () => {
  db = await migratedDatabase();
  await saveDatasetVersion(db.sql, { name: 'water', version: VERSION, description });
});
after(() => db?.close());
beforeEach(async (t) => {
  folder = mkdtempSync(join(tmpdir(), 'narrows-export-'));
  (t as { after(work: () => void): void }).after(() => rmSync(folder, { recursive: true, force: true }));
  sweepId = await seedSweep(db.sql, `s${++sweeps}`, { name: `waist-${sweeps}` });
});

const out = (name = 'out') => join(folder, name);
const files = (name = 'out') => readdirSync(out(name)).sort();
const exported = (format: ExportFormat, choice: Partial<ExportChoice> = {}) =>
  exportSweep({ db, blobs, narrowsVersion: '0.1.0' }, sweepId, { format, out: out(), ...choice }, signal);

/** Lines of a csv, as cells; none of these tables needs quotes. */
function csv(name: string, from = 'out'): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(join(out(from), `${name}.csv`), 'utf8')
    .trimEnd()
    .split('\n');
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i] as string, cell])));
}

/**
 * A completed trial with a model that can be applied, and latents for every row of the split: row
 * number / 8 + unit.
 */
function trained(
  index: number,
  method: Method,
  k: number,
  score: number,
  numbers: SplitRows = splitRows(ROWS, SPEC.split, null),
): TrialEntry {
  const trial = trialOf(index, { method, k });
  const entry = completed(sweepId, trial, score);
  assert.equal(entry.report.outcome, 'completed');
  const stored = createRandomModel({ method, k, activation: 'elu', layerNorm: false }, scaling);
  const latents = SPLITS.map((split) => ({
    split,
    k,
    rows: numbers[split].length,
    data: Float32Array.from([...numbers[split]].flatMap((row) => Array.from({ length: k }, (_, unit) => row / 8 + unit))),
  }));
  return { ...entry, report: { ...entry.report, latents, model: packModel(stored) } as TrialEntry['report'] };
}
const record = (...entries: TrialEntry[]) => recordReports(db.sql, sweepId, PROVENANCE, entries);
const id = (index: number) => `${sweepId}-${index}`;

/**
 * Four trials of EDNN at k = 2, of which the last is dropped; ECA of two ranks; one that failed and
 * one that diverged.
 */
const plant = () =>
  record(
    ...[0.9, 0.8, 0.7, 0.6].map((score, i) => trained(i, 'ednn', 2, score)),
    trained(5, 'eca', 2, 0.5),
    failed(sweepId, trialOf(6)),
    diverged(sweepId, trialOf(7, { method: 'nnca' })),
  );

const TABLES = [
  'baselines',
  'comparison_baselines',
  'comparison_contrasts',
  'comparison_rows',
  'components',
  'covered_variances',
  'fields',
  'latents',
  'learning_curves',
  'test_errors',
  'trials',
];

describe('tables', () => {
  test('every table holds the rows of the database', async () => {
    await plant();
    const { name, files: told } = await exported('csv');
    assert.equal(name, `waist-${sweeps}`);
    assert.deepEqual(
      files(),
      TABLES.map((table) => `${table}.csv`),
    );
    assert.deepEqual(
      told.map(({ file, rows, bytes }) => [file, rows, bytes]).sort(),
      TABLES.map((table) => [`${table}.csv`, csv(table).length, readFileSync(join(out(), `${table}.csv`)).length]),
    );

    const trials = csv('trials');
    assert.equal(trials.length, 7);
    const { started_at, finished_at, configuration_hash, ...first } = trials[0] as Record<string, string>;
    assert.match(started_at ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assert.ok((started_at ?? '') < (finished_at ?? ''));
    assert.match(configuration_hash ?? '', /^[0-9a-f]+$/);
    assert.deepEqual(first, {
      ...{ trial: id(0), index: '0', method: 'ednn', k: '2', seed: '0', config_hidden: '64-64', config_activation: 'elu' },
      ...{ config_layer_norm: 'False', config_dropout: '0', config_optimiser: 'adam', config_weight_decay: '0' },
      ...{ config_learning_rate: '0.001', config_schedule: 'one-cycle', config_epochs: '20', config_batch: '256' },
      ...{
        config_patience: '0',
        config_restarts: '1',
        config_start: 'scratch',
        config_warm: '',
        config_momentum: '',
        config_warmUp: '',
        config_targetWeighting: '',
        outcome: 'completed',
        validation: String(0.9 - 0.001),
        failure_code: '',
        message: '',
      },
      ...{ epochs: '20', seconds: '2', weights_kept: 'True', engine: 'kernel', engine_build: 'wasm/1', code_version: '0.1.0' },
      ...{ dataset_version: VERSION, host: 'here', partition: '0' },
    });
    assert.deepEqual(
      trials.map(({ outcome, weights_kept, failure_code }) => [outcome, weights_kept, failure_code]),
      [
        ...Array(3).fill(['completed', 'True', '']),
        ['completed', 'False', ''],
        ['completed', 'True', ''],
        ['failed', 'False', 'EngineLost'],
        ['diverged', 'False', ''],
      ],
    );

    const figures = csv('covered_variances');
    assert.equal(figures.length, 4 * 3 + 2 * 3);
    assert.deepEqual(figures.at(-1), {
      ...{ trial: id(5), method: 'eca', split: 'test', k: '2', covered_variance: String(0.5 - 0.002) },
      structure_covered_variance: '0.5',
      partition: '0',
    });
    assert.equal(figures[0]?.structure_covered_variance, '', 'EDNN has none');

    assert.deepEqual(csv('learning_curves').slice(0, 2), [
      { trial: id(0), epoch: '0', train: '0.1', validation: '0.1', kept: 'False' },
      { trial: id(0), epoch: '1', train: '0.2', validation: '0.9', kept: 'True' },
    ]);
    assert.deepEqual(csv('learning_curves').at(-1), {
      trial: id(7),
      epoch: '1',
      train: 'NaN',
      validation: '-inf',
      kept: 'False',
    });
    assert.deepEqual(
      csv('baselines').map(({ name: baseline, split, covered_variance }) => [baseline, split, covered_variance]),
      SPLITS.map((split) => ['emulator', split, '0.99']),
    );
    assert.deepEqual(
      csv('comparison_rows').map(({ method, k, trials: count }) => [method, k, count]),
      [
        ['ednn', '2', '4'],
        ['eca', '1', '1'],
        ['eca', '2', '1'],
      ],
    );
    assert.equal(csv('comparison_contrasts').length, 1);
    assert.deepEqual(csv('comparison_baselines'), [{ name: 'emulator', k: '', covered_variance: '0.99' }]);
  });

  test('latents: of trials whose weights are kept, by row of the dataset; of every trial with --all', async () => {
    await plant();
    await exported('csv');
    const latents = csv('latents');
    assert.deepEqual(new Set(latents.map(({ trial }) => trial)), new Set([0, 1, 2, 5].map(id)));
    assert.equal(latents.length, 4 * ROWS);
    for (const { row, latent_1, latent_2 } of latents) {
      assert.deepEqual([Number(latent_1), Number(latent_2)], [Number(row) / 8, Number(row) / 8 + 1]);
    }
    const numbers = splitRows(ROWS, SPEC.split, null);
    assert.deepEqual(
      latents.filter(({ trial, split }) => trial === id(5) && split === 'test').map(({ row }) => Number(row)),
      [...numbers.test],
    );
    await exported('csv', { all: true });
    assert.deepEqual(new Set(csv('latents').map(({ trial }) => trial)), new Set([0, 1, 2, 3, 5].map(id)));
  });

  test('a narrower trial has no value for the latents that it lacks', async () => {
    await record(trained(0, 'ednn', 1, 0.5), trained(5, 'ednn', 3, 0.6));
    await exported('csv');
    const [narrow, wide] = [0, 5].map((index) => csv('latents').find(({ trial }) => trial === id(index)));
    assert.deepEqual([narrow?.latent_2, narrow?.latent_3], ['', '']);
    assert.equal(Number(wide?.latent_3), Number(wide?.row) / 8 + 2);
  });

  test('errors of test rows: of compared trials and baselines, by row of the dataset; of every trial with --all', async () => {
    const numbers = splitRows(ROWS, SPEC.split, null).test;
    const spreads = Float64Array.from(numbers, (row) => 1 + (row % 5));
    /** A trial whose test scores follow from errors in proportion to the spreads. */
    const consistent = (entry: TrialEntry) => {
      assert.ok(entry.report.outcome === 'completed');
      const withErrors = <Score extends { split: string; coveredVariance: number }>(score: Score) => {
        const errors = score.split === 'test' ? spreads.map((value) => value * (1 - score.coveredVariance)) : null;
        return { ...score, errors };
      };
      const scores = entry.report.scores.map(withErrors);
      return { ...entry, report: { ...entry.report, scores, emulator: entry.report.emulator.map(withErrors) } };
    };
    await record(...[trained(0, 'ednn', 2, 0.9), trained(5, 'ednn', 2, 0.6), trained(1, 'eca', 2, 0.5)].map(consistent));
    const units = Int32Array.from(numbers, (_, i) => Math.floor(i / 2));
    const sums = { spreads, structureSpreads: spreads, structureSquares: spreads };
    await saveTestRows(db.sql, sweepId, 0, { ...sums, units, strata: null });
    await exported('csv');
    const errors = csv('test_errors');
    const groups = Map.groupBy(errors, ({ trial, method, k, seed }) => `${trial} ${method} ${k} ${seed}`);
    assert.deepEqual([...groups.keys()], [`${id(0)} ednn 2 0`, `${id(1)} eca 1 1`, `${id(1)} eca 2 1`, ' emulator  1']);
    const covered = (rows: Record<string, string>[]) =>
      1 - rows.reduce((sum, row) => sum + Number(row.squared_error), 0) / rows.reduce((sum, row) => sum + Number(row.spread), 0);
    for (const [name, score] of [
      [`${id(0)} ednn 2 0`, 0.9 - 0.002],
      [`${id(1)} eca 1 1`, 0.4 - 0.002],
      [' emulator  1', 0.99],
    ] as const) {
      const own = groups.get(name) ?? [];
      assert.ok(Math.abs(covered(own) - score) < 1e-12, name);
      assert.deepEqual(
        own.map(({ row, unit, stratum }) => [Number(row), Number(unit), stratum]),
        [...numbers].map((row, i) => [row, units[i], '']),
      );
    }
    await exported('csv', { all: true });
    assert.deepEqual(new Set(csv('test_errors').map(({ trial }) => trial)), new Set([id(0), id(1), id(5), '']));
    await exported('csv', { trial: id(5), out: out('one') });
    assert.deepEqual(new Set(csv('test_errors', 'one').map(({ trial }) => trial)), new Set([id(5)]));
  });

  test('components by descriptor, fields by place within the data', async () => {
    await plant();
    const axis = (name: string) => ({ name, unit: 'angstrom', from: 1, to: 3, points: 2 });
    await saveInterpretation(db.sql, sweepId, {
      result: { descriptors: [{ name: 'alpha' }, { name: 'beta' }] },
      codeVersion: '1',
      fields: [
        { name: 'ednn', axes: [axis('a'), axis('b'), axis('c')], values: Float32Array.of(1, Number.NaN, 3, 4, 5, 6, 7, 0.5) },
      ],
    });
    await exported('csv');
    const own = csv('components').filter(({ trial }) => trial === id(5));
    assert.deepEqual(
      own.map(({ component, place, descriptor }) => [component, place, descriptor]),
      [
        ['1', '0', 'alpha'],
        ['1', '1', 'beta'],
        ['2', '0', 'alpha'],
        ['2', '1', 'beta'],
      ],
    );
    const fields = csv('fields');
    assert.equal(fields.length, 7, 'what lies outside the data is left out');
    assert.deepEqual(
      { ...fields.at(-1) },
      { field: 'ednn', axis_1: 'a', at_1: '3', axis_2: 'b', at_2: '3', axis_3: 'c', at_3: '3', value: '0.5' },
    );
  });

  test('one trial: its own tables, with its latents in any case', async () => {
    await plant();
    await exported('csv', { trial: id(3) });
    assert.deepEqual(files(), [
      ...['components.csv', 'covered_variances.csv', 'latents.csv', 'learning_curves.csv', 'test_errors.csv', 'trials.csv'],
    ]);
    for (const name of ['covered_variances', 'latents', 'learning_curves', 'trials']) {
      assert.deepEqual([...new Set(csv(name).map(({ trial }) => trial))], [id(3)], name);
    }
    assert.equal(csv('latents').length, ROWS);
  });

  test('split by group: the row numbers are those of the groups', async () => {
    const groups = Array.from({ length: ROWS }, (_, row) => `g${row % 10}`);
    const name = 'grouped';
    const version = 'cd'.repeat(32);
    await saveDatasetVersion(db.sql, { name, version, description: { ...description, groups: { sha256: 'aa', count: 10 } } });
    const split = { ...SPEC.split, by: 'group' as const };
    await db.sql`
      update sweeps set dataset = ${name}, dataset_version = ${version}, spec = ${db.sql.json({ ...SPEC, split } as never)}
      where id = ${sweepId}`;
    const numbers = splitRows(ROWS, split, groups);
    await record(trained(0, 'ednn', 1, 0.5, numbers));
    const store: BlobStore = { ...blobs, get: async () => new TextEncoder().encode(JSON.stringify(groups)) };
    await exportSweep({ db, blobs: store, narrowsVersion: '0.1.0' }, sweepId, { format: 'csv', out: out() }, signal);
    for (const part of SPLITS) {
      const own = csv('latents').filter((row) => row.split === part);
      assert.deepEqual(
        own.map(({ row }) => Number(row)),
        [...numbers[part]],
      );
      for (const { row, latent_1 } of own) assert.equal(Number(latent_1), Number(row) / 8);
    }
  });

  test('a sweep whose trials have not ended yet: tables without rows, and no error', async () => {
    await record(failed(sweepId, trialOf(0)));
    const { files: told } = await exported('parquet');
    assert.deepEqual(
      told.map(({ file, rows }) => [file, rows]),
      [
        ['trials.parquet', 1],
        ...['covered_variances', 'learning_curves', 'components', 'latents', 'test_errors', 'baselines'].map((table) => [
          `${table}.parquet`,
          0,
        ]),
        ...['comparison_rows', 'comparison_contrasts', 'comparison_baselines', 'fields'].map((table) => [`${table}.parquet`, 0]),
      ],
    );
  });
});

describe('models', () => {
  test('onnx: the best of each method and k; every kept one with --all; one trial at all its ranks', async () => {
    await plant();
    const { files: told } = await exported('onnx');
    const parts = ['decoder', 'encoder', 'predict'];
    const named = (name: string) => parts.map((part) => `${name}-${part}.onnx`);
    const eca = [...named(`eca-k1-${id(5)}`), ...named(`eca-k2-${id(5)}`), `eca-${id(5)}-emulator.onnx`];
    assert.deepEqual(files(), [...eca, ...named(`ednn-k2-${id(0)}`)].sort());
    const ednn = told.find(({ file }) => file === `ednn-k2-${id(0)}-predict.onnx`);
    assert.deepEqual(
      { ...ednn, bytes: 0 },
      { file: ednn?.file, bytes: 0, trialId: id(0), method: 'ednn', k: 2, part: 'predict' },
    );
    await exported('onnx', { out: out('all'), all: true });
    assert.deepEqual(files('all'), [...eca, ...[0, 1, 2].flatMap((index) => named(`ednn-k2-${id(index)}`))].sort());
    await exported('onnx', { out: out('one'), trial: id(5) });
    assert.deepEqual(files('one'), [...eca].sort());
  });

  test('npz: one archive per kept trial; with --all also the others, without weights', async () => {
    await plant();
    await exported('npz');
    assert.deepEqual(
      files(),
      [0, 1, 2, 5].map((index) => `${id(index)}.npz`),
    );
    await exported('npz', { out: out('all'), all: true });
    assert.deepEqual(
      files('all'),
      [0, 1, 2, 3, 5].map((index) => `${id(index)}.npz`),
    );
    const size = (index: number) => readFileSync(join(out('all'), `${id(index)}.npz`)).length;
    assert.ok(size(3) < size(0));
    await exported('npz', { out: out('one'), trial: id(1) });
    assert.deepEqual(files('one'), [`${id(1)}.npz`]);
  });

  test('columns with units of their own are named with them; a spectrum has one unit, and energies', async () => {
    await plant();
    const about = async () => {
      await exported('npz', { trial: id(0) });
      await exported('onnx', { trial: id(0) });
      const { 'about.json': json } = unzipSync(readFileSync(join(out(), `${id(0)}.npz`)));
      const onnx = readFileSync(join(out(), `ednn-k2-${id(0)}-decoder.onnx`), 'latin1');
      return { npz: JSON.parse(new TextDecoder().decode(json)) as Record<string, unknown>, onnx };
    };
    const spectrum = await about();
    assert.deepEqual([spectrum.npz.unit, spectrum.npz.energyUnit, 'targetColumns' in spectrum.npz], ['arb. u.', 'eV', false]);
    assert.deepEqual([/y_unit/.test(spectrum.onnx), /y_columns/.test(spectrum.onnx)], [true, false]);

    const columns = ['area', 'mean', 'width', 'a', 'b', 'c'].map((name) => ({ name, unit: 'eV' }));
    const moments = {
      ...description,
      manifest: { ...description.manifest, targets: { xes: { moments: { of: 'other' } } } },
      targets: { xes: { y: { sha256: '', rows: ROWS, columns: 6 }, energies: null, columns } },
    };
    const version = 'ef'.repeat(32);
    await saveDatasetVersion(db.sql, { name: 'moments', version, description: moments });
    await db.sql`update sweeps set dataset = 'moments', dataset_version = ${version} where id = ${sweepId}`;
    const named = await about();
    assert.deepEqual([named.npz.unit, named.npz.energies, named.npz.targetColumns], ['', null, columns]);
    assert.ok(named.onnx.includes(JSON.stringify(columns)));
    assert.deepEqual([/y_unit/.test(named.onnx), /y_columns/.test(named.onnx)], [false, true]);
  });

  test('a trial whose weights were dropped is an error, and writes nothing', async () => {
    await plant();
    for (const format of ['npz', 'onnx'] as const) {
      await assert.rejects(exported(format, { trial: id(3) }), { code: 'weights-dropped', kind: 'not-found' });
      await assert.rejects(exported(format, { trial: id(6) }), { code: 'weights-dropped', message: /ended as failed/ });
    }
    assert.ok(!existsSync(out()));
  });

  test('a model of another version with unknown parts is an error', async () => {
    const entry = trained(0, 'ednn', 2, 0.5);
    const stored = createRandomModel({ method: 'ednn', k: 2, activation: 'elu', layerNorm: false }, scaling);
    const shape = stored.shape.map((layer) => ({ ...layer, activation: 'mish' as 'elu' }));
    await record({ ...entry, report: { ...entry.report, model: packModel({ ...stored, shape }) } as TrialEntry['report'] });
    await assert.rejects(exported('onnx'), { code: 'onnx-unsupported', kind: 'invalid', fix: /npz/ });
    assert.ok(!existsSync(out()));
    assert.equal((await exported('npz')).files.length, 1);
  });
});

describe('refusals', () => {
  test('a sweep without trials is an error', async () => {
    await assert.rejects(exported('csv'), {
      code: 'nothing-to-export',
      kind: 'failure',
      message: /no trial yet/,
      fix: /sweep watch/,
    });
    await record(failed(sweepId, trialOf(0)));
    for (const format of ['npz', 'onnx'] as const) {
      await assert.rejects(exported(format), { code: 'nothing-to-export', message: /weights are kept/ });
    }
    assert.ok(!existsSync(out()));
  });

  test('an unknown sweep, an unknown trial, a trial of another sweep', async () => {
    await plant();
    const choice = { format: 'csv', out: out() } as const;
    await assert.rejects(exportSweep({ db, blobs, narrowsVersion: '0.1.0' }, 'nobody', choice, signal), {
      code: 'sweep-unknown',
      kind: 'not-found',
    });
    await assert.rejects(exported('csv', { trial: 'none' }), { code: 'trial-unknown', kind: 'not-found' });
    await assert.rejects(exported('onnx', { trial: `s1-0` }), { code: 'trial-unknown', kind: 'not-found' });
    assert.ok(!existsSync(out()));
  });

  test('out is a file, is below one, or holds a folder with the name of a file', async () => {
    await plant();
    writeFileSync(out(), 'mine');
    await assert.rejects(exported('csv'), { code: 'out-not-folder', kind: 'invalid', path: 'out' });
    await assert.rejects(exported('csv', { out: join(out(), 'deeper') }), { code: 'not-writable', kind: 'failure' });
    assert.equal(readFileSync(out(), 'utf8'), 'mine');
    mkdirSync(join(out('taken'), 'latents.csv'), { recursive: true });
    await assert.rejects(exported('csv', { out: out('taken') }), { code: 'not-writable', message: /latents\.csv is a folder/ });
    assert.deepEqual(files('taken'), ['latents.csv']);
  });

  test('files of the same names are replaced, others stay, and no hidden file remains', async () => {
    await plant();
    mkdirSync(out());
    writeFileSync(join(out(), 'trials.csv'), 'old');
    writeFileSync(join(out(), 'notes.txt'), 'mine');
    await exported('csv');
    assert.deepEqual(files(), [...TABLES.map((table) => `${table}.csv`), 'notes.txt'].sort());
    assert.equal(csv('trials').length, 7);
    assert.equal(readFileSync(join(out(), 'notes.txt'), 'utf8'), 'mine');
  });

  test('a failed export changes nothing: created folders are removed', async () => {
    await plant();
    await db.sql`update latents set sha256 = ${'0'.repeat(64)} where trial_id = ${id(5)} and split = 'test'`;
    await assert.rejects(exported('csv', { out: out('a/b') }), { code: 'latents-corrupt' });
    assert.ok(!existsSync(out('a')));
    mkdirSync(out());
    writeFileSync(join(out(), 'trials.csv'), 'old');
    await assert.rejects(exported('parquet'), { code: 'latents-corrupt' });
    await assert.rejects(exported('csv'), { code: 'latents-corrupt' });
    assert.deepEqual(files(), ['trials.csv']);
    assert.equal(readFileSync(join(out(), 'trials.csv'), 'utf8'), 'old');
  });

  test('an interrupted export leaves nothing', async () => {
    await plant();
    const abort = new AbortController();
    abort.abort(new Error('interrupted'));
    for (const format of ['csv', 'npz', 'onnx'] as const) {
      await assert.rejects(
        exportSweep({ db, blobs, narrowsVersion: '0.1.0' }, sweepId, { format, out: out() }, abort.signal),
        /interrupted/,
      );
    }
    assert.ok(!existsSync(out()));
  });
});
