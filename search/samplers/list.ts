import { PARAMETERS, type Point } from '../parameters.ts';
import { checkPoints, completePoint } from './points.ts';
import type { PlannedSampler } from './sampler.ts';

export interface ListSettings {
  /** Each is trained by every cell; what a point leaves out is a constant of the space. */
  readonly points: readonly Partial<Point>[];
}

const PATH = 'sampler.list';

/** The points that the spec lists, in its order. */
export const list: PlannedSampler<ListSettings> = {
  countConfigurations: ({ points }, { cells }) => points.length * cells,
  createPoints:
    ({ points }, { space }) =>
    (number) =>
      completePoint(space, points[number] ?? {}),
  toDocument: ({ points }) => points,
  check: ({ points }, { space }) => checkPoints(space, PATH, points),
  listPoints: ({ points }, { space }) =>
    points.map((point, i) => ({
      path: `${PATH}[${i}]`,
      point: completePoint(space, point),
      named: PARAMETERS.filter((name) => name in point),
    })),
};
