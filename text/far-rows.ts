/** Rows far outside the training rows as a sentence. */
import type { SplitName } from '../models/axes.ts';
import { FAR_DEVIATIONS, type FarRows } from '../models/far-rows.ts';

/** `descriptor`: name of the column of the value furthest out. */
export function describeFarRows({ rows, of, worst }: FarRows, split: SplitName, descriptor: string): string {
  return (
    `${rows} of ${of} ${split} rows ${rows === 1 ? 'is' : 'are'} more than ${FAR_DEVIATIONS} standard deviations outside the training rows: ` +
    `row ${worst.row} by ${Number(worst.deviations.toPrecision(2))} in ${descriptor}; its error may outweigh all others`
  );
}
