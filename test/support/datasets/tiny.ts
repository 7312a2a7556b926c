/** A dataset folder of sixty rows of noise, with one target that varies and one that does not. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpy } from '../../../datasets/formats/npy.ts';
import { matrixOf, noise } from '../data.ts';

const ROWS = 60;
const MANIFEST = `name: tiny
title: Tiny
licence: MIT
source: this test
descriptors: { file: X.npy, columns: [{ name: a, unit: eV }, { name: b, unit: eV }] }
targets: { y: { file: Y.npy, unit: counts }, flat: { file: flat.npy, unit: counts } }
`;

export function writeTinyDataset(folder: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, 'dataset.yaml'), MANIFEST);
  writeFileSync(join(folder, 'X.npy'), writeNpy(noise(ROWS, 2, 'x')));
  writeFileSync(join(folder, 'Y.npy'), writeNpy(noise(ROWS, 3, 'y')));
  writeFileSync(join(folder, 'flat.npy'), writeNpy(matrixOf(ROWS, 3, () => 2.5)));
}
