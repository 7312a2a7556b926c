/** New rows for a version that is there: a folder is checked like any other, held against the version, and what it does not have yet becomes a version after it. */

import { NarrowsError } from '../../errors.ts';
import { type Matrix, pickRows } from '../../models/axes.ts';
import { canonicalJson } from '../../models/canonical-json.ts';
import { sha256Of } from '../../platform.ts';
import {
  type AppendedDescription,
  type ArrayStore,
  type DatasetDescription,
  descriptorColumns,
  loadList,
  loadMatrix,
  type StoredArray,
  storeBytes,
  storeJson,
} from '../description.ts';
import { hashRows, linkToEarlierRows } from '../near-duplicates/near-duplicates.ts';
import type { CheckedDataset } from './check.ts';
import type { SpooledList, SpooledMatrix } from './spool.ts';

/** What appending a checked folder to a version comes to. */
export interface Appended {
  /** 64 hexadecimal characters; that of the parent where the folder brings nothing. */
  readonly version: string;
  /** null where the folder brings nothing. */
  readonly description: AppendedDescription | null;
  readonly added: number;
  /** Rows that were there already. */
  readonly duplicates: number;
  /** Added rows whose structure nearly equals another one's. */
  readonly tied: number;
  /** Rows of the version whose id the folder has with other content: the earlier content stays, the later is added. */
  readonly changed: number;
}

/**
 * Holds a checked folder against `parent` and stores the arrays of its new rows; the version's row is the caller's to write. Throws NarrowsError `shard-differs` where descriptors,
 * targets, energies, units or lists are others than the parent's.
 */
export async function appendRows(
  parent: DatasetDescription & { readonly version: string },
  shard: CheckedDataset,
  store: ArrayStore,
): Promise<Appended> {
  requireSameForm(parent, shard);
  const names = Object.keys(parent.targets);
  const known = {
    x: await loadMatrix(store, parent.x),
    y: await loadMatrices(names, (name) => loadMatrix(store, (parent.targets[name] as DatasetDescription['targets'][string]).y)),
  };
  const own = {
    x: await readMatrix(shard.x),
    y: await loadMatrices(names, (name) => readMatrix((shard.targets[name] as CheckedDataset['targets'][string]).y)),
  };
  const seen = new Set(hashRows([known.x, ...known.y]));
  const fresh: number[] = [];
  hashRows([own.x, ...own.y]).forEach((content, row) => {
    if (seen.has(content)) return;
    seen.add(content);
    fresh.push(row);
  });
  const rows = Uint32Array.from(fresh);
  const duplicates = own.x.rows - fresh.length;
  const ids = await readList(shard.ids);
  const changed =
    ids && parent.ids
      ? countChangedIds(
          await loadList(store, parent.ids),
          fresh.map((row) => ids[row] as string),
        )
      : 0;
  if (fresh.length === 0) return { version: parent.version, description: null, added: 0, duplicates, tied: 0, changed };

  const x = pickRows(own.x, rows);
  const pairs = await linkToEarlierRows(known.x, x);
  const groups = await readList(shard.groups);
  const series = await readList(shard.series);
  const text = (list: readonly string[] | null) =>
    list
      ? storeJson(
          store,
          fresh.map((row) => list[row] as string),
        )
      : null;
  const targets: Record<string, { y: StoredArray }> = {};
  for (const [i, name] of names.entries()) targets[name] = { y: await storeArray(store, pickRows(own.y[i] as Matrix, rows)) };
  const allGroups =
    groups && parent.groups
      ? new Set([...(await loadList(store, parent.groups.parts)), ...fresh.map((row) => groups[row] as string)])
      : null;
  const description: AppendedDescription = {
    rows: fresh.length,
    varying: countVarying(known.x, x),
    x: await storeArray(store, x),
    targets,
    groups: allGroups && { sha256: (await text(groups)) as string, count: allGroups.size },
    ids: await text(ids),
    series: await text(series),
    files: shard.files,
    folder: shard.folder,
    manifestSha256: sha256Of(canonicalJson(shard.manifest)),
    ties: pairs.length > 0 ? await storeJson(store, pairs) : null,
    duplicates,
  };
  // Which rows are new follows from the parent and the folder: so does the version.
  const version = sha256Of(`${parent.version} + ${shard.version}`);
  return { version, description, added: fresh.length, duplicates, tied: new Set(pairs.map(([row]) => row)).size, changed };
}

function requireSameForm(parent: DatasetDescription, shard: CheckedDataset): void {
  const differs = (what: string, path: string): never => {
    throw new NarrowsError('shard-differs', `${shard.folder} cannot be appended to ${parent.manifest.name}: ${what}`, {
      path,
      fix: 'bring the rows into the form of the dataset, or import them as a dataset of their own',
    });
  };
  const [before, now] = [descriptorColumns(parent), shard.columns];
  if (before.length !== now.length) differs(`it has ${now.length} descriptors, not ${before.length}`, 'descriptors');
  before.forEach(({ name, unit }, i) => {
    const own = now[i] as { name: string; unit: string };
    if (own.name !== name) differs(`descriptor ${i} is "${own.name}", not "${name}"`, `descriptors.columns.${i}.name`);
    if (own.unit !== unit)
      differs(`${name} is in ${own.unit || 'no unit'}, not in ${unit || 'no unit'}`, `descriptors.columns.${i}.unit`);
  });
  const [targets, others] = [Object.keys(parent.targets), Object.keys(shard.targets)];
  const odd = targets.find((name) => !others.includes(name)) ?? others.find((name) => !targets.includes(name));
  if (odd !== undefined) differs(`its targets are ${others.join(', ')}, not ${targets.join(', ')}`, `targets.${odd}`);
  for (const name of targets) {
    const wanted = parent.targets[name] as DatasetDescription['targets'][string];
    const own = shard.targets[name] as CheckedDataset['targets'][string];
    if (wanted.y.columns !== own.y.columns)
      differs(`${name} has ${own.y.columns} columns, not ${wanted.y.columns}`, `targets.${name}`);
    const energies = wanted.energies?.findIndex(
      (energy, i) => Math.abs(energy - (own.energies?.[i] ?? Number.NaN)) > 1e-6 * Math.abs(energy) || own.energies === null,
    );
    if (energies !== undefined && energies >= 0) {
      differs(
        `${name} is on another energy grid: energy ${energies} is ${own.energies?.[energies] ?? 'missing'}, not ${wanted.energies?.[energies]}`,
        `targets.${name}.energies`,
      );
    }
    const [about, theirs] = [parent.manifest.targets[name], shard.manifest.targets[name]];
    const unitOf = (target: typeof about) => (target && 'file' in target ? target.unit : '');
    if (unitOf(about) !== unitOf(theirs))
      differs(`${name} is in ${unitOf(theirs)}, not in ${unitOf(about)}`, `targets.${name}.unit`);
  }
  for (const list of ['groups', 'ids', 'series'] as const) {
    if ((parent[list] === null) !== (shard[list] === null)) {
      differs(
        parent[list] === null ? `it names ${list}, which the dataset has none of` : `it names no ${list}, which the dataset has`,
        list,
      );
    }
  }
}

/** Ids that both have. */
function countChangedIds(known: readonly string[], fresh: readonly string[]): number {
  const before = new Set(known);
  return fresh.filter((id) => before.has(id)).length;
}

/** Columns that vary over both. */
function countVarying(known: Matrix, own: Matrix): number {
  let varying = 0;
  for (let column = 0; column < known.columns; column++) {
    const first = known.data[column];
    const differs = ({ columns, data }: Matrix) => {
      for (let i = column; i < data.length; i += columns) if (data[i] !== first) return true;
      return false;
    };
    if (differs(known) || differs(own)) varying++;
  }
  return varying;
}

async function loadMatrices(names: readonly string[], load: (name: string) => Promise<Matrix>): Promise<Matrix[]> {
  const all: Matrix[] = [];
  for (const name of names) all.push(await load(name));
  return all;
}

async function readMatrix({ rows, columns, chunks }: SpooledMatrix): Promise<Matrix> {
  const data = new Float32Array(rows * columns);
  let at = 0;
  for await (const chunk of chunks()) {
    data.set(chunk.data, at);
    at += chunk.data.length;
  }
  return { rows, columns, data };
}

async function readList(list: SpooledList | null): Promise<string[] | null> {
  if (!list) return null;
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of list.content.pieces) text += decoder.decode(piece, { stream: true });
  return JSON.parse(text) as string[];
}

async function storeArray(store: ArrayStore, { rows, columns, data }: Matrix): Promise<StoredArray> {
  return { sha256: await storeBytes(store, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)), rows, columns };
}
