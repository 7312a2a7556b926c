/**
 * Four float32 lanes: multiply-add and exp, shared by every other file. The compiler inlines small
 * functions; @inline marks those that it would leave.
 */

/** a * b + c. One rounding where the build has relaxed SIMD (FMA), two in the reference build. */
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * Constants of vector loops are kept in memory: loading one into all lanes is one instruction,
 * where the compiler would put a literal together from several, anew in each round of a loop.
 */
// prettier-ignore
const CONSTANTS = memory.data<f32>([
  1, 2, 0.5,
  // exp4: clamps, log2 e, 1.5 * 2^23, ln 2 in two parts, the polynomial from the highest power
  -87, 88, 1.4426950408889634, 12582912, -0.693359375, 2.1219444e-4,
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
  // tanh4 near zero
  -0.05396825396825397, 0.13333333333333333, -0.3333333333333333, 0.12,
  // gelu: sqrt(2 / pi), the cubic term, three times that
  0.7978845608028654, 0.044715, 0.134145,
  // sigmoid4
  30,
]);

export const ONE: usize = 0;
export const TWO: usize = 4;
export const HALF: usize = 8;
const LOWEST: usize = 12;
const HIGHEST: usize = 16;
const LOG2_E: usize = 20;
/** Adding 1.5 * 2^23 rounds to an integer, which is in the low bits of the sum. */
const ROUNDER: usize = 24;
const LN2_HIGH: usize = 28;
const LN2_LOW: usize = 32;
const POLYNOMIAL: usize = 36;
export const TANH_SERIES: usize = 60;
export const TANH_NEAR: usize = 72;
export const GELU_ROOT: usize = 76;
export const GELU_CUBIC: usize = 80;
export const GELU_SLOPE: usize = 84;
export const SATURATED: usize = 88;

export function constant(offset: usize): v128 {
  return v128.load32_splat(CONSTANTS + offset);
}

/**
 * exp of four lanes, relative error below 3e-7 for x in [-87, 88]; clamped outside. Range reduction
 * x = n ln 2 + r with ln 2 in two parts, then the minimax polynomial of Cephes' expf (S. Moshier)
 * in r; the factor 2^n goes straight into the exponent. Only operations that the compiler can join
 * to 256 bits.
 */
// @ts-ignore: decorator
@inline
export function exp4(value: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(value, constant(LOWEST)), constant(HIGHEST));
  const shifted = fma(x, constant(LOG2_E), constant(ROUNDER));
  const n = f32x4.sub(shifted, constant(ROUNDER));
  let r = fma(n, constant(LN2_HIGH), x);
  r = fma(n, constant(LN2_LOW), r);
  let p = constant(POLYNOMIAL);
  p = fma(p, r, constant(POLYNOMIAL + 4));
  p = fma(p, r, constant(POLYNOMIAL + 8));
  p = fma(p, r, constant(POLYNOMIAL + 12));
  p = fma(p, r, constant(POLYNOMIAL + 16));
  p = fma(p, r, constant(POLYNOMIAL + 20));
  p = f32x4.add(fma(p, f32x4.mul(r, r), r), constant(ONE));
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** Stores 8 floats: nothing separates the two stores, so that the compiler can join them. */
export function store8(p: usize, v0: v128, v1: v128): void {
  v128.store(p, v0);
  v128.store(p, v1, 16);
}

/** Stores 16 floats. */
export function store16(p: usize, v0: v128, v1: v128, v2: v128, v3: v128): void {
  v128.store(p, v0);
  v128.store(p, v1, 16);
  v128.store(p, v2, 32);
  v128.store(p, v3, 48);
}
