/** The latents of a method at a width against the descriptors of the same structures. */
import type { CellReading, Interpretation } from '../models/interpretation/interpretation.ts';
import { cellLabel } from '../text/methods.ts';
import { cellId } from './cells.ts';
import type { Figure, Panel, Point } from './model.ts';
import { domainOf, short, strongest, withUnit } from './numbers.ts';

/** Maximum number of descriptors that are all drawn; of more, the closest. */
const FEW = 4;
const CLOSEST = 3;

/** Returns the `most` descriptors with the highest rank correlation with a latent, by index. */
export const closestDescriptors = (cell: CellReading, latent: number, most = CLOSEST): number[] =>
  strongest(
    (cell.latents[latent]?.correlations ?? []).map(({ spearman }) => spearman),
    most,
  );

export function latentsFigure({ descriptors, structures }: Interpretation, cell: CellReading): Figure {
  const isFew = descriptors.length <= FEW;
  const byRow = new Map(structures.map(({ row, x }) => [row, x]));
  const { rows, t } = cell.scatter;
  const panels = cell.latents.flatMap(({ correlations }, j) =>
    closestDescriptors(cell, j, isFew ? FEW : CLOSEST).flatMap((d): Panel[] => {
      const descriptor = descriptors[d];
      if (!descriptor) return [];
      const points = rows.map((row, i): Point => [byRow.get(row)?.[d] ?? Number.NaN, t[i]?.[j] ?? Number.NaN]);
      const rank = correlations[d]?.spearman ?? 0;
      return [
        {
          title: `rank correlation ${rank < 0 ? '−' : '+'}${Math.abs(rank).toFixed(2)}`,
          description: `Latent ${j + 1} against ${descriptor.name}: rank correlation ${short(rank, 2)}`,
          height: 240,
          x: { label: withUnit(descriptor.name, descriptor.unit), domain: domainOf(points.map(([x]) => x)), ticks: 4 },
          y: { label: `latent ${j + 1}`, domain: domainOf(points.map(([, y]) => y)) },
          marks: [{ kind: 'points', points, colour: cell.method, radius: 2, opacity: 0.6 }],
        },
      ];
    }),
  );
  return {
    id: `latents-${cellId(cell)}`,
    title: `Latents against descriptors: ${cellLabel(cell)}`,
    caption: `${isFew ? 'Every descriptor' : `The ${CLOSEST} of ${descriptors.length} descriptors with the highest rank correlation with each latent`}, ${rows.length} test structures, best trial (${cell.best}). Above each panel: the rank correlation (Spearman), 1 or −1 for any monotone relation. The table has the correlations of all.`,
    panels,
    legend: [],
    panelWidth: 290,
    table: () => ({
      head: ['descriptor', 'unit', ...cell.latents.flatMap((_, j) => [`latent ${j + 1}: Pearson`, `latent ${j + 1}: Spearman`])],
      rows: descriptors.map(({ name, unit }, d) => [
        name,
        unit,
        ...cell.latents.flatMap(({ correlations }) => [correlations[d]?.pearson ?? null, correlations[d]?.spearman ?? null]),
      ]),
    }),
  };
}
