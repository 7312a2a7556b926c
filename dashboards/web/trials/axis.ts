/** Axes over columns: 0 at the start, 1 at the end, and missing values apart. */
import { scaleLinear, scaleLog } from 'd3-scale';
import { clockTime, formatTime } from '../parts/format.ts';
import type { Field, Spread } from './table.ts';

export interface Tick {
  readonly at: number;
  readonly text: string;
}

export interface Axis {
  readonly field: Field;
  readonly spread: Spread;
  /** Maps a value to [0, 1]; values outside the axis are clamped. */
  readonly position: (value: number) => number;
  /** Inverse of `position`; an end gives -Infinity or Infinity where values are clamped to it. */
  readonly valueAt: (position: number) => number;
  readonly ticks: readonly Tick[];
  readonly from: number;
  readonly to: number;
  readonly format: (value: number) => string;
}

/** Returns the name of an axis, with its unit: 'learning rate (log)', 'time / s'. */
export const titleOf = ({ field: { label, unit }, spread }: Axis): string =>
  `${label}${unit === null ? '' : ` / ${unit}`}${spread === 'log' ? ' (log)' : ''}`;

/** A share below 0 is worse than predicting the mean: how much worse needs no room. */
const LEAST_SHARE = 0;
/** The logarithmic axis of what is missing needs an end: 1 - 1e-6 is more than networks cover. */
const LEAST_RESIDUAL = 1e-6;

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** Formats a value as briefly as neighbours can still be distinguished. */
export function formatValue(
  { type, isWhole, categories }: Pick<Field, 'type' | 'isWhole' | 'categories'>,
  value: number,
): string {
  if (Number.isNaN(value)) return '–';
  if (categories) return categories[value] ?? '–';
  if (type === 'time') return formatTime(new Date(value));
  if (isWhole) return String(value);
  if (type === 'share') return value > 0.9945 ? value.toFixed(4) : value.toFixed(3);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(1).replace('-', '−').replace('+', '');
  return String(Number(value.toPrecision(3))).replace('-', '−');
}

/** The latest axes of a field, linear and residual: several views use the same. */
const cache = new WeakMap<Field, { readonly version: number; readonly axes: (Axis | undefined)[] }>();

/** Returns the axis of a column: the same object until its values change. */
export function createAxis(field: Field, { residual = false }: { readonly residual?: boolean } = {}): Axis {
  const known = cache.get(field);
  const axes = known?.version === field.version ? known.axes : [];
  const which = residual ? 1 : 0;
  const axis = axes[which] ?? buildAxis(field, residual);
  axes[which] = axis;
  cache.set(field, { version: field.version, axes });
  return axis;
}

function buildAxis(field: Field, residual: boolean): Axis {
  const format = (value: number) => formatValue(field, value);
  if (field.categories) return categoryAxis(field, field.categories, format);
  const isShare = field.type === 'share';
  if (isShare && residual) return residualAxis(field, format);
  let from = Number.isFinite(field.lowest) ? field.lowest : 0;
  let to = Number.isFinite(field.highest) ? field.highest : 1;
  if (isShare) from = Math.max(LEAST_SHARE, shareStart(field));
  if (from >= to)
    [from, to] = field.isWhole ? [from - 1, from + 1] : [from - Math.abs(from) / 2 - 1e-9, from + Math.abs(from) / 2 + 1e-9];
  const log = field.spread === 'log' && from > 0;
  const scale = log ? scaleLog([from, to], [0, 1]) : scaleLinear([from, to], [0, 1]);
  const isClamped = field.lowest < from;
  return {
    field,
    spread: log ? 'log' : 'linear',
    position: mapToUnit(log, from, to),
    valueAt: (position) =>
      isClamped && position <= 0 ? Number.NEGATIVE_INFINITY : snap(field, scale.invert(clamp(position)), position, from, to),
    ticks: createTicks(field, log, from, to, format).map(({ at, text }) =>
      isClamped && at === from ? { at: 0, text: `≤ ${text}` } : { at: clamp(scale(at)), text },
    ),
    from,
    to,
    format: formatAbove(from, format),
  };
}

/** Categories are evenly spaced, a single one is in the middle. */
function categoryAxis(field: Field, categories: readonly string[], format: Axis['format']): Axis {
  const last = Math.max(1, categories.length - 1);
  const isSingle = categories.length === 1;
  const position = (value: number) => (isSingle ? 0.5 : value / last);
  return {
    field,
    spread: 'categories',
    position,
    valueAt: (at) => (isSingle ? 0 : Math.round(clamp(at) * last)),
    ticks: categories.map((text, i) => ({ at: position(i), text })),
    from: 0,
    to: categories.length - 1,
    format,
  };
}

/** Formats -Infinity as "at most the start". */
const formatAbove =
  (from: number, format: Axis['format']): Axis['format'] =>
  (value) =>
    value === Number.NEGATIVE_INFINITY ? `≤ ${format(from)}` : format(value);

/** Values that the start of a share's axis is estimated from. */
const SAMPLE = 4000;

/**
 * Returns where the axis of a share starts. Few trials that learnt nothing must not press all
 * others against its end: where the lowest twentieth would take more than a third of the axis, it
 * starts above them, and they are clamped.
 */
function shareStart({ values, lowest, highest, missing }: Field): number {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  if (values.length - missing < 100) return lowest;
  const every = new Float64Array(Math.ceil(values.length / step));
  let count = 0;
  for (let row = 0; row < values.length; row += step) {
    const value = values[row] ?? Number.NaN;
    if (!Number.isNaN(value)) every[count++] = value;
  }
  const sample = every.subarray(0, count).sort();
  const low = sample[Math.floor(0.05 * sample.length)];
  if (sample.length < 100 || low === undefined) return lowest;
  return low - lowest > (highest - lowest) / 3 ? Math.floor(low * 100) / 100 : lowest;
}

/** Plain arithmetic: this runs once for each of 100,000 trials. */
function mapToUnit(log: boolean, from: number, to: number): (value: number) => number {
  if (log) {
    const start = Math.log(from);
    const factor = 1 / (Math.log(to) - start);
    return (value) => clamp((Math.log(value) - start) * factor);
  }
  const factor = 1 / (to - from);
  return (value) => clamp((value - from) * factor);
}

/** The ends are the data's own numbers, without rounding errors; whole numbers stay whole. */
function snap(field: Field, value: number, position: number, from: number, to: number): number {
  if (position <= 0) return from;
  if (position >= 1) return to;
  return field.isWhole ? Math.round(value) : roundForAddress(value);
}

/** Six digits are finer than a hand sets a brush, and keep addresses short. */
const roundForAddress = (value: number): number => Number(value.toPrecision(6));

/** Ticks of an axis, about. */
const TICKS = 5;

function createTicks(field: Field, log: boolean, from: number, to: number, format: Axis['format']): Tick[] {
  const formatAll = (values: readonly number[]) => values.map((at) => ({ at, text: format(at) }));
  if (field.type === 'time') return [from, to].map((at) => ({ at, text: clockTime(new Date(at)) }));
  const few = field.isWhole ? distinctValues(field) : null;
  if (few) return formatAll(few);
  if (log) {
    const decades = scaleLog([from, to], [0, 1])
      .ticks(TICKS)
      .filter((at) => Math.abs(Math.log10(at) - Math.round(Math.log10(at))) < 1e-9);
    return formatAll(decades.length >= 2 ? decades : [from, to]);
  }
  const scale = scaleLinear([from, to], [0, 1]);
  const whole = scale.ticks(TICKS).filter((at) => !field.isWhole || Number.isInteger(at));
  // The tick at a clamped start says that there is more below; one right above would cover it.
  const ticks = field.lowest < from ? [from, ...whole.filter((at) => at >= from + 0.07 * (to - from))] : whole;
  if (field.isWhole) return formatAll(ticks);
  const formatTick = scale.tickFormat(TICKS);
  return ticks.map((at) => ({ at, text: formatTick(at) }));
}

/** Returns the values of a column that has at most a dozen, rising. */
function distinctValues({ values }: Field): number[] | null {
  const found = new Set<number>();
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    found.add(value);
    if (found.size > 12) return null;
  }
  return found.size === 0 ? null : [...found].sort((a, b) => a - b);
}

const NINES = [0, 0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999];

function residualAxis(field: Field, format: Axis['format']): Axis {
  const best = Math.max(LEAST_RESIDUAL, 1 - (Number.isFinite(field.highest) ? field.highest : 0.99));
  const worst = Math.min(1, Math.max(best * 2, 1 - (Number.isFinite(field.lowest) ? field.lowest : 0)));
  const from = 1 - worst;
  const to = 1 - best;
  const start = Math.log(worst);
  const factor = 1 / (Math.log(best) - start);
  const position = (value: number) => (value >= 1 ? 1 : clamp((Math.log(1 - value) - start) * factor));
  const isClamped = field.lowest < from - 1e-12;
  const ticks = NINES.filter((value) => value >= from - 1e-12 && value <= to + 1e-12).map((value) => ({
    at: position(value),
    text: String(value),
  }));
  return {
    field,
    spread: 'residual',
    position,
    valueAt: (at) => {
      if (at <= 0) return isClamped ? Number.NEGATIVE_INFINITY : from;
      return at >= 1 ? Math.max(to, field.highest) : roundForAddress(1 - Math.exp(start + at / factor));
    },
    ticks: ticks.map((tick) => (isClamped && tick.at <= 0 ? { ...tick, text: `≤ ${tick.text}` } : tick)),
    from,
    to,
    format: formatAbove(from, format),
  };
}

const binCache = new WeakMap<Axis, Map<number, Uint16Array<ArrayBuffer>>>();

/** Whole numbers over at most this range have their bins looked up instead of computed. */
const LOOKUP_SIZE = 4096;

/** Returns the bin of each trial, from 0, cached: not to be written to; `bins`: no value. */
export function assignBins(axis: Axis, bins: number): Uint16Array<ArrayBuffer> {
  const known = binCache.get(axis) ?? new Map<number, Uint16Array<ArrayBuffer>>();
  binCache.set(axis, known);
  const found = known.get(bins) ?? computeBins(axis, bins);
  known.set(bins, found);
  return found;
}

function computeBins({ field, position }: Axis, bins: number): Uint16Array<ArrayBuffer> {
  const { values, isWhole, categories, lowest, highest } = field;
  const binOf = (value: number) => Math.min(bins - 1, (position(value) * bins) | 0);
  const assigned = new Uint16Array(values.length);
  if ((isWhole || categories) && highest - lowest <= LOOKUP_SIZE) {
    const lookup = Uint16Array.from({ length: highest - lowest + 1 }, (_, i) => binOf(lowest + i));
    for (let row = 0; row < values.length; row++) {
      const value = values[row] ?? Number.NaN;
      assigned[row] = Number.isNaN(value) ? bins : (lookup[Math.round(value - lowest)] ?? bins);
    }
    return assigned;
  }
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? Number.NaN;
    assigned[row] = Number.isNaN(value) ? bins : binOf(value);
  }
  return assigned;
}
