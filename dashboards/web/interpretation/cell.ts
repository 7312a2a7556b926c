/** An interpretation as its page reads it: the cell shown, and what its seeds agree on. */

import { short } from '../../../figures/numbers.ts';
import type { CellReading } from '../../../models/interpretation/interpretation.ts';

/** Of the best width, a smaller one that comes within this of it says as much. */
const ENOUGH = 0.01;

/** The cell that an address asks for; what it leaves open is the method whose components can be read, and the smallest width that is enough. */
export function cellAsked(cells: readonly CellReading[], method: string | undefined, k: string | undefined): CellReading | null {
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

/** Do the seeds of a cell find the same? In one sentence. */
export function agreementSentence({ agreement: found }: CellReading): string {
  if (found === null) return 'Found with one seed: there is nothing to hold it against.';
  if (found.kind === 'principal-angles')
    return `Over ${found.pairs} pairs of seeds the subspaces lie ${short(found.largest.mean)}° apart on average and ${short(found.largest.high)}° at most: ${found.stable ? 'stable' : 'unstable'}.`;
  return `Over ${found.pairs} pairs of seeds one set of latents tells ${short(100 * found.r2.mean)} % of another's variance, ${short(100 * found.r2.low)} % at least (linear CKA ${short(found.cka.mean)}): ${found.stable ? 'stable' : 'unstable'}.`;
}
