/**
 * Eigenvalues of small symmetric matrices. No library computes them, since every command loads the
 * samplers that need them.
 */

/** A square matrix, by rows. */
export type SquareMatrix = readonly Float64Array[];

export interface Eigen {
  /** [D], in no order. */
  readonly values: Float64Array;
  /** Row i is the unit vector of value i. */
  readonly vectors: SquareMatrix;
}

/** Sweeps over all pairs; a dozen suffice for a hundred rows. */
const MAX_SWEEPS = 30;

/** Returns the matrix with `value(row, column)`. */
export const buildMatrix = (size: number, value: (row: number, column: number) => number): SquareMatrix =>
  Array.from({ length: size }, (_, row) => Float64Array.from({ length: size }, (_, column) => value(row, column)));

/**
 * Decomposes a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan 2013, Matrix
 * Computations, 8.5), until what remains off the diagonal is rounding.
 */
export function decomposeSymmetric(matrix: SquareMatrix): Eigen {
  const size = matrix.length;
  const a = matrix.map((row) => Float64Array.from(row));
  const vectors = buildMatrix(size, (row, column) => (row === column ? 1 : 0));
  const negligible = Number.EPSILON ** 2 * sumOfSquares(a, size);
  for (let sweep = 0; sweep < MAX_SWEEPS && sumOfSquares(a, 0) > negligible; sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) annihilate(a, vectors, p, q);
  }
  return { values: Float64Array.from(a, (row, i) => row[i] as number), vectors };
}

/** Returns the sum of squares off the diagonal, and of so many elements on it. */
function sumOfSquares(matrix: SquareMatrix, diagonal: number): number {
  let sum = 0;
  for (let row = 0; row < matrix.length; row++) {
    const values = matrix[row] as Float64Array;
    for (let column = 0; column < values.length; column++) {
      if (column !== row || row < diagonal) sum += (values[column] as number) ** 2;
    }
  }
  return sum;
}

/** Rotates the axes p and q so that the element (p, q) vanishes, and the vectors with them. */
function annihilate(a: SquareMatrix, vectors: SquareMatrix, p: number, q: number): void {
  const [rowP, rowQ] = [a[p], a[q]] as [Float64Array, Float64Array];
  const element = rowP[q] as number;
  if (element === 0) return;
  const slope = ((rowQ[q] as number) - (rowP[p] as number)) / (2 * element);
  const tangent = (slope < 0 ? -1 : 1) / (Math.abs(slope) + Math.sqrt(slope * slope + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  for (let i = 0; i < a.length; i++) {
    const row = a[i] as Float64Array;
    const [x, y] = [row[p] as number, row[q] as number];
    row[p] = cosine * x - sine * y;
    row[q] = sine * x + cosine * y;
  }
  rotateRows(rowP, rowQ, cosine, sine);
  rotateRows(vectors[p] as Float64Array, vectors[q] as Float64Array, cosine, sine);
}

function rotateRows(one: Float64Array, other: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < one.length; i++) {
    const [x, y] = [one[i] as number, other[i] as number];
    one[i] = cosine * x - sine * y;
    other[i] = sine * x + cosine * y;
  }
}
