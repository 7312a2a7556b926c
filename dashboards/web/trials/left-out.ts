/** Planned trials that a sweep does not train. */
import { METHODS } from '../../../models/methods/catalogue.ts';
import type { SweepDetail } from '../../contract/sweeps.ts';
import type { TrialTable } from './table.ts';

/** Returns a mask, 1 for each trial that is left out; null where none is. */
export function markLeftOut({ rows, fields }: TrialTable, limits: SweepDetail['limits']): Uint8Array<ArrayBuffer> | null {
  if (limits.length === 0) return null;
  const [method, k, partition] = ['method', 'k', 'partition'].map((name) => fields.get(name));
  const categories = method?.categories ?? METHODS;
  const limitOf = new Map(limits.map((limit) => [`${limit.method}/${limit.k}`, limit.trials]));
  const seen = new Map<string, number>();
  const mask = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const cell = `${categories[method?.values[row] ?? 0]}/${k?.values[row]}`;
    const limit = limitOf.get(cell);
    if (limit === undefined) continue;
    // Trials of a cell are in the order of their numbers, partition by partition.
    const own = `${cell} ${partition?.values[row] ?? 0}`;
    const before = seen.get(own) ?? 0;
    seen.set(own, before + 1);
    if (before >= limit) mask[row] = 1;
  }
  return mask;
}
