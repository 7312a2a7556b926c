/** Neighbour search in a cell list, periodic images included. */
import type { Frame } from '../formats/structures/frame.ts';
import { structuresUnfit } from '../formats/structures/frame-errors.ts';
import { cellVolume, cross, dot, type Vector, vectorAt } from '../formats/structures/vectors.ts';

/** Called with an atom, its vector from the site, its squared length, and the atom's image. */
type VisitNeighbour = (atom: number, x: number, y: number, z: number, squared: number, image: number) => void;

export interface CellList {
  /** Visits all atoms and images within the radius of the site but itself, in any order. */
  visitNeighbours(site: number, visit: VisitNeighbour): void;
}

/** Most atoms and images of a frame: they take 40 bytes each, twice. */
const MAX_IMAGES = 4_000_000;

/** With more cells than this per atom most are empty. */
const CELLS_PER_ATOM = 2;

/**
 * Sorts the atoms of a frame, and their images within `radius` of the unit cell, into cells as
 * wide. Thanks to the images skewed and small unit cells need no special case.
 */
export function buildCellList(frame: Frame, radius: number): CellList {
  const unsorted = unfoldImages(frame, radius);
  const [x, y, z] = [extentOf(unsorted.x), extentOf(unsorted.y), extentOf(unsorted.z)];
  if (![x, y, z].every(({ length }) => Number.isFinite(length))) {
    throw structuresUnfit(frame, 'its atoms are too far apart to be numbers', 'check its positions, which are in angstrom');
  }
  let width = Math.max(radius, 1e-3);
  const countCells = ({ length }: Extent) => Math.floor(length / width) + 1;
  while (countCells(x) * countCells(y) * countCells(z) > CELLS_PER_ATOM * unsorted.count + 27) width *= 1.5;
  const [nx, ny, nz] = [countCells(x), countCells(y), countCells(z)];
  const { images, starts } = sortImages(unsorted, nx * ny * nz, (px, py, pz) => {
    const [cx, cy] = [Math.floor((px - x.low) / width), Math.floor((py - y.low) / width)];
    return (cx * ny + cy) * nz + Math.floor((pz - z.low) / width);
  });

  const limit = radius * radius;
  const first = (value: number, { low }: Extent) => Math.max(0, Math.floor((value - radius - low) / width));
  const last = (value: number, { low }: Extent, count: number) => Math.min(count - 1, Math.floor((value + radius - low) / width));
  return {
    visitNeighbours(site, visit) {
      const home = images.originals[site];
      if (home === undefined) throw new RangeError(`the frame has no atom ${site}`);
      const [hx, hy, hz] = [images.x[home], images.y[home], images.z[home]] as [number, number, number];
      const [lastX, lastY, lastZ] = [last(hx, x, nx), last(hy, y, ny), last(hz, z, nz)];
      const firstZ = first(hz, z);
      for (let cx = first(hx, x); cx <= lastX; cx++) {
        for (let cy = first(hy, y); cy <= lastY; cy++) {
          const row = (cx * ny + cy) * nz;
          // Cells along z follow each other.
          const end = starts[row + lastZ + 1] as number;
          for (let at = starts[row + firstZ] as number; at < end; at++) {
            const dx = (images.x[at] as number) - hx;
            const dy = (images.y[at] as number) - hy;
            const dz = (images.z[at] as number) - hz;
            const squared = dx * dx + dy * dy + dz * dz;
            if (squared <= limit && at !== home) {
              visit(images.atom[at] as number, dx, dy, dz, squared, images.image[at] as number);
            }
          }
        }
      }
    },
  };
}

/** Atoms of a frame and their periodic images. */
interface Images {
  readonly count: number;
  readonly atom: Uint32Array;
  /** Number of the image among those of its atom. */
  readonly image: Uint32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  /** Position in these arrays of each atom itself. */
  readonly originals: Uint32Array;
}

const createImages = (count: number, atoms: number): Images => ({
  count,
  atom: new Uint32Array(count),
  image: new Uint32Array(count),
  x: new Float64Array(count),
  y: new Float64Array(count),
  z: new Float64Array(count),
  originals: new Uint32Array(atoms),
});

/** Images are not shifted. */
const NO_LATTICE = new Float64Array(9);

/**
 * Folds atoms into the unit cell, and adds their images within `radius` of it. Throws NarrowsError
 * `structures-unfit` where there are too many.
 */
function unfoldImages(frame: Frame, radius: number): Images {
  const { species, positions, lattice, periodic } = frame;
  const axes = lattice && latticeAxes(lattice);
  /** Shifts along each vector by atom: from, to, and that of the atom itself. */
  const shifts = new Int32Array(9 * species.length);
  let count = 0;
  for (let atom = 0; atom < species.length; atom++) {
    const position = vectorAt(positions, atom);
    let own = 1;
    for (const axis of [0, 1, 2] as const) {
      if (!axes || !periodic[axis]) continue;
      const { reciprocal, height } = axes[axis];
      const fraction = dot(position, reciprocal);
      const reach = radius / height;
      const [from, to] = [Math.ceil(-reach - fraction), Math.floor(1 + reach - fraction)];
      const at = 9 * atom + 3 * axis;
      shifts[at] = from;
      shifts[at + 1] = to;
      shifts[at + 2] = -Math.floor(fraction);
      own *= to - from + 1;
    }
    count += own;
  }
  // Not so either where it is not a number, after a position or a cell too large for one.
  if (!(count <= MAX_IMAGES)) {
    const fix = 'check its Lattice, pbc and positions, which are in angstrom, or take a smaller radius';
    throw structuresUnfit(frame, `within ${radius} angstrom it has more than ${MAX_IMAGES} periodic images of atoms`, fix);
  }
  const images = createImages(count, species.length);
  const vectors = lattice ?? NO_LATTICE;
  const [ax, ay, az] = vectorAt(vectors, 0);
  const [bx, by, bz] = vectorAt(vectors, 1);
  const [cx, cy, cz] = vectorAt(vectors, 2);
  let at = 0;
  for (let atom = 0; atom < species.length; atom++) {
    const [x, y, z] = vectorAt(positions, atom);
    // One by one: destructuring typed arrays goes through their iterator.
    const shift = (i: number) => shifts[9 * atom + i] as number;
    const [fromA, toA, ownA] = [shift(0), shift(1), shift(2)];
    const [fromB, toB, ownB] = [shift(3), shift(4), shift(5)];
    const [fromC, toC, ownC] = [shift(6), shift(7), shift(8)];
    const firstImage = at;
    for (let a = fromA; a <= toA; a++) {
      for (let b = fromB; b <= toB; b++) {
        for (let c = fromC; c <= toC; c++) {
          images.atom[at] = atom;
          images.image[at] = at - firstImage;
          images.x[at] = x + (a * ax + b * bx + c * cx);
          images.y[at] = y + (a * ay + b * by + c * cy);
          images.z[at] = z + (a * az + b * bz + c * cz);
          // Without periodicity the position in the file.
          if (a === ownA && b === ownB && c === ownC) images.originals[atom] = at;
          at++;
        }
      }
    }
  }
  return images;
}

/** Sorts images by cell, in their order within one; cell i starts at `starts[i]`. */
function sortImages(
  from: Images,
  cells: number,
  cellOf: (x: number, y: number, z: number) => number,
): { images: Images; starts: Uint32Array } {
  const cell = new Uint32Array(from.count);
  const starts = new Uint32Array(cells + 1);
  for (let i = 0; i < from.count; i++) {
    const own = cellOf(from.x[i] as number, from.y[i] as number, from.z[i] as number);
    cell[i] = own;
    starts[own + 1] = (starts[own + 1] as number) + 1;
  }
  for (let i = 0; i < cells; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number);
  const next = starts.slice();
  const images = createImages(from.count, from.originals.length);
  for (let i = 0; i < from.count; i++) {
    const own = cell[i] as number;
    const to = next[own] as number;
    next[own] = to + 1;
    const atom = from.atom[i] as number;
    images.atom[to] = atom;
    images.image[to] = from.image[i] as number;
    images.x[to] = from.x[i] as number;
    images.y[to] = from.y[i] as number;
    images.z[to] = from.z[i] as number;
    if (from.originals[atom] === i) images.originals[atom] = to;
  }
  return { images, starts };
}

interface Axis {
  /** Its dot product with a position is the fraction along the vector of the lattice. */
  readonly reciprocal: Vector;
  /** Distance between the two faces of the unit cell that the vector joins. */
  readonly height: number;
}

/** Returns the axes of a lattice [3, 3]. */
export function latticeAxes(lattice: Float64Array): readonly [Axis, Axis, Axis] {
  const [a, b, c] = [vectorAt(lattice, 0), vectorAt(lattice, 1), vectorAt(lattice, 2)];
  const volume = cellVolume(lattice);
  const axis = (u: Vector, v: Vector): Axis => {
    const [x, y, z] = cross(u, v);
    return { reciprocal: [x / volume, y / volume, z / volume], height: Math.abs(volume) / Math.hypot(x, y, z) };
  };
  return [axis(b, c), axis(c, a), axis(a, b)];
}

interface Extent {
  readonly low: number;
  readonly length: number;
}

function extentOf(values: Float64Array): Extent {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  // By index: an iterator makes an object of each number.
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, length: high - low };
}

/** Returns the lengths along each axis of the box around all atoms. */
export const boundingBox = (positions: Float64Array): number[] =>
  [0, 1, 2].map((axis) => extentOf(positions.filter((_, i) => i % 3 === axis)).length);
