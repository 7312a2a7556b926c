/**
 * One matrix product for everything: C [M,N] = A [M,K] B [K,N] (+ bias [N]). a(m,k) is at a + m sm
 * + k sk, so that A may be a matrix or its transpose: the forward pass, the weights' gradient (A
 * transposed) and the inputs' gradient share these tiles. Rows of B and C are contiguous. M is a
 * multiple of 4, N of 8: widths are padded with zeros.
 */
#pragma once
#include "vectors.h"

/** Rows of a tile: as many sums as leave registers for two vectors of B and one element of A. */
#if LANES == 16
#define TALL 12
#else
#define TALL 6
#endif
/** Vectors of a tile, side by side. WebAssembly's code is scheduled well only in its own width. */
#if WASM
#define WIDE 4
#else
#define WIDE 2
#endif

/** Strides in floats. */
struct product {
  const float *a;
  size_t sm, sk;
  const float *b;
  size_t ldb;
  float *c;
  size_t ldc;
  int K;
  /** Added to every row; NULL: zeros. */
  const float *bias;
};

#if WASM
#define TILE tile_of_fours
#define VECTOR four
#define VECTOR_LANES 4
#define LOAD load_four
#define STORE store_four
#include "tile.h"
#else
#define TILE tile
#define VECTOR floats
#define VECTOR_LANES LANES
#define LOAD load
#define STORE store
#include "tile.h"
#endif

#if LANES > 8
#define TILE tile_of_eights
#define VECTOR eight
#define VECTOR_LANES 8
#define LOAD load_eight
#define STORE store_eight
#include "tile.h"
#endif

/** The number of rows in tiles of TALL: as many as leave a multiple of 4. */
INLINE int tall_rows(int M) {
  int rows = M / TALL * TALL;
  while ((M - rows) % 4) rows -= TALL;
  return rows < 0 ? 0 : rows;
}

/** T [N, columns] = transpose of S [columns, N], rows lds floats apart; multiples of 8. */
static void transpose(const float *s, size_t lds, float *t, int columns, int N) {
  for (int i = 0; i < columns; i += 8) {
    for (int j = 0; j < N; j += 4) {
      // The halves of each vector come from two blocks of 4 by 4, one above the other.
      eight r[4];
      UNROLL for (int k = 0; k < 4; k++) {
        const float *from = s + (size_t)(i + k) * lds + j;
        r[k] = __builtin_shufflevector(load_four(from), load_four(from + 4 * lds), 0, 1, 2, 3, 4, 5, 6, 7);
      }
      const eight a0 = __builtin_shufflevector(r[0], r[1], 0, 8, 1, 9, 4, 12, 5, 13);
      const eight a1 = __builtin_shufflevector(r[2], r[3], 0, 8, 1, 9, 4, 12, 5, 13);
      const eight a2 = __builtin_shufflevector(r[0], r[1], 2, 10, 3, 11, 6, 14, 7, 15);
      const eight a3 = __builtin_shufflevector(r[2], r[3], 2, 10, 3, 11, 6, 14, 7, 15);
      float *to = t + (size_t)j * columns + i;
      store_eight(to, __builtin_shufflevector(a0, a1, 0, 1, 8, 9, 4, 5, 12, 13));
      store_eight(to + columns, __builtin_shufflevector(a0, a1, 2, 3, 10, 11, 6, 7, 14, 15));
      store_eight(to + 2 * columns, __builtin_shufflevector(a2, a3, 0, 1, 8, 9, 4, 5, 12, 13));
      store_eight(to + 3 * columns, __builtin_shufflevector(a2, a3, 2, 3, 10, 11, 6, 7, 14, 15));
    }
  }
}

/**
 * The part of a product that has `columns` columns from column j on. With a `panel`, b is the
 * transpose of B, and what this part needs of it is transposed into the panel, where it is in the
 * nearest cache.
 */
INLINE struct product part_of(const struct product *whole, int j, int columns, float *panel) {
  struct product p = *whole;
  p.c += j;
  if (p.bias) p.bias += j;
  if (panel) {
    transpose(p.b + (size_t)j * p.ldb, p.ldb, panel, columns, (p.K + 7) & ~7);
    p.b = panel;
    p.ldb = (size_t)columns;
  } else {
    p.b += j;
  }
  return p;
}

/** All rows of the columns of one tile, whose width is a constant where this is called. */
#define COLUMNS(TILE, vectors, columns)                               \
  do {                                                                \
    const struct product p = part_of(&whole, j, columns, panel);      \
    int i = 0;                                                        \
    for (; i < tall; i += TALL) TILE(TALL, vectors, &p, i);           \
    if (TALL > 8)                                                     \
      for (; i + 8 <= M; i += 8) TILE(TALL > 8 ? 8 : 4, vectors, &p, i); \
    for (; i < M; i += 4) TILE(4, vectors, &p, i);                    \
  } while (0)

/**
 * Strides in floats; bias NULL: none. With a `panel`, which has PANEL_COLUMNS columns of K rows,
 * padded to a multiple of 8, b is the transpose of B, [N,K]. Parameters one by one: a structure
 * would need a stack.
 */
static void gemm(const float *a, size_t sm, size_t sk, const float *b, size_t ldb, float *c, size_t ldc, int M, int N, int K,
                 const float *bias, float *panel) {
  const struct product whole = {a, sm, sk, b, ldb, c, ldc, K, bias};
  const int tall = tall_rows(M);
  int j = 0;
#if WASM
  for (; j + 16 <= N; j += 16) COLUMNS(tile_of_fours, 4, 16);
  if (j < N) COLUMNS(tile_of_fours, 2, 8);
#else
  for (; j + 2 * LANES <= N; j += 2 * LANES) COLUMNS(tile, 2, 2 * LANES);
  for (; j + LANES <= N; j += LANES) COLUMNS(tile, 1, LANES);
#if LANES > 8
  if (j < N) COLUMNS(tile_of_eights, 1, 8);
#endif
#endif
}
