/** How many pairs of neighbours, by their elements, stand at which angle seen from the site; both lie within the cut-off. */
import type { DescriptorColumn } from '../../models/descriptor.ts';
import { buildCellList } from './cell-list.ts';
import { addToBins, type Bins, binNames } from './histogram.ts';
import type { DescriptorKind } from './kind.ts';
import type { DescriptorSetting } from './setting.ts';

type AngularHistogram = Extract<DescriptorSetting, { kind: 'angular-histogram' }>;

const binsOf = ({ bins, smearing }: AngularHistogram): Bins => ({ low: 0, high: 180, count: bins, smearing });

/** A-A, A-B, ..., B-B, ...: place of a pair in the order of the columns, from either end. */
function pairPlaces(elements: readonly string[]): Map<string, number> {
  const pairs = elements.flatMap((a, i) => elements.slice(i).map((b) => [a, b] as const));
  return new Map(pairs.flatMap(([a, b], place) => [`${a}-${b}`, `${b}-${a}`].map((name) => [name, place])));
}

export const angularHistogram: DescriptorKind<AngularHistogram> = {
  rows: 'site',

  columns(setting) {
    const names = binNames(binsOf(setting));
    return setting.neighbours.flatMap((a, i) =>
      setting.neighbours
        .slice(i)
        .flatMap((b) => names.map((name): DescriptorColumn => ({ name: `${a}-${b} ${name} degree`, unit: '1' }))),
    );
  },

  describe(setting) {
    const bins = binsOf(setting);
    const places = pairPlaces(setting.neighbours);
    return (frame) => {
      const { visitNeighbours: around } = buildCellList(frame, setting.cutoff);
      return (site, row) => {
        row.fill(0);
        const found: Neighbour[] = [];
        around(site, (atom, x, y, z, squared, image) => {
          const element = frame.species[atom] as string;
          if (setting.neighbours.includes(element)) found.push({ element, atom, image, x, y, z, distance: Math.sqrt(squared) });
        });
        // Sums in one order, whatever the order of the search.
        found.sort((a, b) => a.atom - b.atom || a.image - b.image);
        found.forEach((a, i) => {
          for (const b of found.slice(i + 1)) {
            addAngle(bins, angleBetween(a, b), row, (places.get(`${a.element}-${b.element}`) as number) * bins.count);
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

/** In degrees, seen from the site. */
function angleBetween(a: Neighbour, b: Neighbour): number {
  const cosine = (a.x * b.x + a.y * b.y + a.z * b.z) / (a.distance * b.distance);
  return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
}

function addAngle(bins: Bins, angle: number, row: Float64Array, offset: number): void {
  addToBins(bins, angle, row, offset);
  if (bins.smearing === undefined) return;
  // What smearing carries beyond 0 or 180 degrees comes back from there, so that each pair counts 1.
  addToBins(bins, -angle, row, offset);
  addToBins(bins, 360 - angle, row, offset);
}
