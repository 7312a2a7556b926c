/** Slices through fields over three descriptors: lines of equal value. */
import { type Axis, placesWithin, valueAt } from '../models/interpretation/fields.ts';
import { type AxisIndex, contourRuns, levelsOf, planeAt, regionRings, sliceOf } from '../models/interpretation/slices.ts';
import type { Method } from '../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../text/methods.ts';
import type { Figure, LegendEntry, Mark, Panel, Table } from './model.ts';
import { measured, short, withUnit } from './numbers.ts';

export interface NamedAxis extends Axis {
  readonly name: string;
  readonly unit: string;
}

/** A scalar over three descriptors; NaN outside the convex region of the data. */
export interface NamedField {
  readonly name: string;
  readonly axes: readonly [NamedAxis, NamedAxis, NamedAxis];
  readonly values: Float32Array;
}

/** Lines of equal value on each slice. */
export const LEVELS = 9;

export const fieldLabel = (name: string): string =>
  name === 'sensitivity' ? 'sensitivity M' : `latent of ${METHOD_STYLES[name as Method]?.label ?? name}`;

const MEANING = {
  sensitivity:
    'M(x) = |dy/dx| of the full emulator, both sides standardised (our definition): how much the spectrum changes at a structure.',
  latent: 'All structures on a line have the same latent, hence the same decoded spectrum.',
} as const;

/** Describes slices through the named fields. */
export function slicesCaption(names: readonly string[]): string {
  const kinds = new Set(names.map((name) => (name === 'sensitivity' ? 'sensitivity' : 'latent')));
  const meanings = [...kinds].map((kind) => MEANING[kind]).join(' ');
  return `Slices over three descriptors: lines of equal value of the ${names.map(fieldLabel).join(', ')}; the higher, the stronger. ${meanings} Dashed: the edge of the convex region of the training structures, outside which nothing is known.`;
}

/** A row for each place within the data: where it is, and the value of each field. */
export function fieldTable(fields: readonly NamedField[]): Table {
  const [first] = fields;
  if (!first) return { head: [], rows: [] };
  return {
    head: [...first.axes.map(({ name, unit }) => withUnit(name, unit)), ...fields.map(({ name }) => fieldLabel(name))],
    rows: placesWithin(first).map(({ index, at }) => [...at, ...fields.map(({ values }) => values[index] ?? null)]),
  };
}

export interface SliceOptions {
  /** Values of the lines, rising. */
  readonly levels: readonly number[];
  /** A value whose line is drawn above the others. */
  readonly level?: number;
}

/** A slice at a value of one of the three axes (`fixed`), which `planeAt` rounds to the grid. */
export function slicePanel(field: NamedField, fixed: AxisIndex, at: number, { levels, level }: SliceOptions): Panel {
  const through = field.axes[fixed];
  const plane = planeAt(through, at);
  const slice = sliceOf(field, fixed, plane);
  const [a, b] = [field.axes[slice.axes[0]], field.axes[slice.axes[1]]];
  const where = `${through.name} = ${measured(valueAt(through, plane), through.unit)}`;
  const bold = level === undefined ? [] : contourRuns(slice, level);
  return {
    title: where,
    description: `${fieldLabel(field.name)}: slice at ${where}, ${a.name} against ${b.name}`,
    height: 290,
    x: { label: withUnit(a.name, a.unit), domain: [a.from, a.to], ticks: 5 },
    y: { label: withUnit(b.name, b.unit), domain: [b.from, b.to], ticks: 5 },
    marks: [
      { kind: 'line', runs: regionRings(slice), isClosed: true, fill: 'raised', colour: 'edge', width: 1, dash: '2 2' },
      ...levels.map(
        (value, i): Mark => ({
          kind: 'line',
          runs: contourRuns(slice, value),
          colour: levels.length > 1 ? i / (levels.length - 1) : 0.5,
          width: 1.75,
        }),
      ),
      ...(bold.length > 0 ? [{ kind: 'line', runs: bold, colour: 'eca', width: 3.5, role: 'level' } as const] : []),
    ],
  };
}

/** Three slices through each field, at the means of the descriptors. */
export function slicesFigure(fields: readonly NamedField[], means: readonly number[]): Figure {
  return {
    id: 'isosurfaces',
    title: `Isosurfaces: ${fields.map(({ name }) => fieldLabel(name)).join(', ')}`,
    caption: `${slicesCaption(fields.map(({ name }) => name))} Each slice is at the mean of the third descriptor.`,
    panels: fields.flatMap((field) => {
      const levels = levelsOf(field.values, LEVELS);
      return ([0, 1, 2] as const).map((fixed) => {
        const panel = slicePanel(field, fixed, means[fixed] ?? 0, { levels });
        return { ...panel, title: `${fieldLabel(field.name)}, ${panel.title}` };
      });
    }),
    legend: [fieldRamp(fields)],
    panelWidth: 350,
    table: () => fieldTable(fields),
  };
}

/** The scale of the lines: the values of one field, or low to high of several. */
function fieldRamp([first, ...others]: readonly NamedField[]): LegendEntry {
  const levels = first && others.length === 0 ? levelsOf(first.values, LEVELS).map((level) => short(level)) : [];
  const label = first && others.length === 0 ? fieldLabel(first.name) : 'value';
  return { kind: 'ramp', label, low: levels[0] ?? 'low', high: levels.at(-1) ?? 'high' };
}
