/** Reads X from a table, or computes it from structures. */
import { NarrowsError } from '../../errors.ts';
import type { DescriptorColumn } from '../../models/descriptor.ts';
import type { DescribedRows } from '../descriptors/describe.ts';
import { joinSummaries, type StructureSummary } from '../descriptors/structure-summary.ts';
import { isPattern } from '../files/patterns.ts';
import type { Scratch } from '../files/scratch.ts';
import { isStructuresFile } from '../formats/structures/file-names.ts';
import type { FrameSource } from '../formats/structures/frame-blocks.ts';
import { type ColumnReference, type Manifest, manifestInvalid } from '../manifest.ts';
import { requireColumnNames, requireNoIndex } from './column-names.ts';
import type { DatasetFolder } from './folder.ts';
import { type ReadMonitor, UNMONITORED } from './monitor.ts';
import {
  type ListSpool,
  openGroupSpool,
  openListSpool,
  openMatrixSpool,
  type SpooledGroups,
  type SpooledList,
  type SpooledMatrix,
  spoolMatrix,
} from './spool.ts';

/** X, and the labels that frames of structures have; they are null for a table. */
export interface Descriptors {
  readonly file: string;
  readonly x: SpooledMatrix;
  readonly columns: readonly DescriptorColumn[];
  /** File of each row, in a pattern of files: the text in place of its wildcards. */
  readonly names: readonly string[] | null;
  /** undefined for a table. */
  readonly structures?: StructureSummary | undefined;
  readonly ids: SpooledList | null;
  readonly groups: SpooledGroups | null;
  readonly series: SpooledList | null;
}

/** The parts of a manifest that describe rows. */
type DescribedBy = Pick<Manifest, 'descriptors'> & Partial<Pick<Manifest, 'ids' | 'groups' | 'series'>>;

/** Throws NarrowsError `manifest-invalid`, `dataset-empty`, `columns-mismatch`. */
export async function readDescriptors(
  folder: DatasetFolder,
  scratch: Scratch,
  manifest: DescribedBy,
  { signal, monitor = UNMONITORED }: { readonly signal?: AbortSignal | undefined; readonly monitor?: ReadMonitor },
): Promise<Descriptors> {
  const { descriptors, ids, groups, series } = manifest;
  for (const [path, reference] of Object.entries({ ids, groups, series })) requireReference(reference, path, manifest);
  if ('from' in descriptors) {
    const { from } = descriptors;
    // Loaded on demand, as are the readers of formats: a box starts for every file.
    const { describeStructures } = await import('../descriptors/describe.ts');
    const keyOf = (reference: ColumnReference | undefined) =>
      reference && isStructuresFile(reference.file) ? (reference.key ?? null) : undefined;
    const keys = { ids: keyOf(ids) ?? null, groups: keyOf(groups), series: keyOf(series) };
    const described = describeStructures(await openSources(folder, from.file), from, keys, { signal });
    return {
      file: from.file,
      ...(await spoolDescribed(scratch, described, (rows, columns) => monitor.requireSize(from.file, rows, columns))),
    };
  }
  const { file, columns } = descriptors;
  const x = await spoolMatrix(scratch, folder.matrix(file));
  if (x.rows === 0) throw new NarrowsError('dataset-empty', `${file} has no rows`, { path: file });
  const names = await folder.header(file);
  if (names !== null && names[0] !== columns[0]?.name) requireNoIndex(names, file);
  if (x.columns !== columns.length) {
    throw new NarrowsError('columns-mismatch', `${file} has ${x.columns} columns, the manifest names ${columns.length}`, {
      path: 'descriptors.columns',
    });
  }
  if (names !== null) {
    requireColumnNames(
      names,
      columns.map(({ name }) => name),
      file,
    );
  }
  return { file, x, columns, names: null, ids: null, groups: null, series: null };
}

async function openSources(folder: DatasetFolder, file: string): Promise<FrameSource[]> {
  const files = isPattern(file) ? await folder.list(file) : [{ file, name: null }];
  return files.map((one) => ({ ...one, chunks: folder.stream(one.file) }));
}

async function spoolDescribed(
  scratch: Scratch,
  parts: AsyncIterable<DescribedRows>,
  requireSize: (rows: number, columns: number) => void,
): Promise<Omit<Descriptors, 'file'>> {
  const [x, ids] = [await openMatrixSpool(scratch), await openListSpool(scratch)];
  let columns: readonly DescriptorColumn[] = [];
  let structures: StructureSummary | undefined;
  const names: string[] = [];
  let count = 0;
  let [groups, series]: [ListSpool<SpooledGroups> | null, ListSpool | null] = [null, null];
  for await (const { rows, ...described } of parts) {
    columns = described.columns;
    count += rows.ids.length;
    requireSize(count, columns.length);
    await x.add({ rows: rows.ids.length, columns: columns.length, data: rows.x });
    await ids.add(rows.ids);
    const { name } = rows;
    if (name !== null) for (const _ of rows.ids) names.push(name);
    structures = joinSummaries(structures, rows.structures);
    if (rows.groups !== null) {
      groups ??= await openGroupSpool(scratch);
      await groups.add(rows.groups);
    }
    if (rows.series !== null) {
      series ??= await openListSpool(scratch);
      await series.add(rows.series);
    }
  }
  return {
    x: x.end(),
    columns,
    names: names.length > 0 ? names : null,
    structures,
    ids: await ids.end(),
    groups: groups && (await groups.end()),
    series: series && (await series.end()),
  };
}

/** Requires a column of a table, or a key of the structures from which the rows are computed. */
function requireReference(reference: ColumnReference | undefined, path: string, { descriptors }: DescribedBy): void {
  if (reference === undefined) return;
  const { file, column, key } = reference;
  const fault = (field: string, message: string, fix: string) =>
    manifestInvalid(`${path}.${field}`, `${path}.${field}: ${message}`, fix);
  if (!isStructuresFile(file)) {
    if (key === undefined) return;
    throw fault('key', `${file} is a table`, 'name its column: { file: ..., column: ... }');
  }
  if (column !== undefined) {
    throw fault('column', `${file} contains structures`, 'name a key of its comment lines: { file: ..., key: ... }');
  }
  if ('from' in descriptors && descriptors.from.file === file) return;
  throw fault('file', `the descriptors are not computed from ${file}`, 'name the file under descriptors.from, or a table');
}
