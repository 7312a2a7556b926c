/** Slice plot: validation scores of configurations against one parameter. */
import type { Cell } from '../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import { formatScore } from '../../text/names.ts';
import { methodSample, methodsOf, widthsOf } from '../cells.ts';
import { linearDomain, missingDomain } from '../covered-variance.ts';
import type { Axis, Figure, Mark, Panel, Point } from '../model.ts';
import { domainOf, short } from '../numbers.ts';

export interface SliceData {
  readonly name: string;
  readonly parameter: string;
  /** Label of the parameter, for axes and heads. */
  readonly label: string;
  readonly scale: 'linear' | 'log' | 'category';
  readonly categories: readonly string[] | null;
  readonly cells: readonly (Cell & {
    readonly points: readonly { readonly value: number | string; readonly score: number; readonly trialId: string }[];
  })[];
}

interface SliceOptions {
  /** Spreads covered variances near 1. */
  readonly isMissing?: boolean;
}

/** Places of the methods about a category, as shares of the distance between two. */
const ROOM = 0.5;

export function sliceFigure(data: SliceData, { isMissing = false }: SliceOptions = {}): Figure {
  const { name, parameter, label, cells } = data;
  const scores = cells.flatMap(({ points }) => points.map(({ score }) => score));
  const domain = (isMissing ? missingDomain : linearDomain)(scores);
  return {
    id: `slice-${parameter}-${name}`,
    title: `Slice plot of ${label}`,
    caption: `Each point is a configuration: covered variance on validation rows, mean over its seeds, against its ${label}, a panel for each width; all other parameters differ as well. A ragged cloud with a clear upper edge shows the values with which good scores are possible; a flat one shows that ${label} hardly matters.`,
    panels: widthsOf(cells).map((k) => slicePanel(data, k, domain, isMissing)),
    legend: methodsOf(cells).map(methodSample),
    panelWidth: 320,
    table: () => ({
      head: ['method', 'k', label, 'covered variance', 'first trial'],
      rows: cells.flatMap(({ method, k, points }) =>
        points.map(({ value, score, trialId }) => [METHOD_STYLES[method].label, k, value, score, trialId]),
      ),
    }),
  };
}

function slicePanel(
  { label, scale, categories, cells: all }: SliceData,
  k: number,
  domain: Axis['domain'],
  isMissing: boolean,
): Panel {
  const cells = all.filter((cell) => cell.k === k);
  const methods = methodsOf(all);
  const marks = cells.map(({ method, points }): Mark => {
    const offset = ROOM * ((methods.indexOf(method) + 0.5) / methods.length - 0.5);
    const placeOf = (value: number | string) => (typeof value === 'number' ? value : (categories?.indexOf(value) ?? 0) + offset);
    const placed = points.map(({ value, score }): Point => [placeOf(value), Math.max(domain[0], score)]);
    return { kind: 'points', points: placed, colour: method, radius: 2.5, opacity: 0.55, role: method };
  });
  return {
    title: `k = ${k}`,
    description: cells.map(describeCell).join('; '),
    x: axisOf(
      label,
      scale,
      categories,
      all.flatMap(({ points }) => points.map(({ value }) => value)),
    ),
    y: {
      label: `covered variance${isMissing ? ' (log of what is missing)' : ''}`,
      domain,
      ...(isMissing && { scale: 'missing' }),
    },
    height: 260,
    marks,
  };
}

function describeCell({ method, k, points }: SliceData['cells'][number]): string {
  const best = points.reduce((a, b) => (b.score > a.score ? b : a));
  const value = typeof best.value === 'number' ? short(best.value) : best.value;
  return `${METHOD_STYLES[method].label} k = ${k}: best ${formatScore(best.score)} at ${value}`;
}

function axisOf(
  label: string,
  scale: SliceData['scale'],
  categories: SliceData['categories'],
  values: readonly (number | string)[],
): Axis {
  if (scale === 'category') {
    const ticks = (categories ?? []).map((name, at) => ({ at, label: name }));
    return { label, domain: [-0.6, ticks.length - 0.4], ticks };
  }
  const numbers = values.filter((value) => typeof value === 'number');
  const isLog = scale === 'log' && numbers.every((value) => value > 0);
  if (!isLog) return { label, domain: domainOf(numbers) };
  const [low, high] = domainOf(numbers.map(Math.log));
  return { label, domain: [Math.exp(low), Math.exp(high)], scale: 'log' };
}
