/**
 * The Sobol sequence with the direction numbers of Joe and Kuo (2008, doi:10.1137/070709359, their
 * set "new-joe-kuo-6"), at random access, and its nested uniform scrambling (Owen 1995).
 */

/**
 * For each dimension after the first: degree and inner coefficients of its primitive polynomial,
 * and the initial direction numbers.
 */
const DIRECTIONS: readonly (readonly [degree: number, coefficients: number, initial: readonly number[]])[] = [
  [1, 0, [1]],
  [2, 1, [1, 3]],
  [3, 1, [1, 3, 1]],
  [3, 2, [1, 1, 1]],
  [4, 1, [1, 1, 3, 3]],
  [4, 4, [1, 3, 5, 13]],
  [5, 2, [1, 1, 5, 5, 17]],
  [5, 4, [1, 1, 5, 5, 5]],
  [5, 7, [1, 1, 7, 11, 19]],
  [5, 11, [1, 1, 5, 1, 1]],
  [5, 13, [1, 1, 1, 3, 11]],
  [5, 14, [1, 3, 5, 5, 31]],
  [6, 1, [1, 3, 3, 9, 7, 49]],
  [6, 13, [1, 1, 1, 15, 21, 21]],
  [6, 16, [1, 3, 1, 13, 27, 49]],
];

/** Number of dimensions that have direction numbers. */
export const SOBOL_DIMENSIONS = DIRECTIONS.length + 1;

const BITS = 32;

/** Returns the 32 direction numbers of a dimension, as integers of 32 bits. */
function directionNumbers(dimension: number): Uint32Array {
  if (dimension === 0) return Uint32Array.from({ length: BITS }, (_, bit) => 2 ** (BITS - 1 - bit));
  const entry = DIRECTIONS[dimension - 1];
  if (entry === undefined) throw new RangeError(`dimension ${dimension} has no direction numbers`);
  const [degree, coefficients, initial] = entry;
  const numbers = new Uint32Array(BITS);
  for (let bit = 0; bit < BITS; bit++) {
    if (bit < degree) {
      numbers[bit] = (initial[bit] as number) * 2 ** (BITS - 1 - bit);
      continue;
    }
    const last = numbers[bit - degree] as number;
    let value = last ^ (last >>> degree);
    for (let i = 1; i < degree; i++) if ((coefficients >>> (degree - 1 - i)) & 1) value ^= numbers[bit - i] as number;
    numbers[bit] = value;
  }
  return numbers;
}

/**
 * Returns the function from a number, 0 <= number < 2^32, to that point's coordinate in a dimension
 * of the sequence, an integer below 2^32. Throws RangeError beyond the last dimension.
 */
export function sobolCoordinate(dimension: number): (number: number) => number {
  const numbers = directionNumbers(dimension);
  return (number) => {
    let value = 0;
    // Gray code: the order in which the sequence is usually generated.
    let rest = (number ^ (number >>> 1)) >>> 0;
    for (let bit = 0; rest !== 0; bit++, rest >>>= 1) if (rest & 1) value ^= numbers[bit] as number;
    return value >>> 0;
  };
}

/**
 * Scrambles a coordinate: each bit is flipped or not, depending on the key and on all higher bits,
 * which keeps the points as evenly distributed. Hash-based, as in Burley (2020, Journal of Computer
 * Graphics Techniques 9(4)), with the constants of Vegdahl (2021, "Building a Better LK Hash").
 */
export function scramble(coordinate: number, key: number): number {
  let value = reverseBits(coordinate);
  value ^= Math.imul(value, 0x3d20adea);
  value = (value + key) | 0;
  value = Math.imul(value, (key >>> 16) | 1);
  value ^= Math.imul(value, 0x05526c56);
  value ^= Math.imul(value, 0x53a22864);
  return reverseBits(value);
}

function reverseBits(value: number): number {
  let bits = value;
  bits = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}
