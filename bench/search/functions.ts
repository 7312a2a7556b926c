/**
 * Functions of the BBOB kind (Hansen, Finck, Ros and Auger 2009, INRIA RR-6829), which take their
 * least value, 0, at a point within [-4, 4] of each coordinate. A seed chooses that point and the
 * rotations.
 */
import { stream } from '../../models/random.ts';

/** Returns the value at x, [D]. */
export type TestFunction = (x: readonly number[]) => number;

type Matrix = readonly (readonly number[])[];

export interface Instance {
  readonly dimensions: number;
  /** Where the function is least. */
  readonly optimum: readonly number[];
  /** Two rotations. */
  readonly r: Matrix;
  readonly q: Matrix;
  readonly uniform: () => number;
}

export function createInstance(dimensions: number, seed: number): Instance {
  const { uniform, normal } = stream(seed, `test function, ${dimensions} dimensions`);
  return {
    dimensions,
    optimum: Array.from({ length: dimensions }, () => 8 * uniform() - 4),
    r: rotation(dimensions, normal),
    q: rotation(dimensions, normal),
    uniform,
  };
}

/** Returns an orthogonal matrix: Gram and Schmidt on normal vectors. */
export function rotation(dimensions: number, normal: () => number): Matrix {
  const rows: number[][] = [];
  while (rows.length < dimensions) {
    let row = Array.from({ length: dimensions }, normal);
    for (const other of rows) {
      const along = dot(row, other);
      row = row.map((value, i) => value - along * (other[i] as number));
    }
    const length = Math.sqrt(dot(row, row));
    rows.push(row.map((value) => value / length));
  }
  return rows;
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);
const turn = (matrix: Matrix, x: readonly number[]): number[] => matrix.map((row) => dot(row, x));
const shift = (x: readonly number[], { optimum }: Instance): number[] => x.map((value, i) => value - (optimum[i] as number));

/** Multiplies coordinate i by base^(i / (D - 1) / 2): the condition of a square is `base`. */
const condition = (x: readonly number[], base: number): number[] =>
  x.map((value, i) => value * base ** (i / Math.max(1, x.length - 1) / 2));

/** Makes a smooth function slightly irregular, and leaves signs and 0. */
const oscillate = (x: number): number => {
  if (x === 0) return 0;
  const log = Math.log(Math.abs(x));
  const [a, b] = x > 0 ? [10, 7.9] : [5.5, 3.1];
  return Math.sign(x) * Math.exp(log + 0.049 * (Math.sin(a * log) + Math.sin(b * log)));
};

/** Makes a symmetric function asymmetric. */
const skew = (x: readonly number[], beta: number): number[] =>
  x.map((value, i) => (value > 0 ? value ** (1 + beta * (i / Math.max(1, x.length - 1)) * Math.sqrt(value)) : value));

/** f8: a curved valley. */
export const rosenbrock = (instance: Instance): TestFunction => {
  const scale = Math.max(1, Math.sqrt(instance.dimensions) / 8);
  return (x) => {
    const z = shift(x, instance).map((value) => scale * value + 1);
    return sum(z.slice(1).map((next, i) => 100 * ((z[i] as number) ** 2 - next) ** 2 + ((z[i] as number) - 1) ** 2));
  };
};

/** f3: separable, with about 10^D local optima in a regular grid. */
export const rastrigin = (instance: Instance): TestFunction => {
  return (x) => {
    const z = condition(skew(shift(x, instance).map(oscillate), 0.2), 10);
    return 10 * sum(z.map((value) => 1 - Math.cos(2 * Math.PI * value))) + dot(z, z);
  };
};

/** f6: falls a hundred times faster on one side of each axis than on the other. */
export const attractiveSector = (instance: Instance): TestFunction => {
  const { q, r, optimum } = instance;
  const side = turn(q, optimum);
  return (x) => {
    const z = turn(q, condition(turn(r, shift(x, instance)), 10));
    return oscillate(sum(z.map((value, i) => ((value * (side[i] as number) > 0 ? 100 : 1) * value) ** 2))) ** 0.9;
  };
};

/** f7: plateaus. */
export const stepEllipsoid = (instance: Instance): TestFunction => {
  const { q, r } = instance;
  return (x) => {
    const rough = condition(turn(r, shift(x, instance)), 10);
    const steps = rough.map((value) => (Math.abs(value) > 0.5 ? Math.floor(0.5 + value) : Math.floor(0.5 + 10 * value) / 10));
    const z = condition(turn(q, steps), 100);
    return 0.1 * Math.max(Math.abs(rough[0] as number) / 1e4, dot(z, z));
  };
};

/** f13: a ridge that leads to the optimum, on which the slope never fades. */
export const sharpRidge = (instance: Instance): TestFunction => {
  const { q, r } = instance;
  return (x) => {
    const [first = 0, ...others] = turn(q, condition(turn(r, shift(x, instance)), 10));
    return first ** 2 + 100 * Math.sqrt(dot(others, others));
  };
};

/** f21: 101 peaks in random places, the highest of which is wide enough to be found. */
export const gallagher = ({ dimensions, optimum, r, uniform }: Instance): TestFunction => {
  const peaks = Array.from({ length: 101 }, (_, i) => {
    const at = i === 0 ? optimum : Array.from({ length: dimensions }, () => 10 * uniform() - 5);
    const base = i === 0 ? 1000 : 1000 ** (2 * uniform());
    // As high as the condition is hard, and as wide as BBOB has them.
    const scales = at.map((_, d) => base ** (d / Math.max(1, dimensions - 1) / 2) / base ** 0.25);
    return { at: turn(r, at), height: i === 0 ? 10 : 1.1 + (8 * (i - 1)) / 99, scales };
  });
  return (x) => {
    const z = turn(r, x);
    const highest = Math.max(
      ...peaks.map(({ at, height, scales }) => {
        const squares = sum(z.map((value, i) => (scales[i] as number) * (value - (at[i] as number)) ** 2));
        return height * Math.exp(-squares / (2 * dimensions));
      }),
    );
    return oscillate(10 - highest) ** 2;
  };
};
