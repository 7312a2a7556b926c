import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OBJECTIVE_NAMES } from '../../../models/evaluation/objectives.ts';
import { countParameters } from '../../../models/methods/cost.ts';
import { SpecInvalid } from '../../../search/fault.ts';
import { createCosts } from '../../../search/samplers/objectives.ts';
import { cellsOf, plannedPoints, pointCount } from '../../../search/space.ts';
import { specDocument as toDocument } from '../../../search/spec-document.ts';
import { SIZE, specOf } from '../specs.ts';

const space = { k: [1, 2], hidden: { choice: [[8], [16, 8]] }, layerNorm: { choice: [false, true] } };

/** Returns the faults of a spec with these settings of nsga2; null: it has none. */
function faultsOf(nsga2: Record<string, unknown>, changes: Record<string, unknown> = {}): string[] | null {
  try {
    specOf({
      methods: ['ednn'],
      seeds: 2,
      space: { ...space, learningRate: { log: [0.001, 0.1] } },
      sampler: { nsga2 },
      ...changes,
    });
    return null;
  } catch (error) {
    assert.ok(error instanceof SpecInvalid);
    return error.faults.map(({ path, message, fix }) => `${path}: ${message}; ${fix}`);
  }
}

test('the cost of a point is the logarithm of the number of parameters of its network', () => {
  const spec = specOf({ space, seeds: 1, sampler: { grid: {} } });
  const objectives = { names: ['parameters', 'coveredVariance'] as const, columns: SIZE };
  const pointAt = plannedPoints(spec);
  for (const [i, cell] of cellsOf(spec).entries()) {
    const measure = createCosts(objectives, cell);
    for (let number = 0; number < pointCount(spec); number++) {
      const point = pointAt?.(i, number);
      assert.ok(point);
      assert.deepEqual(measure(point), [Math.log(countParameters({ ...point, ...cell }, cell.k, SIZE))]);
    }
  }
});

test('objectives are stated by name, stored with the columns of the data, and read back', () => {
  const spec = specOf({
    space,
    seeds: 1,
    sampler: { nsga2: { trials: 20, startup: 2, objectives: ['parameters', 'coveredVariance'] } },
  });
  const document = toDocument(spec, spec.dataset);
  assert.deepEqual(document.sampler, {
    nsga2: { trials: 20, seed: 1, startup: 2, objectives: ['parameters', 'coveredVariance'] },
  });
  assert.deepEqual(specOf(document), spec);
});

test('tpe weighs objectives where a spec names them', () => {
  const of = (tpe: object) => specOf({ space, seeds: 1, sampler: { tpe: { trials: 20, startup: 2, ...tpe } } });
  const names = ['coveredVariance', 'parameters'];
  const spec = of({ objectives: names });
  const { trainRows: _, ...columns } = SIZE;
  assert.deepEqual(spec.sampler, { kind: 'tpe', trials: 20, seed: 1, startup: 2, objectives: { names, columns } });
  assert.deepEqual(specOf(toDocument(spec, spec.dataset)), spec);
  assert.deepEqual(of({}).sampler, { kind: 'tpe', trials: 20, seed: 1, startup: 2 });
  assert.throws(() => of({ objectives: ['coveredVariance'] }), /sampler.tpe.objectives: coveredVariance alone/);
});

test('objectives that are unknown, repeated, alone or not reproducible are refused', () => {
  const faultOf = (...objectives: unknown[]) => faultsOf({ trials: 80, objectives })?.[0] ?? null;
  assert.equal(faultOf('coveredVariance', 'parameters'), null);
  assert.equal(faultsOf({ trials: 80 }), null);
  assert.match(
    faultOf('coveredVariance', 'parametres') ?? '',
    /^sampler.nsga2.objectives\[1\]: "parametres" is not an objective; did you mean "parameters"\?/,
  );
  assert.match(faultOf('parameters', 'parameters') ?? '', /^sampler.nsga2.objectives: names an objective twice/);
  assert.match(faultOf() ?? '', /^sampler.nsga2.objectives: must name at least one objective/);
  for (const name of ['coveredVariance', 'parameters'])
    assert.equal(
      faultOf(name),
      `sampler.nsga2.objectives: ${name} alone has nothing to be weighed against; name coveredVariance and parameters, or search for the best score: tpe without objectives`,
    );
  const refused = OBJECTIVE_NAMES.filter((name) => !['coveredVariance', 'parameters'].includes(name));
  for (const name of refused)
    assert.match(
      faultOf('coveredVariance', name) ?? '',
      /^sampler.nsga2.objectives\[1\]: .* is not an objective of samplers: .*; use coveredVariance, parameters$/,
    );
  assert.match(
    faultOf('seconds', 'parameters') ?? '',
    /^sampler.nsga2.objectives\[0\]: training time .* no proposal could be recomputed/,
  );
});

test('networks of one size have nothing to weigh, and few points nothing to learn from', () => {
  const narrow = (more: Record<string, unknown>) => ({ space: { k: 1, learningRate: { log: [0.001, 0.1] }, ...more } });
  assert.deepEqual(faultsOf({ trials: 80 }, narrow({ hidden: [8] })), [
    'sampler.nsga2.objectives: all points have the same number of parameters: neither space.hidden nor space.layerNorm varies; make space.hidden a choice, or search for the best score: tpe without objectives',
  ]);
  assert.equal(faultsOf({ trials: 80 }, narrow({ hidden: [8], layerNorm: { choice: [false, true] } })), null);
  assert.match(faultsOf({ trials: 64 })?.[0] ?? '', /^sampler.nsga2.startup: each method and width has 16 points/);
  assert.match(faultsOf({ trials: 81 })?.[0] ?? '', /^sampler.nsga2.trials: 81 trials are not a multiple of the 2 seeds/);
  assert.match(faultsOf({ trials: 80, objective: [] })?.[0] ?? '', /unknown key "objective"; .*objectives/);
});
