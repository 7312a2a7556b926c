/** The source of an export: a snapshot of the database, and the dataset behind the sweep. */
import { type DatasetDescription, descriptorColumns, findSpectraTarget, joinLineage } from '../../datasets/description.ts';
import type { BlobStore } from '../../db/blobs.ts';
import type { Queryable } from '../../db/client.ts';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import type { SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import type { NarrowsError } from '../../errors.ts';
import type { OnnxPart } from '../../export/onnx.ts';
import type { Interpretation } from '../../models/interpretation/interpretation.ts';
import type { Method } from '../../models/methods/catalogue.ts';
import { partitionCount } from '../../search/spec.ts';
import { descriptorsByPartition, rowsByPartition } from '../partitions.ts';
import { missingTrialsError } from '../sweeps/status.ts';

/** A snapshot of the database, and what is exported of it. */
export interface ExportSource {
  readonly sql: Queryable;
  readonly blobs: BlobStore;
  readonly narrowsVersion: string;
  readonly sweep: SweepRow;
  readonly trial: string | null;
  readonly all: boolean;
  readonly signal: AbortSignal;
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

/** Returns the choice of trials whose latents are exported. */
export const latentChoice = ({ trial, all }: ExportSource) => ({ trialId: trial, all });

/** Returns the error of an export that would have no files. */
export const nothingToExport = (sweep: SweepRow, what: string): NarrowsError =>
  missingTrialsError('nothing-to-export', sweep, what);

async function datasetOf({ sql, sweep }: ExportSource): Promise<DatasetDescription> {
  return joinLineage(await findDatasetVersion(sql, `${sweep.dataset}@${sweep.datasetVersion}`));
}

/** Returns what gives the rows of the dataset's arrays in each split, in the order of latents. */
export const partitionsOf = async (source: ExportSource) =>
  rowsByPartition(source.blobs, await datasetOf(source), source.sweep.spec.split);

/**
 * Returns what names the descriptors of a partition's components: of a sweep with one partition, as
 * it was interpreted.
 */
export async function descriptorNames(
  source: ExportSource,
  interpretation: Interpretation | undefined,
): Promise<(partition: number) => readonly string[]> {
  const { blobs, sweep } = source;
  if (partitionCount(sweep.spec) > 1) return descriptorsByPartition(blobs, await datasetOf(source), sweep.spec.split);
  const names = interpretation?.descriptors.map(({ name }) => name) ?? [];
  return () => names;
}

/** Returns names and units of both sides, from the manifest. */
export async function axesOf(source: ExportSource) {
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
