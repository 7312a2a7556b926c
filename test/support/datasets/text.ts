/** Datasets as numpy.savetxt writes them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpy } from '../../../datasets/formats/npy.ts';
import type { Matrix } from '../../../models/axes.ts';

/** Reads the water of a folder. */
export function readFolder(from: string): { readonly x: Matrix; readonly y: Matrix; readonly energies: readonly number[] } {
  const [x, y] = ['X.npy', 'Y_xes.npy'].map((file) => readNpy(readFileSync(join(from, file)), file));
  if (!x || !y) throw new RangeError('two arrays are read');
  const [, ...energies] = readFileSync(join(from, 'energy_xes.csv'), 'utf8').trim().split('\n');
  return { x, y, energies: energies.map(Number) };
}

/** Writes the water of a folder: X.txt with names, and Y.dat with a row for each energy. */
export function writeText(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  const { x, y, energies } = readFolder(from);
  const line = (values: Iterable<number>) => `${Array.from(values, (value) => value.toExponential(18)).join(' ')}\n`;
  const rows = Array.from({ length: x.rows }, (_, row) => line(x.data.subarray(row * x.columns, (row + 1) * x.columns)));
  const columns = energies.map((energy, e) =>
    line([energy, ...Array.from({ length: y.rows }, (_, row) => y.data[row * y.columns + e] as number)]),
  );
  writeFileSync(join(to, 'X.txt'), `# alpha b_long b_short\n${rows.join('')}`);
  writeFileSync(join(to, 'Y.dat'), columns.join(''));
}
