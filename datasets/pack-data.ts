/** From a stored version to the standardised data of a pack. */
import { NarrowsError } from '../infra/errors.ts';
import type { PackData } from '../models/engine.ts';
import type { ScaleX, ScaleY } from '../models/scaling.ts';
import { fitScaling, standardize } from '../models/scaling-fit.ts';
import { type ArrayStore, type DatasetDescription, loadList, loadMatrix } from './description.ts';
import { type Shares, splitRows } from './split.ts';

/** Standardised on the training rows of the split; x and y lie on SharedArrayBuffers. Throws NarrowsError `target-missing`, `split-empty`, ... */
export async function loadPackData(
  store: ArrayStore,
  description: DatasetDescription,
  target: string,
  split: Shares,
  scale: { readonly x: ScaleX; readonly y: ScaleY },
): Promise<PackData> {
  const stored = description.targets[target];
  if (!stored) {
    throw new NarrowsError('target-missing', `the dataset has no target "${target}"`, {
      path: 'target',
      fix: `it has ${Object.keys(description.targets).join(', ')}`,
    });
  }
  const [x, y, groups] = await Promise.all([
    loadMatrix(store, description.x),
    loadMatrix(store, stored.y),
    description.groups ? loadList(store, description.groups) : null,
  ]);
  const rows = splitRows(x.rows, split, groups);
  const scaling = fitScaling(x, y, rows.train, scale);
  return { x: standardize(x, scaling.x), y: standardize(y, scaling.y), rows, scaling };
}
