/** The limit of a space on the size of networks, which needs the numbers of columns of the data. */
import { cellName } from '../../models/methods/catalogue.ts';
import { countParameters, type DataColumns } from '../../models/methods/cost.ts';
import { type SpecFault, specFault } from '../fault.ts';
import { type Point, valuesOf } from '../parameters.ts';
import { cellsOf, listedPoints } from '../space.ts';
import type { SweepSpec } from '../spec.ts';

export interface LimitedSpec {
  /** The spec without the architectures that are larger. */
  readonly spec: SweepSpec;
  readonly faults: readonly SpecFault[];
  /** Sentence about what was left out; null: nothing was. */
  readonly warning: string | null;
}

/**
 * Applies `space.parameters.max`. All methods and widths of a sweep train the same points: an
 * architecture is left out where the network of any of them has more parameters. Listed points are
 * a person's choice, and faults where they have more.
 */
export function limitParameters(spec: SweepSpec, size: DataColumns): LimitedSpec {
  const max = spec.space.parameters?.max;
  if (max === undefined) return { spec, faults: [], warning: null };
  const measure = createMeasure(spec, size);
  const listed = listedPoints(spec);
  if (listed !== null) {
    const faults = listed.flatMap(({ path, point }) => {
      const { parameters, cell } = measure(point);
      return parameters <= max ? [] : [specFault(path, `has ${parameters} parameters with ${cell}: more than ${max}`, FIX)];
    });
    return { spec, faults, warning: null };
  }
  const { hidden, layerNorm } = spec.space;
  const isNormalised = valuesOf(layerNorm).includes(true);
  const measured = valuesOf(hidden).map((widths) => ({ widths, ...measure({ hidden: widths, layerNorm: isNormalised }) }));
  const [first, ...others] = measured.filter(({ parameters }) => parameters <= max).map(({ widths }) => widths);
  if (first === undefined) {
    const { widths, parameters, cell } = measured.reduce((a, b) => (b.parameters < a.parameters ? b : a));
    const message = `leaves no network: the smallest (${widths.join('-')}) has ${parameters} parameters with ${cell}`;
    return { spec, faults: [specFault('space.parameters.max', message, FIX)], warning: null };
  }
  const kept = 1 + others.length;
  if (kept === measured.length) return { spec, faults: [], warning: null };
  if (spec.extends !== undefined) {
    const out = `${measured.length - kept} of ${measured.length} architectures that were trained`;
    const message = `with these methods and widths, ${out} have more than ${max} parameters`;
    return { spec, faults: [specFault('space.k', message, 'leave the new widths out, or start another sweep')], warning: null };
  }
  const dimension: typeof hidden =
    others.length === 0 ? { kind: 'constant', value: first } : { kind: 'choice', values: [first, ...others] };
  return {
    spec: { ...spec, space: { ...spec.space, hidden: dimension } },
    faults: [],
    warning: `${measured.length - kept} of ${measured.length} architectures have more than ${max} parameters, and are left out`,
  };
}

const FIX = 'raise the limit, or use fewer or narrower hidden layers';

/** Returns a function that finds the cell with the largest network. */
function createMeasure(spec: SweepSpec, size: DataColumns) {
  const cells = cellsOf(spec);
  return ({ hidden, layerNorm }: Pick<Point, 'hidden' | 'layerNorm'>) => {
    const measured = cells.map((cell) => {
      const architecture = { ...cell, hidden, layerNorm, activation: 'gelu', dropout: 0 } as const;
      return { cell: cellName(cell), parameters: countParameters(architecture, cell.k, size) };
    });
    return measured.reduce((a, b) => (b.parameters > a.parameters ? b : a));
  };
}
