/** Units of a split: rows that no part separates, such as those of a group. */
import { NarrowsError } from '../errors.ts';
import { shuffle } from '../models/random.ts';
import { createDisjointSets } from './near-duplicates/disjoint-sets.ts';
import type { NearDuplicates } from './near-duplicates/near-duplicates.ts';

/** Rows that stay together, and the groups they belong to. */
export interface Unit {
  readonly rows: readonly number[];
  readonly names: readonly string[];
}

/** Returns the groups, or the single rows. */
export function listUnits(rows: number, groups: readonly string[] | null, by: 'random' | 'group'): Unit[] {
  if (by === 'group') return groupUnits(requireGroups(groups));
  return Array.from({ length: rows }, (_, row) => ({ rows: [row], names: [] }));
}

/** Returns the groups in the order of their first rows. */
export function groupUnits(groups: readonly string[]): Unit[] {
  const members = Map.groupBy(groups.keys(), (row) => groups[row] ?? '');
  return [...members].map(([name, rows]) => ({ rows, names: [name] }));
}

/** Merges units that contain near-duplicates of each other. */
export function mergeUnits(units: readonly Unit[], nearDuplicates: NearDuplicates): readonly Unit[] {
  if (nearDuplicates.length === 0) return units;
  const unitOfRow = new Map<number, number>();
  for (const [unit, { rows }] of units.entries()) for (const row of rows) unitOfRow.set(row, unit);
  const sets = createDisjointSets(units.length);
  for (const [row, other] of nearDuplicates) sets.union(unitOfRow.get(row) ?? 0, unitOfRow.get(other) ?? 0);
  const merged = Map.groupBy(units.entries(), ([unit]) => sets.find(unit));
  return [...merged.values()].map((members) => ({
    rows: members.flatMap(([, { rows }]) => rows),
    names: members.flatMap(([, { names }]) => names),
  }));
}

/** Sorts units by their first group's name, so that the order of rows does not matter. */
export const sortByName = (units: readonly Unit[]): Unit[] =>
  units
    .map((unit) => ({ unit, name: unit.names.toSorted()[0] ?? '' }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ unit }) => unit);

/** Number of random orders of assigning groups; more would rarely come closer to the shares. */
const ATTEMPTS = 32;

/** Smaller than a group: rounding must not choose between attempts. */
const MIN_IMPROVEMENT = 1e-9;

/**
 * Assigns units of these sizes to parts with these shares, in the best of some random orders.
 * Returns the units of each part; `attempts`: of single rows, one order is as good as another.
 */
export function assignUnits(
  sizes: readonly number[],
  strata: readonly (readonly number[])[],
  shares: readonly number[],
  { seed, address, attempts = ATTEMPTS }: { readonly seed: number; readonly address: string; readonly attempts?: number },
): readonly (readonly number[])[] {
  const total = strata.flat().reduce((sum, unit) => sum + (sizes[unit] ?? 0), 0);
  const relative = sizes.map((size) => size / total);
  const assign = (attempt: number) =>
    assignInOrder(relative, strata, shares, shuffle(Uint32Array.from(sizes.keys()), seed, address, attempt));
  let best = assign(0);
  for (let attempt = 1; attempt < attempts; attempt++) {
    const next = assign(attempt);
    if (next.distance < best.distance - MIN_IMPROVEMENT) best = next;
  }
  return best.parts;
}

/**
 * Assigns units in an order, each to the part that lacks most; a part that lacks some after one
 * stratum gets it from the next. `sizes`: the units' shares of all rows.
 */
function assignInOrder(
  sizes: readonly number[],
  strata: readonly (readonly number[])[],
  shares: readonly number[],
  order: Uint32Array,
): { readonly parts: number[][]; readonly distance: number } {
  const place = new Uint32Array(order.length);
  order.forEach((unit, i) => {
    place[unit] = i;
  });
  const parts: number[][] = shares.map(() => []);
  const all = [...parts.keys()];
  const lack = shares.map(() => 0);
  let left = strata.reduce((sum, stratum) => sum + stratum.length, 0);
  for (const stratum of strata) {
    const size = stratum.reduce((sum, unit) => sum + (sizes[unit] ?? 0), 0);
    for (const [part, share] of shares.entries()) lack[part] = (lack[part] as number) + share * size;
    for (const unit of stratum.toSorted((a, b) => (place[a] as number) - (place[b] as number))) {
      // The last units go to parts that would otherwise stay empty.
      const empty = left <= all.length ? all.filter((part) => parts[part]?.length === 0) : [];
      const open = left <= empty.length ? empty : all;
      const neediest = open.reduce((most, part) => ((lack[part] as number) > (lack[most] as number) ? part : most));
      parts[neediest]?.push(unit);
      lack[neediest] = (lack[neediest] as number) - (sizes[unit] ?? 0);
      left -= 1;
    }
  }
  return { parts, distance: Math.max(...lack.map(Math.abs)) };
}

/** Throws NarrowsError `spec-invalid` where there are no groups. */
export function requireGroups(groups: readonly string[] | null): readonly string[] {
  if (groups) return groups;
  throw new NarrowsError('spec-invalid', 'the dataset has no groups to split by', {
    path: 'split.by',
    fix: 'use "by: random", or name `groups` in dataset.yaml',
  });
}
