/** Who trains, who validates, who is kept out. */
import { NarrowsError } from '../infra/errors.ts';
import { SPLITS, type SplitName, type SplitRows } from '../models/axes.ts';
import { shuffle } from '../models/random.ts';

export interface Shares {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly seed: number;
  readonly by: 'random' | 'group';
}

/** Orders of dealing groups that are tried; more would rarely come closer. */
const ATTEMPTS = 32;

/**
 * Splits rows 0..rows-1. By group, all rows of a group stay on one side; of some drawn orders of dealing the groups, the one that comes closest to the
 * shares is taken. Groups of each value of a `series` are dealt over all parts, so that every value is trained and tested on where its groups are enough. The same
 * (rows or groups, series, shares, seed) give the same split, and by group the order of rows does not matter. Throws NarrowsError `spec-invalid` where a part stays
 * empty, or where there are no groups.
 */
export function splitRows(
  rows: number,
  shares: Shares,
  groups: readonly string[] | null,
  series: readonly string[] | null = null,
): SplitRows {
  const parts = shares.by === 'group' ? byGroup(requireGroups(groups), series, shares) : atRandom(rows, shares);
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

function atRandom(rows: number, shares: Shares): SplitRows {
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

function byGroup(groups: readonly string[], series: readonly string[] | null, shares: Shares): SplitRows {
  const members = new Map<string, number[]>();
  groups.forEach((group, row) => {
    const rows = members.get(group) ?? [];
    rows.push(row);
    members.set(group, rows);
  });
  // By name first, so that the order of rows does not decide.
  const names = [...members.keys()].sort();
  const sizes = names.map((name) => (members.get(name) as number[]).length / groups.length);
  const strata = strataOf(
    names.map((name) => members.get(name) as number[]),
    series,
  );
  let best = deal(sizes, strata, shares, 0);
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    const next = deal(sizes, strata, shares, attempt);
    if (next.distance < best.distance - TIE) best = next;
  }
  const side = (split: SplitName) =>
    Uint32Array.from(best.parts[split].flatMap((group) => members.get(names[group] as string) as number[])).sort();
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
function deal(sizes: readonly number[], strata: readonly (readonly number[])[], shares: Shares, attempt: number) {
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
