/** The ten problems of bench/search.ts. */
import { conditionOf, type Dimension, type Dimensions, PARAMETERS, type ParameterName } from '../../search/parameters.ts';
import * as functions from './functions.ts';
import { createInstance, type Instance, type TestFunction } from './functions.ts';
import { mixed } from './mixed.ts';
import type { Problem } from './problem.ts';
import { createTableProblem } from './tables.ts';

/** Parameters that every space has. */
const NAMES: readonly ParameterName[] = PARAMETERS.filter((name) => name !== 'start' && conditionOf(name) === null);

const CONSTANTS = Object.fromEntries(NAMES.map((name) => [name, { kind: 'constant', value: 0 }])) as unknown as Dimensions;

/** Parameters take the places of coordinates, whatever their names mean. */
function onFunction(name: string, dimensions: number, create: (instance: Instance) => TestFunction): Problem {
  const names = NAMES.slice(0, dimensions);
  const range: Dimension<number> = { kind: 'uniform', low: -5, high: 5 };
  return {
    name: `${name} ${dimensions}`,
    space: { ...CONSTANTS, ...Object.fromEntries(names.map((one) => [one, range])) },
    createLoss(seed) {
      const loss = create(createInstance(dimensions, seed));
      return (point) => loss(names.map((one) => point[one] as number));
    },
  };
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
];
