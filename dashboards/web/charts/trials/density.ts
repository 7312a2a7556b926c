/**
 * Density of many lines: how many pass through each pixel, and in which colours. Software renderers
 * take seconds to stroke 100,000 polylines; sums over bins take milliseconds and are not overdrawn.
 *
 * Between two neighbouring axes, trials are counted by (bin left, bin right); each pair is a band.
 * A band adds +weight to a column of pixels where it begins and -weight where it ends; cumulative
 * sums give the density, in double precision so that rounding errors stay invisible.
 */
import { increment } from '../../../../models/vectors.ts';

/** Red, green and blue of each class, 0..255, and the class of each trial. */
export interface Colours {
  readonly classes: readonly (readonly [number, number, number])[];
  readonly classOf: Uint8Array;
}

/**
 * Sums of weight and of weighted red, green, blue; column after column, each of `height` + 1 cells.
 */
export interface Density {
  readonly width: number;
  readonly height: number;
  readonly sums: Float64Array<ArrayBuffer>;
}

const CHANNELS = 4;

/** `before`: one that is needed no longer, whose memory serves again where it has the size. */
export function emptyDensity(width: number, height: number, before: Density | null = null): Density {
  if (before?.width === width && before.height === height) {
    before.sums.fill(0);
    return before;
  }
  return { width, height, sums: new Float64Array(CHANNELS * width * (height + 2)) };
}

/** Bands between two axes: what is drawn of one gap. */
export interface Gap {
  /** Columns of pixels, from (included) to (excluded). */
  readonly from: number;
  readonly to: number;
  /**
   * Edges of each bin in pixels from above, [2 x (bins + 1)]: upper and lower; the last is the
   * place of those without a value.
   */
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/**
 * Above this number of bands between two axes, stairs at their edges are invisible and drawn
 * without smoothing.
 */
const SMOOTH_BANDS = 400;

/**
 * Counts trials (mask 1) by pair of bins and adds their bands. Both `bins` arrays hold 0..count-1,
 * count = none.
 */
export function addBundles(
  density: Density,
  gap: Gap,
  leftBins: Uint16Array,
  rightBins: Uint16Array,
  count: number,
  mask: Uint8Array | null,
  { classes, classOf }: Colours,
): void {
  const side = count + 1;
  const pairs = new Float32Array(CHANNELS * side * side);
  for (let i = 0; i < leftBins.length; i++) {
    if (mask && mask[i] === 0) continue;
    const at = CHANNELS * ((leftBins[i] as number) * side + (rightBins[i] as number));
    const colour = classes[classOf[i] as number] as readonly [number, number, number];
    addTo(pairs, at, 1, 1, colour[0], colour[1], colour[2]);
  }
  let bands = 0;
  for (let at = 0; at < pairs.length; at += CHANNELS) if (pairs[at] !== 0) bands++;
  const isSmooth = bands <= SMOOTH_BANDS;
  for (let a = 0; a < side; a++) {
    for (let b = 0; b < side; b++) {
      const at = CHANNELS * (a * side + b);
      const weight = pairs[at] as number;
      if (weight === 0) continue;
      addBand(
        density,
        gap.from,
        gap.to,
        gap.left[2 * a] as number,
        gap.left[2 * a + 1] as number,
        gap.right[2 * b] as number,
        gap.right[2 * b + 1] as number,
        weight,
        pairs[at + 1] as number,
        pairs[at + 2] as number,
        pairs[at + 3] as number,
        isSmooth,
      );
    }
  }
}

/**
 * A band whose edges run straight from the left axis to the right one. A steep one is as dark as a
 * flat one: its weight spreads over more pixels.
 */
function addBand(
  { height, width, sums }: Density,
  from: number,
  to: number,
  leftTop: number,
  leftBottom: number,
  rightTop: number,
  rightBottom: number,
  weight: number,
  red: number,
  green: number,
  blue: number,
  isSmooth: boolean,
): void {
  const step = 1 / Math.max(1, to - from);
  const stride = CHANNELS * (height + 2);
  // How far it climbs within one column of pixels: that much taller it is there.
  const climb = Math.abs(rightTop + rightBottom - leftTop - leftBottom) * 0.25 * step;
  const last = Math.min(to, width);
  for (let x = from; x < last; x++) {
    const t = (x - from + 0.5) * step;
    let top = leftTop + (rightTop - leftTop) * t - climb;
    let bottom = leftBottom + (rightBottom - leftBottom) * t + climb;
    if (bottom - top < 1) {
      const middle = (top + bottom) / 2;
      top = middle - 0.5;
      bottom = middle + 0.5;
    }
    const share = 1 / (bottom - top);
    const column = x * stride;
    if (isSmooth) {
      edge(sums, column, height, top, weight * share, red * share, green * share, blue * share);
      edge(sums, column, height, bottom, -weight * share, -red * share, -green * share, -blue * share);
      continue;
    }
    const begin = column + CHANNELS * ((Math.min(height, Math.max(0, top)) + 0.5) | 0);
    const end = column + CHANNELS * ((Math.min(height, Math.max(0, bottom)) + 0.5) | 0);
    if (begin === end) continue;
    // Over the whole pixels that it covers here.
    const even = CHANNELS / (end - begin);
    addTo(sums, begin, even, weight, red, green, blue);
    addTo(sums, end, -even, weight, red, green, blue);
  }
}

/** Adds weight and weighted colours, times a factor, to the cell at `at`. */
function addTo(
  sums: Float32Array | Float64Array,
  at: number,
  factor: number,
  weight: number,
  red: number,
  green: number,
  blue: number,
): void {
  increment(sums, at, weight * factor);
  increment(sums, at + 1, red * factor);
  increment(sums, at + 2, green * factor);
  increment(sums, at + 3, blue * factor);
}

/** An edge between two pixels enters both, in proportion: no stairs. */
function edge(
  sums: Float64Array,
  column: number,
  height: number,
  y: number,
  weight: number,
  red: number,
  green: number,
  blue: number,
): void {
  const place = Math.min(height, Math.max(0, y));
  const row = place | 0;
  const rest = place - row;
  const at = column + CHANNELS * row;
  const keep = 1 - rest;
  addTo(sums, at, keep, weight, red, green, blue);
  addTo(sums, at + CHANNELS, rest, weight, red, green, blue);
}

/** Every line for itself: few enough to follow one. Places in pixels from above. */
export function addLines(
  density: Density,
  from: number,
  to: number,
  leftPlaces: (row: number) => number,
  rightPlaces: (row: number) => number,
  rows: Uint32Array,
  thickness: number,
  { classes, classOf }: Colours,
): void {
  const half = thickness / 2;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const left = leftPlaces(row);
    const right = rightPlaces(row);
    const [red, green, blue] = classes[classOf[row] as number] as readonly [number, number, number];
    // Weight in units of its thickness: a line covers its pixels wholly.
    addBand(
      density,
      from,
      to,
      left - half,
      left + half,
      right - half,
      right + half,
      thickness,
      thickness * red,
      thickness * green,
      thickness * blue,
      true,
    );
  }
}

/**
 * Turns beginnings and ends of bands into densities, in place, once; returns the highest density
 * (of every fourth column: enough for a scale).
 */
export function sumUp({ width, height, sums }: Density): number {
  let highest = 0;
  for (let x = 0; x < width; x++) {
    const column = CHANNELS * x * (height + 2);
    for (let at = column + CHANNELS; at < column + CHANNELS * height; at++) {
      increment(sums, at, sums[at - CHANNELS] as number);
    }
    if (x % 4 !== 0) continue;
    for (let y = 0; y < height; y++) highest = Math.max(highest, sums[column + CHANNELS * y] as number);
  }
  return highest;
}

/**
 * How opaque a pixel is: `least` where one line passes, `most` where the density is `full`, by its
 * square root between.
 */
export interface Opacity {
  readonly least: number;
  readonly most: number;
  readonly full: number;
}

/** Rounding errors of sums that should be 0 are below this. */
const NOTHING = 1e-4;

/** Pixels as an image takes them, [height x width x 4], of densities that are summed up. */
export function paint({ width, height, sums }: Density, { least, most, full }: Opacity, into: Uint8ClampedArray): void {
  const scale = (most - least) / Math.sqrt(Math.max(1, full));
  for (let x = 0; x < width; x++) {
    const column = CHANNELS * x * (height + 2);
    for (let y = 0; y < height; y++) {
      const at = column + CHANNELS * y;
      const weight = sums[at] as number;
      const to = 4 * (y * width + x);
      if (weight < NOTHING) {
        into[to + 3] = 0;
        continue;
      }
      into[to] = (sums[at + 1] as number) / weight;
      into[to + 1] = (sums[at + 2] as number) / weight;
      into[to + 2] = (sums[at + 3] as number) / weight;
      const opacity = least * Math.min(1, weight) + scale * Math.sqrt(weight);
      into[to + 3] = 255 * (opacity < most ? opacity : most);
    }
  }
}
