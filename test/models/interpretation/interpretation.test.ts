import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createKernelEngine } from '../../../models/engines/kernel/engine.ts';
import type { Field } from '../../../models/interpretation/fields.ts';
import {
  type Interpretation,
  type InterpretedCell,
  interpret,
  interpretFields,
} from '../../../models/interpretation/interpretation.ts';
import { forward } from '../../../models/networks/forward.ts';
import { physicalPart } from '../../../models/standardisation.ts';
import { unpackModel } from '../../../models/stored/model-file.ts';
import type { TrialReport } from '../../../models/training/report.ts';
import type { PackData } from '../../../models/training/task.ts';
import { matrixOf, packDataOf, smoothData, taskOf, unwatched } from '../../support/data.ts';

let data: PackData;
let cells: InterpretedCell[];
let found: Interpretation;
let fields: Readonly<Record<string, Field>>;

before(async () => {
  data = smoothData(400);
  cells = await trainCells(data, 30);
  found = interpret({ pack: data, descriptors, groups: null, series: null, quantities: [] }, cells);
  fields = interpretFields(data, cells);
});

const descriptors = ['angle', 'long', 'short'].map((name) => ({ name, unit: 'angstrom' }));

/** Trains three seeds of each method at width 1. */
async function trainCells(pack: PackData, epochs: number): Promise<InterpretedCell[]> {
  const engine = createKernelEngine({ threads: 2 });
  const tasks = (['ednn', 'eca', 'nnca'] as const).flatMap((method) =>
    [1, 2, 3].map((seed) => taskOf({ method, k: 1, epochs, hidden: [24, 24] }, { seed, trialId: `${method}-${seed}` })),
  );
  const reports = (await engine.train({ data: pack, tasks }, unwatched())) as Extract<TrialReport, { outcome: 'completed' }>[];
  await engine.close();
  return (['ednn', 'eca', 'nnca'] as const).map((method) => {
    const own = reports.filter(({ trialId }) => trialId.startsWith(method));
    return {
      method,
      k: 1,
      trials: own.map(({ trialId, components, scores, latents }, seed) => {
        const block = latents.find(({ split }) => split === 'test') as (typeof latents)[number];
        return {
          trialId,
          seed,
          components,
          coveredVariance: scores.find(({ split }) => split === 'test')?.coveredVariance as number,
          latents: { rows: block.rows, columns: block.k, data: block.data },
        };
      }),
      partitions: [],
      best: { trialId: own[0]?.trialId as string, model: own[0]?.model as Uint8Array },
    };
  });
}

test('every cell is read: scores as the trials reported them, curves and correlations of the right shape', () => {
  for (const [i, cell] of found.cells.entries()) {
    assert.ok(Math.abs(cell.coveredVariance - (cells[i]?.trials[0]?.coveredVariance as number)) < 1e-4, cell.method);
    assert.equal(cell.coveredVarianceByEnergy.length, 9);
    assert.equal(cell.latents[0]?.correlations.length, 3);
    const { at, spectra } = (cell.latents[0] as (typeof cell.latents)[number]).response;
    assert.ok(at.every((value, n) => n === 0 || value > (at[n - 1] as number)));
    assert.deepEqual([spectra.length, spectra[0]?.length], [9, 9]);
    assert.equal(cell.scatter.t.length, found.structures.length);
    assert.equal(cell.components === null, cell.method === 'ednn');
    assert.equal(cell.expansion === null, cell.method === 'ednn');
    assert.equal(cell.agreement?.pairs, 3);
    assert.equal(cell.agreement?.kind, cell.method === 'ednn' ? 'latents' : 'principal-angles');
  }
});

test('targets of very different sizes: with zscore scores are those of the trials, too', async () => {
  const { x, y } = physicalPart(smoothData(400), 'train');
  const uneven = matrixOf(y.rows, y.columns, (row, e) => 10 ** e * (y.data[row * y.columns + e] as number));
  const pack = packDataOf(x, uneven, 1, 'zscore');
  const trained = await trainCells(pack, 5);
  const { cells: readings, emulator } = interpret({ pack, descriptors, groups: null, series: null, quantities: [] }, trained);
  for (const [i, reading] of readings.entries()) {
    const reported = trained[i]?.trials[0]?.coveredVariance as number;
    assert.ok(Math.abs(reading.coveredVariance - reported) < 1e-4, `${reading.method}: ${reading.coveredVariance}, ${reported}`);
  }
  const byEnergy = emulator?.coveredVarianceByEnergy as number[];
  const mean = byEnergy.reduce((sum, value) => sum + value, 0) / byEnergy.length;
  assert.ok(Math.abs((emulator?.coveredVariance as number) - mean) < 0.03, 'every target counts about the same');
});

test('what is stored is JSON: no NaN gets lost on the way', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(found)), found);
});

test('fields: a latent of each method and the sensitivity, which is the norm of finite differences of the emulator', () => {
  assert.deepEqual(Object.keys(fields).sort(), ['eca', 'ednn', 'nnca', 'sensitivity']);
  const { axes, values } = fields.sensitivity as NonNullable<typeof fields.sensitivity>;
  const { shape, parameters, scaling } = unpackModel(cells[1]?.best.model as Uint8Array);
  const inside = [...values.keys()].filter((i) => Number.isFinite(values[i] as number));
  assert.ok(inside.length > 1000);
  for (const index of [inside[10], inside[500], inside.at(-20)] as number[]) {
    const n = axes[0].points;
    const place = [Math.floor(index / n ** 2), Math.floor(index / n) % n, index % n].map((at, d) => {
      const { from, to, points } = axes[d] as (typeof axes)[0];
      return (from + (at / (points - 1)) * (to - from) - (scaling.x.mean[d] as number)) / (scaling.x.deviation[d] as number);
    });
    const yhat = (x: number[]) => forward(shape, parameters, x).at(-1) as Float64Array;
    let squares = 0;
    for (let d = 0; d < 3; d++) {
      const moved = (step: number) => yhat(place.map((value, other) => (other === d ? value + step : value)));
      const [up, down] = [moved(1e-4), moved(-1e-4)];
      for (let e = 0; e < up.length; e++) squares += (((up[e] as number) - (down[e] as number)) / 2e-4) ** 2;
    }
    assert.ok(Math.abs(Math.sqrt(squares) - (values[index] as number)) < 1e-3 * Math.sqrt(squares));
  }
});
