/**
 * Points of a scatter, stamped into pixels one by one: 100,000 of them take some ten milliseconds of plain arithmetic, on any machine, where a browser without
 * a graphics card takes seconds for as many paths.
 */
import type { Rgb } from './palette.ts';

/** How much of each pixel a mark covers, [side x side], centred. */
export interface Stamp {
  readonly side: number;
  readonly cover: Float32Array;
}

export type Shape = 'disc' | 'square' | 'triangle';

/** Subdivisions of a pixel along each side: smooth edges. */
const PARTS = 4;

const INSIDE: Readonly<Record<Shape, (x: number, y: number) => boolean>> = {
  disc: (x, y) => x * x + y * y <= 1,
  square: (x, y) => Math.abs(x) <= 0.9 && Math.abs(y) <= 0.9,
  triangle: (x, y) => y <= 0.85 && y >= -1.15 && Math.abs(x) <= (y + 1.15) * 0.58,
};

/** A mark of this radius in pixels. */
export function stampOf(shape: Shape, radius: number): Stamp {
  const reach = Math.ceil(radius * 1.2);
  const side = 2 * reach + 1;
  const cover = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let inside = 0;
      for (let a = 0; a < PARTS; a++) {
        for (let b = 0; b < PARTS; b++) {
          const at = (place: number, part: number) => (place - reach - 0.5 + (part + 0.5) / PARTS) / radius;
          if (INSIDE[shape](at(x, b), at(y, a))) inside++;
        }
      }
      cover[y * side + x] = inside / PARTS ** 2;
    }
  }
  return { side, cover };
}

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** [height x width x 4], red, green, blue, opacity. */
  readonly data: Uint8ClampedArray;
}

/** Lays a mark over what is there. `x`, `y`: of its centre, in pixels. */
export function press(
  { width, height, data }: Pixels,
  { side, cover }: Stamp,
  x: number,
  y: number,
  colour: Rgb,
  opacity: number,
): void {
  const left = Math.round(x) - (side >> 1);
  const top = Math.round(y) - (side >> 1);
  for (let row = 0; row < side; row++) {
    const down = top + row;
    if (down < 0 || down >= height) continue;
    for (let column = 0; column < side; column++) {
      const across = left + column;
      const share = (cover[row * side + column] as number) * opacity;
      if (share === 0 || across < 0 || across >= width) continue;
      const at = 4 * (down * width + across);
      const under = (data[at + 3] as number) / 255;
      const whole = share + under * (1 - share);
      const keep = (under * (1 - share)) / whole;
      data[at] = colour[0] * (1 - keep) + (data[at] as number) * keep;
      data[at + 1] = colour[1] * (1 - keep) + (data[at + 1] as number) * keep;
      data[at + 2] = colour[2] * (1 - keep) + (data[at + 2] as number) * keep;
      data[at + 3] = 255 * whole;
    }
  }
}
