/** A described figure: text, axes, marks and table as plain data. Renderers decide pixels only. */
import type { Method } from '../models/methods/catalogue.ts';

export type Cell = string | number | null;

/** The rows that a figure is drawn from, shown below it and saved as CSV. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A named colour of the palette, or a share 0 to 1 of the scale of rising values. */
export type Colour = Method | Token | number;

export type Token = 'ink' | 'soft' | 'edge' | 'line' | 'page' | 'raised' | 'accent' | 'good' | 'warn' | 'bad' | 'emulator';

/** x and y in data coordinates. */
export type Point = readonly [number, number];

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Axis {
  /** With its unit: see `withUnit`. */
  readonly label: string;
  readonly domain: readonly [number, number];
  /**
   * `missing`: even in the logarithm of 1 − value: 0.9, 0.99 and 0.999 are equally far apart.
   * `log`: even in the logarithm of values, which are positive.
   */
  readonly scale?: 'missing' | 'log';
  /** Names at 0, 1, 2, … in place of ticks. */
  readonly names?: readonly string[];
  /** The number of ticks aimed at, or the ticks themselves. */
  readonly ticks?: number | readonly Tick[];
}

export interface Style {
  readonly colour: Colour;
  /** Stroke width, in pixels. */
  readonly width?: number;
  readonly dash?: string;
  readonly opacity?: number;
  /** Pixels to the right, for marks that would hide each other. */
  readonly shift?: number;
  /** Class of the drawn element, for style sheets and tests. */
  readonly role?: string;
}

/** Tooltip and link of one point of a mark. */
export interface PointLabel {
  readonly text: string;
  readonly href?: string;
}

export type Fill = 'full' | 'half' | 'empty';

export type Mark =
  | (Style & {
      readonly kind: 'line';
      /** Unconnected pieces. */
      readonly runs: readonly (readonly Point[])[];
      /** Joins the ends of each run. */
      readonly isClosed?: boolean;
      readonly fill?: Colour;
      /** The line's name where its values are read at the pointer. */
      readonly label?: string;
    })
  | (Style & {
      readonly kind: 'points';
      readonly points: readonly Point[];
      readonly radius?: number;
      /** The mark of a method in place of a disc. */
      readonly symbol?: Method;
      readonly fill?: Fill;
      /** A ring around the point. */
      readonly isRinged?: boolean;
      readonly labels?: readonly PointLabel[];
    })
  /** [at, low, high]: low to high along one axis, at a value of the other. */
  | (Style & {
      readonly kind: 'intervals';
      readonly along: 'x' | 'y';
      readonly spans: readonly (readonly [number, number, number])[];
    })
  /** [at, value]: bars from 0 to a value of x, at a value of y. */
  | (Style & { readonly kind: 'bars'; readonly spans: readonly Point[]; readonly labels?: readonly PointLabel[] })
  /** Across the panel, from low to high on y. */
  | (Style & { readonly kind: 'band'; readonly low: number; readonly high: number })
  /** A straight line at a value of one axis, over the whole of the other or a part of it. */
  | (Style & {
      readonly kind: 'rule';
      readonly axis: 'x' | 'y';
      readonly at: number;
      readonly between?: readonly [number, number];
      readonly label?: string;
    })
  | (Style & { readonly kind: 'text'; readonly at: Point; readonly text: string; readonly isStrong?: boolean });

export interface Panel {
  /** None where the figure has one panel. */
  readonly title?: string;
  /** In place of the picture, for people who cannot see it. */
  readonly description: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: readonly Mark[];
  /** Pixels. */
  readonly height: number;
  /** Room at the right for the labels of horizontal rules, in pixels. */
  readonly labelRoom?: number;
}

export type LegendEntry =
  | {
      readonly kind: 'sample';
      readonly label: string;
      readonly colour: Colour;
      readonly shape: 'line' | 'point' | 'bar' | 'upright';
      readonly dash?: string;
      readonly width?: number;
      readonly opacity?: number;
      readonly symbol?: Method;
      readonly fill?: Fill;
      readonly isRinged?: boolean;
    }
  /** The scale of rising values, with the values at its ends. */
  | { readonly kind: 'ramp'; readonly label: string; readonly low: string; readonly high: string };

export interface Figure {
  /** Names its files. */
  readonly id: string;
  readonly title: string;
  /** Describes the data and how they were made. */
  readonly caption: string;
  /** None: the table is the figure. */
  readonly panels: readonly Panel[];
  readonly legend: readonly LegendEntry[];
  /** Least width of a panel, in pixels. */
  readonly panelWidth: number;
  /** Computed when it is shown or saved. */
  readonly table: () => Table;
}

/** Returns a sample of a line for a legend. */
export const lineSample = (label: string, colour: Colour, dash = ''): LegendEntry => ({
  kind: 'sample',
  shape: 'line',
  label,
  colour,
  ...(dash && { dash }),
});

/** Returns a curve as a line with gaps where values are missing. */
export const curveMark = (
  x: ArrayLike<number>,
  values: ArrayLike<number | null>,
  style: Style & { readonly label: string },
): Mark => ({ kind: 'line', runs: runsOf(x, values), ...style });

/** Splits a curve where values are missing. */
export function runsOf(x: ArrayLike<number>, values: ArrayLike<number | null>): Point[][] {
  const runs: Point[][] = [[]];
  Array.from(values).forEach((value, i) => {
    if (value === null || !Number.isFinite(value)) runs.push([]);
    else runs.at(-1)?.push([x[i] ?? Number.NaN, value]);
  });
  return runs.filter(({ length }) => length > 0);
}
