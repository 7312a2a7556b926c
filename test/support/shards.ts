/** Writes small synthetic dataset folders, whose rows and spread can change between versions. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpy } from '../../datasets/formats/npy.ts';
import { matrixOf, noise } from './data.ts';

export interface ShardOptions {
  readonly rows?: number;
  /** Seed of the rows: other seeds give other rows. */
  readonly seed?: number;
  /** Standard deviation of the descriptors. */
  readonly spread?: number;
  /** Replacements in the manifest, as pairs of old and new text. */
  readonly manifest?: readonly (readonly [string, string])[];
  readonly energies?: number;
  /** Overwrites one value of X. */
  readonly spoil?: { readonly row: number; readonly column: number; readonly value: number };
  /** Number of rows of Y, where it differs from that of X. */
  readonly spectra?: number;
}

const MANIFEST = `name: little
title: Made up
licence: MIT
source: a test
descriptors: { file: X.npy, columns: [{ name: a, unit: angstrom }, { name: b, unit: angstrom }, { name: c, unit: degree }] }
targets: { xes: { file: Y.npy, energies: energy.csv, unit: arbitrary } }
ids: ids.csv
`;

/** Writes a whole dataset folder; returns its path. */
export function writeShard(
  folder: string,
  { rows = 400, seed = 1, spread = 1, manifest = [], energies = 6, spoil, spectra = rows }: ShardOptions = {},
): string {
  mkdirSync(folder, { recursive: true });
  const drawn = noise(rows, 3, 'structures', seed);
  const at = (row: number, d: number) => spread * (drawn.data[(row % rows) * 3 + d] as number);
  const x = matrixOf(rows, 3, (row, d) => (spoil?.row === row && spoil.column === d ? spoil.value : at(row, d)));
  const y = matrixOf(spectra, energies, (row, e) => Math.sin(at(row, 0) + e / 3) + 0.5 * at(row, 1) * Math.cos(e));
  writeFileSync(join(folder, 'X.npy'), writeNpy(x));
  writeFileSync(join(folder, 'Y.npy'), writeNpy(y));
  writeFileSync(join(folder, 'energy.csv'), `energy\n${Array.from({ length: energies }, (_, e) => 500 + e).join('\n')}\n`);
  writeFileSync(join(folder, 'ids.csv'), `id\n${Array.from({ length: rows }, (_, row) => `${seed}_${row}`).join('\n')}\n`);
  writeFileSync(
    join(folder, 'dataset.yaml'),
    manifest.reduce((text, [from, to]) => text.replace(from, to), MANIFEST),
  );
  return folder;
}

/** Writes SHA256SUMS of the files in a folder. */
export function writeSums(folder: string): void {
  const lines = readdirSync(folder)
    .filter((name) => name !== 'SHA256SUMS')
    .map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}  ${name}`,
    );
  writeFileSync(join(folder, 'SHA256SUMS'), `${lines.join('\n')}\n`);
}
