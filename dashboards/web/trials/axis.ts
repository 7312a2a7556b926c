/** Where values lie on an axis: 0 at its foot, 1 at its head, and a place of its own for those that are none. */
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
  /** Of a value; what lies beyond an end stands at that end. */
  readonly position: (value: number) => number;
  /** Of a place; the ends give -Infinity and Infinity where values lie beyond them. */
  readonly valueAt: (place: number) => number;
  readonly ticks: readonly Tick[];
  /** Where it begins and ends. */
  readonly from: number;
  readonly to: number;
  readonly format: (value: number) => string;
}

/** A share below 0 is worse than guessing the mean: how much worse is no figure to give room to. */
const LEAST_SHARE = 0;
/** 1 - 1e-6: no network of these covers more, and the logarithm needs an end. */
const LEAST_RESIDUAL = 1e-6;

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** As short as it is exact enough to tell neighbours apart. */
export function formatValue(
  { type, isWhole: whole, categories }: Pick<Field, 'type' | 'isWhole' | 'categories'>,
  value: number,
): string {
  if (Number.isNaN(value)) return '–';
  if (categories) return categories[value] ?? '–';
  if (type === 'time') return formatTime(new Date(value));
  if (whole) return String(value);
  if (type === 'share') return value > 0.9945 ? value.toFixed(4) : value.toFixed(3);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(1).replace('-', '−').replace('+', '');
  return String(Number(value.toPrecision(3))).replace('-', '−');
}

/** Axes as they were made last, even and by what is missing: several views ask for the same. */
const made = new WeakMap<Field, { readonly version: number; readonly axes: (Axis | undefined)[] }>();

/** The axis of a column as its values are now, the same object until they change. `residual` spreads a share by what is missing from 1. */
export function createAxis(field: Field, { residual = false }: { readonly residual?: boolean } = {}): Axis {
  const known = made.get(field);
  const axes = known?.version === field.version ? known.axes : [];
  const place = residual ? 1 : 0;
  const axis = axes[place] ?? makeAxis(field, residual);
  axes[place] = axis;
  made.set(field, { version: field.version, axes });
  return axis;
}

function makeAxis(field: Field, residual: boolean): Axis {
  const text = (value: number) => formatValue(field, value);
  const { categories } = field;
  if (categories) {
    const last = Math.max(1, categories.length - 1);
    const middle = categories.length === 1;
    return {
      field,
      spread: 'categories',
      position: (value) => (middle ? 0.5 : value / last),
      valueAt: (place) => (middle ? 0 : Math.round(clamp(place) * last)),
      ticks: categories.map((category, i) => ({ at: middle ? 0.5 : i / last, text: category })),
      from: 0,
      to: categories.length - 1,
      format: text,
    };
  }
  const isShare = field.type === 'share';
  if (isShare && residual) return residualAxis(field, text);
  let from = Number.isFinite(field.lowest) ? field.lowest : 0;
  let to = Number.isFinite(field.highest) ? field.highest : 1;
  if (isShare) from = Math.max(LEAST_SHARE, footOf(field));
  if (from >= to)
    [from, to] = field.isWhole ? [from - 1, from + 1] : [from - Math.abs(from) / 2 - 1e-9, from + Math.abs(from) / 2 + 1e-9];
  const log = field.spread === 'log' && from > 0;
  const scale = log ? scaleLog([from, to], [0, 1]) : scaleLinear([from, to], [0, 1]);
  const below = field.lowest < from;
  return {
    field,
    spread: log ? 'log' : 'linear',
    position: placer(log, from, to),
    valueAt: (place) =>
      below && place <= 0 ? Number.NEGATIVE_INFINITY : snapped(field, scale.invert(clamp(place)), place, from, to),
    ticks: ticksOf(field, log, from, to, text).map(({ at, text: words }) =>
      below && at === from ? { at: 0, text: `≤ ${words}` } : { at: clamp(scale(at)), text: words },
    ),
    from,
    to,
    format: (value) => (value === Number.NEGATIVE_INFINITY ? `≤ ${text(from)}` : text(value)),
  };
}

/** Of a sample of so many values the foot of a share's axis is told. */
const SAMPLE = 4000;

/**
 * Few trials that learnt nothing must not press all others against the head of the axis: where the lowest twentieth would take more than a third of it, the
 * axis begins above them, and they stand at its foot, which says so.
 */
function footOf({ values, lowest, highest, missing }: Field): number {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  if (values.length - missing < 100) return lowest;
  const taken = new Float64Array(Math.ceil(values.length / step));
  let count = 0;
  for (let i = 0; i < values.length; i += step) if (!Number.isNaN(values[i] as number)) taken[count++] = values[i] as number;
  if (count < 100) return lowest;
  const sample = taken.subarray(0, count).sort();
  const low = sample[Math.floor(0.05 * sample.length)] as number;
  return low - lowest > (highest - lowest) / 3 ? Math.floor(low * 100) / 100 : lowest;
}

/** Plain arithmetic: this runs once for each of 100,000 trials. */
function placer(log: boolean, from: number, to: number): (value: number) => number {
  if (log) {
    const start = Math.log(from);
    const factor = 1 / (Math.log(to) - start);
    return (value) => clamp((Math.log(value) - start) * factor);
  }
  const factor = 1 / (to - from);
  return (value) => clamp((value - from) * factor);
}

/** The ends are the data's own numbers, free of rounding; whole numbers stay whole. */
function snapped(field: Field, value: number, place: number, from: number, to: number): number {
  if (place <= 0) return from;
  if (place >= 1) return to;
  return field.isWhole ? Math.round(value) : brief(value);
}

/** A brush's edge is set by hand: six digits of it are more than a hand tells apart, and keep addresses short. */
const brief = (value: number): number => Number(value.toPrecision(6));

/** About so many marks on an axis. */
const TICKS = 5;

function ticksOf(
  field: Field,
  log: boolean,
  from: number,
  to: number,
  text: (value: number) => string,
): { at: number; text: string }[] {
  const few = field.isWhole && field.type !== 'time' ? fewValues(field) : null;
  if (few) return few.map((at) => ({ at, text: text(at) }));
  if (field.type === 'time') return [from, to].map((at) => ({ at, text: clockTime(new Date(at)) }));
  if (log) {
    const decades = scaleLog([from, to], [0, 1])
      .ticks(TICKS)
      .filter((at) => Math.abs(Math.log10(at) - Math.round(Math.log10(at))) < 1e-9);
    const marks = decades.length >= 2 ? decades : [from, to];
    return marks.map((at) => ({ at, text: text(at) }));
  }
  const marks = scaleLinear([from, to], [0, 1])
    .ticks(TICKS)
    .filter((at) => !field.isWhole || Number.isInteger(at));
  if (field.lowest < from) {
    // The foot tells that there is more below it; what stands right above would cover that.
    while (marks.length > 0 && (marks[0] as number) < from + 0.07 * (to - from)) marks.shift();
    marks.unshift(from);
  }
  const format = scaleLinear([from, to], [0, 1]).tickFormat(TICKS);
  return marks.map((at) => ({ at, text: field.isWhole ? text(at) : format(at) }));
}

/** The values of a column that has no more than a dozen, rising. */
function fewValues({ values }: Field): number[] | null {
  const found = new Set<number>();
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    found.add(value);
    if (found.size > 12) return null;
  }
  return found.size === 0 ? null : [...found].sort((a, b) => a - b);
}

function residualAxis(field: Field, text: (value: number) => string): Axis {
  const best = Math.max(LEAST_RESIDUAL, 1 - (Number.isFinite(field.highest) ? field.highest : 0.99));
  const worst = Math.min(1, Math.max(best * 2, 1 - (Number.isFinite(field.lowest) ? field.lowest : 0)));
  const from = 1 - worst;
  const to = 1 - best;
  const start = Math.log(worst);
  const factor = 1 / (Math.log(best) - start);
  const place = (value: number) => (value >= 1 ? 1 : clamp((Math.log(1 - value) - start) * factor));
  const below = field.lowest < from - 1e-12;
  const nines = [0, 0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999];
  const ticks = nines
    .filter((value) => value >= from - 1e-12 && value <= to + 1e-12)
    .map((value) => ({ at: place(value), text: String(value) }));
  return {
    field,
    spread: 'residual',
    position: place,
    valueAt: (at) => {
      if (at <= 0) return below ? Number.NEGATIVE_INFINITY : from;
      return at >= 1 ? Math.max(to, field.highest) : brief(1 - Math.exp(start + at / factor));
    },
    ticks: ticks.map((tick) => (below && tick.at <= 0 ? { ...tick, text: `≤ ${tick.text}` } : tick)),
    from,
    to,
    format: (value) => (value === Number.NEGATIVE_INFINITY ? `≤ ${text(from)}` : text(value)),
  };
}

const binned = new WeakMap<Axis, Map<number, Uint16Array<ArrayBuffer>>>();

/** Of whole numbers within so wide a range the bins are looked up, not reckoned for each trial. */
const LOOKED_UP = 4096;

/** The bin of each trial on the axis, 0 at the foot; `bins` = it has no value. Reckoned once for an axis and a number of bins; not to be written to. */
export function assignBins(axis: Axis, bins: number): Uint16Array<ArrayBuffer> {
  const known = binned.get(axis) ?? new Map<number, Uint16Array<ArrayBuffer>>();
  binned.set(axis, known);
  const found = known.get(bins) ?? binEach(axis, bins);
  known.set(bins, found);
  return found;
}

function binEach({ field, position: place }: Axis, bins: number): Uint16Array<ArrayBuffer> {
  const { values, isWhole: whole, categories, lowest, highest } = field;
  const found = new Uint16Array(values.length);
  const binOf = (value: number) => Math.min(bins - 1, (place(value) * bins) | 0);
  if ((whole || categories) && highest - lowest <= LOOKED_UP) {
    const binAt = Uint16Array.from({ length: highest - lowest + 1 }, (_, i) => binOf(lowest + i));
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      found[i] = Number.isNaN(value) ? bins : (binAt[Math.round(value - lowest)] as number);
    }
    return found;
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    found[i] = Number.isNaN(value) ? bins : binOf(value);
  }
  return found;
}
