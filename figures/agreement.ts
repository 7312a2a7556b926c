/** Agreement between seeds: a table without panels. */
import type { CellReading } from '../models/interpretation/interpretation.ts';
import { STABLE_BELOW_DEGREES, STABLE_FROM_R2 } from '../models/interpretation/thresholds.ts';
import { spansEverything } from '../text/interpretation.ts';
import { METHOD_STYLES } from '../text/methods.ts';
import type { Cell, Figure } from './model.ts';

export function agreementFigure(cells: readonly CellReading[]): Figure {
  const hasPartitions = cells.some(({ overPartitions }) => overPartitions);
  return {
    id: 'agreement',
    title: hasPartitions ? 'Agreement between seeds and between partitions' : 'Agreement between seeds',
    caption: `Every pair of seeds of the best configuration${hasPartitions ? ' on the first partition, and every pair of partitions, each with one trial of its own best configuration' : ''}. ECA and NNCA: largest principal angle between the subspaces of their components, stable below ${STABLE_BELOW_DEGREES}°. EDNN, whose latents have no common basis: linear CKA, and how much of one set of latents another predicts (cross-fitted R² by nearest neighbours, both ways), stable from ${STABLE_FROM_R2}. As many components as descriptors span the whole space, with every seed.`,
    panels: [],
    legend: [],
    panelWidth: 0,
    table: () => ({
      head: [
        'method',
        'k',
        ...(hasPartitions ? ['over'] : []),
        'pairs',
        'largest angle / degree',
        'at most',
        'linear CKA',
        'at least',
        'R²',
        'at least',
        'verdict',
      ],
      rows: cells.flatMap((reading) => {
        const { method, k, agreement, overPartitions } = reading;
        const cell = [METHOD_STYLES[method].label, k];
        const seeds = hasPartitions ? [...cell, 'seeds'] : cell;
        if (spansEverything(reading)) return [wholeSpace(seeds, agreement)];
        return overPartitions
          ? [rowOf(seeds, agreement), rowOf([...cell, 'partitions'], overPartitions)]
          : [rowOf(seeds, agreement)];
      }),
    }),
  };
}

const wholeSpace = (cell: readonly Cell[], found: CellReading['agreement']): Cell[] => [
  ...cell,
  found?.pairs ?? 0,
  ...Array<null>(6).fill(null),
  'whole space',
];

function rowOf(cell: readonly Cell[], found: CellReading['agreement']): Cell[] {
  if (found === null) return [...cell, 0, null, null, null, null, null, null, 'one seed'];
  const verdict = found.stable ? 'stable' : 'unstable';
  if (found.kind === 'principal-angles')
    return [...cell, found.pairs, found.largest.mean, found.largest.high, null, null, null, null, verdict];
  return [...cell, found.pairs, null, null, found.cka.mean, found.cka.low, found.r2.mean, found.r2.low, verdict];
}
