/** Exports of a sweep, or of one of its trials, as files for other programs. */
import type { BlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { countWithoutLatents, hasTrials, requireTrialOfSweep, withSnapshot } from '../../db/queries/trials/export.ts';
import { csvWriter } from '../../export/csv.ts';
import { type OutputFolder, writeFolder } from '../output-folder.ts';
import { writeArchives } from './archives.ts';
import { writeModels } from './models.ts';
import { type ExportSource, latentChoice, nothingToExport, type WrittenFile } from './source.ts';
import { writeTables } from './tables.ts';

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

export interface Exported {
  readonly sweepId: string;
  readonly name: string;
  readonly format: ExportFormat;
  readonly out: string;
  readonly files: readonly WrittenFile[];
  /** Number of chosen trials whose latents the sweep did not keep; 0 for models. */
  readonly withoutLatents: number;
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
    const source: ExportSource = { sql, blobs, narrowsVersion, sweep, trial: trial ?? null, all, signal };
    const files = await writeFolder(out, (folder) => WRITERS[format](source, folder));
    const withoutLatents = format === 'onnx' ? 0 : await countWithoutLatents(sql, sweep.id, latentChoice(source));
    return { sweepId: sweep.id, name: sweep.name, format, out, files, withoutLatents };
  });
}

/** Formats whose libraries have many modules are loaded by those that write them. */
const WRITERS: Readonly<Record<ExportFormat, (source: ExportSource, folder: OutputFolder) => Promise<WrittenFile[]>>> = {
  csv: (source, folder) => writeTables(source, folder, 'csv', csvWriter),
  async parquet(source, folder) {
    const { parquetWriter } = await import('../../export/parquet.ts');
    return writeTables(source, folder, 'parquet', (columns) => parquetWriter(columns, `narrows ${source.narrowsVersion}`));
  },
  npz: writeArchives,
  onnx: writeModels,
};
