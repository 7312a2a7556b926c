/** The most that a processor can do, for benchmarks: multiply-adds without memory access. */
#pragma once
#include "vectors.h"

/** Independent sums: enough to hide the latency of a multiply-add. */
#define SUMS 10

/**
 * `rounds` multiply-adds of each sum with two fixed vectors. `values`: both vectors and the sums,
 * which are written back; 12 vectors of LANES. Returns the floating-point operations.
 */
static double multiply_adds(float *values, int rounds) {
  const floats a = load(values);
  const floats b = load(values + LANES);
  floats sums[SUMS];
  UNROLL for (int i = 0; i < SUMS; i++) sums[i] = load(values + (2 + i) * LANES);
  for (int round = 0; round < rounds; round++) {
    UNROLL for (int i = 0; i < SUMS; i++) sums[i] = multiply_add(a, b, sums[i]);
  }
  UNROLL for (int i = 0; i < SUMS; i++) store(values + (2 + i) * LANES, sums[i]);
  return 2.0 * SUMS * LANES * rounds;
}
