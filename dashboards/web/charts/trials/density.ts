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

/** Sums of weight and weighted red, green, blue, column after column of `height` + 2 cells. */
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

/** Columns of pixels between two axes, from (included) to (excluded). */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Upper and lower edge of a band on an axis, in pixels from above. */
export type Edges = readonly [upper: number, lower: number];

/** The bands of trials on an axis: the bin of each, 0..count-1; `count`, the last, is no value. */
export interface Side {
  readonly bins: Uint16Array;
  /** Edges of each bin, [count + 1]. */
  readonly edges: readonly Edges[];
}

/** With more bands between two axes, stairs at their edges are invisible: no smoothing. */
const SMOOTH_BANDS = 400;

/** A weight, and that weight times red, green and blue, [CHANNELS]. */
type Ink = Float64Array;

/** Counts the trials with mask 1 by pair of bins, and adds a band for each pair. */
export function addBundles(
  density: Density,
  gap: Gap,
  left: Side,
  right: Side,
  mask: Uint8Array | null,
  { classes, classOf }: Colours,
): void {
  const side = left.edges.length;
  const pairs = new Float32Array(CHANNELS * side * side);
  const inks = classes.map((colour) => Float64Array.of(1, ...colour));
  for (let i = 0; i < left.bins.length; i++) {
    if (mask && mask[i] === 0) continue;
    const at = CHANNELS * ((left.bins[i] as number) * side + (right.bins[i] as number));
    addTo(pairs, at, inks[classOf[i] as number] as Ink, 1, 1);
  }
  let bands = 0;
  for (let at = 0; at < pairs.length; at += CHANNELS) if (pairs[at] !== 0) bands++;
  const isSmooth = bands <= SMOOTH_BANDS;
  const ink = new Float64Array(CHANNELS);
  for (let a = 0; a < side; a++) {
    for (let b = 0; b < side; b++) {
      const at = CHANNELS * (a * side + b);
      if (pairs[at] === 0) continue;
      for (let channel = 0; channel < CHANNELS; channel++) ink[channel] = pairs[at + channel] as number;
      addBand(density, gap, left.edges[a] as Edges, right.edges[b] as Edges, ink, isSmooth);
    }
  }
}

/** Adds a band with straight edges; a steep one is as dark as a flat one, over more pixels. */
function addBand(
  { height, width, sums }: Density,
  { from, to }: Gap,
  [leftTop, leftBottom]: Edges,
  [rightTop, rightBottom]: Edges,
  ink: Ink,
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
    const column = x * stride;
    if (isSmooth) {
      const share = 1 / (bottom - top);
      addEdge(sums, column, height, top, ink, share);
      addEdge(sums, column, height, bottom, ink, -share);
      continue;
    }
    const begin = column + CHANNELS * ((Math.min(height, Math.max(0, top)) + 0.5) | 0);
    const end = column + CHANNELS * ((Math.min(height, Math.max(0, bottom)) + 0.5) | 0);
    if (begin === end) continue;
    // Over the whole pixels that it covers here.
    const even = CHANNELS / (end - begin);
    addTo(sums, begin, ink, even, 1);
    addTo(sums, end, ink, -even, 1);
  }
}

/** Adds ink, times two factors, to the cell at `at`. */
function addTo(sums: Float32Array | Float64Array, at: number, ink: Ink, share: number, part: number): void {
  increment(sums, at, (ink[0] as number) * share * part);
  increment(sums, at + 1, (ink[1] as number) * share * part);
  increment(sums, at + 2, (ink[2] as number) * share * part);
  increment(sums, at + 3, (ink[3] as number) * share * part);
}

/** An edge between two pixels enters both, in proportion: no stairs. */
function addEdge(sums: Float64Array, column: number, height: number, y: number, ink: Ink, share: number): void {
  const place = Math.min(height, Math.max(0, y));
  const row = place | 0;
  const rest = place - row;
  const at = column + CHANNELS * row;
  addTo(sums, at, ink, share, 1 - rest);
  addTo(sums, at + CHANNELS, ink, share, rest);
}

/** Place of a trial on an axis, in pixels from above. */
export type PlaceOf = (row: number) => number;

/** Adds every line for itself: few enough to follow one. */
export function addLines(
  density: Density,
  gap: Gap,
  [leftOf, rightOf]: readonly [PlaceOf, PlaceOf],
  rows: Uint32Array,
  thickness: number,
  { classes, classOf }: Colours,
): void {
  const half = thickness / 2;
  // Weight in units of its thickness: a line covers its pixels wholly.
  const inks = classes.map((colour) => Float64Array.of(1, ...colour).map((value) => thickness * value));
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const [left, right] = [leftOf(row), rightOf(row)];
    addBand(density, gap, [left - half, left + half], [right - half, right + half], inks[classOf[row] as number] as Ink, true);
  }
}

/** Sums bands to densities, in place; returns the highest of every fourth column, for a scale. */
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

/** How opaque pixels are. */
export interface Opacity {
  /** Where one line passes. */
  readonly least: number;
  /** Where the density is `full`; between the two, by the square root of the density. */
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
