/** The selected trials: those that pass the filter and every brush, or the best n of them. */
import { countKept, gather, narrow, rowsOf } from '../../../search/columns/column.ts';
import type { Test } from '../../../search/columns/where.ts';
import type { Field, TrialTable } from './table.ts';

/** Passes a range of numbers (ends included), categories, and perhaps rows without a value. */
export interface Brush {
  readonly range: readonly [number, number] | null;
  readonly categories: readonly string[] | null;
  readonly none: boolean;
}

export type Brushes = ReadonlyMap<string, Brush>;

/** Narrows a mask (1 = selected) by the filter in the page's address. */
export type Filter = (table: TrialTable, mask: Uint8Array) => void;

export interface Selection {
  /** [rows], 1 = selected. */
  readonly mask: Uint8Array<ArrayBuffer>;
  readonly count: number;
  /** Trials that could be selected: all that are not left out. */
  readonly outOf: number;
  /** Nothing narrows the selection. */
  readonly isEverything: boolean;
}

/** Formats brushes for an address: `validation:0.9~0.99;method:eca|nnca;seconds:none`. */
export function formatBrushes(brushes: Brushes): string {
  return [...brushes]
    .map(([name, { range, categories, none }]) => {
      const parts = [...(range ? [`${range[0]}~${range[1]}`] : []), ...(categories ?? []), ...(none ? ['none'] : [])];
      return `${name}:${parts.join('|')}`;
    })
    .join(';');
}

/** Parses the brushes of an address; invalid parts, such as an unknown column, become `faults`. */
export function parseBrushes(text: string, table: TrialTable): { brushes: Brushes; faults: readonly string[] } {
  const brushes = new Map<string, Brush>();
  const faults: string[] = [];
  for (const part of text.split(';').filter((one) => one !== '')) {
    const colon = part.indexOf(':');
    const field = table.fields.get(part.slice(0, colon));
    const brush = field && colon > 0 ? parseBrush(part.slice(colon + 1), field) : null;
    if (brush) brushes.set((field as Field).name, brush);
    else faults.push(part);
  }
  return { brushes, faults };
}

function parseBrush(text: string, field: Field): Brush | null {
  let range: [number, number] | null = null;
  let none = false;
  const categories: string[] = [];
  for (const part of text.split('|')) {
    if (part === 'none') none = true;
    else if (field.categories) {
      if (!field.categories.includes(part)) return null;
      categories.push(part);
    } else {
      const ends = part.split('~').map((end) => (end === '' ? Number.NaN : Number(end)));
      const [low, high] = ends as [number, number];
      if (ends.length !== 2 || !(low <= high) || range) return null;
      range = [low, high];
    }
  }
  return { range, categories: categories.length > 0 ? categories : null, none };
}

/** Returns the brushes with this one set, or removed (null). */
export function setBrush(brushes: Brushes, name: string, brush: Brush | null): Brushes {
  const next = new Map(brushes);
  if (brush && (brush.range || brush.categories || brush.none)) next.set(name, brush);
  else next.delete(name);
  return next;
}

/** Adds or removes a category, or "no value" (null). Returns null where all values pass again. */
export function toggleCategory(brush: Brush | undefined, field: Field, category: string | null): Brush | null {
  const chosen = new Set(brush?.categories ?? []);
  let none = brush?.none ?? false;
  if (category === null) none = !none;
  else if (!chosen.delete(category)) chosen.add(category);
  if (field.categories && chosen.size === field.categories.length && (none || field.missing === 0)) return null;
  return { range: brush?.range ?? null, categories: chosen.size > 0 ? [...chosen] : null, none };
}

function compileBrush({ range, categories, none }: Brush): Test {
  const [low, high] = range ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return (value) => {
    if (typeof value === 'number') return value >= low && value <= high;
    return value === null ? none : (categories?.includes(value) ?? false);
  };
}

/**
 * Selects trials that pass; of those, the `top` best by covered variance, ties in plan order.
 * `leftOut`: 1 for trials that are not trained, and never selected.
 */
export function selectTrials(
  table: TrialTable,
  brushes: Brushes,
  filter: Filter | null,
  top: number | null,
  leftOut: Uint8Array | null = null,
): Selection {
  const mask = new Uint8Array(table.rows).fill(1);
  if (leftOut !== null) for (let row = 0; row < mask.length; row++) mask[row] = 1 - (leftOut[row] ?? 0);
  const outOf = leftOut === null ? table.rows : countKept(mask);
  filter?.(table, mask);
  for (const [name, brush] of brushes) {
    const field = table.fields.get(name);
    if (field) narrow(mask, field, compileBrush(brush));
  }
  if (top !== null) keepBest(table.fields.get('validation') as Field, mask, top);
  return { mask, count: countKept(mask), outOf, isEverything: !filter && brushes.size === 0 && top === null };
}

function keepBest(field: Field, mask: Uint8Array, top: number): void {
  narrow(mask, field, (value) => value !== null);
  const rows = rowsOf(mask);
  const scores = gather(field, rows, new Float64Array(rows.length)).sort();
  const least = scores.at(-top);
  if (rows.length <= top || least === undefined) return;
  // Of those that tie with the last of the best, as many as there is room for.
  let room = scores.lastIndexOf(least) + 1 + top - rows.length;
  for (const row of rows) {
    const value = field.values[row] ?? Number.NaN;
    if (value > least) continue;
    if (value === least && room > 0) room--;
    else mask[row] = 0;
  }
}
