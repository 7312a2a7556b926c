/** Stamps of points into pixels: 100,000 take 10 ms, where paths take seconds without a GPU. */
import type { Rgb } from '../colours.ts';

/** The pixels that a mark covers, from its centre, and how much of each. */
export interface Stamp {
  readonly across: Int8Array;
  readonly down: Int8Array;
  readonly cover: Float32Array;
}

/** Subdivisions of a pixel along each side: smooth edges. */
const PARTS = 4;

/** Returns a mark of this radius in pixels; `covers`: of a point in radii from its centre. */
export function createStamp(covers: (x: number, y: number) => boolean, radius: number): Stamp {
  const reach = Math.ceil(radius * 1.2);
  const found: { readonly x: number; readonly y: number; readonly cover: number }[] = [];
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      let inside = 0;
      for (let a = 0; a < PARTS; a++) {
        for (let b = 0; b < PARTS; b++) {
          const at = (place: number, part: number) => (place - 0.5 + (part + 0.5) / PARTS) / radius;
          if (covers(at(x, b), at(y, a))) inside++;
        }
      }
      if (inside > 0) found.push({ x, y, cover: inside / PARTS ** 2 });
    }
  }
  return {
    across: Int8Array.from(found, ({ x }) => x),
    down: Int8Array.from(found, ({ y }) => y),
    cover: Float32Array.from(found, ({ cover }) => cover),
  };
}

/** `data`: [height x width x 4], red, green, blue, opacity. */
export type Pixels = Pick<ImageData, 'width' | 'height' | 'data'>;

/** Lays a mark over what is there. `x`, `y`: of its centre, in pixels. */
export function applyStamp(
  { width, height, data }: Pixels,
  { across, down, cover }: Stamp,
  x: number,
  y: number,
  [red, green, blue]: Rgb,
  opacity: number,
): void {
  const centreX = Math.round(x);
  const centreY = Math.round(y);
  for (let i = 0; i < cover.length; i++) {
    const column = centreX + (across[i] as number);
    const row = centreY + (down[i] as number);
    if (column < 0 || column >= width || row < 0 || row >= height) continue;
    const share = (cover[i] as number) * opacity;
    const at = 4 * (row * width + column);
    const under = (data[at + 3] as number) * (1 / 255);
    if (under === 0) {
      data[at] = red;
      data[at + 1] = green;
      data[at + 2] = blue;
      data[at + 3] = 255 * share;
      continue;
    }
    const whole = share + under * (1 - share);
    const part = share / whole;
    blend(data, at, red, part);
    blend(data, at + 1, green, part);
    blend(data, at + 2, blue, part);
    data[at + 3] = 255 * whole;
  }
}

/** Moves the value at `at` towards `value`, by a share of the distance. */
function blend(data: Uint8ClampedArray, at: number, value: number, share: number): void {
  const under = data[at] as number;
  data[at] = under + (value - under) * share;
}
