/** Splits the rows of a dataset into train, validation and test. */
import { NarrowsError } from '../errors.ts';
import { SPLITS, type SplitName, type SplitRows } from '../models/axes.ts';
import { shuffle, stream } from '../models/random.ts';
import { createDisjointSets } from './near-duplicates/disjoint-sets.ts';
import type { NearDuplicates } from './near-duplicates/near-duplicates.ts';
import { assignUnits, groupUnits, listUnits, mergeUnits, requireGroups, sortByName, type Unit } from './split-units.ts';

export interface SplitSettings {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly seed: number;
  readonly by: 'random' | 'group';
  /** Number of partitions drawn independently of each other; absent: one. */
  readonly repeats?: number;
  /** Number of partitions that each test another part of the rows; absent: none. */
  readonly folds?: number;
}

/** Name of the random draws of a partition; the first draws as a split without repeats. */
export const repeatAddress = (partition: number): string => (partition === 0 ? 'split' : `split, repeat ${partition}`);

/**
 * Splits rows. Near-duplicates, pairs [row, earlier row], stay in one part; by group, so do the
 * rows of a group, in the best of some random orders of assignment, with the groups of each value
 * of a `series` in all parts. Equal arguments give equal splits, by group in any order of rows.
 * Throws NarrowsError `spec-invalid` where a part is empty, or there are no groups.
 */
export function splitRows(
  rows: number,
  settings: SplitSettings,
  groups: readonly string[] | null,
  series: readonly string[] | null = null,
  nearDuplicates: NearDuplicates = [],
  address: string = repeatAddress(0),
): SplitRows {
  const parts =
    settings.by === 'group'
      ? splitByGroup(mergeUnits(groupUnits(requireGroups(groups)), nearDuplicates), series, settings, address)
      : followNearDuplicates(splitAtRandom(rows, settings, address), nearDuplicates, rows);
  for (const split of SPLITS) {
    if (parts[split].length > 0) continue;
    const total = settings.by === 'group' ? `${new Set(groups).size} groups` : `${rows} rows`;
    throw new NarrowsError('spec-invalid', `the split leaves ${split} empty: ${settings[split]} of ${total}`, {
      path: `split.${split}`,
      fix: 'give it a larger share',
    });
  }
  return parts;
}

/** Rows that were added together. */
export interface ShardRows {
  /** Part of the address of the random draws of an appended shard. */
  readonly version: string;
  readonly rows: number;
  /** One entry per row. */
  readonly groups: readonly string[] | null;
  readonly series: readonly string[] | null;
  /** Pairs [own row, earlier row of the version]. */
  readonly nearDuplicates: NearDuplicates;
}

/**
 * Splits a version that grew: each shard after the first separately, so that rows stay in their
 * part. A near-duplicate follows the earlier row, by group with its whole group, and an existing
 * group stays where it is. Rows that would follow into several parts are left out, since in each
 * they would leak information about another. `address`: repeatAddress of a partition.
 */
export function splitShards(
  shards: readonly ShardRows[],
  settings: SplitSettings,
  address: string = repeatAddress(0),
): SplitRows {
  const [first, ...appended] = shards as readonly [ShardRows, ...ShardRows[]];
  const start = splitRows(first.rows, settings, first.groups, first.series, first.nearDuplicates, address);
  if (appended.length === 0) return start;
  const parts = new Map<number, SplitName>();
  for (const split of SPLITS) for (const row of start[split]) parts.set(row, split);
  const partOfGroup = new Map<string, SplitName>();
  const recordGroups = (groups: readonly string[] | null, from: number) => {
    if (settings.by !== 'group') return;
    for (const [row, group] of requireGroups(groups).entries()) {
      const part = parts.get(from + row);
      if (part) partOfGroup.set(group, part);
    }
  };
  recordGroups(first.groups, 0);
  let from = first.rows;
  for (const shard of appended) {
    const { earlier = [], own = [] } = Object.groupBy(shard.nearDuplicates, ([, other]) => (other < from ? 'earlier' : 'own'));
    const earlierOf = Map.groupBy(earlier, ([row]) => row);
    const within = own.map(([row, other]) => [row, other - from] as const);
    const free: (readonly number[])[] = [];
    for (const { rows, names } of mergeUnits(listUnits(shard.rows, shard.groups, settings.by), within)) {
      const followed = new Set([
        ...names.map((name) => partOfGroup.get(name)),
        ...rows.flatMap((row) => (earlierOf.get(row) ?? []).map(([, other]) => parts.get(other))),
      ]);
      followed.delete(undefined);
      const [part] = followed;
      if (part === undefined) free.push(rows);
      else if (followed.size === 1) for (const row of rows) parts.set(from + row, part);
    }
    assignAlongLine(free, settings, `${address} ${shard.version}`, (split, row) => parts.set(from + row, split));
    recordGroups(shard.groups, from);
    from += shard.rows;
  }
  return collectParts((split) => [...parts].flatMap(([row, part]) => (part === split ? [row] : [])));
}

/** Returns the rows of each part in ascending order. */
export function collectParts(rowsOf: (split: SplitName) => Iterable<number>): SplitRows {
  const collect = (split: SplitName) => Uint32Array.from(rowsOf(split)).sort();
  return { train: collect('train'), validation: collect('validation'), test: collect('test') };
}

/**
 * Assigns units in a random order along a line from 0 to 1, from a random start: parts get their
 * shares to within one unit, also over many shards of one row each.
 */
function assignAlongLine(
  units: readonly (readonly number[])[],
  settings: SplitSettings,
  address: string,
  assign: (split: SplitName, row: number) => void,
): void {
  const total = units.reduce((sum, rows) => sum + rows.length, 0);
  const order = shuffle(Uint32Array.from(units.keys()), settings.seed, address);
  const offset = stream(settings.seed, `${address} offset`).uniform();
  let before = 0;
  for (const unit of order) {
    const rows = units[unit] ?? [];
    const position = (before + offset * rows.length) / total;
    const split = position < settings.train ? 'train' : position < settings.train + settings.validation ? 'validation' : 'test';
    for (const row of rows) assign(split, row);
    before += rows.length;
  }
}

function splitAtRandom(rows: number, settings: SplitSettings, address: string): SplitRows {
  const order = shuffle(Uint32Array.from(Array(rows).keys()), settings.seed, address);
  const train = Math.round(settings.train * rows);
  const end = train + Math.round(settings.validation * rows);
  const parts = { train: order.slice(0, train), validation: order.slice(train, end), test: order.slice(end) };
  return collectParts((split) => parts[split]);
}

/** Moves near-duplicates to the part of the first row of their group. */
function followNearDuplicates(parts: SplitRows, nearDuplicates: NearDuplicates, rows: number): SplitRows {
  if (nearDuplicates.length === 0) return parts;
  const sets = createDisjointSets(rows);
  for (const [row, other] of nearDuplicates) sets.union(row, other);
  const partOfRow: SplitName[] = Array(rows);
  for (const split of SPLITS) for (const row of parts[split]) partOfRow[row] = split;
  return collectParts((split) => Uint32Array.from(partOfRow.keys()).filter((row) => partOfRow[sets.find(row)] === split));
}

function splitByGroup(
  groups: readonly Unit[],
  series: readonly string[] | null,
  settings: SplitSettings,
  address: string,
): SplitRows {
  const members = sortByName(groups);
  const sizes = members.map(({ rows }) => rows.length);
  const shares = SPLITS.map((split) => settings[split]);
  const parts = assignUnits(sizes, groupStrata(members, series), shares, { seed: settings.seed, address });
  return collectParts((split) => (parts[SPLITS.indexOf(split)] ?? []).flatMap((group) => members[group]?.rows ?? []));
}

/** Returns groups by the series value of their rows; all in one if any group has several values. */
function groupStrata(members: readonly Pick<Unit, 'rows'>[], series: readonly string[] | null): number[][] {
  const all = [...members.keys()];
  const values = members.map(({ rows }) => [...new Set(rows.map((row) => series?.[row] ?? ''))]);
  if (values.some(({ length }) => length > 1)) return [all];
  const strata = Map.groupBy(all, (group) => values[group]?.[0] ?? '');
  return [...strata].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, groups]) => groups);
}
