/** Points of a person's own for a sweep that runs. */
import type { Database } from '../../db/client.ts';
import { findSweep, type SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { enqueueProposals } from '../../db/queries/trials/proposals.ts';
import { NarrowsError } from '../../errors.ts';
import { cellName } from '../../models/methods/catalogue.ts';
import { enqueuedPoints } from '../../search/continuing/enqueue.ts';
import { placePoints } from '../../search/continuing/given-points.ts';
import type { AdaptiveSweep, ProposedPoint } from '../../search/proposals.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import { cellsOf } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';
import { specDocument } from '../../search/spec-document.ts';
import { isFinished } from '../../search/states.ts';

/**
 * Gives points, as a spec lists them under `enqueue`, to these cells of an unfinished sweep, or to
 * all (none named): they are trained before its sampler proposes further ones. Returns them with
 * their numbers. Throws NarrowsError `sweep-unknown`, `sweep-ended`, `spec-invalid`.
 */
export async function enqueuePoints(
  { sql }: Pick<Database, 'sql'>,
  idOrName: string,
  points: readonly unknown[],
  cells: readonly string[],
): Promise<readonly ProposedPoint[]> {
  const { id, dataset, spec } = await findSweep(sql, idOrName);
  const enqueue = cells.length === 0 ? points : Object.fromEntries(cells.map((cell) => [cell, points]));
  // Checked as if a spec had them.
  const [checked] = parseSweepSpec({ ...specDocument(spec, dataset), enqueue }) as [SweepSpec];
  const given = new Map(
    cellsOf(spec)
      .map(cellName)
      .map((cell) => [cell, enqueuedPoints(checked, cell)] as const)
      .filter(([, own]) => own.length > 0),
  );
  return enqueueProposals(sql, { id, spec }, [...given.keys()], (history, sweep) => {
    requireUnfinished(sweep);
    return placePoints(spec as AdaptiveSweep, history, given, sweep.limits);
  });
}

function requireUnfinished({ name, state }: SweepRow): void {
  if (!isFinished(state)) return;
  throw new NarrowsError('sweep-ended', `${name} is ${state}: it trains no further points`, {
    path: 'sweep',
    fix: 'start another sweep that enqueues them, or lists them: sampler: { list: [...] }',
    kind: 'failure',
  });
}
