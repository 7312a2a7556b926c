/** Effort of a sweep by method and width, from its columns. */
import { cellsOf, numberTrials, pointCount } from '../../../search/space.ts';
import type { SweepSpec } from '../../../search/spec.ts';
import { OUTCOMES } from '../../../search/states.ts';
import type { SweepDetail } from '../../contract/sweeps.ts';
import type { TrialTable } from '../cache/trial-table.ts';

/** Counts what was tried of each cell, however it ended, as listEfforts does. */
export function effortOf(table: TrialTable, spec: SweepSpec): SweepDetail['effort'] {
  const cells = cellsOf(spec);
  const { positionOf } = numberTrials(spec);
  const outcomes = table.column('outcome').values;
  const seconds = table.column('seconds').values;
  const epochs = table.column('epochs').values;
  const points = pointCount(spec);
  const isTried = new Uint8Array(cells.length * points);
  const efforts = cells.map(({ method, k }) => ({ method, k, configurations: 0, trials: 0, epochs: 0, coreSeconds: 0 }));
  for (const index of table.matching([])) {
    const { cell, point } = positionOf(index);
    const effort = efforts[cell];
    if (!effort) continue;
    effort.coreSeconds += seconds[index] ?? 0;
    if (OUTCOMES[outcomes[index] ?? 0] === 'rung') continue;
    effort.trials += 1;
    effort.epochs += epochs[index] ?? 0;
    const tried = cell * points + point;
    effort.configurations += 1 - (isTried[tried] ?? 0);
    isTried[tried] = 1;
  }
  return efforts.filter(({ trials, coreSeconds }) => trials > 0 || coreSeconds > 0);
}
