/**
 * The Coulomb matrix of a site with its nearest neighbours (Rupp et al. 2012,
 * doi:10.1103/PhysRevLett.108.058301), sorted: the site first, then the neighbours by element and
 * by distance from the site. Columns are the upper triangle without the diagonal, row by row: Z_i
 * Z_j / R_ij in 1/angstrom. The diagonal, 0.5 Z^2.4, is constant.
 */
import type { DescriptorColumn } from '../../models/descriptor.ts';
import { atomicNumber } from '../formats/structures/elements.ts';
import type { Frame } from '../formats/structures/frame.ts';
import { structuresUnfit } from '../formats/structures/frame-errors.ts';
import { cellVolume } from '../formats/structures/vectors.ts';
import { boundingBox, buildCellList, type CellList } from './cell-list.ts';
import type { DescriptorKind } from './kind.ts';
import type { DescriptorSetting } from './setting.ts';
import { siteElement } from './sites.ts';

type CoulombMatrix = Extract<DescriptorSetting, { kind: 'coulomb-matrix' }>;

export const coulombMatrix: DescriptorKind<CoulombMatrix> = {
  columns({ site, neighbours }, first) {
    const own = siteElement(site, first);
    const atoms = [
      { label: `${own}0`, z: atomicNumber(own) },
      ...neighbours.flatMap(({ element, count }) =>
        Array.from({ length: count }, (_, i) => ({ label: `${element}${i + 1}`, z: atomicNumber(element) })),
      ),
    ];
    return atoms.flatMap((a, i) =>
      atoms.slice(i + 1).map(
        (b): DescriptorColumn => ({
          name: `${a.label}-${b.label}`,
          unit: '1/angstrom',
          distance: { numerator: a.z * b.z, unit: 'angstrom', pair: [a.label, b.label] },
        }),
      ),
    );
  },

  describe({ neighbours }) {
    return (frame) => {
      const findNearest = createNeighbourSearch(frame, neighbours);
      return (site, row) => {
        const own = { charge: atomicNumber(frame.species[site] ?? ''), x: 0, y: 0, z: 0 };
        fillTriangle([own, ...findNearest(site)], row);
      };
    };
  },
};

interface Charge {
  readonly charge: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Fills in Z_i Z_j / R_ij of all pairs, row by row. */
function fillTriangle(atoms: readonly Charge[], row: Float64Array): void {
  let column = 0;
  for (let i = 0; i < atoms.length; i++) {
    const a = atoms[i] as Charge;
    for (let j = i + 1; j < atoms.length; j++) {
      const b = atoms[j] as Charge;
      const x = a.x - b.x;
      const y = a.y - b.y;
      const z = a.z - b.z;
      row[column++] = (a.charge * b.charge) / Math.sqrt(x * x + y * y + z * z);
    }
  }
}

interface Neighbour extends Charge {
  readonly squared: number;
  readonly atom: number;
  readonly image: number;
}

/** Orders by distance and then by number, so that the order does not depend on the search. */
function isNearer(a: Neighbour, b: Neighbour): boolean {
  return a.squared < b.squared || (a.squared === b.squared && (a.atom < b.atom || (a.atom === b.atom && a.image < b.image)));
}

/** Inserts a neighbour in order; where the list is full it replaces the last one. */
function insertNearest(nearest: Neighbour[], neighbour: Neighbour, isFull: boolean): void {
  let at = isFull ? nearest.length - 1 : nearest.length;
  if (isFull && !isNearer(neighbour, nearest[at] as Neighbour)) return;
  for (; at > 0 && isNearer(neighbour, nearest[at - 1] as Neighbour); at--) nearest[at] = nearest[at - 1] as Neighbour;
  nearest[at] = neighbour;
}

interface WantedElement {
  readonly element: string;
  readonly count: number;
  readonly charge: number;
  /** Atoms of the element in the frame. */
  readonly present: number;
}

/** Returns a search for a site's nearest neighbours by element, relative to the site. */
function createNeighbourSearch(frame: Frame, neighbours: CoulombMatrix['neighbours']): (site: number) => Neighbour[] {
  const wanted = neighbours.map(({ element, count }): WantedElement => {
    const present = frame.species.filter((symbol) => symbol === element).length;
    return { element, count, charge: atomicNumber(element), present };
  });
  const kinds = frame.species.map((symbol) => wanted.findIndex(({ element }) => element === symbol));
  const searches: CellList[] = [];
  const radius = likelyRadius(frame, wanted);
  return (site) => {
    requireEnough(frame, site, wanted);
    for (let round = 0; ; round++) {
      const search = searches[round] ?? buildCellList(frame, radius * 1.5 ** round);
      searches[round] = search;
      const found = wanted.map(({ count, charge }) => ({ count, charge, nearest: [] as Neighbour[] }));
      search.visitNeighbours(site, (atom, x, y, z, squared, image) => {
        const kind = kinds[atom] ?? -1;
        const list = kind < 0 ? undefined : found[kind];
        if (list === undefined) return;
        const { nearest, count, charge } = list;
        const isFull = nearest.length === count;
        // Most are farther than all that are wanted: no object is made for them.
        if (isFull && squared > (nearest.at(-1)?.squared ?? 0)) return;
        insertNearest(nearest, { charge, x, y, z, squared, atom, image }, isFull);
      });
      if (found.every(({ nearest, count }) => nearest.length === count)) return found.flatMap(({ nearest }) => nearest);
    }
  };
}

/** Without periodic images there are no more neighbours than other atoms. */
function requireEnough(frame: Frame, site: number, wanted: readonly WantedElement[]): void {
  const repeats = frame.periodic.includes(true);
  for (const { element, count, present } of wanted) {
    const others = present - (frame.species[site] === element && !repeats ? 1 : 0);
    if (others > 0 && (repeats || others >= count)) continue;
    throw structuresUnfit(
      frame,
      `atom ${site} has ${others} neighbours of ${element} in total; ${count} are requested`,
      repeats ? undefined : 'request fewer neighbours; a periodic structure needs its Lattice',
    );
  }
}

/** Returns a radius in angstrom that holds twice the count at the mean density. */
function likelyRadius({ lattice, periodic, positions }: Frame, wanted: readonly WantedElement[]): number {
  // For a cluster the box around it, at least 1 angstrom along each axis.
  const volume =
    lattice && periodic.every(Boolean)
      ? Math.abs(cellVolume(lattice))
      : boundingBox(positions).reduce((product, length) => product * Math.max(1, length), 1);
  const radii = wanted.map(({ count, present }) => {
    const density = Math.max(1, present) / volume;
    return Math.cbrt((2 * (count + 1)) / (density * (4 / 3) * Math.PI));
  });
  return Math.max(1, ...radii);
}
