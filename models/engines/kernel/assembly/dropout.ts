/** Dropout: the masks of ../../dropout.ts, four units at a time. */

/** A bijection of 32-bit words that mixes all bits. */
export function mix(value: u32): u32 {
  let x = value;
  x = (x ^ (x >> 16)) * 0x7feb352d;
  x = (x ^ (x >> 15)) * 0x846ca68b;
  return x ^ (x >> 16);
}

function mix4(value: v128): v128 {
  let x = i32x4.mul(v128.xor(value, i32x4.shr_u(value, 16)), i32x4.splat(0x7feb352d));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(<i32>0x846ca68b));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** Key of one layer in one step. */
export function dropoutKey(seed: u32, step: i32, layer: i32): u32 {
  return mix(seed ^ mix(<u32>(step * 64 + layer)));
}

/**
 * Drops units of output [rows, units] and of its derivative: 0 where the word is below `threshold`,
 * times `scale` elsewhere. `units` is the padded width.
 */
export function dropOut(output: usize, derivative: usize, rows: i32, units: i32, key: u32, threshold: i32, scale: f32): void {
  const factor = f32x4.splat(scale);
  const bound = i32x4.splat(threshold);
  const lanes = i32x4(0, 1, 2, 3);
  const keys = i32x4.splat(<i32>key);
  for (let row = 0; row < rows; row++) {
    for (let unit = 0; unit < units; unit += 4) {
      const position = i32x4.add(lanes, i32x4.splat(row * 65536 + unit));
      const word = i32x4.shr_u(mix4(v128.xor(keys, position)), 1);
      const kept = v128.andnot(factor, i32x4.lt_s(word, bound));
      v128.store(output, f32x4.mul(v128.load(output), kept));
      v128.store(derivative, f32x4.mul(v128.load(derivative), kept));
      output += 16;
      derivative += 16;
    }
  }
}
