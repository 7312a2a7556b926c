/**
 * Marching tetrahedra: the surface on which a field has one value, as triangles. Each cell of the
 * grid is divided into six tetrahedra around one diagonal (Kuhn's division, which matches from cell
 * to cell), and each tetrahedron yields at most two triangles, without ambiguous cases or holes.
 * Cells with an unknown corner are left out.
 */
import type { Field } from '../../../../models/interpretation/fields.ts';

export interface Surface {
  /** Three numbers per vertex: place on each axis as a share of its range, 0 to 1. */
  readonly positions: Float32Array;
  /** Three vertices per triangle, counter-clockwise as seen from where the field is higher. */
  readonly triangles: Uint32Array;
}

type Triple = readonly [number, number, number];

/** The six orders in which one goes from a corner of a cell to the opposite one along its edges. */
const PATHS: readonly Triple[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

export function isosurface({ axes, values }: Field, level: number): Surface {
  const points = axes.map((axis) => axis.points) as unknown as Triple;
  const strides: Triple = [points[1] * points[2], points[2], 1];
  const tetrahedra = PATHS.map(([first, second]) => {
    const a = strides[first] as number;
    return [0, a, a + (strides[second] as number), strides[0] + strides[1] + strides[2]] as const;
  });
  const positions: number[] = [];
  const triangles: number[] = [];
  const made = new Map<number, number>();
  const total = values.length;
  const value = (index: number) => values[index] as number;
  const share = (index: number, axis: number) =>
    (Math.floor(index / (strides[axis] as number)) % (points[axis] as number)) / ((points[axis] as number) - 1);

  /** Returns the vertex between two grid points, one for all tetrahedra that share the edge. */
  const between = (one: number, two: number): number => {
    const [low, high] = one < two ? [one, two] : [two, one];
    const known = made.get(low * total + high);
    if (known !== undefined) return known;
    const t = (level - value(low)) / (value(high) - value(low));
    for (let axis = 0; axis < 3; axis++) positions.push(share(low, axis) + t * (share(high, axis) - share(low, axis)));
    const vertex = positions.length / 3 - 1;
    made.set(low * total + high, vertex);
    return vertex;
  };

  const place = (vertex: number, axis: number) => positions[vertex * 3 + axis] as number;
  const step = (from: number, to: number): Triple => [
    place(to, 0) - place(from, 0),
    place(to, 1) - place(from, 1),
    place(to, 2) - place(from, 2),
  ];
  const add = (a: number, b: number, c: number, up: Triple) => {
    const [ux, uy, uz] = step(a, b);
    const [vx, vy, vz] = step(a, c);
    const facing = (uy * vz - uz * vy) * up[0] + (uz * vx - ux * vz) * up[1] + (ux * vy - uy * vx) * up[2];
    triangles.push(a, ...(facing >= 0 ? [b, c] : [c, b]));
  };

  const cut = (corners: readonly number[]) => {
    const above = corners.filter((corner) => value(corner) >= level);
    if (above.length === 0 || above.length === 4) return;
    const below = corners.filter((corner) => value(corner) < level);
    const centre = (of: readonly number[], axis: number) => of.reduce((sum, corner) => sum + share(corner, axis), 0) / of.length;
    const up = [0, 1, 2].map((axis) => centre(above, axis) - centre(below, axis)) as unknown as Triple;
    if (above.length === 2) {
      const [p, q] = above as [number, number];
      const [r, s] = below as [number, number];
      const [pr, ps, qs, qr] = [between(p, r), between(p, s), between(q, s), between(q, r)];
      add(pr, ps, qs, up);
      add(pr, qs, qr, up);
      return;
    }
    const [alone, others] = above.length === 1 ? [above[0] as number, below] : [below[0] as number, above];
    const [a, b, c] = others.map((other) => between(alone, other)) as [number, number, number];
    add(a, b, c, up);
  };

  for (let i = 0; i < points[0] - 1; i++) {
    for (let j = 0; j < points[1] - 1; j++) {
      for (let k = 0; k < points[2] - 1; k++) {
        const corner = i * strides[0] + j * strides[1] + k * strides[2];
        for (const offsets of tetrahedra) {
          const corners = offsets.map((offset) => corner + offset);
          if (corners.every((place) => Number.isFinite(value(place)))) cut(corners);
        }
      }
    }
  }
  return { positions: Float32Array.from(positions), triangles: Uint32Array.from(triangles) };
}
