/** Compares two versions of a dataset. */
import { type ArrayStore, type DatasetDescription, descriptorColumns, loadList, loadMatrix } from './description.ts';
import { hashRows } from './near-duplicates/near-duplicates.ts';
import { type ColumnRange, columnRanges } from './summary.ts';

export interface DatasetDiff {
  /** Rows only in the second version. */
  readonly added: number;
  /** Rows only in the first version. */
  readonly removed: number;
  /** Rows with the same id and other content; null where a version has no ids. */
  readonly changed: number | null;
  readonly unchanged: number;
  readonly descriptors: readonly {
    readonly name: string;
    readonly unit: string;
    /** Minimum and maximum in the first and in the second version. */
    readonly ranges: readonly [readonly [number, number], readonly [number, number]];
  }[];
}

/** Compares rows by X and the targets that both versions have, and descriptors by name. */
export async function diffVersions(
  store: ArrayStore,
  first: DatasetDescription,
  second: DatasetDescription,
): Promise<DatasetDiff> {
  const shared = Object.keys(first.targets)
    .filter((name) => Object.hasOwn(second.targets, name))
    .sort();
  const rowsOf = async (version: DatasetDescription) => {
    const x = await loadMatrix(store, version.x);
    const arrays = [x];
    for (const name of shared) {
      const target = version.targets[name];
      if (target) arrays.push(await loadMatrix(store, target.y));
    }
    return { x, content: hashRows(arrays), ids: version.ids && (await loadList(store, version.ids)) };
  };
  const [a, b] = [await rowsOf(first), await rowsOf(second)];
  const [inA, inB] = [new Set(a.content), new Set(b.content)];
  const removed = a.content.flatMap((content, row) => (inB.has(content) ? [] : [row]));
  const added = b.content.flatMap((content, row) => (inA.has(content) ? [] : [row]));
  const removedIds = new Set(a.ids ? removed.map((row) => a.ids?.[row]) : []);
  const changed = a.ids && b.ids ? added.filter((row) => removedIds.has(b.ids?.[row])).length : null;
  const others = descriptorColumns(second);
  const [ofFirst, ofSecond] = [columnRanges(a.x), columnRanges(b.x)];
  return {
    added: added.length - (changed ?? 0),
    removed: removed.length - (changed ?? 0),
    changed,
    unchanged: a.content.length - removed.length,
    descriptors: descriptorColumns(first).flatMap(({ name, unit }, column) => {
      const before = ofFirst[column];
      const after = ofSecond[others.findIndex((other) => other.name === name)];
      return before && after ? [{ name, unit, ranges: [limitsOf(before), limitsOf(after)] as const }] : [];
    }),
  };
}

const limitsOf = ({ minimum, maximum }: ColumnRange): [number, number] => [minimum, maximum];
