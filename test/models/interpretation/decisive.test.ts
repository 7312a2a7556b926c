import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Interval } from '../../../models/axes.ts';
import type { Engine } from '../../../models/engines/engine.ts';
import { createKernelEngine } from '../../../models/engines/kernel/engine.ts';
import { descriptorShares, stateOf } from '../../../models/interpretation/decisive.ts';
import { shuffle } from '../../../models/random.ts';
import type { TrialReport } from '../../../models/training/report.ts';
import type { PackData } from '../../../models/training/task.ts';
import { matrixOf, noise, packDataOf, taskOf, unwatched } from '../../support/data.ts';

let engine: Engine;
before(() => {
  engine = createKernelEngine({ threads: 2 });
});
after(() => engine.close());

/** y = g(w'x) with w = (0.9, 0.436, 0): the first descriptor decides, the third is ignored. */
function oneIndex(seed: number, permuted = false): PackData {
  const x = noise(700, 3, 'x', seed);
  const order = shuffle(
    Uint32Array.from({ length: 700 }, (_, i) => i),
    seed,
    'permuted spectra',
  );
  const y = matrixOf(700, 5, (row, e) => {
    const at = 3 * (permuted ? (order[row] as number) : row);
    return Math.tanh(0.9 * (x.data[at] as number) + 0.436 * (x.data[at + 1] as number) + e / 5);
  });
  return packDataOf(x, y, seed);
}

async function sharesOf(data: PackData, method: 'nnca' | 'eca', seeds: readonly number[]) {
  const tasks = seeds.map((seed) => taskOf({ method, k: 1, epochs: 60 }, { seed, trialId: String(seed) }));
  const reports = (await engine.train({ data, tasks }, unwatched())) as Extract<TrialReport, { outcome: 'completed' }>[];
  return descriptorShares(
    data.x,
    data.rows.test,
    reports.map(({ components, scores }) => ({
      components: components as Float32Array,
      coveredVariance: scores.find(({ split }) => split === 'test')?.coveredVariance as number,
    })),
    null,
  );
}

for (const method of ['nnca', 'eca'] as const) {
  test(`${method}: in 20 seeds what the target ignores is indecisive and never decisive, what decides it never indecisive`, async () => {
    const data = oneIndex(1);
    for (let seed = 0; seed < 20; seed++) {
      const states = (await sharesOf(data, method, [seed])).map(({ state }) => state);
      assert.equal(states[2], 'indecisive', `seed ${seed}`);
      assert.notEqual(states[0], 'indecisive', `seed ${seed}`);
    }
    const together = await sharesOf(data, method, [0, 1, 2, 3, 4]);
    assert.deepEqual(
      together.map(({ state }) => state),
      ['decisive', 'undecided', 'indecisive'],
      JSON.stringify(together),
    );
  });

  test(`${method}: the states stay under other data and other seeds`, async () => {
    for (const seed of [2, 3, 4]) {
      const states = (await sharesOf(oneIndex(seed), method, [seed, seed + 1, seed + 2, seed + 3, seed + 4])).map(
        ({ state }) => state,
      );
      assert.deepEqual([states[0], states[2]], ['decisive', 'indecisive'], `seed ${seed}`);
    }
  });

  test(`${method}: trained on permuted spectra, every descriptor is indecisive`, async () => {
    for (const seed of [1, 2, 3]) {
      const shares = await sharesOf(oneIndex(seed, true), method, [0, 1, 2]);
      assert.deepEqual(
        shares.map(({ state }) => state),
        ['indecisive', 'indecisive', 'indecisive'],
      );
    }
  });
}

test('the shares themselves: squared coefficients for uncorrelated descriptors', () => {
  const data = packDataOf(noise(4000, 3, 'x'), noise(4000, 2, 'y'));
  const all = Uint32Array.from({ length: 4000 }, (_, i) => i);
  const shares = descriptorShares(data.x, all, [{ components: Float32Array.of(0.8, -0.6, 0), coveredVariance: 1 }], null);
  for (const [d, wanted] of [0.64, 0.36, 0].entries()) {
    const { share, control } = shares[d] as (typeof shares)[number];
    assert.ok(Math.abs(share.mean - wanted) < 0.03, `${d}: ${share.mean}`);
    assert.ok(share.low <= share.mean && share.mean <= share.high);
    assert.ok(Math.abs(control.mean - 1 / 3) < 0.06, `a direction of chance recovers a third of each: ${control.mean}`);
  }
});

test('rows of a group are drawn together: intervals widen where groups differ', () => {
  const groups = Array.from({ length: 600 }, (_, row) => `g${Math.floor(row / 60)}`);
  const shift = noise(10, 1, 'shift');
  const own = noise(600, 2, 'own');
  const x = matrixOf(
    600,
    2,
    (row, d) => (own.data[2 * row + d] as number) * 0.3 + (d === 0 ? 2 * (shift.data[Math.floor(row / 60)] as number) : 0),
  );
  const all = Uint32Array.from({ length: 600 }, (_, i) => i);
  const seeds = [{ components: Float32Array.of(Math.SQRT1_2, Math.SQRT1_2), coveredVariance: 1 }];
  const width = (by: readonly string[] | null) => {
    const { low, high } = (descriptorShares(x, all, seeds, by)[1] as { share: Interval }).share;
    return high - low;
  };
  assert.ok(width(groups) > 1.5 * width(null));
});

test('the decision: a table', () => {
  const at = (low: number, high: number): Interval => ({ mean: (low + high) / 2, low, high });
  const chance = at(0.1, 0.55);
  assert.equal(stateOf(at(0.6, 0.7), chance), 'decisive');
  assert.equal(stateOf(at(0.52, 0.7), chance), 'undecided', 'high, and within what chance recovers');
  assert.equal(stateOf(at(0.4, 0.7), chance), 'undecided');
  assert.equal(stateOf(at(0.02, 0.2), chance), 'undecided');
  assert.equal(stateOf(at(-0.3, 0.09), chance), 'indecisive');
});
