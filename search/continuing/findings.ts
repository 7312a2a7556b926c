/** Findings of another sweep, as the first points of a sweep. */
import { canonicalJson } from '../../models/canonical-json.ts';
import { cellName } from '../../models/methods/catalogue.ts';
import { DEFAULTS, type TrialConfiguration } from '../../models/training/configuration.ts';
import { type SpecFault, specFault, throwFaults } from '../fault.ts';
import { type Dimensions, type Point, pointOf } from '../parameters.ts';
import { checkPoint, completePoint, varyingPart } from '../samplers/points.ts';
import { cellsOf, dimensionsOf } from '../space.ts';
import type { SweepSpec } from '../spec.ts';
import { enqueuedPoints, findExcess, MOST_ENQUEUED } from './enqueue.ts';

/** A configuration that another sweep trained, of the cell with this name. */
export interface Finding {
  readonly cell: string;
  readonly configuration: TrialConfiguration;
}

/** A spec that starts from findings, with a sentence about those that it leaves out; null: none. */
export interface SpecFromFindings {
  readonly spec: SweepSpec;
  readonly warning: string | null;
}

/**
 * Returns the spec whose cells train, after the points that it enqueues, the best configurations of
 * the same cell of another sweep. `findings`: best first within each cell. Parameters that vary in
 * the space have the values of the configuration, and those that it has outside the space are left
 * out; constants are those of the space. Throws SpecInvalid.
 */
export function enqueueFindings(spec: SweepSpec, source: string, findings: readonly Finding[], best: number): SpecFromFindings {
  const space = dimensionsOf(spec);
  const faults: SpecFault[] = [];
  const enqueue: Record<string, readonly Partial<Point>[]> = {};
  const outside = new Map<string, number>();
  let found = 0;
  for (const cell of cellsOf(spec).map(cellName)) {
    const own = enqueuedPoints(spec, cell);
    const points = new Map(own.map((point) => [canonicalJson(point), varyingPart(space, point)]));
    for (const { configuration } of findings.filter((one) => one.cell === cell)) {
      if (points.size >= own.length + best) break;
      const point = pointWithin(space, configuration);
      if (point === null) outside.set(cell, (outside.get(cell) ?? 0) + 1);
      else points.set(canonicalJson(completePoint(space, point)), point);
    }
    found += points.size - own.length;
    const excess = findExcess(spec, 'from', cell, points.size);
    if (excess !== null) faults.push(excess);
    if (points.size > MOST_ENQUEUED)
      faults.push(specFault('from', `${points.size} points of ${cell} are more than ${MOST_ENQUEUED}`, 'use a smaller best'));
    if (points.size > 0) enqueue[cell] = [...points.values()];
  }
  if (found === 0) {
    const cells = cellsOf(spec).map(cellName).join(', ');
    const message = `${source} has no completed configuration of ${cells} that is in the space and not enqueued already`;
    faults.push(specFault('from', message, 'name a sweep that trained these methods and widths, or widen the space'));
  }
  throwFaults(faults);
  return { spec: { ...spec, enqueue }, warning: outside.size === 0 ? null : warnOfOutside(source, outside) };
}

/** Cells that a warning names. */
const MOST_NAMED = 4;

function warnOfOutside(source: string, outside: ReadonlyMap<string, number>): string {
  const counts = [...outside].map(([cell, count]) => `${count} of ${cell}`);
  const others = counts.length > MOST_NAMED ? `, and those of ${counts.length - MOST_NAMED} more` : '';
  return `configurations of ${source} that are outside the space are left out: ${counts.slice(0, MOST_NAMED).join(', ')}${others}`;
}

/** Returns the point of a space that a configuration has; null where it is outside. */
function pointWithin(space: Dimensions, configuration: TrialConfiguration): Partial<Point> | null {
  const point = varyingPart(space, pointOf({ ...DEFAULTS, ...configuration }));
  return [...checkPoint(space, '', point)].length === 0 ? point : null;
}
