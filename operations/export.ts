/** Exports of a sweep, or of one of its trials, as files for other programs. */

import { type DatasetDescription, descriptorColumns, findSpectraTarget, joinLineage } from '../datasets/description.ts';
import type { BlobStore } from '../db/blobs.ts';
import type { Database, Queryable } from '../db/client.ts';
import { findDatasetVersion } from '../db/queries/datasets/datasets.ts';
import { listBaselineScores, listComparisonTrials } from '../db/queries/sweeps/comparison.ts';
import { findInterpretation } from '../db/queries/sweeps/interpretation.ts';
import { findSweep, type SweepRow } from '../db/queries/sweeps/sweeps.ts';
import { attachBaselineErrors, attachTestErrors, loadTestRows } from '../db/queries/sweeps/test-errors.ts';
import {
  countWithoutLatents,
  findLatentWidth,
  hasTrials,
  listTestScores,
  requireTrialOfSweep,
  streamBaselines,
  streamComponents,
  streamCurves,
  streamLatentBlocks,
  streamScores,
  streamTrials,
  type TrialRecord,
  withSnapshot,
} from '../db/queries/trials/export.ts';
import { listModels, loadModelBytes, type ModelRow } from '../db/queries/trials/models.ts';
import { loadLatents } from '../db/queries/trials/results.ts';
import { NarrowsError } from '../errors.ts';
import { csvWriter } from '../export/csv.ts';
import { type LatentArray, trialArchive } from '../export/npz.ts';
import type { OnnxAbout, OnnxPart } from '../export/onnx.ts';
import { type ColumnOf, rowOf, type TableWriter } from '../export/table.ts';
import {
  BASELINES,
  COMPARISON_BASELINES,
  COMPARISON_CONTRASTS,
  COMPARISON_ROWS,
  COMPONENTS,
  COVERED_VARIANCES,
  epochsOf,
  FIELDS,
  fieldRecords,
  type LatentRecord,
  LEARNING_CURVES,
  latentColumns,
  TEST_ERRORS,
  type TestErrorRecord,
  TRIALS,
  testErrorRecords,
} from '../export/tables.ts';
import { SPLITS, type SplitName } from '../models/axes.ts';
import type { Comparison } from '../models/evaluation/comparison.ts';
import type { Interpretation } from '../models/interpretation/interpretation.ts';
import type { Method } from '../models/methods/catalogue.ts';
import { unpackModel } from '../models/stored/model-file.ts';
import { partitionCount } from '../search/spec.ts';
import { compareSweeps } from './compare.ts';
import { type OutputFolder, writeFolder } from './output-folder.ts';
import { descriptorsByPartition, rowsByPartition } from './partitions.ts';
import { missingTrialsError } from './sweeps/status.ts';

export const EXPORT_FORMATS = ['csv', 'parquet', 'npz', 'onnx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportChoice {
  readonly format: ExportFormat;
  readonly out: string;
  /** One trial instead of the sweep. */
  readonly trial?: string;
  /** Includes all latents (tables), trials without weights (npz), every kept model (onnx). */
  readonly all?: boolean;
}

export interface WrittenFile {
  readonly file: string;
  readonly bytes: number;
  /** Rows of a table. */
  readonly rows?: number;
  readonly trialId?: string;
  readonly method?: Method;
  readonly k?: number;
  readonly part?: OnnxPart;
}

export interface Exported {
  readonly sweepId: string;
  readonly name: string;
  readonly format: ExportFormat;
  readonly out: string;
  readonly files: readonly WrittenFile[];
  /** Number of chosen trials whose latents the sweep did not keep; 0 for models. */
  readonly withoutLatents: number;
}

/** Source of an export: a snapshot of the database. */
interface Source {
  readonly sql: Queryable;
  readonly blobs: BlobStore;
  readonly narrowsVersion: string;
  readonly sweep: SweepRow;
  readonly trial: string | null;
  readonly all: boolean;
  readonly signal: AbortSignal;
}

/**
 * Writes the export. Throws NarrowsError `sweep-unknown`, `trial-unknown`, `nothing-to-export`,
 * `weights-dropped`, and those of writeFolder.
 */
export async function exportSweep(
  { db, blobs, narrowsVersion }: { readonly db: Database; readonly blobs: BlobStore; readonly narrowsVersion: string },
  idOrName: string,
  { format, out, trial, all = false }: ExportChoice,
  signal: AbortSignal,
): Promise<Exported> {
  return withSnapshot(db.sql, async (sql) => {
    const sweep = await findSweep(sql, idOrName);
    if (trial !== undefined) await requireTrialOfSweep(sql, sweep.id, trial);
    else if (!(await hasTrials(sql, sweep.id))) throw nothingToExport(sweep, 'trial');
    const source: Source = { sql, blobs, narrowsVersion, sweep, trial: trial ?? null, all, signal };
    const files = await writeFolder(out, (folder) => WRITERS[format](source, folder));
    const withoutLatents = format === 'onnx' ? 0 : await countWithoutLatents(sql, sweep.id, latentChoice(source));
    return { sweepId: sweep.id, name: sweep.name, format, out, files, withoutLatents };
  });
}

/** Formats whose libraries have many modules are loaded by those that write them. */
const WRITERS: Readonly<Record<ExportFormat, (source: Source, folder: OutputFolder) => Promise<WrittenFile[]>>> = {
  csv: (source, folder) => writeTables(source, folder, 'csv', csvWriter),
  async parquet(source, folder) {
    const { parquetWriter } = await import('../export/parquet.ts');
    return writeTables(source, folder, 'parquet', (columns) => parquetWriter(columns, `narrows ${source.narrowsVersion}`));
  },
  npz: writeArchives,
  onnx: writeModels,
};

const nothingToExport = (sweep: SweepRow, what: string): NarrowsError => missingTrialsError('nothing-to-export', sweep, what);

// ---- tables

async function writeTables(
  source: Source,
  folder: OutputFolder,
  extension: string,
  createWriter: (columns: readonly ColumnOf<never>[]) => TableWriter,
): Promise<WrittenFile[]> {
  const { sql, sweep, trial, signal } = source;
  const files: WrittenFile[] = [];
  const write = async <Record>(name: string, columns: readonly ColumnOf<Record>[], records: Blocks<Record>) => {
    const file = `${name}.${extension}`;
    const writer = createWriter(columns);
    let rows = 0;
    const bytes = await folder.write(file, async (append) => {
      for await (const block of records) {
        signal.throwIfAborted();
        rows += block.length;
        await append(writer.write(block.map((record) => rowOf(columns, record))));
      }
      await append(writer.finish());
    });
    files.push({ file, bytes, rows });
  };
  await write('trials', TRIALS, streamTrials(sql, sweep.id, trial));
  await write('covered_variances', COVERED_VARIANCES, streamScores(sql, sweep.id, trial));
  await write('learning_curves', LEARNING_CURVES, blocksOf(streamCurves(sql, sweep.id, trial), epochsOf));
  const interpreted = await findInterpretation(sql, sweep.id);
  const namesOf = await descriptorNames(source, interpreted?.result as Interpretation | undefined);
  await write(
    'components',
    COMPONENTS,
    blocksOf(streamComponents(sql, sweep.id, trial), ({ coefficients, partition, ...which }) => {
      const names = namesOf(partition);
      return coefficients.map((coefficient, place) => ({ ...which, place, descriptor: names[place] ?? null, coefficient }));
    }),
  );
  await write('latents', latentColumns(await findLatentWidth(sql, sweep.id, latentChoice(source))), latentRecords(source));
  await write('test_errors', TEST_ERRORS, testErrorRecordsOf(source));
  // Tables about the sweep as a whole are left out for one trial.
  if (trial === null) {
    await write('baselines', BASELINES, streamBaselines(sql, sweep.id));
    const comparison = await comparisonOf(source);
    await write('comparison_rows', COMPARISON_ROWS, [comparison.rows]);
    await write('comparison_contrasts', COMPARISON_CONTRASTS, [comparison.contrasts]);
    await write('comparison_baselines', COMPARISON_BASELINES, [comparison.baselines]);
    await write('fields', FIELDS, blocksOf([interpreted?.fields ?? []], fieldRecords));
  }
  return files;
}

type Blocks<Record> = AsyncIterable<readonly Record[]> | Iterable<readonly Record[]>;

async function* blocksOf<From, To>(blocks: Blocks<From>, each: (from: From) => readonly To[]): AsyncIterable<To[]> {
  for await (const block of blocks) yield block.flatMap(each);
}

const latentChoice = ({ trial, all }: Source) => ({ trialId: trial, all });

async function* latentRecords(source: Source): AsyncIterable<LatentRecord[]> {
  const { sql, sweep } = source;
  const rowsOf = await partitionsOf(source);
  yield* blocksOf(
    streamLatentBlocks(sql, sweep.id, latentChoice(source)),
    ({ trial, partition, split, firstRow, rows, k, data }) => {
      const numbers = rowsOf(partition)[split];
      return Array.from({ length: rows }, (_, i) => ({
        trial,
        split,
        row: numbers[firstRow + i] as number,
        latents: data.subarray(i * k, (i + 1) * k),
      }));
    },
  );
}

/** Trials, at a width or rank, whose errors of test rows are in memory at once. */
const TRIALS_AT_ONCE = 32;

/** Yields errors of test rows of the compared trials or, where chosen, of others; and baselines. */
async function* testErrorRecordsOf(source: Source): AsyncIterable<TestErrorRecord[]> {
  const { sql, sweep, trial, all } = source;
  const partitions = await partitionsOf(source);
  const compared = trial === null && !all;
  const chosen = compared ? await listComparisonTrials(sql, [sweep.id]) : await listTestScores(sql, sweep.id, trial);
  const rows = await loadTestRows(sql, [sweep.id]);
  for (let from = 0; from < chosen.length; from += TRIALS_AT_ONCE) {
    const some = await attachTestErrors(sql, rows, chosen.slice(from, from + TRIALS_AT_ONCE));
    yield some.flatMap(({ trialId, method, k, seed, partition = 0, rows }) =>
      rows ? testErrorRecords({ trial: trialId, method, k, seed, partition }, rows, partitions(partition).test) : [],
    );
  }
  const baselines = trial === null ? await listBaselineScores(sql, [sweep.id]) : [];
  yield (await attachBaselineErrors(sql, rows, baselines)).flatMap(({ name, k, seed, partition, rows }) =>
    rows ? testErrorRecords({ trial: null, method: name, k, seed, partition }, rows, partitions(partition).test) : [],
  );
}

/** Returns the comparison; no rows while no trial has completed. */
async function comparisonOf({ sql, sweep }: Source): Promise<Pick<Comparison, 'rows' | 'contrasts' | 'baselines'>> {
  try {
    return await compareSweeps({ sql }, [sweep.id]);
  } catch (error) {
    if (error instanceof NarrowsError && error.code === 'nothing-to-compare') return { rows: [], contrasts: [], baselines: [] };
    throw error;
  }
}

// ---- the dataset behind the sweep

async function datasetOf({ sql, sweep }: Source): Promise<DatasetDescription> {
  return joinLineage(await findDatasetVersion(sql, `${sweep.dataset}@${sweep.datasetVersion}`));
}

/** Returns what gives the rows of the dataset's arrays in each split, in the order of latents. */
const partitionsOf = async (source: Source) => rowsByPartition(source.blobs, await datasetOf(source), source.sweep.spec.split);

/**
 * Returns what names the descriptors of a partition's components: of a sweep with one partition, as
 * it was interpreted.
 */
async function descriptorNames(
  source: Source,
  interpretation: Interpretation | undefined,
): Promise<(partition: number) => readonly string[]> {
  const { blobs, sweep } = source;
  if (partitionCount(sweep.spec) > 1) return descriptorsByPartition(blobs, await datasetOf(source), sweep.spec.split);
  const names = interpretation?.descriptors.map(({ name }) => name) ?? [];
  return () => names;
}

/** Returns names and units of both sides, from the manifest. */
async function axesOf(source: Source) {
  const description = await datasetOf(source);
  const { target } = source.sweep;
  const stored = description.targets[target];
  const about = findSpectraTarget(description, target);
  return {
    descriptors: descriptorColumns(description),
    unit: about?.unit ?? '',
    energies: stored?.energies ?? null,
    energyUnit: about?.energyUnit ?? '',
    ...(stored?.columns && { targetColumns: stored.columns }),
  };
}

// ---- npz

async function writeArchives(source: Source, folder: OutputFolder): Promise<WrittenFile[]> {
  const { sql, sweep, trial, all, signal } = source;
  const records: TrialRecord[] = [];
  for await (const block of streamTrials(sql, sweep.id, trial)) {
    records.push(
      ...block.filter(({ weightsKept, outcome }) => weightsKept || trial !== null || (all && outcome === 'completed')),
    );
  }
  if (records.length === 0) throw nothingToExport(sweep, all ? 'completed trial' : 'trial whose weights are kept');
  const [rowsOf, axes] = [await partitionsOf(source), await axesOf(source)];
  const files: WrittenFile[] = [];
  for (const record of records) {
    signal.throwIfAborted();
    const model = record.weightsKept || !all ? unpackModel(await loadModelBytes(sql, record.trial)) : null;
    const latents: Partial<Record<SplitName, LatentArray>> = {};
    for (const split of SPLITS) {
      const found = await loadLatents(sql, record.trial, split);
      if (found) latents[split] = found;
    }
    const about = {
      narrowsVersion: source.narrowsVersion,
      sweep: sweep.name,
      sweepId: sweep.id,
      dataset: sweep.dataset,
      target: sweep.target,
      ...record,
      ...(model && { layers: model.shape, scaleY: model.scaling.scaleY }),
      ...axes,
    };
    const archive = trialArchive({ model, latents, rows: rowsOf(record.partition), about });
    const file = `${record.trial}.npz`;
    const bytes = await folder.write(file, (append) => append(archive));
    files.push({ file, bytes, trialId: record.trial, method: record.method, k: record.k });
  }
  return files;
}

// ---- onnx

async function writeModels(source: Source, folder: OutputFolder): Promise<WrittenFile[]> {
  const { bottleneckGraphs, emulatorGraph } = await import('../export/onnx.ts');
  const { sql, sweep, signal } = source;
  const chosen = await chosenModels(source);
  const axes = await axesOf(source);
  const files: WrittenFile[] = [];
  const emulators = new Set<string>();
  for (const { trialId, method, k, seed } of chosen) {
    signal.throwIfAborted();
    const stored = unpackModel(await loadModelBytes(sql, trialId));
    const about: OnnxAbout = {
      narrowsVersion: source.narrowsVersion,
      metadata: {
        sweep: sweep.name,
        sweep_id: sweep.id,
        trial: trialId,
        seed: String(seed),
        dataset: sweep.dataset,
        dataset_version: sweep.datasetVersion,
        target: sweep.target,
        x_columns: JSON.stringify(axes.descriptors),
        ...(axes.targetColumns ? { y_columns: JSON.stringify(axes.targetColumns) } : { y_unit: axes.unit }),
        ...(axes.energies && { y_energies: JSON.stringify(axes.energies), y_energy_unit: axes.energyUnit }),
      },
    };
    const save = async (file: string, part: OnnxPart, content: Uint8Array) => {
      const bytes = await folder.write(file, (append) => append(content));
      files.push({ file, bytes, trialId, method, ...(part !== 'emulator' && { k }), part });
    };
    for (const { part, bytes } of bottleneckGraphs(stored, k, about)) {
      await save(`${method}-k${k}-${trialId}-${part}.onnx`, part, bytes);
    }
    const emulator = emulators.has(trialId) ? null : emulatorGraph(stored, about);
    if (emulator) {
      emulators.add(trialId);
      await save(`${method}-${trialId}-emulator.onnx`, 'emulator', emulator.bytes);
    }
  }
  return files;
}

/** Returns the best kept models of each cell, with `all` every one, or those of one trial. */
async function chosenModels({ sql, sweep, trial, all }: Source): Promise<ModelRow[]> {
  // Best first within method and width or rank.
  const kept = await listModels(sql, sweep.id);
  if (trial !== null) {
    const own = kept.filter(({ trialId }) => trialId === trial);
    // Throws the error that names the reason.
    if (own.length === 0) await loadModelBytes(sql, trial);
    return own;
  }
  if (kept.length === 0) throw nothingToExport(sweep, 'trial whose weights are kept');
  if (all) return kept;
  return kept.filter((row, i) => kept.findIndex(({ method, k }) => method === row.method && k === row.k) === i);
}
