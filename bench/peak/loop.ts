/**
 * Multiply-adds at the machine's peak rate from WebAssembly: 20 independent sums with operands in
 * registers. Adjacent sums are stored next to each other at the end, from which V8 derives that two
 * 128-bit operations can become one of 256 bits.
 */
const OPERANDS: usize = memory.data<f32>([0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 1e-6, 1e-6, 1e-6, 1e-6, 2e-6, 2e-6, 2e-6, 2e-6]);
const SUMS: usize = memory.data(320, 32);

/** Floating-point operations of one round of the loop. */
export const OPERATIONS: i32 = 160;

/** Runs the given number of rounds; returns one of the sums. */
export function loop(rounds: i32): f32 {
  const a0 = v128.load(OPERANDS);
  const a1 = v128.load(OPERANDS, 16);
  const b0 = v128.load(OPERANDS, 32);
  const b1 = v128.load(OPERANDS, 48);
  let c0 = v128.load(SUMS, 0);
  let c1 = v128.load(SUMS, 16);
  let c2 = v128.load(SUMS, 32);
  let c3 = v128.load(SUMS, 48);
  let c4 = v128.load(SUMS, 64);
  let c5 = v128.load(SUMS, 80);
  let c6 = v128.load(SUMS, 96);
  let c7 = v128.load(SUMS, 112);
  let c8 = v128.load(SUMS, 128);
  let c9 = v128.load(SUMS, 144);
  let c10 = v128.load(SUMS, 160);
  let c11 = v128.load(SUMS, 176);
  let c12 = v128.load(SUMS, 192);
  let c13 = v128.load(SUMS, 208);
  let c14 = v128.load(SUMS, 224);
  let c15 = v128.load(SUMS, 240);
  let c16 = v128.load(SUMS, 256);
  let c17 = v128.load(SUMS, 272);
  let c18 = v128.load(SUMS, 288);
  let c19 = v128.load(SUMS, 304);
  for (let round = 0; round < rounds; round++) {
    c0 = f32x4.relaxed_madd(a0, b0, c0);
    c1 = f32x4.relaxed_madd(a1, b1, c1);
    c2 = f32x4.relaxed_madd(a0, b0, c2);
    c3 = f32x4.relaxed_madd(a1, b1, c3);
    c4 = f32x4.relaxed_madd(a0, b0, c4);
    c5 = f32x4.relaxed_madd(a1, b1, c5);
    c6 = f32x4.relaxed_madd(a0, b0, c6);
    c7 = f32x4.relaxed_madd(a1, b1, c7);
    c8 = f32x4.relaxed_madd(a0, b0, c8);
    c9 = f32x4.relaxed_madd(a1, b1, c9);
    c10 = f32x4.relaxed_madd(a0, b0, c10);
    c11 = f32x4.relaxed_madd(a1, b1, c11);
    c12 = f32x4.relaxed_madd(a0, b0, c12);
    c13 = f32x4.relaxed_madd(a1, b1, c13);
    c14 = f32x4.relaxed_madd(a0, b0, c14);
    c15 = f32x4.relaxed_madd(a1, b1, c15);
    c16 = f32x4.relaxed_madd(a0, b0, c16);
    c17 = f32x4.relaxed_madd(a1, b1, c17);
    c18 = f32x4.relaxed_madd(a0, b0, c18);
    c19 = f32x4.relaxed_madd(a1, b1, c19);
  }
  v128.store(SUMS, c0, 0);
  v128.store(SUMS, c1, 16);
  v128.store(SUMS, c2, 32);
  v128.store(SUMS, c3, 48);
  v128.store(SUMS, c4, 64);
  v128.store(SUMS, c5, 80);
  v128.store(SUMS, c6, 96);
  v128.store(SUMS, c7, 112);
  v128.store(SUMS, c8, 128);
  v128.store(SUMS, c9, 144);
  v128.store(SUMS, c10, 160);
  v128.store(SUMS, c11, 176);
  v128.store(SUMS, c12, 192);
  v128.store(SUMS, c13, 208);
  v128.store(SUMS, c14, 224);
  v128.store(SUMS, c15, 240);
  v128.store(SUMS, c16, 256);
  v128.store(SUMS, c17, 272);
  v128.store(SUMS, c18, 288);
  v128.store(SUMS, c19, 304);
  return load<f32>(SUMS);
}
