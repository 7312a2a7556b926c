/** Appends the new rows of a checked folder to a version: they become a version after it. */
import { NarrowsError } from '../../errors.ts';
import { type Matrix, pickRows } from '../../models/axes.ts';
import { canonicalJson } from '../../models/canonical-json.ts';
import { sha256Of } from '../../platform.ts';
import {
  type AppendedDescription,
  type ArrayStore,
  type DatasetDescription,
  descriptorColumns,
  findSpectraTarget,
  type JoinedArray,
  loadList,
  loadMatrix,
  type StoredArray,
  storeBytes,
  storeJson,
} from '../description.ts';
import { findOtherDescriptors, findOtherTarget, type RecipeDifference } from '../recipes.ts';
import type { CheckedDataset } from './check.ts';
import { findMisplaced } from './column-names.ts';
import { findNewRowsInThread, type RowArrays } from './new-rows.ts';
import { readList, readMatrix, type SpooledList } from './spool.ts';
import type { CheckedTarget } from './targets.ts';

export interface Appended {
  /** 64 hexadecimal characters; the version of the parent where the folder adds nothing. */
  readonly version: string;
  /** null where the folder adds nothing. */
  readonly description: AppendedDescription | null;
  readonly added: number;
  /** Rows that the version already had. */
  readonly duplicates: number;
  /** Added rows that are near-duplicates of others. */
  readonly tied: number;
  /** Added rows whose id the version already has: the earlier content stays as well. */
  readonly changed: number;
}

/**
 * Stores the new rows; the caller writes the version. Throws NarrowsError `shard-differs`, or the
 * reason of an aborted signal.
 */
export async function appendRows(
  parent: DatasetDescription & { readonly version: string },
  shard: CheckedDataset,
  store: ArrayStore,
  signal?: AbortSignal,
): Promise<Appended> {
  requireSameForm(parent, shard);
  const targetNames = Object.keys(parent.targets);
  const known: RowArrays = [await loadMatrix(store, parent.x)];
  const shardRows: RowArrays = [await readMatrix(shard.x)];
  for (const name of targetNames) {
    known.push(await loadMatrix(store, (parent.targets[name] as { y: JoinedArray }).y));
    shardRows.push(await readMatrix((shard.targets[name] as CheckedTarget).y));
  }
  const { own, added, pairs, varying } = await findNewRowsInThread({ known, own: shardRows }, signal);
  const duplicates = own[0].rows - added.length;
  const readAdded = async (list: SpooledList | null): Promise<string[] | null> => {
    const all = list && (await readList(list));
    return all && Array.from(added, (row) => all[row] ?? '');
  };
  const ids = await readAdded(shard.ids);
  const knownIds = new Set(parent.ids && (await loadList(store, parent.ids)));
  const changed = ids?.filter((id) => knownIds.has(id)).length ?? 0;
  if (added.length === 0) return { version: parent.version, description: null, added: 0, duplicates, tied: 0, changed };

  const [x, ...y] = own.map((array) => pickRows(array, added)) as RowArrays;
  const groups = await readAdded(shard.groups);
  const series = await readAdded(shard.series);
  const targets: Record<string, { y: StoredArray }> = {};
  for (const [i, name] of targetNames.entries()) targets[name] = { y: await storeArray(store, y[i] as Matrix) };
  const description: AppendedDescription = {
    rows: added.length,
    varying,
    x: await storeArray(store, x),
    targets,
    groups: groups && {
      sha256: await storeJson(store, groups),
      count: new Set([...(await loadList(store, parent.groups?.parts ?? [])), ...groups]).size,
    },
    ids: ids && (await storeJson(store, ids)),
    series: series && (await storeJson(store, series)),
    ...(shard.structures && { structures: shard.structures }),
    files: shard.files,
    folder: shard.folder,
    manifestSha256: sha256Of(canonicalJson(shard.manifest)),
    ties: pairs.length > 0 ? await storeJson(store, pairs) : null,
    duplicates,
  };
  // Parent and folder determine which rows are new, and therefore the version.
  const version = sha256Of(`${parent.version} + ${shard.version}`);
  const tied = new Set(pairs.map(([row]) => row)).size;
  return { version, description, added: added.length, duplicates, tied, changed };
}

/** Throws NarrowsError `shard-differs` at the first difference of descriptors, targets or lists. */
function requireSameForm(parent: DatasetDescription, shard: CheckedDataset): void {
  const requireSame = (isSame: boolean, path: string, difference: () => string): void => {
    if (isSame) return;
    throw new NarrowsError('shard-differs', `${shard.folder} cannot be appended to ${parent.manifest.name}: ${difference()}`, {
      path,
      fix: 'bring the rows into the form of the dataset, or import them as a separate dataset',
    });
  };
  const [before, now] = [descriptorColumns(parent), shard.columns];
  requireSame(before.length === now.length, 'descriptors', () => `it has ${now.length} descriptors, not ${before.length}`);
  for (const [i, { name, unit }] of before.entries()) {
    const own = now[i] ?? { name: '', unit: '' };
    const path = `descriptors.columns.${i}`;
    requireSame(own.name === name, `${path}.name`, () => `descriptor ${i} is "${own.name}", not "${name}"`);
    requireSame(own.unit === unit, `${path}.unit`, () => `${name} is in ${own.unit || 'no unit'}, not in ${unit || 'no unit'}`);
  }
  const requireSameRecipe = (other: RecipeDifference | null): void =>
    requireSame(other === null, other?.path ?? '', () => other?.message ?? '');
  requireSameRecipe(findOtherDescriptors(parent.manifest.descriptors, shard.manifest.descriptors));
  const [targets, others] = [Object.keys(parent.targets), Object.keys(shard.targets)];
  const odd = targets.find((name) => !others.includes(name)) ?? others.find((name) => !targets.includes(name));
  requireSame(odd === undefined, `targets.${odd}`, () => `its targets are ${others.join(', ')}, not ${targets.join(', ')}`);
  for (const [name, { y, energies, names = [], columns: computed = [] }] of Object.entries(parent.targets)) {
    const own = shard.targets[name];
    const [columns, path] = [own?.y.columns, `targets.${name}`];
    requireSameRecipe(findOtherTarget(name, parent.manifest, shard.manifest));
    requireSame(columns === y.columns, path, () => `${name} has ${columns} columns, not ${y.columns}`);
    const misplaced = findMisplaced(own?.names ?? [], names);
    requireSame(
      misplaced < 0,
      path,
      () => `column ${misplaced} of ${name} is "${own?.names?.[misplaced]}", not "${names[misplaced]}"`,
    );
    const other = computed.findIndex((column, i) => column.name !== own?.columns?.[i]?.name);
    requireSame(
      other < 0,
      path,
      () => `column ${other} of ${name} is "${own?.columns?.[other]?.name}", not "${computed[other]?.name}"`,
    );
    const isOff = (energy: number, i: number) =>
      !(Math.abs(energy - (own?.energies?.[i] ?? Number.NaN)) <= 1e-6 * Math.abs(energy));
    const at = energies?.findIndex(isOff) ?? -1;
    requireSame(at < 0, `${path}.energies`, () => {
      const values = `energy ${at} is ${own?.energies?.[at] ?? 'missing'}, not ${energies?.[at]}`;
      return `${name} is on another energy grid: ${values}`;
    });
    const [unit, ownUnit] = [parent, shard].map((dataset) => findSpectraTarget(dataset, name)?.unit ?? '');
    requireSame(unit === ownUnit, `${path}.unit`, () => `${name} is in ${ownUnit}, not in ${unit}`);
  }
  for (const list of ['groups', 'ids', 'series'] as const) {
    requireSame((parent[list] === null) === (shard[list] === null), list, () =>
      parent[list] === null ? `it names ${list}, the dataset does not` : `it names no ${list}, the dataset does`,
    );
  }
}

async function storeArray(store: ArrayStore, { rows, columns, data }: Matrix): Promise<StoredArray> {
  return { sha256: await storeBytes(store, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)), rows, columns };
}
