/** Components in a report, with many descriptors and with few. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ReportPage, reportPage } from '../../../cli/report/page.ts';
import type { CellReading, Interpretation } from '../../../models/interpretation/interpretation.ts';

/**
 * NNCA with k components of D descriptors f0, f1, ..., the later the stronger; every second
 * coefficient is negative.
 */
function pageOf(D: number, k: number): string {
  const coefficients = Array.from({ length: D }, (_, d) => (d % 2 === 0 ? 1 : -1) * ((d + 1) / D));
  const share = { mean: 0.9, low: 0.8, high: 0.95 };
  const cell: CellReading = {
    method: 'nnca',
    k,
    trials: ['t-0', 't-1'],
    best: 't-0',
    coveredVariance: 0.7,
    coveredVarianceByEnergy: [0.7, 0.7],
    latents: Array.from({ length: k }, () => ({
      correlations: coefficients.map(() => ({ pearson: -0.5, spearman: -0.5 })),
      response: {
        at: [-1, 1],
        spectra: [
          [0, 1],
          [1, 0],
        ],
      },
    })),
    scatter: { rows: [0, 1], t: Array.from({ length: k }, () => [-1, 1]) },
    components: Array.from({ length: k }, () => ({
      coefficients,
      angle: { mean: 0.0236, low: 0.01, high: 0.0464 },
      stable: true,
    })),
    expansion: coefficients.map(() => ({ share, control: { mean: 0, low: 0, high: 0.1 }, state: 'decisive' })),
    agreement: { kind: 'principal-angles', pairs: 1, largest: { mean: 0.03, low: 0.03, high: 0.03 }, stable: true },
    series: null,
  };
  const interpretation: Interpretation = {
    format: 1,
    descriptors: coefficients.map((_, d) => ({ name: `f${d}`, unit: '1', mean: 0, deviation: 1 })),
    dropped: [],
    emulator: null,
    cells: [cell],
    structures: [0, 1].map((row) => ({ row, x: coefficients.map(() => row) })),
    quantities: [],
    series: null,
  };
  const data: ReportPage = {
    sweep: { id: 's1', name: 'sweep' },
    comparison: { sweeps: ['s1'], dataset: 'd', target: 'y', rows: [], contrasts: [], baselines: [] },
    interpretation,
    fields: [],
    target: { name: 'y', unit: '1', energies: [1, 2], energyUnit: 'eV', columns: [] },
  };
  return reportPage(data).html;
}

function figureOf(page: string, id: string): string {
  const from = page.indexOf(`<figure id="${id}">`);
  return page.slice(from, page.indexOf('</figure>', from));
}

/** The names on the axes of a figure's picture, from above. */
function namesIn(figure: string): string[] {
  const svg = figure.slice(figure.indexOf('class="panels"'), figure.indexOf('<details'));
  const texts = [...svg.matchAll(/<text x="[^"]+" y="([^"]+)"[^>]*>(f\d+)<\/text>/g)];
  return texts.sort(([, a], [, b]) => Number(a) - Number(b)).map(([, , name]) => name as string);
}

test('of many descriptors the strongest of a component are drawn by name; the table has all', () => {
  const figure = figureOf(pageOf(40, 1), 'components-nnca-k1');
  assert.deepEqual(
    namesIn(figure),
    Array.from({ length: 16 }, (_, i) => `f${39 - i}`),
  );
  assert.match(figure, /The 16 strongest of 40 descriptors drawn\./);
  assert.equal([...figure.matchAll(/<tr><td>f\d+<\/td>/g)].length, 40);
});

test('few descriptors keep their order, in every component', () => {
  const figure = figureOf(pageOf(3, 2), 'components-nnca-k2');
  assert.deepEqual(namesIn(figure), ['f0', 'f0', 'f1', 'f1', 'f2', 'f2']);
  assert.match(figure, /Component 1: 0\.0236° between seeds on average, 0\.0464° at most\./);
});

test('as many components as descriptors make none of them decisive', () => {
  assert.match(pageOf(3, 2), /decisive: f0, f1, f2\./);
  const all = pageOf(3, 3);
  assert.match(all, /as many components as descriptors span every structure, whatever they are;/);
  assert.doesNotMatch(all, /; decisive: /);
});
