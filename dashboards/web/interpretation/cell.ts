/** An interpretation as its page reads it: the cell shown, and what its seeds agree on. */

import { short } from '../../../figures/numbers.ts';
import type { CellReading } from '../../../models/interpretation/interpretation.ts';
import { spansEverything, WHOLE_SPACE } from '../../../text/interpretation.ts';

/** A smaller width within this of the best covered variance is preferred. */
const ENOUGH = 0.01;

/** Returns the cell of an address; by default one with components, as narrow as covers enough. */
export function chooseCell(cells: readonly CellReading[], method: string | undefined, k: string | undefined): CellReading | null {
  const own = cells.filter((cell) => cell.method === method);
  const wanted =
    own.length > 0
      ? own
      : cells.filter((cell) => cell.method === (cells.find(({ components }) => components)?.method ?? cells[0]?.method));
  const exact = wanted.find((cell) => String(cell.k) === k);
  if (exact) return exact;
  const most = Math.max(...wanted.map(({ coveredVariance }) => coveredVariance));
  const enough = wanted.filter(({ coveredVariance }) => coveredVariance >= most - ENOUGH).sort((a, b) => a.k - b.k);
  return enough[0] ?? wanted[0] ?? null;
}

/** Says in one sentence whether the seeds of a cell agree. */
export function agreementSentence(cell: CellReading): string {
  if (spansEverything(cell)) return `Agreement between seeds says nothing: ${WHOLE_SPACE}.`;
  const { agreement: found } = cell;
  if (found === null) return 'One seed only: agreement between seeds is not known.';
  if (found.kind === 'principal-angles')
    return `Over ${found.pairs} pairs of seeds the subspaces are ${short(found.largest.mean)}° apart on average and ${short(found.largest.high)}° at most: ${found.stable ? 'stable' : 'unstable'}.`;
  return `Over ${found.pairs} pairs of seeds one set of latents predicts ${short(100 * found.r2.mean)} % of another's variance, ${short(100 * found.r2.low)} % at least (linear CKA ${short(found.cka.mean)}): ${found.stable ? 'stable' : 'unstable'}.`;
}
