/** Points that a person gives to a sweep while it runs. */
import { canonicalJson } from '../../models/canonical-json.ts';
import { type SpecFault, specFault, throwFaults } from '../fault.ts';
import { type CellLimits, trainedPointsByName } from '../limits/limits.ts';
import type { Point } from '../parameters.ts';
import { type AdaptiveSweep, ENQUEUED, type Proposal, type ProposalHistory } from '../proposals.ts';
import { countEnqueued, enqueuedPoints } from './enqueue.ts';

/**
 * Returns the proposals of points that are given to cells of a sweep: they take the first numbers
 * that have none. Throws SpecInvalid where a cell has such a point, or no number is free.
 */
export function placePoints(
  spec: AdaptiveSweep,
  { known, position, observations, revision }: ProposalHistory,
  points: ReadonlyMap<string, readonly Point[]>,
  limits: CellLimits | null,
): Proposal[] {
  const trained = trainedPointsByName(spec, limits);
  const placed: Proposal[] = [];
  const faults: SpecFault[] = [];
  for (const [cell, values] of points) {
    const own = known.filter((one) => one.cell === cell);
    const first = countEnqueued(spec, cell);
    const taken = new Set(own.map(({ point }) => point));
    const free = Array.from({ length: (trained.get(cell) ?? 0) - first }, (_, i) => first + i).filter(
      (point) => !taken.has(point),
    );
    const texts = new Set([...own.map(({ value }) => value), ...enqueuedPoints(spec, cell)].map(canonicalJson));
    for (const [i, value] of values.entries()) {
      const point = free[i];
      if (texts.has(canonicalJson(value)))
        faults.push(specFault('enqueue', `${cell} has point ${i + 1} of those given already`, 'leave it out'));
      else if (point === undefined) {
        const message = `${cell} has ${free.length} points that are not proposed yet, and ${values.length} are given`;
        faults.push(specFault('enqueue', message, 'extend the sweep when it has ended, or give fewer'));
        break;
      } else {
        const next = position + placed.length;
        placed.push({
          cell,
          point,
          value,
          position: next,
          observations,
          revision,
          sampler: ENQUEUED,
          observed: null,
          score: null,
        });
      }
    }
  }
  throwFaults(faults);
  return placed;
}
