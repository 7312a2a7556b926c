/** Histograms of water molecules in which a rare neighbour leaves the tails of Gaussians. */
import { addToBins } from '../../datasets/descriptors/histogram.ts';
import type { Matrix, SplitRows } from '../../models/axes.ts';
import { stream } from '../../models/random.ts';
import { matrixOf } from '../support/data.ts';

const BINS = { low: 0, high: 4, count: 80, smearing: 0.03 };

/** Share of the rows, the first ones, in which F is at 2.5 angstrom; later ones have it at 2.68. */
const USUAL = 0.7;

/**
 * Returns smeared radial histograms of H about O, [rows, 80] or, with the columns of F, [rows,
 * 160]: every 25th molecule has an F, on which the spectrum y does not depend. In the first rows
 * the bin at 2.68 angstrom has 1e-8 of a count at most, later a whole one.
 */
export function dustyHistograms(
  rows = 400,
  seed = 1,
): { readonly x: Matrix; readonly withoutRare: Matrix; readonly y: Matrix; readonly split: SplitRows } {
  const { normal } = stream(seed, 'molecules');
  const distances = Array.from({ length: rows }, () => [0.97 + 0.08 * normal(), 0.97 + 0.08 * normal()]);
  const histograms = distances.map(([a = 0, b = 0], row) => {
    const counts = new Float64Array(2 * BINS.count);
    for (const distance of [a, b]) addToBins(BINS, distance, counts, 0);
    const isRare = row % 25 === 7;
    if (isRare) addToBins(BINS, row < USUAL * rows ? 2.5 : 2.68, counts, BINS.count);
    return counts;
  });
  const between = (from: number, to: number) =>
    Uint32Array.from({ length: Math.round((to - from) * rows) }, (_, i) => Math.round(from * rows) + i);
  const at = (row: number, column: number) => (histograms[row] as Float64Array)[column] as number;
  return {
    x: matrixOf(rows, 2 * BINS.count, at),
    withoutRare: matrixOf(rows, BINS.count, at),
    y: matrixOf(rows, 12, (row, e) => {
      const [a = 0, b = 0] = distances[row] as number[];
      return Math.sin(8 * (a + b - 1.94) + e / 3) + 0.3 * Math.cos(10 * (a - b) + e);
    }),
    split: {
      train: between(0, USUAL),
      validation: between(USUAL, 0.85),
      test: between(0.85, 1),
    },
  };
}
