/**
 * A tile of a matrix product, for one type of vector: included by gemm.h once per type, with TILE
 * (its name), VECTOR, VECTOR_LANES, LOAD and STORE. `rows` and `vectors` are constants where it is
 * called, so that all sums are in registers.
 */
INLINE void TILE(const int rows, const int vectors, const struct product *p, int row) {
  VECTOR sums[TALL][WIDE];
  UNROLL for (int j = 0; j < vectors; j++) {
    const VECTOR start = p->bias ? LOAD(p->bias + j * VECTOR_LANES) : (VECTOR)0.0f;
    UNROLL for (int i = 0; i < rows; i++) sums[i][j] = start;
  }
  const char *b = (const char *)p->b;
  size_t sm = p->sm * 4, sk = p->sk * 4, ldb = p->ldb * 4;
  IN_ORDER(KEEP(sm), KEEP(sk), KEEP(ldb));
  // One pointer for three rows: the others are within reach of an address's scaled index.
  const char *thirds[(TALL + 2) / 3];
  UNROLL for (int i = 0; i < rows; i += 3) thirds[i / 3] = (const char *)(p->a + (size_t)(row + i) * p->sm);
  for (int k = 0; k < p->K; k++) {
    VECTOR right[WIDE];
    IN_ORDER(KEEP(b));
    UNROLL for (int j = 0; j < vectors; j++) right[j] = LOAD((const float *)b + j * VECTOR_LANES);
    UNROLL for (int i = 0; i < rows; i++) {
      const VECTOR left = *(const float *)(thirds[i / 3] + (size_t)(i % 3) * sm);
      UNROLL for (int j = 0; j < vectors; j++) {
        sums[i][j] = multiply_add(left, right[j], sums[i][j]);
        IN_ORDER(KEEP(sums[i][j]));
      }
    }
    UNROLL for (int i = 0; i < rows; i += 3) {
      thirds[i / 3] += sk;
      __asm__("" : "+r"(thirds[i / 3]));
    }
    b += ldb;
  }
  float *c = p->c + (size_t)row * p->ldc;
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int j = 0; j < vectors; j++) STORE(c + j * VECTOR_LANES, sums[i][j]);
    IN_ORDER(KEEP(c));
    c += p->ldc;
  }
}
#undef TILE
#undef VECTOR
#undef VECTOR_LANES
#undef LOAD
#undef STORE
