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

/** All rows of the columns of one tile, whose width is a constant where this is called. */
#define COLUMNS(TILE, vectors)                                        \
  do {                                                                \
    int i = 0;                                                        \
    for (; i < tall; i += TALL) TILE(TALL, vectors, &p, i, j);        \
    if (TALL > 8)                                                     \
      for (; i + 8 <= M; i += 8) TILE(TALL > 8 ? 8 : 4, vectors, &p, i, j); \
    for (; i < M; i += 4) TILE(4, vectors, &p, i, j);                 \
  } while (0)

/** Strides in floats; bias NULL: none. Parameters one by one: a structure would need a stack. */
static void gemm(const float *a, size_t sm, size_t sk, const float *b, size_t ldb, float *c, size_t ldc, int M, int N, int K,
                 const float *bias) {
  const struct product p = {a, sm, sk, b, ldb, c, ldc, K, bias};
  const int tall = tall_rows(M);
  int j = 0;
#if WASM
  for (; j + 16 <= N; j += 16) COLUMNS(tile_of_fours, 4);
  if (j < N) COLUMNS(tile_of_fours, 2);
#else
  for (; j + 2 * LANES <= N; j += 2 * LANES) COLUMNS(tile, 2);
  for (; j + LANES <= N; j += LANES) COLUMNS(tile, 1);
#if LANES > 8
  if (j < N) COLUMNS(tile_of_eights, 1);
#endif
#endif
}

/** T [N,M] = transpose of S [M,N]; M and N multiples of 4, ldt: floats from row to row of T. */
static void transpose(const float *s, float *t, int M, int N, size_t ldt) {
  for (int i = 0; i < M; i += 4) {
    for (int j = 0; j < N; j += 4) {
      const float *from = s + (size_t)i * N + j;
      const four r0 = *(const loose_four *)from;
      const four r1 = *(const loose_four *)(from + N);
      const four r2 = *(const loose_four *)(from + 2 * (size_t)N);
      const four r3 = *(const loose_four *)(from + 3 * (size_t)N);
      const four a0 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
      const four a1 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
      const four a2 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
      const four a3 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
      float *to = t + j * ldt + i;
      *(loose_four *)to = __builtin_shufflevector(a0, a1, 0, 1, 4, 5);
      *(loose_four *)(to + ldt) = __builtin_shufflevector(a0, a1, 2, 3, 6, 7);
      *(loose_four *)(to + 2 * ldt) = __builtin_shufflevector(a2, a3, 0, 1, 4, 5);
      *(loose_four *)(to + 3 * ldt) = __builtin_shufflevector(a2, a3, 2, 3, 6, 7);
    }
  }
}
