/** Folds: every row is tested in one of them, and trained on or validated in the others. */
import { NarrowsError } from '../errors.ts';
import type { SplitRows } from '../models/axes.ts';
import { shuffle } from '../models/random.ts';
import { collectParts, type ShardRows, type SplitSettings } from './split.ts';
import { assignUnits, listUnits, mergeUnits, sortByName, type Unit } from './split-units.ts';

/** The settings of a split into folds. */
export type FoldSettings = SplitSettings & { readonly folds: number };

/**
 * Splits the rows of a version for one fold, 0 <= fold < folds: the fold's rows are tested, and the
 * others divided into training and validation in the proportion of their shares. Groups (by group)
 * and near-duplicates stay whole, and each value of a `series` is in every fold as equally as its
 * units allow. All shards are divided anew. Equal arguments give equal splits. Throws NarrowsError
 * `spec-invalid` where a part is empty, or there are no groups.
 */
export function splitFold(shards: readonly ShardRows[], settings: FoldSettings, fold: number): SplitRows {
  const { seed, by, folds, train, validation } = settings;
  const { rows, groups, series, nearDuplicates } = joinShards(shards);
  const listed = mergeUnits(listUnits(rows, groups, by), nearDuplicates);
  const units = by === 'group' ? sortByName(listed) : listed;
  const sizes = units.map((unit) => unit.rows.length);
  const strata = listStrata(units, series);
  const foldOf = assignFolds(sizes, strata, folds, seed);
  const rest = strata.map((stratum) => stratum.filter((unit) => foldOf[unit] !== fold)).filter(({ length }) => length > 0);
  if (rest.flat().length < 2 || new Set(foldOf).size < folds) {
    throw new NarrowsError('spec-invalid', `${units.length} ${by === 'group' ? 'groups' : 'rows'} do not fill ${folds} folds`, {
      path: 'split.folds',
      fix: units.length < 3 ? 'split by rows, or use more of them' : `use 3 to ${units.length} folds`,
    });
  }
  const shares = [train / (train + validation), validation / (train + validation)];
  const draws = { seed, address: `fold ${fold} of ${folds}`, ...(by === 'random' && { attempts: 1 }) };
  const [trained = [], validated = []] = assignUnits(sizes, rest, shares, draws);
  const rowsOf = (members: readonly number[]) => members.flatMap((unit) => units[unit]?.rows ?? []);
  const parts = { train: trained, validation: validated, test: [...units.keys()].filter((unit) => foldOf[unit] === fold) };
  return collectParts((split) => rowsOf(parts[split]));
}

/** Joins shards into one; pairs of near-duplicates get their rows' numbers in the version. */
export function joinShards(shards: readonly ShardRows[]): Omit<ShardRows, 'version'> {
  const join = (listOf: (shard: ShardRows) => readonly string[] | null) =>
    shards.every((shard) => listOf(shard) !== null) ? shards.flatMap((shard) => listOf(shard) ?? []) : null;
  let rows = 0;
  const nearDuplicates = shards.flatMap((shard) => {
    const from = rows;
    rows += shard.rows;
    return shard.nearDuplicates.map(([row, earlier]) => [from + row, earlier] as const);
  });
  return { rows, groups: join(({ groups }) => groups), series: join(({ series }) => series), nearDuplicates };
}

/** Returns units by the value of the series; those of several values are strata of their own. */
export function listStrata(units: readonly Unit[], series: readonly string[] | null): number[][] {
  if (series === null) return [[...units.keys()]];
  const valuesOf = ({ rows }: Unit) => JSON.stringify([...new Set(rows.map((row) => series[row] ?? ''))].sort());
  const strata = Map.groupBy(units.keys(), (unit) => valuesOf(units[unit] as Unit));
  return [...strata].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, members]) => members);
}

/**
 * Returns the fold of each unit. Stratum by stratum, units go to the fold with the fewest rows of
 * the stratum, then the fewest in all, larger units first, else at random.
 */
function assignFolds(sizes: readonly number[], strata: readonly (readonly number[])[], folds: number, seed: number): number[] {
  const foldOf: number[] = Array(sizes.length);
  const totals: number[] = Array(folds).fill(0);
  for (const [number, stratum] of strata.entries()) {
    const order = [...shuffle(Uint32Array.from(stratum), seed, `units of ${folds} folds`, number)];
    const ties = [...shuffle(Uint32Array.from(totals.keys()), seed, `${folds} folds`, number)];
    const loads = ties.map((fold) => ({ fold, own: 0, total: totals[fold] ?? 0 }));
    for (const unit of order.sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0))) {
      const least = loads.reduce((a, b) => ((b.own - a.own || b.total - a.total) < 0 ? b : a));
      foldOf[unit] = least.fold;
      least.own += sizes[unit] ?? 0;
      least.total += sizes[unit] ?? 0;
    }
    for (const { fold, total } of loads) totals[fold] = total;
  }
  return foldOf;
}
