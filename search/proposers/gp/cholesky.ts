/** Cholesky factors of symmetric positive definite matrices, and what is solved with them. */

/**
 * A square matrix by rows, [size, size], of which the lower triangle is read. Row i of a factor
 * depends on the rows up to i alone: the factor of a leading block is a leading block.
 */
export interface Triangle {
  readonly size: number;
  readonly values: Float64Array;
}

/** Rounding may make a pivot smaller, or negative, where rows of a matrix are almost equal. */
const LEAST_PIVOT = 1e-12;

/** Replaces a matrix A by the lower triangular L with A = L Lᵀ (Cholesky and Banachiewicz). */
export function factorise({ size, values }: Triangle): void {
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j < i; j++) {
      const other = j * size;
      values[row + j] = ((values[row + j] as number) - dot(values, row, values, other, j)) / (values[other + j] as number);
    }
    const pivot = (values[row + i] as number) - dot(values, row, values, row, i);
    values[row + i] = Math.sqrt(Math.max(LEAST_PIVOT, pivot));
  }
}

/** Replaces the first numbers b of `vector` by x with L x = b, as many as are given. */
export function solveLower({ size, values }: Triangle, vector: Float64Array, count = size): void {
  for (let i = 0; i < count; i++) {
    const row = i * size;
    vector[i] = ((vector[i] as number) - dot(values, row, vector, 0, i)) / (values[row + i] as number);
  }
}

/** Replaces b by x with Lᵀ x = b. */
export function solveUpper({ size, values }: Triangle, vector: Float64Array): void {
  for (let i = size - 1; i >= 0; i--) {
    const row = i * size;
    const x = (vector[i] as number) / (values[row + i] as number);
    vector[i] = x;
    for (let j = 0; j < i; j++) vector[j] = (vector[j] as number) - (values[row + j] as number) * x;
  }
}

/** Returns the lower triangle of (L Lᵀ)^-1. */
export function invert({ size, values }: Triangle): Triangle {
  // Row j has column j of L^-1.
  const columns = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const pivot = values[i * size + i] as number;
    for (let j = 0; j < i; j++) {
      columns[j * size + i] = -dot(values, i * size + j, columns, j * size + j, i - j) / pivot;
    }
    columns[i * size + i] = 1 / pivot;
  }
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) inverse[i * size + j] = dot(columns, i * size + i, columns, j * size + i, size - i);
  }
  return { size, values: inverse };
}

/** Returns the logarithm of the determinant of L Lᵀ. */
export function logDeterminant({ size, values }: Triangle): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += Math.log(values[i * size + i] as number);
  return 2 * sum;
}

/**
 * Returns the sum of products of `count` numbers, from these positions on. Four sums, so that an
 * addition need not wait for the one before.
 */
export function dot(a: Float64Array, from: number, b: Float64Array, start: number, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    s0 += (a[from + i] as number) * (b[start + i] as number);
    s1 += (a[from + i + 1] as number) * (b[start + i + 1] as number);
    s2 += (a[from + i + 2] as number) * (b[start + i + 2] as number);
    s3 += (a[from + i + 3] as number) * (b[start + i + 3] as number);
  }
  for (; i < count; i++) s0 += (a[from + i] as number) * (b[start + i] as number);
  return s0 + s1 + (s2 + s3);
}
