/** Reads targets: spectra and values from files, moments computed from spectra. */
import { NarrowsError } from '../../errors.ts';
import type { StoredTarget } from '../description.ts';
import type { Scratch } from '../files/scratch.ts';
import type { Manifest, SpectraTarget } from '../manifest.ts';
import type { DatasetFolder } from './folder.ts';
import { computeMoments } from './moments.ts';
import { type SpooledMatrix, spoolMatrix } from './spool.ts';

export interface CheckedTarget extends Omit<StoredTarget, 'y'> {
  readonly y: SpooledMatrix;
}

/** Reads files, then moments. Throws `columns-mismatch`, `energies-not-rising`, as moments do. */
export async function readTargets(
  folder: DatasetFolder,
  scratch: Scratch,
  { targets }: Manifest,
  requireRowCount: (rows: number, file: string) => void,
): Promise<Record<string, CheckedTarget>> {
  const spectra = new Map<string, CheckedTarget & { readonly about: SpectraTarget }>();
  for (const [target, about] of Object.entries(targets)) {
    if (!('file' in about)) continue;
    const y = await spoolMatrix(scratch, folder.matrix(about.file));
    requireRowCount(y.rows, about.file);
    const energies = about.energies === undefined ? null : await readEnergies(folder, about.energies, y, about.file);
    spectra.set(target, { about, y, energies });
  }
  const checked: Record<string, CheckedTarget> = {};
  for (const [target, about] of Object.entries(targets)) {
    const source = spectra.get('file' in about ? target : about.moments.of);
    if (!source) throw new RangeError(`the manifest has no spectra for ${target}`);
    const { y, energies } = source;
    if ('file' in about) {
      checked[target] = { y, energies };
      continue;
    }
    const { columns, chunks } = computeMoments(target, about, { ...source, energies: energies ?? [], chunks: y.chunks });
    checked[target] = { y: await spoolMatrix(scratch, chunks()), columns, energies: null };
  }
  return checked;
}

async function readEnergies(folder: DatasetFolder, reference: string, y: SpooledMatrix, file: string): Promise<number[]> {
  const energies = [...(await folder.numbers(reference))];
  if (energies.length !== y.columns) {
    throw new NarrowsError('columns-mismatch', `${reference} has ${energies.length} energies, ${file} has ${y.columns} columns`, {
      path: reference,
    });
  }
  let last = Number.NEGATIVE_INFINITY;
  for (const [row, energy] of energies.entries()) {
    if (energy <= last) {
      throw new NarrowsError('energies-not-rising', `${reference}: the energy in row ${row} does not rise`, {
        path: `${reference}[${row}]`,
        fix: `sort the energies, and the columns of ${file} with them`,
      });
    }
    last = energy;
  }
  return energies;
}
