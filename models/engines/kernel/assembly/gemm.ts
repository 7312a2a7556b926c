/**
 * One matrix product for everything: C [M,N] = A [M,K] B [K,N] (+ bias [N]). a(m,k) is at a + m sm
 * + k sk (bytes), so that A may be a matrix or its transpose: the forward pass, the weights'
 * gradient (A transposed) and the inputs' gradient share these tiles. Rows of B and C are
 * contiguous. M and N are multiples of 4: widths are padded with zeros. Tiles of 6 x 8 keep 12
 * sums, 2 rows of B and one element of A in the 15 vector registers that are free.
 */
import { fma, store16, store8 } from './lanes';

/** Sixteen zeros: where a product without a bias starts from. */
export const ZEROS: usize = memory.data(64, 16);

// @ts-ignore: decorator
@inline
function tile6x16(a: usize, sm: usize, sk: usize, b: usize, ldb: usize, c: usize, ldc: usize, K: i32, bias: usize): void {
  let c00 = v128.load(bias), c01 = v128.load(bias, 16), c02 = v128.load(bias, 32), c03 = v128.load(bias, 48);
  let c10 = c00, c11 = c01, c12 = c02, c13 = c03;
  let c20 = c00, c21 = c01, c22 = c02, c23 = c03;
  let c30 = c00, c31 = c01, c32 = c02, c33 = c03;
  let c40 = c00, c41 = c01, c42 = c02, c43 = c03;
  let c50 = c00, c51 = c01, c52 = c02, c53 = c03;
  const sm2 = sm * 2;
  let low = a;
  let high = a + sm * 3;
  for (let k = 0; k < K; k++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    let s = v128.load32_splat(low);
    c00 = fma(s, b0, c00);
    c01 = fma(s, b1, c01);
    c02 = fma(s, b2, c02);
    c03 = fma(s, b3, c03);
    s = v128.load32_splat(low + sm);
    c10 = fma(s, b0, c10);
    c11 = fma(s, b1, c11);
    c12 = fma(s, b2, c12);
    c13 = fma(s, b3, c13);
    s = v128.load32_splat(low + sm2);
    c20 = fma(s, b0, c20);
    c21 = fma(s, b1, c21);
    c22 = fma(s, b2, c22);
    c23 = fma(s, b3, c23);
    s = v128.load32_splat(high);
    c30 = fma(s, b0, c30);
    c31 = fma(s, b1, c31);
    c32 = fma(s, b2, c32);
    c33 = fma(s, b3, c33);
    s = v128.load32_splat(high + sm);
    c40 = fma(s, b0, c40);
    c41 = fma(s, b1, c41);
    c42 = fma(s, b2, c42);
    c43 = fma(s, b3, c43);
    s = v128.load32_splat(high + sm2);
    c50 = fma(s, b0, c50);
    c51 = fma(s, b1, c51);
    c52 = fma(s, b2, c52);
    c53 = fma(s, b3, c53);
    low += sk;
    high += sk;
    b += ldb;
  }
  store16(c, c00, c01, c02, c03);
  c += ldc;
  store16(c, c10, c11, c12, c13);
  c += ldc;
  store16(c, c20, c21, c22, c23);
  c += ldc;
  store16(c, c30, c31, c32, c33);
  c += ldc;
  store16(c, c40, c41, c42, c43);
  c += ldc;
  store16(c, c50, c51, c52, c53);
}

// @ts-ignore: decorator
@inline
function tile4x16(a: usize, sm: usize, sk: usize, b: usize, ldb: usize, c: usize, ldc: usize, K: i32, bias: usize): void {
  let c00 = v128.load(bias), c01 = v128.load(bias, 16), c02 = v128.load(bias, 32), c03 = v128.load(bias, 48);
  let c10 = c00, c11 = c01, c12 = c02, c13 = c03;
  let c20 = c00, c21 = c01, c22 = c02, c23 = c03;
  let c30 = c00, c31 = c01, c32 = c02, c33 = c03;
  const sm3 = sm * 3;
  for (let k = 0; k < K; k++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    let s = v128.load32_splat(a);
    c00 = fma(s, b0, c00);
    c01 = fma(s, b1, c01);
    c02 = fma(s, b2, c02);
    c03 = fma(s, b3, c03);
    s = v128.load32_splat(a + sm);
    c10 = fma(s, b0, c10);
    c11 = fma(s, b1, c11);
    c12 = fma(s, b2, c12);
    c13 = fma(s, b3, c13);
    s = v128.load32_splat(a + sm * 2);
    c20 = fma(s, b0, c20);
    c21 = fma(s, b1, c21);
    c22 = fma(s, b2, c22);
    c23 = fma(s, b3, c23);
    s = v128.load32_splat(a + sm3);
    c30 = fma(s, b0, c30);
    c31 = fma(s, b1, c31);
    c32 = fma(s, b2, c32);
    c33 = fma(s, b3, c33);
    a += sk;
    b += ldb;
  }
  store16(c, c00, c01, c02, c03);
  c += ldc;
  store16(c, c10, c11, c12, c13);
  c += ldc;
  store16(c, c20, c21, c22, c23);
  c += ldc;
  store16(c, c30, c31, c32, c33);
}

// @ts-ignore: decorator
@inline
function tile6x8(a: usize, sm: usize, sk: usize, b: usize, ldb: usize, c: usize, ldc: usize, K: i32, bias: usize): void {
  let c00 = v128.load(bias), c01 = v128.load(bias, 16);
  let c10 = c00, c11 = c01;
  let c20 = c00, c21 = c01;
  let c30 = c00, c31 = c01;
  let c40 = c00, c41 = c01;
  let c50 = c00, c51 = c01;
  const sm2 = sm * 2;
  let low = a;
  let high = a + sm * 3;
  for (let k = 0; k < K; k++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load32_splat(low);
    c00 = fma(s, b0, c00);
    c01 = fma(s, b1, c01);
    s = v128.load32_splat(low + sm);
    c10 = fma(s, b0, c10);
    c11 = fma(s, b1, c11);
    s = v128.load32_splat(low + sm2);
    c20 = fma(s, b0, c20);
    c21 = fma(s, b1, c21);
    s = v128.load32_splat(high);
    c30 = fma(s, b0, c30);
    c31 = fma(s, b1, c31);
    s = v128.load32_splat(high + sm);
    c40 = fma(s, b0, c40);
    c41 = fma(s, b1, c41);
    s = v128.load32_splat(high + sm2);
    c50 = fma(s, b0, c50);
    c51 = fma(s, b1, c51);
    low += sk;
    high += sk;
    b += ldb;
  }
  store8(c, c00, c01);
  c += ldc;
  store8(c, c10, c11);
  c += ldc;
  store8(c, c20, c21);
  c += ldc;
  store8(c, c30, c31);
  c += ldc;
  store8(c, c40, c41);
  c += ldc;
  store8(c, c50, c51);
}

// @ts-ignore: decorator
@inline
function tile4x8(a: usize, sm: usize, sk: usize, b: usize, ldb: usize, c: usize, ldc: usize, K: i32, bias: usize): void {
  let c00 = v128.load(bias), c01 = v128.load(bias, 16);
  let c10 = c00, c11 = c01;
  let c20 = c00, c21 = c01;
  let c30 = c00, c31 = c01;
  const sm3 = sm * 3;
  for (let k = 0; k < K; k++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = fma(s, b0, c00);
    c01 = fma(s, b1, c01);
    s = v128.load32_splat(a + sm);
    c10 = fma(s, b0, c10);
    c11 = fma(s, b1, c11);
    s = v128.load32_splat(a + sm * 2);
    c20 = fma(s, b0, c20);
    c21 = fma(s, b1, c21);
    s = v128.load32_splat(a + sm3);
    c30 = fma(s, b0, c30);
    c31 = fma(s, b1, c31);
    a += sk;
    b += ldb;
  }
  store8(c, c00, c01);
  c += ldc;
  store8(c, c10, c11);
  c += ldc;
  store8(c, c20, c21);
  c += ldc;
  store8(c, c30, c31);
}

/** Strides in bytes; bias 0 = none. */
export function gemm(
  a: usize,
  sm: usize,
  sk: usize,
  b: usize,
  ldb: usize,
  c: usize,
  ldc: usize,
  M: i32,
  N: i32,
  K: i32,
  bias: usize,
): void {
  // As many rows in sixes as leave a multiple of four.
  const rest = M % 6;
  const sixes = rest == 0 ? M : rest == 4 ? M - 4 : M >= 8 ? M - 8 : 0;
  const biasStep: usize = bias == ZEROS ? 0 : 4;
  let j = 0;
  for (; j + 16 <= N; j += 16) {
    const column = <usize>j * 4;
    const biasColumn = bias + <usize>j * biasStep;
    let i = 0;
    for (; i < sixes; i += 6) {
      tile6x16(a + <usize>i * sm, sm, sk, b + column, ldb, c + <usize>i * ldc + column, ldc, K, biasColumn);
    }
    for (; i < M; i += 4) {
      tile4x16(a + <usize>i * sm, sm, sk, b + column, ldb, c + <usize>i * ldc + column, ldc, K, biasColumn);
    }
  }
  if (j < N) {
    const column = <usize>j * 4;
    const biasColumn = bias + <usize>j * biasStep;
    let i = 0;
    for (; i < sixes; i += 6) {
      tile6x8(a + <usize>i * sm, sm, sk, b + column, ldb, c + <usize>i * ldc + column, ldc, K, biasColumn);
    }
    for (; i < M; i += 4) {
      tile4x8(a + <usize>i * sm, sm, sk, b + column, ldb, c + <usize>i * ldc + column, ldc, K, biasColumn);
    }
  }
}

/** T [N,M] = transpose of S [M,N]; M and N multiples of 4. */
export function transpose(s: usize, t: usize, M: i32, N: i32): void {
  const lds = <usize>N * 4;
  const ldt = <usize>M * 4;
  for (let i = 0; i < M; i += 4) {
    for (let j = 0; j < N; j += 4) {
      const from = s + <usize>i * lds + <usize>j * 4;
      const r0 = v128.load(from);
      const r1 = v128.load(from + lds);
      const r2 = v128.load(from + lds * 2);
      const r3 = v128.load(from + lds * 3);
      const a0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const a1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const a2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const a3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      const to = t + <usize>j * ldt + <usize>i * 4;
      v128.store(to, v128.shuffle<f64>(a0, a1, 0, 2));
      v128.store(to + ldt, v128.shuffle<f64>(a0, a1, 1, 3));
      v128.store(to + ldt * 2, v128.shuffle<f64>(a2, a3, 0, 2));
      v128.store(to + ldt * 3, v128.shuffle<f64>(a2, a3, 1, 3));
    }
  }
}
