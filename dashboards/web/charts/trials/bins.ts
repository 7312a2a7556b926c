/** Counts of trials over an axis, all of them and those that are looked at. */
import { increment } from '../../../../models/vectors.ts';
import { type Axis, assignBins } from '../../trials/axis.ts';

/** Numbers of trials. */
export interface Counted {
  readonly all: number;
  readonly selected: number;
}

export interface Binned {
  /** `from`, `to`: places on the axis. */
  readonly bins: readonly (Counted & { readonly from: number; readonly to: number; readonly text: string })[];
  /** Without a value. */
  readonly none: Counted;
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
    increment(all, at, 1);
    increment(selected, at, mask[i] as number);
  }
  const counted = (bin: number): Counted => ({ all: all[bin] ?? 0, selected: selected[bin] ?? 0 });
  const textAt = (place: number) => axis.format(axis.valueAt(place));
  return {
    bins: Array.from({ length: size }, (_, i) => {
      const [from, to] = [i / size, (i + 1) / size];
      return { from, to, text: categories?.[i] ?? `${textAt(from)} to ${textAt(to)}`, ...counted(i) };
    }),
    none: counted(size),
  };
}
