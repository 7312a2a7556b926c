/**
 * Layer normalisation of rows, and its way back. `units` is the width before padding, `padded` a
 * multiple of 8; padding stays zero.
 */

/** Added to the variance under the root. */
const EPSILON: f32 = 1e-5;

function sumOf(lanes: v128): f32 {
  return f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1) + (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
}

function clearPadding(row: usize, units: i32, padded: i32): void {
  for (let j = units; j < padded; j++) store<f32>(row + (<usize>j << 2), 0);
}

/** z [rows, padded] -> gain * normalised + shift, in place; `inverses`: 1 / deviation of rows. */
export function normalise(
  z: usize,
  normalised: usize,
  inverses: usize,
  rows: i32,
  units: i32,
  padded: i32,
  gain: usize,
  shift: usize,
): void {
  const bytes = <usize>padded * 4;
  const count = <f32>units;
  for (let row = 0; row < rows; row++) {
    let sum = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) sum = f32x4.add(sum, v128.load(z + at));
    const means = f32x4.splat(sumOf(sum) / count);
    let squares = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(normalised + at, f32x4.sub(v128.load(z + at), means));
    }
    clearPadding(normalised, units, padded);
    for (let at: usize = 0; at < bytes; at += 16) {
      const centred = v128.load(normalised + at);
      squares = f32x4.add(squares, f32x4.mul(centred, centred));
    }
    const inverse = <f32>1 / Mathf.sqrt(sumOf(squares) / count + EPSILON);
    store<f32>(inverses, inverse);
    const factor = f32x4.splat(inverse);
    for (let at: usize = 0; at < bytes; at += 16) {
      const value = f32x4.mul(v128.load(normalised + at), factor);
      v128.store(normalised + at, value);
      v128.store(z + at, f32x4.add(f32x4.mul(value, v128.load(gain + at)), v128.load(shift + at)));
    }
    z += bytes;
    normalised += bytes;
    inverses += 4;
  }
}

/** gradient [padded] = sums over the rows of delta * normalised: d loss / d gain. */
export function gainGradient(delta: usize, normalised: usize, rows: i32, padded: i32, gradient: usize): void {
  const bytes = <usize>padded * 4;
  for (let at: usize = 0; at < bytes; at += 16) {
    let sum = f32x4.splat(0);
    let from = at;
    for (let row = 0; row < rows; row++) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(delta + from), v128.load(normalised + from)));
      from += bytes;
    }
    v128.store(gradient + at, sum);
  }
}

/** delta = d loss / d (gain * normalised + shift) -> d loss / d z, in place. */
export function denormaliseDelta(
  delta: usize,
  normalised: usize,
  inverses: usize,
  rows: i32,
  units: i32,
  padded: i32,
  gain: usize,
): void {
  const bytes = <usize>padded * 4;
  const count = <f32>units;
  for (let row = 0; row < rows; row++) {
    let sum = f32x4.splat(0);
    let along = f32x4.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      const slope = f32x4.mul(v128.load(delta + at), v128.load(gain + at));
      v128.store(delta + at, slope);
      sum = f32x4.add(sum, slope);
      along = f32x4.add(along, f32x4.mul(slope, v128.load(normalised + at)));
    }
    const means = f32x4.splat(sumOf(sum) / count);
    const shares = f32x4.splat(sumOf(along) / count);
    const factor = f32x4.splat(load<f32>(inverses));
    for (let at: usize = 0; at < bytes; at += 16) {
      const rest = f32x4.sub(f32x4.sub(v128.load(delta + at), means), f32x4.mul(v128.load(normalised + at), shares));
      v128.store(delta + at, f32x4.mul(rest, factor));
    }
    clearPadding(delta, units, padded);
    delta += bytes;
    normalised += bytes;
    inverses += 4;
  }
}
