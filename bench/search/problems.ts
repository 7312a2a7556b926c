/** The problems of bench/search.ts: eleven with one loss, and six with a front of two. */
import {
  conditionOf,
  type Dimension,
  type Dimensions,
  PARAMETERS,
  type ParameterName,
  type Point,
} from '../../search/parameters.ts';
import { conditional } from './conditional.ts';
import { createFrontOf, type FrontShape, zdt1, zdt3 } from './fronts.ts';
import * as functions from './functions.ts';
import { createInstance, type Instance, type TestFunction } from './functions.ts';
import { mixed, mixedFront } from './mixed.ts';
import { minimising, type Problem, weighing } from './problem.ts';
import { createTableFront, createTableProblem } from './tables.ts';

/** Parameters that every space has. */
const NAMES: readonly ParameterName[] = PARAMETERS.filter((name) => name !== 'start' && conditionOf(name) === null);

const CONSTANTS = Object.fromEntries(NAMES.map((name) => [name, { kind: 'constant', value: 0 }])) as unknown as Dimensions;

/** Returns a space of so many ranges, and the coordinates of its points. */
function createBox(dimensions: number, low: number, high: number) {
  // Parameters take the places of coordinates, whatever their names mean.
  const names = NAMES.slice(0, dimensions);
  const range: Dimension<number> = { kind: 'uniform', low, high };
  const space: Dimensions = { ...CONSTANTS, ...Object.fromEntries(names.map((one) => [one, range])) };
  return { space, coordinatesOf: (point: Point) => names.map((one) => point[one] as number) };
}

function onFunction(name: string, dimensions: number, create: (instance: Instance) => TestFunction): Problem {
  const { space, coordinatesOf } = createBox(dimensions, -5, 5);
  return minimising({
    ...{ name: `${name} ${dimensions}`, space },
    createLoss(seed) {
      const loss = create(createInstance(dimensions, seed));
      return (point) => loss(coordinatesOf(point));
    },
  });
}

function onFront(name: string, dimensions: number, shape: FrontShape): Problem {
  const { space, coordinatesOf } = createBox(dimensions, 0, 1);
  return weighing({
    ...{ name: `${name} ${dimensions}`, space },
    createFront(seed) {
      const { lossesAt, ...front } = createFrontOf(shape, dimensions, seed);
      return { ...front, lossesOf: (point) => lossesAt(coordinatesOf(point)) };
    },
  });
}

export const PROBLEMS: readonly Problem[] = [
  onFunction('rosenbrock', 2, functions.rosenbrock),
  onFunction('gallagher', 2, functions.gallagher),
  onFunction('rastrigin', 5, functions.rastrigin),
  onFunction('step ellipsoid', 5, functions.stepEllipsoid),
  onFunction('attractive sector', 10, functions.attractiveSector),
  onFunction('sharp ridge', 10, functions.sharpRidge),
  mixed,
  createTableProblem('water-xes'),
  createTableProblem('geo2'),
  createTableProblem('omnixas-v'),
  conditional,
  onFront('zdt1', 5, zdt1),
  onFront('zdt3', 10, zdt3),
  mixedFront,
  createTableFront('water-xes'),
  createTableFront('geo2'),
  createTableFront('omnixas-v'),
];
