/** What tells two versions of a dataset apart. */
import { type ArrayStore, type DatasetDescription, descriptorColumns, loadList, loadMatrix } from './description.ts';
import { hashRows } from './near-duplicates/near-duplicates.ts';
import { type ColumnRange, columnRanges } from './summary.ts';

export interface DatasetDiff {
  /** Rows of the second that the first has not. */
  readonly added: number;
  /** Rows of the first that the second has not. */
  readonly removed: number;
  /** Among both: rows of one id with other content; null where a version names no ids. */
  readonly changed: number | null;
  readonly unchanged: number;
  readonly descriptors: readonly {
    readonly name: string;
    readonly unit: string;
    /** Smallest and largest, in the first and in the second. */
    readonly ranges: readonly [readonly [number, number], readonly [number, number]];
  }[];
}

/** Rows are compared by the content of X and of the targets that both versions have; descriptors by name. */
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
    for (const name of shared)
      arrays.push(await loadMatrix(store, (version.targets[name] as DatasetDescription['targets'][string]).y));
    return { x, content: hashRows(arrays), ids: version.ids && (await loadList(store, version.ids)) };
  };
  const [a, b] = [await rowsOf(first), await rowsOf(second)];
  const [ofA, ofB] = [new Set(a.content), new Set(b.content)];
  const gone = a.content.flatMap((content, row) => (ofB.has(content) ? [] : [row]));
  const come = b.content.flatMap((content, row) => (ofA.has(content) ? [] : [row]));
  const goneIds = new Set(a.ids ? gone.map((row) => a.ids?.[row]) : []);
  const changed = a.ids && b.ids ? come.filter((row) => goneIds.has(b.ids?.[row])).length : null;
  const others = descriptorColumns(second);
  const [ofFirst, ofSecond] = [columnRanges(a.x), columnRanges(b.x)];
  return {
    added: come.length - (changed ?? 0),
    removed: gone.length - (changed ?? 0),
    changed,
    unchanged: a.content.length - gone.length,
    descriptors: descriptorColumns(first).flatMap(({ name, unit }, column) => {
      const other = others.findIndex((one) => one.name === name);
      return other < 0
        ? []
        : [{ name, unit, ranges: [spanOf(ofFirst[column] as ColumnRange), spanOf(ofSecond[other] as ColumnRange)] as const }];
    }),
  };
}

const spanOf = ({ minimum, maximum }: ColumnRange): [number, number] => [minimum, maximum];
