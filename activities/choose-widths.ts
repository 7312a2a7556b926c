import { cellName, type Method } from '../models/methods/catalogue.ts';
import { unfinishedCells } from '../search/limits/limits.ts';
import { trialsOf } from '../search/space.ts';
import { begunCells, decideStep } from '../search/widths/steps.ts';
import type { SweepStore } from './ports.ts';

/** Cells that are trained next, and the number of their trials in each group of methods. */
export interface ChosenWidths {
  /** Names; none: nothing is left to train. */
  readonly cells: readonly string[];
  readonly entrants: readonly number[];
}

/**
 * Chooses the cells that a search for widths trains next: those that have begun and have trials
 * without a row, or else those of the next step, by the scores of the first partition. Leaves out
 * the cells that no later step can ask for. `groups`: methods of each route, null for all.
 * `goesOn` false: chooses none where trials that have begun have no row.
 */
export async function chooseWidths(
  store: SweepStore,
  { sweepId, groups, goesOn }: { sweepId: string; groups: readonly (readonly Method[] | null)[]; goesOn: boolean },
): Promise<ChosenWidths> {
  const { spec } = await store.sweep(sweepId);
  const counts = await store.trialsByCell(sweepId);
  const begun = begunCells(spec, (cell) => counts.has(cell));
  const lacking = unfinishedCells(spec, await store.limits(sweepId), counts);
  const unfinished = begun.map(cellName).filter((cell) => lacking.has(cell));
  const choose = (cells: readonly string[]): ChosenWidths => ({
    cells,
    entrants: groups.map((methods) => trialsOf(spec, methods ?? undefined, cells).count),
  });
  if (unfinished.length > 0) return choose(goesOn ? unfinished : []);
  const { train, leaveOut } = decideStep(spec, begun, await store.widthScores(sweepId));
  const [opened, closed] = [train.map(cellName), leaveOut.map(cellName)];
  await store.leaveOut(sweepId, { opened, closed });
  return choose(opened);
}
