/** The shipped water data as the data of a pack. */

import { fileURLToPath } from 'node:url';
import { openFolder } from '../../datasets/arrays.ts';
import { splitRows } from '../../datasets/split.ts';
import type { PackData } from '../../models/engine.ts';
import { fitScaling, standardize } from '../../models/scaling-fit.ts';

export const WATER = fileURLToPath(new URL('../../examples/water', import.meta.url));

export async function waterData(target: 'xes' | 'xas' | 'xps'): Promise<PackData> {
  const folder = openFolder(WATER);
  const [x, y] = await Promise.all([folder.matrix('X.npy'), folder.matrix(`Y_${target}.npy`)]);
  const rows = splitRows(x.rows, { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: 'random' }, null);
  const scaling = fitScaling(x, y, rows.train, { x: 'zscore', y: 'centre' });
  return { x: standardize(x, scaling.x), y: standardize(y, scaling.y), rows, scaling };
}
