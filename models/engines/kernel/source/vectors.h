/**
 * Vectors whose width is chosen at compile time (LANES), and what every other file does with them:
 * loads and stores at any address, multiply-add, 2^y. Clang's vectors compile for every target;
 * wider ones than the processor has are split.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/** Widths are padded to multiples of 8, so that a row consists of whole vectors of 8. */
#ifndef LANES
#define LANES 8
#endif

#if defined(__wasm__)
#define WASM 1
#else
#define WASM 0
#endif

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("unroll")

typedef float floats __attribute__((ext_vector_type(LANES)));
typedef int32_t words __attribute__((ext_vector_type(LANES)));
typedef float four __attribute__((ext_vector_type(4)));
typedef float eight __attribute__((ext_vector_type(8)));
typedef uint32_t eight_words __attribute__((ext_vector_type(8)));

/** The same at addresses that are multiples of 4 bytes. */
typedef floats loose_floats __attribute__((aligned(4), may_alias));
typedef four loose_four __attribute__((aligned(4), may_alias));
typedef eight loose_eight __attribute__((aligned(4), may_alias));

/**
 * Keeps the compiler from moving what computes or uses a value, in WebAssembly alone: V8 assigns
 * registers in the order of the module, and joins two operations of 128 bits into one of 256 only
 * where nothing separates their stores.
 */
#if WASM
#define IN_ORDER(...) __asm__ volatile("" : __VA_ARGS__::"memory")
#define KEEP(value) "+r"(value)
#else
#define IN_ORDER(...)
#endif

INLINE four load_four(const float *p) { return *(const loose_four *)p; }
INLINE eight load_eight(const float *p) {
  IN_ORDER(KEEP(p));
  return *(const loose_eight *)p;
}
INLINE void store_four(float *p, four value) {
  *(loose_four *)p = value;
  IN_ORDER();
}
INLINE void store_eight(float *p, eight value) {
#if WASM
  four low = value.lo, high = value.hi;
  IN_ORDER(KEEP(low), KEEP(high), KEEP(p));
  store_four(p, low);
  store_four(p + 4, high);
#else
  *(loose_eight *)p = value;
#endif
}
#if LANES == 8
INLINE floats load(const float *p) { return load_eight(p); }
INLINE void store(float *p, floats value) { store_eight(p, value); }
#else
INLINE floats load(const float *p) { return *(const loose_floats *)p; }
INLINE void store(float *p, floats value) { *(loose_floats *)p = value; }
#endif

/**
 * a * b + c. One rounding, but two in WebAssembly without relaxed SIMD, which has no fused
 * multiply-add.
 */
#if defined(__wasm_relaxed_simd__)
typedef float builtin_four __attribute__((vector_size(16)));
INLINE four multiply_add_four(four a, four b, four c) {
  return (four)__builtin_wasm_relaxed_madd_f32x4((builtin_four)a, (builtin_four)b, (builtin_four)c);
}
INLINE eight multiply_add_eight(eight a, eight b, eight c) {
  const four low = multiply_add_four(a.lo, b.lo, c.lo);
  const four high = multiply_add_four(a.hi, b.hi, c.hi);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
}
#define multiply_add(a, b, c) _Generic((c), four: multiply_add_four, eight: multiply_add_eight)(a, b, c)
#elif WASM
#define multiply_add(a, b, c) ((a) * (b) + (c))
#else
#define multiply_add(a, b, c) __builtin_elementwise_fma(a, b, c)
#endif

/**
 * A constant of vector loops. In WebAssembly it is kept in memory: loading it into all lanes is one
 * instruction, where V8 would put a literal together from several, anew in each round of a loop.
 */
#if WASM
#define CONSTANT(name, value) float name = value
#else
#define CONSTANT(name, value) static const float name = value
#endif

CONSTANT(ONE, 1);
/** Powers of two within float32's normal range, outside of which arithmetic is slow. */
CONSTANT(LOWEST_POWER, -126);
CONSTANT(HIGHEST_POWER, 127);
/** Adding 1.5 * 2^23 rounds to an integer, which is in the low bits of the sum. */
CONSTANT(ROUNDER, 12582912);
/** 2^f = 1 + f (POWER_1 + ...), |f| <= 1/2: the least relative error of this degree. */
CONSTANT(POWER_5, 1.326472714922414e-3f);
CONSTANT(POWER_4, 9.671512673714175e-3f);
CONSTANT(POWER_3, 5.550733743698196e-2f);
CONSTANT(POWER_2, 2.402224208482184e-1f);
CONSTANT(POWER_1, 6.931469775987229e-1f);

INLINE floats lower(floats a, floats b) { return b < a ? b : a; }
INLINE floats higher(floats a, floats b) { return a < b ? b : a; }

/**
 * 2^y of each lane, relative error below 2e-7 for y in [-126, 127], meaningless outside; 1 at 0.
 * With y = n + f, n an integer, f is exact, and 2^n goes straight into the exponent. Activations
 * multiply by log2(e) first, whose rounding adds 8e-8 |x| to the relative error of exp(x).
 */
INLINE floats power_of_two(floats y) {
  const floats shifted = y + (floats)ROUNDER;
  const floats f = y - (shifted - (floats)ROUNDER);
  floats p = POWER_5;
  p = multiply_add(p, f, (floats)POWER_4);
  p = multiply_add(p, f, (floats)POWER_3);
  p = multiply_add(p, f, (floats)POWER_2);
  p = multiply_add(p, f, (floats)POWER_1);
  p = multiply_add(p, f, (floats)ONE);
  return (floats)((words)p + ((words)shifted << 23));
}
