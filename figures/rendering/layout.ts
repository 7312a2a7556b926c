/** Layout of panels: the axes in pixels. */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { Axis, Panel, Tick } from '../model.ts';
import { plain } from '../numbers.ts';

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Data to pixels along one axis. */
export interface Scale {
  (value: number): number;
  invert(pixel: number): number;
  readonly ticks: readonly Tick[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly box: Box;
  readonly x: Scale;
  readonly y: Scale;
  /** Letters for which a name of the y axis has room. */
  readonly letters: number;
}

/** Mean width of a letter of 12 px. */
export const LETTER = 6.8;
const LABEL_ROOM = 18;
/** A panel narrower than that drops the labels of its rules, which the legend repeats. */
const LEAST_WIDTH_FOR_LABELS = 520;

/** Returns the room that a panel needs at the left for the numbers or names of its y axis. */
export function leftOf({ y }: Panel): number {
  const label = y.label === '' ? 0 : LABEL_ROOM;
  if (!y.names) return (y.scale === 'missing' ? 58 : 46) + label;
  return Math.max(8, Math.max(0, ...y.names.map(({ length }) => length)) * LETTER + 12) + label;
}

/** Lays a panel out. `left`: room at the left, where panels above each other share it. */
export function layOut(panel: Panel, width: number, left = Math.min(leftOf(panel), 18 + width * 0.42)): Layout {
  const { x, y, title, height, labelRoom = 0 } = panel;
  const box = {
    left,
    right: width - (width < LEAST_WIDTH_FOR_LABELS ? 12 : Math.max(12, labelRoom)),
    top: title ? 28 : 10,
    bottom: height - (x.label === '' ? 24 : 42),
  };
  return {
    width,
    height,
    box,
    x: scaleOf(x, [box.left, box.right], Math.floor((box.right - box.left) / 70)),
    y: scaleOf(y, [box.bottom, box.top], Math.floor((box.bottom - box.top) / 36)),
    letters: Math.floor((left - (y.label === '' ? 8 : 8 + LABEL_ROOM)) / LETTER),
  };
}

/** Ticks of an axis that is even in the logarithm of what is missing from 1. */
const NINES = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999];

function scaleOf({ domain: [from, to], scale, names, ticks = 6 }: Axis, range: [number, number], room: number): Scale {
  const given = names?.map((label, at) => ({ at, label })) ?? (typeof ticks === 'number' ? null : ticks);
  if (scale === 'missing') {
    const log = scaleLog([1 - from, 1 - to], range).clamp(true);
    const nines = NINES.filter((at) => at >= from && at <= to).map((at) => ({ at, label: String(at) }));
    return Object.assign((value: number) => log(Math.max(1 - to, 1 - value)), {
      invert: (pixel: number) => 1 - log.invert(pixel),
      ticks: given ?? nines,
    });
  }
  const count = Math.max(2, Math.min(typeof ticks === 'number' ? ticks : 6, room));
  if (scale === 'log') {
    const log = scaleLog([from, to], range);
    return Object.assign((value: number) => log(Math.max(Number.MIN_VALUE, value)), {
      invert: (pixel: number) => log.invert(pixel),
      ticks: given ?? logTicks(from, to, count).map((at) => ({ at, label: plain(at) })),
    });
  }
  const linear = scaleLinear([from, to], range);
  const format = linear.tickFormat(count);
  return Object.assign((value: number) => linear(value), {
    invert: (pixel: number) => linear.invert(pixel),
    ticks: given ?? linear.ticks(count).map((at) => ({ at, label: format(at).replaceAll(',', '') })),
  });
}

/** Steps within a power of ten, finest first. */
const LOG_STEPS = [[1, 1.5, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]] as const;

/** Returns ticks at round numbers, as many as there is room for. */
function logTicks(from: number, to: number, room: number): number[] {
  const powers = Array.from(
    { length: Math.floor(Math.log10(to)) - Math.floor(Math.log10(from)) + 1 },
    (_, i) => Math.floor(Math.log10(from)) + i,
  );
  const choices = LOG_STEPS.map((steps) =>
    powers.flatMap((power) => steps.map((step) => step * 10 ** power)).filter((at) => at >= from && at <= to),
  );
  const fitting = choices.find((at) => at.length <= room);
  if (fitting === undefined) {
    const tens = choices.at(-1) ?? [];
    return tens.filter((_, i) => i % Math.ceil(tens.length / room) === 0);
  }
  // A range of less than one step has round numbers of a linear scale only.
  return fitting.length >= 2 ? fitting : scaleLinear([from, to], [0, 1]).ticks(room);
}

/** Moves labels (pixels, in any order) apart that would overlap, each by as little as possible. */
export function apart(places: readonly number[], least: number): number[] {
  const moved = [...places];
  let before = Number.NEGATIVE_INFINITY;
  for (const [i, place] of [...places.entries()].sort(([, a], [, b]) => a - b)) {
    before = Math.max(place, before + least);
    moved[i] = before;
  }
  return moved;
}
