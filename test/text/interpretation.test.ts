import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Interpretation } from '../../models/interpretation/interpretation.ts';
import { describeInterpretation } from '../../text/interpretation.ts';

/** A cell of NNCA with unit vectors as components, in agreement. */
const interpretation = (k: number, descriptors: number): Interpretation =>
  ({
    descriptors: Array.from({ length: descriptors }, (_, d) => ({ name: `d${d}` })),
    series: null,
    quantities: [],
    cells: [
      {
        ...{ method: 'nnca', k, series: null, latents: [], expansion: [] },
        agreement: { kind: 'principal-angles', pairs: 3, largest: { mean: 0, low: 0, high: 3.4e-6 }, stable: true },
        components: Array.from({ length: k }, (_, j) => ({
          coefficients: Array.from({ length: descriptors }, (_, d) => (d === j ? 1 : 0)),
        })),
      },
    ],
  }) as unknown as Interpretation;

test('seeds are said to agree only where they could differ', () => {
  assert.match(
    describeInterpretation(interpretation(2, 3))[0] ?? '',
    /the subspace is the same in every seed, to 0.0000034 degrees/,
  );
  const [whole] = describeInterpretation(interpretation(3, 3));
  assert.equal(
    whole,
    'NNCA at k = 3: as many components as descriptors span every structure, whatever they are; the first component is led by +1.00 d0 +0.00 d1 +0.00 d2.',
  );
});

test('components that turn within a stable subspace, or that collinear descriptors leave open, are named', () => {
  const withComponents = (k: number, ...changes: readonly object[]) => {
    const whole = interpretation(k, 4);
    const [cell] = whole.cells as [Interpretation['cells'][number]];
    const components = (cell.components ?? []).map((component, j) => ({ ...component, ...changes[j] }));
    return describeInterpretation({ ...whole, cells: [{ ...cell, components }] })[0] ?? '';
  };
  const unstable = { angle: { mean: 21, low: 2, high: 34 }, stable: false, shownTurn: 0.9 };
  assert.match(
    withComponents(2, unstable, { ...unstable, stable: true }),
    /the same in every seed, to 0.0000034 degrees; only the subspace is determined, within which seeds turn component 1 by up to 34 degrees; the first/,
  );
  assert.match(
    withComponents(2, unstable, { ...unstable, shownTurn: 0.085 }),
    /; collinear descriptors leave component 2 open \(21 degrees between seeds, of which the latent shows 8.5 %\); the first/,
  );
  assert.doesNotMatch(withComponents(4, unstable, unstable, unstable, unstable), /subspace/);
});

test('partitions are said to agree or not, where there are several', () => {
  const whole = interpretation(2, 4);
  const [cell] = whole.cells as [Interpretation['cells'][number]];
  const largest = { mean: 20, low: 11, high: 32.4 };
  const overPartitions = { kind: 'principal-angles', pairs: 10, largest, stable: false } as const;
  const [sentence] = describeInterpretation({ ...whole, cells: [{ ...cell, overPartitions }] });
  assert.match(sentence ?? '', /, and between partitions of the rows up to 32 degrees apart \(unstable\); the first/);
  assert.doesNotMatch(describeInterpretation(whole)[0] ?? '', /partition/);
});
