/** Vectors in space. */
export type Vector = readonly [x: number, y: number, z: number];

/** Returns vector `i` of an array [vectors, 3]; NaN beyond its end. */
export const vectorAt = (values: Float64Array, i: number): Vector => [
  values[3 * i] ?? Number.NaN,
  values[3 * i + 1] ?? Number.NaN,
  values[3 * i + 2] ?? Number.NaN,
];

export const subtract = ([ax, ay, az]: Vector, [bx, by, bz]: Vector): Vector => [ax - bx, ay - by, az - bz];

export const dot = ([ax, ay, az]: Vector, [bx, by, bz]: Vector): number => ax * bx + ay * by + az * bz;

export const cross = ([ax, ay, az]: Vector, [bx, by, bz]: Vector): Vector => [
  ay * bz - az * by,
  az * bx - ax * bz,
  ax * by - ay * bx,
];

/** Returns the signed volume a · (b × c) of the cell that a lattice [3, 3] spans. */
export function cellVolume(lattice: Float64Array): number {
  return dot(vectorAt(lattice, 0), cross(vectorAt(lattice, 1), vectorAt(lattice, 2)));
}
