/** Answers of sweeps that search for the smallest width that suffices. */
import type { Queryable } from '../../db/client.ts';
import type { SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { countByCell, listWidthScores } from '../../db/queries/sweeps/widths.ts';
import { compareCells } from '../../models/methods/catalogue.ts';
import { answerWidths, type WidthAnswer } from '../../search/widths/answer.ts';
import { begunCells, searchOf } from '../../search/widths/steps.ts';

/** Part of a status or a comparison; empty where the sweep trains stated widths. */
export interface SufficientWidths {
  /** The smallest sufficient width of each method, by the scores that there are. */
  readonly sufficientWidths?: readonly WidthAnswer[];
}

/** Returns the answers of a sweep, which change until it has ended. */
export async function readSufficientWidths(
  sql: Queryable,
  { id, spec }: Pick<SweepRow, 'id' | 'spec'>,
): Promise<SufficientWidths> {
  if (!spec.space.auto) return {};
  const [counts, scores] = await Promise.all([countByCell(sql, id), listWidthScores(sql, id)]);
  const cells = begunCells(spec, (cell) => counts.has(cell)).toSorted(compareCells);
  const searched = searchOf(spec, cells);
  return searched ? { sufficientWidths: answerWidths(searched, scores) } : {};
}
