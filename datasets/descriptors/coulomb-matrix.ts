/**
 * The Coulomb matrix of a site with its nearest neighbours (Rupp et al. 2012, doi:10.1103/PhysRevLett.108.058301), sorted: the site first, then the
 * neighbours element by element, each element's by their distance to the site. Columns are the upper triangle without the diagonal, row by row:
 * Z_i Z_j / R_ij, in 1/angstrom. The diagonal, 0.5 Z^2.4, is constant.
 */
import type { DescriptorColumn } from '../../models/descriptor.ts';
import { atomicNumber } from '../formats/elements.ts';
import { cellVolume, type Frame } from '../formats/extxyz.ts';
import { structuresUnfit } from '../formats/frame-errors.ts';
import { boundingBox, buildCellList, type CellList } from './cell-list.ts';
import type { DescriptorKind } from './kind.ts';
import type { DescriptorSetting } from './setting.ts';
import { siteElement } from './sites.ts';

type CoulombMatrix = Extract<DescriptorSetting, { kind: 'coulomb-matrix' }>;

export const coulombMatrix: DescriptorKind<CoulombMatrix> = {
  rows: 'site',

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
    // The site's own charge takes the first place.
    const charges = [0, ...neighbours.flatMap(({ element, count }) => Array<number>(count).fill(atomicNumber(element)))];
    const places = new Float64Array(3 * charges.length);
    return (frame) => {
      const find = nearest(frame, neighbours);
      return (site, row) => {
        charges[0] = atomicNumber(frame.species[site] as string);
        find(site, places);
        fillTriangle(charges, places, row);
      };
    };
  },
};

/** Z_i Z_j / R_ij of all pairs, row by row. */
function fillTriangle(charges: readonly number[], places: Float64Array, row: Float64Array): void {
  let column = 0;
  for (let i = 0; i < charges.length; i++) {
    for (let j = i + 1; j < charges.length; j++) {
      const x = (places[3 * i] as number) - (places[3 * j] as number);
      const y = (places[3 * i + 1] as number) - (places[3 * j + 1] as number);
      const z = (places[3 * i + 2] as number) - (places[3 * j + 2] as number);
      row[column++] = ((charges[i] as number) * (charges[j] as number)) / Math.sqrt(x * x + y * y + z * z);
    }
  }
}

interface Neighbour {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly squared: number;
  readonly atom: number;
  readonly image: number;
}

/** By distance; equals by their number, so that the order does not hang on how they were searched. */
function isNearer(a: Neighbour, b: Neighbour): boolean {
  return a.squared < b.squared || (a.squared === b.squared && (a.atom < b.atom || (a.atom === b.atom && a.image < b.image)));
}

/** Fills in the positions, relative to the site, of its nearest neighbours; the first place is the site's own. */
function nearest(frame: Frame, wanted: CoulombMatrix['neighbours']): (site: number, places: Float64Array) => void {
  const kinds = frame.species.map((symbol) => wanted.findIndex(({ element }) => element === symbol));
  const there = wanted.map((_, kind) => kinds.filter((other) => other === kind).length);
  const searches: CellList[] = [];
  const first = likelyRadius(frame, wanted, there);
  return (site, places) => {
    requireEnough(frame, site, wanted, there);
    for (let round = 0; ; round++) {
      const search = searches[round] ?? buildCellList(frame, first * 1.5 ** round);
      searches[round] = search;
      const found = wanted.map((): Neighbour[] => []);
      search.visitNeighbours(site, (atom, x, y, z, squared, image) => {
        const kind = kinds[atom] as number;
        if (kind < 0) return;
        const list = found[kind] as Neighbour[];
        const { count } = wanted[kind] as { count: number };
        const neighbour = { x, y, z, squared, atom, image };
        let at = list.length;
        if (at === count && !isNearer(neighbour, list[at - 1] as Neighbour)) return;
        while (at > 0 && isNearer(neighbour, list[at - 1] as Neighbour)) at--;
        list.splice(at, 0, neighbour);
        if (list.length > count) list.pop();
      });
      if (found.some((list, kind) => list.length < (wanted[kind]?.count ?? 0))) continue;
      let at = 3;
      for (const { x, y, z } of found.flat()) {
        places[at++] = x;
        places[at++] = y;
        places[at++] = z;
      }
      return;
    }
  };
}

/** Without periodic images there are as many neighbours as there are other atoms; with them, as many as one asks for. */
function requireEnough(frame: Frame, site: number, wanted: CoulombMatrix['neighbours'], there: readonly number[]): void {
  const repeats = frame.periodic.includes(true);
  wanted.forEach(({ element, count }, kind) => {
    const others = (there[kind] as number) - (frame.species[site] === element && !repeats ? 1 : 0);
    if (others > 0 && (repeats || others >= count)) return;
    throw structuresUnfit(
      frame,
      `atom ${site} has ${others} neighbours of ${element} in all; the nearest ${count} are asked for`,
      repeats ? undefined : 'ask for fewer neighbours; a periodic structure needs its Lattice',
    );
  });
}

/** A radius within which most sites have what is wanted: twice the count at the mean density. */
function likelyRadius(frame: Frame, wanted: CoulombMatrix['neighbours'], there: readonly number[]): number {
  const bulk = frame.lattice && frame.periodic.every(Boolean);
  // Of a cluster, the box around it, an angstrom at least along each axis.
  const room = bulk
    ? Math.abs(cellVolume(frame.lattice as Float64Array))
    : boundingBox(frame.positions).length.reduce((product, length) => product * Math.max(1, length), 1);
  const radii = wanted.map(({ count }, kind) => {
    const density = Math.max(1, there[kind] as number) / room;
    return Math.cbrt((2 * (count + 1)) / (density * (4 / 3) * Math.PI));
  });
  return Math.max(1, ...radii);
}
