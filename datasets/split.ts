/** Who trains, who validates, who is kept out. */
import { NarrowsError } from '../errors.ts';
import { SPLITS, type SplitName, type SplitRows } from '../models/axes.ts';
import { shuffle, stream } from '../models/random.ts';
import { createDisjointSets } from './near-duplicates/disjoint-sets.ts';

export interface SplitSettings {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly seed: number;
  readonly by: 'random' | 'group';
}

/** Orders of dealing groups that are tried; more would rarely come closer. */
const ATTEMPTS = 32;

/**
 * Splits rows 0..rows-1. Rows that are tied to another one (pairs [row, the other]) are on its side. By group, all rows of a group stay on one side; of some
 * drawn orders of dealing the groups, the one that comes closest to the shares is taken. Groups of each value of a `series` are dealt over all parts, so that every value is trained and tested on where its groups are enough. The same
 * (rows or groups, series, shares, seed) give the same split, and by group the order of rows does not matter. Throws NarrowsError `spec-invalid` where a part stays
 * empty, or where there are no groups.
 */
export function splitRows(
  rows: number,
  shares: SplitSettings,
  groups: readonly string[] | null,
  series: readonly string[] | null = null,
  ties: ShardRows['nearDuplicates'] = [],
): SplitRows {
  const parts =
    shares.by === 'group'
      ? splitByGroup(mergeUnits(groupsOf(requireGroups(groups)), ties), series, shares)
      : followNearDuplicates(splitAtRandom(rows, shares), ties, rows);
  for (const split of SPLITS) {
    if (parts[split].length > 0) continue;
    const of = shares.by === 'group' ? `${new Set(groups).size} groups` : `${rows} rows`;
    throw new NarrowsError('spec-invalid', `the split leaves ${split} empty: ${shares[split]} of ${of}`, {
      path: `split.${split}`,
      fix: 'give it a larger share',
    });
  }
  return parts;
}

/** Rows that were added at once. */
export interface ShardRows {
  /** Addresses the draws of a shard that was appended. */
  readonly version: string;
  readonly rows: number;
  /** Of its rows. */
  readonly groups: readonly string[] | null;
  readonly series: readonly string[] | null;
  /** Pairs [own row, earlier row of the version]: structures that are, or nearly are, the same. */
  readonly nearDuplicates: readonly (readonly [number, number])[];
}

/**
 * Splits a version that grew: the first shard as splitRows does, and each later one by itself, so that rows stay on the side where they were and a hold-out stays one. A row
 * that is tied to an earlier one follows it; by group, so does its whole group, and a group that was there before. What is tied to more than one side is left out, since on either it
 * would tell of the other. Throws NarrowsError `spec-invalid` as splitRows does.
 */
export function splitShards(shards: readonly ShardRows[], shares: SplitSettings): SplitRows {
  const [first, ...appended] = shards as readonly [ShardRows, ...ShardRows[]];
  const start = splitRows(first.rows, shares, first.groups, first.series, first.nearDuplicates);
  if (appended.length === 0) return start;
  const sides = new Map<number, SplitName>();
  const place = (split: SplitName, row: number) => sides.set(row, split);
  for (const split of SPLITS) for (const row of start[split]) place(split, row);
  const sideOfGroup = new Map<string, SplitName>();
  const remember = (groups: readonly string[] | null, from: number) => {
    if (shares.by !== 'group') return;
    requireGroups(groups).forEach((group, row) => {
      const side = sides.get(from + row);
      if (side) sideOfGroup.set(group, side);
    });
  };
  remember(first.groups, 0);
  let from = first.rows;
  for (const shard of appended) {
    const earlier = new Map<number, number[]>();
    for (const [row, tied] of shard.nearDuplicates) earlier.set(row, [...(earlier.get(row) ?? []), tied]);
    const within = shard.nearDuplicates.flatMap(([row, tied]) => (tied < from ? [] : [[row, tied - from] as const]));
    const free: (readonly number[])[] = [];
    for (const { rows, names } of mergeUnits(unitsOf(shard, shares), within)) {
      const known = new Set<SplitName>();
      for (const name of names) {
        const side = sideOfGroup.get(name);
        if (side) known.add(side);
      }
      for (const row of rows) {
        for (const tied of earlier.get(row) ?? []) {
          const side = tied < from ? sides.get(tied) : undefined;
          if (side) known.add(side);
        }
      }
      const [side, other] = known;
      if (side === undefined) free.push(rows);
      else if (other === undefined) for (const row of rows) place(side, from + row);
    }
    assignAlongLine(free, shares, shard.version, (split, row) => place(split, from + row));
    remember(shard.groups, from);
    from += shard.rows;
  }
  const side = (split: SplitName) => Uint32Array.from([...sides].flatMap(([row, own]) => (own === split ? [row] : []))).sort();
  return { train: side('train'), validation: side('validation'), test: side('test') };
}

interface Unit {
  readonly rows: readonly number[];
  readonly names: readonly string[];
}

/** What stays together within a shard: rows of a group, or single rows. */
function unitsOf({ rows, groups }: ShardRows, { by }: SplitSettings): Unit[] {
  if (by === 'group') return groupsOf(requireGroups(groups));
  return Array.from({ length: rows }, (_, row) => ({ rows: [row], names: [] }));
}

/** In the order in which they begin. */
function groupsOf(groups: readonly string[]): Unit[] {
  const members = new Map<string, number[]>();
  groups.forEach((group, row) => {
    const rows = members.get(group) ?? [];
    rows.push(row);
    members.set(group, rows);
  });
  return [...members].map(([name, rows]) => ({ rows, names: [name] }));
}

/** Units with rows that are tied to one another become one. */
function mergeUnits(units: readonly Unit[], ties: ShardRows['nearDuplicates']): readonly Unit[] {
  if (ties.length === 0) return units;
  const unitOfRow = new Map<number, number>();
  units.forEach(({ rows }, unit) => {
    for (const row of rows) unitOfRow.set(row, unit);
  });
  const { find: root, union: join } = createDisjointSets(units.length);
  for (const [row, tied] of ties) join(unitOfRow.get(row) as number, unitOfRow.get(tied) as number);
  const joined = new Map<number, { rows: number[]; names: string[] }>();
  units.forEach(({ rows, names }, unit) => {
    const own = joined.get(root(unit)) ?? { rows: [], names: [] };
    for (const row of rows) own.rows.push(row);
    own.names.push(...names);
    joined.set(root(unit), own);
  });
  return [...joined.values()];
}

/**
 * Units in a drawn order along a line from 0 to 1, begun at a drawn place: each part gets its share to within a unit, and over many small shards as well, where rounding would give
 * every single row to the same part.
 */
function assignAlongLine(
  units: readonly (readonly number[])[],
  shares: SplitSettings,
  version: string,
  place: (split: SplitName, row: number) => void,
): void {
  const total = units.reduce((sum, rows) => sum + rows.length, 0);
  const order = shuffle(Uint32Array.from(units.keys()), shares.seed, `split ${version}`);
  const offset = stream(shares.seed, `split ${version} offset`).uniform();
  let before = 0;
  for (const unit of order) {
    const rows = units[unit] as readonly number[];
    const at = (before + offset * rows.length) / total;
    const split = at < shares.train ? 'train' : at < shares.train + shares.validation ? 'validation' : 'test';
    for (const row of rows) place(split, row);
    before += rows.length;
  }
}

function splitAtRandom(rows: number, shares: SplitSettings): SplitRows {
  const order = shuffle(
    Uint32Array.from({ length: rows }, (_, row) => row),
    shares.seed,
    'split',
  );
  const train = Math.round(shares.train * rows);
  const validation = Math.round(shares.validation * rows);
  return {
    train: order.slice(0, train).sort(),
    validation: order.slice(train, train + validation).sort(),
    test: order.slice(train + validation).sort(),
  };
}

/** Rows that are tied to one another go where the first of them is. */
function followNearDuplicates(parts: SplitRows, ties: ShardRows['nearDuplicates'], rows: number): SplitRows {
  if (ties.length === 0) return parts;
  const { find: root, union: join } = createDisjointSets(rows);
  for (const [row, tied] of ties) join(row, tied);
  const sides: SplitName[] = Array(rows);
  for (const split of SPLITS) for (const row of parts[split]) sides[row] = split;
  const side = (split: SplitName) => Uint32Array.from(sides.keys()).filter((row) => sides[root(row)] === split);
  return { train: side('train'), validation: side('validation'), test: side('test') };
}

function splitByGroup(groups: readonly Unit[], series: readonly string[] | null, shares: SplitSettings): SplitRows {
  // By name first, so that the order of rows does not decide.
  const members = groups
    .map(({ rows, names }) => ({ rows, name: names.toSorted()[0] as string }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const total = members.reduce((sum, { rows }) => sum + rows.length, 0);
  const sizes = members.map(({ rows }) => rows.length / total);
  const strata = strataOf(
    members.map(({ rows }) => rows),
    series,
  );
  let best = assignGroups(sizes, strata, shares, 0);
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    const next = assignGroups(sizes, strata, shares, attempt);
    if (next.distance < best.distance - TIE) best = next;
  }
  const side = (split: SplitName) =>
    Uint32Array.from(best.parts[split].flatMap((group) => (members[group] as { rows: readonly number[] }).rows)).sort();
  return { train: side('train'), validation: side('validation'), test: side('test') };
}

/** Below the size of a group: rounding does not choose between attempts. */
const TIE = 1e-9;

/** Numbers of groups by the value of the series that all their rows share; all together where a group has several values, or there is no series. */
function strataOf(members: readonly (readonly number[])[], series: readonly string[] | null): number[][] {
  const all = [...members.keys()];
  if (series === null) return [all];
  const strata = new Map<string, number[]>();
  for (const [group, rows] of members.entries()) {
    const values = new Set(rows.map((row) => series[row] as string));
    if (values.size > 1) return [all];
    const [value] = values as Iterable<string> as [string];
    strata.set(value, [...(strata.get(value) ?? []), group]);
  }
  return [...strata.keys()].sort().map((value) => strata.get(value) as number[]);
}

/**
 * Deals groups in a drawn order, each to the part that lacks most; what a part of one stratum lacks in the end it gets from the next. `sizes`: the groups' shares of
 * all rows.
 */
function assignGroups(sizes: readonly number[], strata: readonly (readonly number[])[], shares: SplitSettings, attempt: number) {
  const order = shuffle(Uint32Array.from(sizes.keys()), shares.seed, 'split', attempt);
  const parts: Record<SplitName, number[]> = { train: [], validation: [], test: [] };
  const lack = { train: 0, validation: 0, test: 0 };
  let dealt = 0;
  for (const stratum of strata) {
    const members = new Set(stratum);
    const size = stratum.reduce((sum, group) => sum + (sizes[group] as number), 0);
    for (const split of SPLITS) lack[split] += shares[split] * size;
    for (const group of order) {
      if (!members.has(group)) continue;
      const empty = SPLITS.filter((split) => parts[split].length === 0);
      // The last groups go to parts that would else stay empty.
      const open = sizes.length - dealt <= empty.length ? empty : SPLITS;
      const neediest = open.reduce((most, split) => (lack[split] > lack[most] ? split : most));
      parts[neediest].push(group);
      lack[neediest] -= sizes[group] as number;
      dealt += 1;
    }
  }
  return { parts, distance: Math.max(...SPLITS.map((split) => Math.abs(lack[split]))) };
}

function requireGroups(groups: readonly string[] | null): readonly string[] {
  if (groups) return groups;
  throw new NarrowsError('spec-invalid', 'the dataset names no groups to split by', {
    path: 'split.by',
    fix: 'use "by: random", or name `groups` in dataset.yaml',
  });
}
