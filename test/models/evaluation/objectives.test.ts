import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Candidate, computeFront, type ObjectiveName, parseObjectives } from '../../../models/evaluation/objectives.ts';

const candidate = (changes: Partial<Candidate>): Candidate => ({
  ...{ method: 'ednn', k: 1, coveredVariance: 0.5, structureCoveredVariance: null, parameters: 100, seconds: 1 },
  ...changes,
});

const near = (a: number | undefined, b: number) => assert.ok(Math.abs((a ?? Number.NaN) - b) < 1e-12, `${a} ${b}`);

test('covered variance is always an objective, with one or two others', () => {
  assert.deepEqual(parseObjectives('parameters'), ['coveredVariance', 'parameters']);
  assert.deepEqual(parseObjectives(' seconds , k '), ['coveredVariance', 'seconds', 'k']);
  assert.deepEqual(parseObjectives('coveredVariance,k,k'), ['coveredVariance', 'k']);
});

test('objectives that do not exist, too few and too many are refused', () => {
  assert.throws(() => parseObjectives('parametres'), {
    code: 'objective-unknown',
    message: '"parametres" is not an objective',
    fix: /^did you mean "parameters"\?/,
  });
  for (const few of ['', ' , ', 'coveredVariance']) {
    assert.throws(() => parseObjectives(few), {
      code: 'objectives-invalid',
      message: 'a Pareto front needs another objective than covered variance',
      fix: /^name one or two of k, parameters/,
    });
  }
  assert.throws(() => parseObjectives('k,parameters,seconds'), {
    code: 'objectives-invalid',
    message: '4 objectives are more than 3',
  });
});

test('the front of covered variance and k has the best configuration of each width that is worth it', () => {
  const found = computeFront(
    [
      candidate({ k: 1, coveredVariance: 0.6 }),
      candidate({ k: 1, coveredVariance: 0.5 }),
      candidate({ k: 2, coveredVariance: 0.55, method: 'eca' }),
      candidate({ k: 3, coveredVariance: 0.9, method: 'eca' }),
    ],
    ['coveredVariance', 'k'],
  );
  assert.deepEqual(found.ranks, [1, 2, 2, 1]);
  assert.deepEqual(found.ranksInMethod, [1, 2, 1, 1]);
  assert.deepEqual(found.objectives, [
    { name: 'coveredVariance', direction: 'maximize', best: 1, reference: 0 },
    { name: 'k', direction: 'minimize', best: 1, reference: 4 },
  ]);
  const [ednn, eca, all] = found.hypervolumes;
  assert.deepEqual([ednn?.method, eca?.method, all?.method], ['ednn', 'eca', null]);
  assert.deepEqual([ednn?.front, eca?.front, all?.front], [1, 2, 2]);
  // The mean over k of what is covered by at most so many numbers.
  near(ednn?.hypervolume, (0.6 + 0.6 + 0.6) / 3);
  near(eca?.hypervolume, (0 + 0.55 + 0.9) / 3);
  near(all?.hypervolume, (0.6 + 0.6 + 0.9) / 3);
});

test('costs are weighed by their logarithm, with a reference point a tenth of the range beyond', () => {
  const { objectives, hypervolumes } = computeFront(
    [candidate({ parameters: 100, coveredVariance: 0.4 }), candidate({ parameters: 10_000, coveredVariance: 0.9 })],
    ['coveredVariance', 'parameters'],
  );
  near((objectives[1]?.reference ?? 0) / 1e4, 100 ** 0.1);
  near(hypervolumes[0]?.hypervolume, (0.4 * 1 + 0.9 * 0.1) / 1.1);
});

test('three objectives: the front of two of them is on that of all', () => {
  const candidates = Array.from({ length: 40 }, (_, i) =>
    candidate({ coveredVariance: ((i * 7) % 40) / 40, parameters: 10 + ((i * 11) % 40), seconds: 1 + ((i * 13) % 40) }),
  );
  const ranksOf = (names: readonly ObjectiveName[]) => computeFront(candidates, names).ranks;
  const three = ranksOf(['coveredVariance', 'parameters', 'seconds']);
  ranksOf(['coveredVariance', 'parameters']).forEach((rank, i) => {
    if (rank === 1) assert.equal(three[i], 1);
  });
  assert.ok(
    three.filter((rank) => rank === 1).length > ranksOf(['coveredVariance', 'parameters']).filter((rank) => rank === 1).length,
  );
});

test('configurations that lack an objective are ranked by nobody', () => {
  const names = ['coveredVariance', 'structureCoveredVariance'] as const;
  const some = computeFront([candidate({}), candidate({ method: 'eca', structureCoveredVariance: 0.2 })], names);
  assert.deepEqual(
    [some.ranks, some.ranksInMethod],
    [
      [null, 1],
      [null, 1],
    ],
  );
  assert.deepEqual(
    some.hypervolumes.map(({ method }) => method),
    ['eca', null],
  );
  near(some.hypervolumes[0]?.hypervolume, 0.1);
  const none = computeFront([candidate({})], names);
  assert.deepEqual([none.ranks, none.hypervolumes], [[null], []]);
});

test('without configurations there is neither a front nor a box', () => {
  const { ranks, hypervolumes, objectives } = computeFront([], ['coveredVariance', 'seconds']);
  assert.deepEqual([ranks, hypervolumes], [[], []]);
  assert.deepEqual(objectives[1], { name: 'seconds', direction: 'minimize', best: null, reference: null });
});

test('where all configurations are equal, all are on the front, and each alone is worth as much', () => {
  const equal = [candidate({ coveredVariance: 0.7 }), candidate({ coveredVariance: 0.7 })];
  for (const other of ['k', 'parameters', 'seconds'] as const) {
    const { ranks, hypervolumes } = computeFront(equal, ['coveredVariance', other]);
    assert.deepEqual(ranks, [1, 1]);
    near(hypervolumes[0]?.hypervolume, 0.7);
  }
});

test('scores below 0 and times of 0 keep hypervolumes between 0 and 1', () => {
  const { ranks, hypervolumes } = computeFront(
    [candidate({ coveredVariance: -3, seconds: 0 }), candidate({ coveredVariance: 0.5, seconds: 2 })],
    ['coveredVariance', 'seconds'],
  );
  assert.deepEqual(ranks, [1, 1]);
  const [{ hypervolume } = { hypervolume: Number.NaN }] = hypervolumes;
  assert.ok(hypervolume > 0 && hypervolume < 0.5, String(hypervolume));
});
