/** Counts pairs of neighbours within a cut-off by their elements and by the angle at the site. */
import { buildCellList } from './cell-list.ts';
import { addToBins, type Bins, binNames } from './histogram.ts';
import type { DescriptorKind } from './kind.ts';
import type { DescriptorSetting } from './setting.ts';

type AngularHistogram = Extract<DescriptorSetting, { kind: 'angular-histogram' }>;

const binsOf = ({ bins, smearing }: AngularHistogram): Bins => ({ low: 0, high: 180, count: bins, smearing });

/** Returns the pairs of elements in the order A-A, A-B, ..., B-B, ... */
const listPairs = (elements: readonly string[]) => elements.flatMap((a, i) => elements.slice(i).map((b) => [a, b] as const));

export const angularHistogram: DescriptorKind<AngularHistogram> = {
  columns(setting) {
    const names = binNames(binsOf(setting));
    return listPairs(setting.neighbours).flatMap(([a, b]) =>
      names.map((name) => ({ name: `${a}-${b} ${name} degree`, unit: '1' })),
    );
  },

  describe(setting) {
    const bins = binsOf(setting);
    /** First column of each pair of elements. */
    const offsets = new Map(
      listPairs(setting.neighbours).flatMap(([a, b], i) => [`${a}-${b}`, `${b}-${a}`].map((pair) => [pair, i * bins.count])),
    );
    return (frame) => {
      const { visitNeighbours } = buildCellList(frame, setting.cutoff);
      return (site, row) => {
        row.fill(0);
        const found: Neighbour[] = [];
        visitNeighbours(site, (atom, x, y, z, squared, image) => {
          const element = frame.species[atom] ?? '';
          if (setting.neighbours.includes(element)) found.push({ element, atom, image, x, y, z, distance: Math.sqrt(squared) });
        });
        // Sums must not depend on the order of the search.
        found.sort((a, b) => a.atom - b.atom || a.image - b.image);
        found.forEach((a, i) => {
          for (const b of found.slice(i + 1)) {
            const offset = offsets.get(`${a.element}-${b.element}`);
            if (offset !== undefined) addAngle(bins, angleBetween(a, b), row, offset);
          }
        });
      };
    };
  },
};

interface Neighbour {
  readonly element: string;
  readonly atom: number;
  readonly image: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly distance: number;
}

/** Returns the angle at the site in degrees. */
function angleBetween(a: Neighbour, b: Neighbour): number {
  const cosine = (a.x * b.x + a.y * b.y + a.z * b.z) / (a.distance * b.distance);
  return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
}

function addAngle(bins: Bins, angle: number, row: Float64Array, offset: number): void {
  addToBins(bins, angle, row, offset);
  if (bins.smearing === undefined) return;
  // Reflects what smearing moves beyond 0 or 180 degrees, so that each pair counts 1.
  addToBins(bins, -angle, row, offset);
  addToBins(bins, 360 - angle, row, offset);
}
