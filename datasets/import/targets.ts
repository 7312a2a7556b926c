/** Reads targets: spectra and values from files, moments computed from spectra. */
import type { StoredTarget } from '../description.ts';
import type { Scratch } from '../files/scratch.ts';
import { isPatternReference, type Manifest, manifestInvalid, type SpectraTarget } from '../manifest.ts';
import type { DatasetFolder } from './folder.ts';
import { computeMoments } from './moments.ts';
import { type RowCount, readSpectra, type Spectra } from './spectra.ts';
import { type SpooledMatrix, spoolMatrix } from './spool.ts';
import type { Warning } from './warning.ts';

export interface CheckedTarget extends Omit<StoredTarget, 'y'> {
  readonly y: SpooledMatrix;
}

interface ReadTargets {
  readonly targets: Record<string, CheckedTarget>;
  readonly warnings: readonly Warning[];
  /** Names of the files of the rows, where a target has a file for each. */
  readonly files: readonly string[] | null;
}

/** Reads files, then moments. Throws as readSpectra and computeMoments do. */
export async function readTargets(
  folder: DatasetFolder,
  scratch: Scratch,
  { targets }: Manifest,
  rows: RowCount,
): Promise<ReadTargets> {
  const spectra = new Map<string, Spectra & { readonly about: SpectraTarget }>();
  for (const [target, about] of Object.entries(targets)) {
    if (!('file' in about)) continue;
    const read = isPatternReference(about.file) ? (await import('./spectra-files.ts')).readSpectraFiles : readSpectra;
    spectra.set(target, { about, ...(await read(folder, scratch, [target, about], rows)) });
  }
  const checked: Record<string, CheckedTarget> = {};
  for (const [target, about] of Object.entries(targets)) {
    const source = spectra.get('file' in about ? target : about.moments.of);
    if (!source) throw new RangeError(`the manifest has no spectra for ${target}`);
    const { y, energies, names } = source;
    if ('file' in about) {
      checked[target] = { y, energies, ...(names && { names }) };
      continue;
    }
    if (energies === null) {
      const path = `targets.${target}.moments.of`;
      throw manifestInvalid(path, `${path}: "${about.moments.of}" has no energies`, `give ${about.moments.of} its energies`);
    }
    const { columns, chunks } = computeMoments(target, about, { ...source, energies, chunks: y.chunks });
    checked[target] = { y: await spoolMatrix(scratch, chunks()), columns, energies: null };
  }
  const read = [...spectra.values()];
  return {
    targets: checked,
    warnings: read.flatMap(({ warnings }) => warnings),
    files: read.find(({ files }) => files)?.files ?? null,
  };
}
