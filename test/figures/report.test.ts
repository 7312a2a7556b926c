/** Figures of a report: a spectrum on its energies, and columns that each have a unit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figureSvg } from '../../figures/rendering/draw.ts';
import { type ReportData, reportFigures } from '../../figures/report.ts';

const estimate = (mean: number) => ({ mean, best: mean, low: mean, high: mean });

/** One cell of one latent and three target columns, of which the last does not vary. */
const about = (target: ReportData['target']): ReportData => ({
  comparison: {
    sweeps: ['s'],
    dataset: 'lines@0',
    target: target.name,
    rows: [
      {
        method: 'ednn',
        k: 1,
        trials: 1,
        configurationHash: 'c',
        coveredVariance: estimate(0.9),
        structureCoveredVariance: null,
      },
    ],
    contrasts: [],
    baselines: [],
  },
  interpretation: {
    format: 1,
    descriptors: [{ name: 'a', unit: 'angstrom', mean: 0, deviation: 1 }],
    dropped: [],
    emulator: { trialId: 's-1', coveredVariance: 0.95, coveredVarianceByEnergy: [0.95, 0.94, null] },
    cells: [
      {
        method: 'ednn',
        k: 1,
        trials: ['s-0'],
        best: 's-0',
        coveredVariance: 0.9,
        coveredVarianceByEnergy: [0.9, 0.8, null],
        latents: [
          {
            correlations: [{ pearson: 1, spearman: 1 }],
            response: {
              at: [-1, 1],
              spectra: [
                [11_080, 3, 7],
                [11_085, 4, 7],
              ],
            },
          },
        ],
        scatter: { rows: [0, 1], t: [[-1], [1]] },
        components: null,
        expansion: null,
        agreement: null,
        series: null,
      },
    ],
    structures: [
      { row: 0, x: [0] },
      { row: 1, x: [1] },
    ],
    quantities: [],
    series: null,
  },
  fields: [],
  target,
});

const figure = (data: ReportData, id: string) => {
  const found = reportFigures(data).find((one) => one.id === id);
  assert.ok(found && found.panels.length > 0, id);
  return { ...found, svg: figureSvg(found), table: found.table() };
};

const MOMENTS = about({
  name: 'lines',
  unit: null,
  energies: null,
  energyUnit: 'eV',
  columns: [
    { name: 'lower mean', unit: 'eV' },
    { name: 'lower width', unit: 'eV' },
    { name: 'lower skewness', unit: '1' },
  ],
});
const SPECTRA = about({
  name: 'xes',
  unit: 'counts',
  energies: [11_050, 11_051, 11_052],
  energyUnit: 'eV',
  columns: ['0', '1', '2'].map((name) => ({ name, unit: 'counts' })),
});

test('columns of several units: covered variance by name, not by energy', () => {
  const { title, caption, svg, table } = figure(MOMENTS, 'covered-variance-by-energy');
  assert.deepEqual([title, /energy/.test(caption), /empty circles/.test(caption)], ['Covered variance by column', false, true]);
  for (const name of ['lower mean', 'lower width', 'lower skewness']) assert.ok(svg.includes(`>${name}</text>`), name);
  assert.deepEqual(table, {
    head: ['column', 'unit', 'full emulator', 'EDNN, k = 1'],
    rows: [
      ['lower mean', 'eV', 0.95, 0.9],
      ['lower width', 'eV', 0.94, 0.8],
      ['lower skewness', '1', null, null],
    ],
  });
});

test('columns of several units: a panel for each in the response, with its own unit', () => {
  const { title, svg, table } = figure(MOMENTS, 'response-ednn-k1');
  assert.equal(title, 'What a latent does to each column of lines: EDNN, k = 1');
  for (const label of ['lower mean / eV', 'lower width / eV', 'lower skewness'])
    assert.ok(svg.includes(`>${label}</text>`), label);
  assert.deepEqual(table, {
    head: ['column', 'unit', 'latent 1 = -1', 'latent 1 = 1'],
    rows: [
      ['lower mean', 'eV', 11_080, 11_085],
      ['lower width', 'eV', 3, 4],
      ['lower skewness', '1', 7, 7],
    ],
  });
});

test('a spectrum: both over its energies', () => {
  const { title, table } = figure(SPECTRA, 'covered-variance-by-energy');
  assert.equal(title, 'Covered variance by energy');
  assert.deepEqual([table.head[0], table.rows[1]], ['energy / eV', [11_051, 0.94, 0.8]]);
  const response = figure(SPECTRA, 'response-ednn-k1');
  assert.ok(response.svg.includes('>counts</text>'));
  assert.deepEqual([response.table.head[0], response.table.rows[0]], ['energy / eV', [11_050, 11_080, 11_085]]);
});
