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

/**
 * Splits rows 0..rows-1. By group, all rows of a group stay on one side, and groups are dealt so that the parts come as close to their shares as
 * whole groups allow. The same (rows or groups, shares, seed) give the same split. Throws NarrowsError `split-empty`, `groups-missing`.
 */
export function splitRows(rows: number, shares: Shares, groups: readonly string[] | null): SplitRows {
  const parts = shares.by === 'group' ? byGroup(requireGroups(groups), shares) : atRandom(rows, shares);
  for (const split of SPLITS) {
    if (parts[split].length > 0) continue;
    const of = shares.by === 'group' ? `${new Set(groups).size} groups` : `${rows} rows`;
    throw new NarrowsError('split-empty', `the split leaves ${split} empty: ${shares[split]} of ${of}`, {
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

function byGroup(groups: readonly string[], shares: Shares): SplitRows {
  const members = new Map<string, number[]>();
  groups.forEach((group, row) => {
    const rows = members.get(group) ?? [];
    rows.push(row);
    members.set(group, rows);
  });
  // By name first, so that the order of rows does not decide.
  const names = [...members.keys()].sort();
  const order = shuffle(Uint32Array.from(names.keys()), shares.seed, 'split');
  const dealt: Record<SplitName, number[]> = { train: [], validation: [], test: [] };
  for (const at of order) {
    const rows = members.get(names[at] as string) as number[];
    // To the part that lacks most of its share.
    const lack = (split: SplitName) => shares[split] - dealt[split].length / groups.length;
    const neediest = SPLITS.reduce((best, split) => (lack(split) > lack(best) ? split : best));
    dealt[neediest].push(...rows);
  }
  const sorted = (split: SplitName) => Uint32Array.from(dealt[split]).sort();
  return { train: sorted('train'), validation: sorted('validation'), test: sorted('test') };
}

function requireGroups(groups: readonly string[] | null): readonly string[] {
  if (groups) return groups;
  throw new NarrowsError('groups-missing', 'the dataset names no groups to split by', {
    path: 'split.by',
    fix: 'use "by: random", or name `groups` in dataset.yaml',
  });
}
