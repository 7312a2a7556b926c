/** Neighbour search in a cell list, periodic images included. */
import type { Frame } from '../formats/structures/frame.ts';
import { cellVolume, cross, dot, type Vector, vectorAt } from '../formats/structures/vectors.ts';

/** Called with an atom, its vector from the site, its squared length, and the atom's image. */
type VisitNeighbour = (atom: number, x: number, y: number, z: number, squared: number, image: number) => void;

export interface CellList {
  /** Visits all atoms and images within the radius of the site but itself, in any order. */
  visitNeighbours(site: number, visit: VisitNeighbour): void;
}

/** An atom of the frame or a periodic image of one. */
interface Image {
  readonly atom: number;
  readonly image: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** With more cells than this per atom most are empty. */
const CELLS_PER_ATOM = 2;

const EMPTY: readonly Image[] = [];

/**
 * Sorts the atoms of a frame, and their images within `radius` of the unit cell, into cells as
 * wide. Thanks to the images skewed and small unit cells need no special case.
 */
export function buildCellList(frame: Frame, radius: number): CellList {
  const { images, originals } = unfoldImages(frame, radius);
  const [x, y, z] = [
    extentOf(images, (image) => image.x),
    extentOf(images, (image) => image.y),
    extentOf(images, (image) => image.z),
  ];
  let width = Math.max(radius, 1e-3);
  const countCells = ({ length }: Extent) => Math.floor(length / width) + 1;
  while (countCells(x) * countCells(y) * countCells(z) > CELLS_PER_ATOM * images.length + 27) width *= 1.5;
  const [nx, ny, nz] = [countCells(x), countCells(y), countCells(z)];

  const cells: Image[][] = Array.from({ length: nx * ny * nz }, () => []);
  for (const image of images) {
    const cx = Math.floor((image.x - x.low) / width);
    const cy = Math.floor((image.y - y.low) / width);
    const cz = Math.floor((image.z - z.low) / width);
    cells[(cx * ny + cy) * nz + cz]?.push(image);
  }

  const limit = radius * radius;
  const first = (value: number, { low }: Extent) => Math.max(0, Math.floor((value - radius - low) / width));
  const last = (value: number, { low }: Extent, count: number) => Math.min(count - 1, Math.floor((value + radius - low) / width));
  return {
    visitNeighbours(site, visit) {
      const home = originals[site];
      if (home === undefined) throw new RangeError(`the frame has no atom ${site}`);
      const [lastX, lastY, lastZ] = [last(home.x, x, nx), last(home.y, y, ny), last(home.z, z, nz)];
      const firstZ = first(home.z, z);
      for (let cx = first(home.x, x); cx <= lastX; cx++) {
        for (let cy = first(home.y, y); cy <= lastY; cy++) {
          const row = (cx * ny + cy) * nz;
          for (let cz = firstZ; cz <= lastZ; cz++) {
            for (const image of cells[row + cz] ?? EMPTY) {
              const dx = image.x - home.x;
              const dy = image.y - home.y;
              const dz = image.z - home.z;
              const squared = dx * dx + dy * dy + dz * dz;
              if (squared <= limit && image !== home) visit(image.atom, dx, dy, dz, squared, image.image);
            }
          }
        }
      }
    },
  };
}

/** Folds atoms into the unit cell, and adds their images within `radius` of it. */
function unfoldImages({ species, positions, lattice, periodic }: Frame, radius: number): { images: Image[]; originals: Image[] } {
  const images: Image[] = [];
  const originals: Image[] = [];
  const vectors = [0, 1, 2].map((i): Vector => (lattice ? vectorAt(lattice, i) : [0, 0, 0])) as [Vector, Vector, Vector];
  const [[ax, ay, az], [bx, by, bz], [cx, cy, cz]] = vectors;
  const axes = lattice && latticeAxes(lattice);
  for (const atom of species.keys()) {
    const position = vectorAt(positions, atom);
    const [x, y, z] = position;
    /** Shifts [from, to] along a vector, and the shift of the atom itself. */
    const shiftsAlong = (axis: 0 | 1 | 2) => {
      if (!axes || !periodic[axis]) return [0, 0, 0] as const;
      const { reciprocal, height } = axes[axis];
      const fraction = dot(position, reciprocal);
      const reach = radius / height;
      return [Math.ceil(-reach - fraction), Math.floor(1 + reach - fraction), -Math.floor(fraction)] as const;
    };
    const [fromA, toA, ownA] = shiftsAlong(0);
    const [fromB, toB, ownB] = shiftsAlong(1);
    const [fromC, toC, ownC] = shiftsAlong(2);
    let image = 0;
    for (let a = fromA; a <= toA; a++) {
      for (let b = fromB; b <= toB; b++) {
        for (let c = fromC; c <= toC; c++) {
          const added = {
            atom,
            image: image++,
            x: x + (a * ax + b * bx + c * cx),
            y: y + (a * ay + b * by + c * cy),
            z: z + (a * az + b * bz + c * cz),
          };
          images.push(added);
          // Without periodicity the position in the file.
          if (a === ownA && b === ownB && c === ownC) originals[atom] = added;
        }
      }
    }
  }
  return { images, originals };
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

function extentOf<T>(items: readonly T[], coordinate: (item: T) => number): Extent {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const item of items) {
    const value = coordinate(item);
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, length: high - low };
}

/** Returns the lengths along each axis of the box around all atoms. */
export function boundingBox(positions: Float64Array): number[] {
  const atoms = Array.from({ length: positions.length / 3 }, (_, atom) => vectorAt(positions, atom));
  return ([0, 1, 2] as const).map((axis) => extentOf(atoms, (position) => position[axis]).length);
}
