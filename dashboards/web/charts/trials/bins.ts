/** Counts of trials over an axis, all of them and those that are looked at. */
import { type Axis, assignBins } from '../../trials/axis.ts';

export interface Bin {
  /** Places on the axis. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly all: number;
  readonly selected: number;
}

export interface Binned {
  readonly bins: readonly Bin[];
  /** Without a value. */
  readonly none: { readonly all: number; readonly selected: number };
}

/** Words have a bin each, numbers `count` even ones. */
export function countBins(axis: Axis, count: number, mask: Uint8Array): Binned {
  const { categories, values } = axis.field;
  const size = categories ? categories.length : count;
  const all = new Uint32Array(size + 1);
  const selected = new Uint32Array(size + 1);
  const bins = categories ? null : assignBins(axis, size);
  for (let i = 0; i < mask.length; i++) {
    const value = values[i] as number;
    const at = bins ? (bins[i] as number) : Number.isNaN(value) ? size : value;
    all[at] = (all[at] as number) + 1;
    selected[at] = (selected[at] as number) + (mask[i] as number);
  }
  return {
    bins: Array.from({ length: size }, (_, i) => ({
      from: i / size,
      to: (i + 1) / size,
      text: categories
        ? (categories[i] as string)
        : `${axis.format(axis.valueAt(i / size))} to ${axis.format(axis.valueAt((i + 1) / size))}`,
      all: all[i] ?? 0,
      selected: selected[i] ?? 0,
    })),
    none: { all: all[size] ?? 0, selected: selected[size] ?? 0 },
  };
}
