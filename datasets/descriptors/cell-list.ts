/** Neighbours of an atom, periodic images among them, from a cell list. */
import { cellVolume, type Frame } from '../formats/extxyz.ts';

/** `atom` at the vector (x, y, z) from the site; the image of the atom that it is, for an order among equals. */
export type VisitNeighbour = (atom: number, x: number, y: number, z: number, squared: number, image: number) => void;

export interface CellList {
  readonly radius: number;
  /** Every atom and image within the radius of the site, the site itself left out; in no particular order. */
  visitNeighbours(site: number, visit: VisitNeighbour): void;
}

/** More bins than this per atom are mostly empty. */
const BINS_PER_ATOM = 2;

/**
 * Places the frame's atoms, and those of their images that lie within `radius` of the cell, in bins as wide as the radius. With this there are no
 * periodic boundaries any more: cells that are skewed, or smaller than the radius, are nothing special.
 */
export function buildCellList(frame: Frame, radius: number): CellList {
  const { atoms, homes, positions, images } = unfoldImages(frame, radius);
  const count = atoms.length;
  const { low, length: extent } = boundingBox(positions);
  let width = Math.max(radius, 1e-3);
  const shape = () => extent.map((length) => Math.floor(length / width) + 1) as [number, number, number];
  while (shape().reduce((product, bins) => product * bins, 1) > BINS_PER_ATOM * count + 27) width *= 1.5;
  const [nx, ny, nz] = shape();
  const [x0 = 0, y0 = 0, z0 = 0] = low;

  // Atoms sorted by bin: those of bin b are order[start[b]] to order[start[b + 1] - 1].
  const bins = new Int32Array(count);
  const start = new Int32Array(nx * ny * nz + 1);
  for (let i = 0; i < count; i++) {
    const x = Math.floor(((positions[3 * i] as number) - x0) / width);
    const y = Math.floor(((positions[3 * i + 1] as number) - y0) / width);
    const z = Math.floor(((positions[3 * i + 2] as number) - z0) / width);
    bins[i] = (x * ny + y) * nz + z;
    start[(bins[i] as number) + 1] = (start[(bins[i] as number) + 1] as number) + 1;
  }
  for (let bin = 1; bin < start.length; bin++) start[bin] = (start[bin] as number) + (start[bin - 1] as number);
  const order = new Int32Array(count);
  const next = start.slice();
  for (let i = 0; i < count; i++) {
    const bin = bins[i] as number;
    const place = next[bin] as number;
    order[place] = i;
    next[bin] = place + 1;
  }

  const limit = radius * radius;
  return {
    radius,
    visitNeighbours(site, visit) {
      const home = homes[site] as number;
      const sx = positions[3 * home] as number;
      const sy = positions[3 * home + 1] as number;
      const sz = positions[3 * home + 2] as number;
      const from = (value: number, least: number) => Math.max(0, Math.floor((value - radius - least) / width));
      const to = (value: number, least: number, most: number) => Math.min(most - 1, Math.floor((value + radius - least) / width));
      const [xTo, yTo, zTo] = [to(sx, x0, nx), to(sy, y0, ny), to(sz, z0, nz)];
      const zFrom = from(sz, z0);
      for (let bx = from(sx, x0); bx <= xTo; bx++) {
        for (let by = from(sy, y0); by <= yTo; by++) {
          // Bins along z lie one behind another.
          const row = (bx * ny + by) * nz;
          const last = start[row + zTo + 1] as number;
          for (let place = start[row + zFrom] as number; place < last; place++) {
            const i = order[place] as number;
            const x = (positions[3 * i] as number) - sx;
            const y = (positions[3 * i + 1] as number) - sy;
            const z = (positions[3 * i + 2] as number) - sz;
            const squared = x * x + y * y + z * z;
            if (squared <= limit && i !== home) visit(atoms[i] as number, x, y, z, squared, images[i] as number);
          }
        }
      }
    },
  };
}

interface PeriodicImages {
  /** Number in the frame of each atom or image. */
  readonly atoms: Int32Array;
  /** Where each atom of the frame itself stands among them. */
  readonly homes: Int32Array;
  readonly positions: Float64Array;
  /** A number for the cell that it stands in. */
  readonly images: Int32Array;
}

/** Atoms folded into the cell along its periodic vectors, and all their images within `radius` of the cell. */
function unfoldImages({ species, positions, lattice, periodic }: Frame, radius: number): PeriodicImages {
  const count = species.length;
  const atoms: number[] = [];
  const images: number[] = [];
  const places: number[] = [];
  const homes = new Int32Array(count);
  const heights = lattice ? cellHeights(lattice) : [1, 1, 1];
  const inverse = lattice ? invertLattice(lattice) : null;
  for (let atom = 0; atom < count; atom++) {
    const [x, y, z] = positions.subarray(3 * atom, 3 * atom + 3) as unknown as [number, number, number];
    // The shifts [from, to] along each vector; 0, which is where the atom stands in the file, only where nothing repeats.
    const ranges = [0, 1, 2].map((axis) => {
      if (!inverse || !periodic[axis]) return [0, 0, 0] as const;
      const f = x * (inverse[axis] as number) + y * (inverse[3 + axis] as number) + z * (inverse[6 + axis] as number);
      const reach = radius / (heights[axis] as number);
      return [Math.ceil(-reach - f), Math.floor(1 + reach - f), -Math.floor(f)] as const;
    }) as [readonly [number, number, number], readonly [number, number, number], readonly [number, number, number]];
    const [[aFrom, aTo, aHome], [bFrom, bTo, bHome], [cFrom, cTo, cHome]] = ranges;
    let image = 0;
    for (let a = aFrom; a <= aTo; a++) {
      for (let b = bFrom; b <= bTo; b++) {
        for (let c = cFrom; c <= cTo; c++) {
          if (a === aHome && b === bHome && c === cHome) homes[atom] = atoms.length;
          atoms.push(atom);
          images.push(image++);
          const at = (axis: number) =>
            lattice ? a * (lattice[axis] as number) + b * (lattice[3 + axis] as number) + c * (lattice[6 + axis] as number) : 0;
          places.push(x + at(0), y + at(1), z + at(2));
        }
      }
    }
  }
  return { atoms: Int32Array.from(atoms), homes, positions: Float64Array.from(places), images: Int32Array.from(images) };
}

/** Distance between the two faces of the cell that each vector joins. */
function cellHeights(lattice: Float64Array): number[] {
  const whole = Math.abs(cellVolume(lattice));
  return [0, 1, 2].map((axis) => whole / Math.hypot(...cross(lattice, (axis + 1) % 3, (axis + 2) % 3)));
}

/** Row vectors times this are fractions of the lattice's vectors. */
function invertLattice(lattice: Float64Array): Float64Array {
  const whole = cellVolume(lattice);
  const inverse = new Float64Array(9);
  for (let axis = 0; axis < 3; axis++) {
    cross(lattice, (axis + 1) % 3, (axis + 2) % 3).forEach((value, i) => {
      inverse[3 * i + axis] = value / whole;
    });
  }
  return inverse;
}

function cross(lattice: Float64Array, i: number, j: number): [number, number, number] {
  const [ax = 0, ay = 0, az = 0] = lattice.subarray(3 * i, 3 * i + 3);
  const [bx = 0, by = 0, bz = 0] = lattice.subarray(3 * j, 3 * j + 3);
  return [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
}

/** The box around all atoms. */
export function boundingBox(positions: Float64Array): { readonly low: readonly number[]; readonly length: readonly number[] } {
  const low = [0, 1, 2].map((axis) => extremeAlong(positions, axis, Math.min));
  return { low, length: low.map((least, axis) => extremeAlong(positions, axis, Math.max) - least) };
}

function extremeAlong(positions: Float64Array, axis: number, better: (a: number, b: number) => number): number {
  let value = positions[axis] as number;
  for (let i = axis; i < positions.length; i += 3) value = better(value, positions[i] as number);
  return value;
}
