/** Counts neighbours of a site by element and distance, up to a cut-off. */
import { buildCellList } from './cell-list.ts';
import { addToBins, type Bins, binNames, GAUSSIAN_REACH } from './histogram.ts';
import type { DescriptorKind } from './kind.ts';
import type { DescriptorSetting } from './setting.ts';

type RadialHistogram = Extract<DescriptorSetting, { kind: 'radial-histogram' }>;

const binsOf = ({ cutoff, bins, smearing }: RadialHistogram): Bins => ({ low: 0, high: cutoff, count: bins, smearing });

export const radialHistogram: DescriptorKind<RadialHistogram> = {
  columns(setting) {
    const names = binNames(binsOf(setting));
    return setting.neighbours.flatMap((element) => names.map((name) => ({ name: `${element} ${name} angstrom`, unit: '1' })));
  },

  describe(setting) {
    const bins = binsOf(setting);
    return (frame) => {
      const offsets = frame.species.map((symbol) => setting.neighbours.indexOf(symbol) * bins.count);
      // Neighbours just beyond the cut-off are smeared into it, or values would jump at crossings.
      const { visitNeighbours } = buildCellList(frame, setting.cutoff + GAUSSIAN_REACH * (setting.smearing ?? 0));
      return (site, row) => {
        row.fill(0);
        const found: { distance: number; offset: number }[] = [];
        visitNeighbours(site, (atom, _x, _y, _z, squared) => {
          const offset = offsets[atom] ?? -1;
          if (offset >= 0) found.push({ distance: Math.sqrt(squared), offset });
        });
        // Sums must not depend on the order of the search.
        found.sort((a, b) => a.distance - b.distance);
        for (const { distance, offset } of found) addToBins(bins, distance, row, offset);
      };
    };
  },
};
