/** Loads the shipped water data as the data of a pack. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNpy } from '../../datasets/formats/npy.ts';
import { splitRows } from '../../datasets/split.ts';
import type { Matrix } from '../../models/axes.ts';
import { fitScaling, standardize } from '../../models/standardisation.ts';
import type { PackData } from '../../models/training/task.ts';

export const WATER = fileURLToPath(new URL('../../examples/water', import.meta.url));

export async function waterData(target: 'xes' | 'xas' | 'xps'): Promise<PackData> {
  const [x, y] = ['X.npy', `Y_${target}.npy`].map((file) => readNpy(readFileSync(join(WATER, file)), file)) as [Matrix, Matrix];
  const rows = splitRows(x.rows, { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: 'random' }, null);
  const scaling = fitScaling(x, y, rows.train, { x: 'zscore', y: 'centre' });
  return { x: standardize(x, scaling.x), y: standardize(y, scaling.y), rows, scaling };
}
